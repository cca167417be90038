"""Assessment: what a reader gets. A stable, versioned form; its JSON Schema is published with the package."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from pathways.standing import StandingName
from pathways.status import StatusName

SCHEMA_VERSION = "1"
Value = bool | int | float | str


class Part(BaseModel):
    """The base of all parts of an assessment."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Citation(Part):
    """A source and what in it supports the line."""

    key: str
    cite: str
    shows: str
    opened: str
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None


class Reason(Part):
    """A rule that fired: its sentence with the patient's values, the facts behind it, its sources."""

    rule: str
    because: str
    basis: str
    facts: dict[str, Value]
    sources: list[Citation]
    text: str = ""
    kind: str = ""


class OpenRule(Part):
    """A rule that would matter if it were known: its sentence, and the facts that are missing."""

    rule: str
    because: str
    facts: list[str]
    text: str = ""
    kind: str = ""


class RedFlagResult(Part):
    """An emergency sign: present, absent or unknown."""

    id: str
    title: str
    status: Literal["present", "unknown", "absent"]
    urgency: Literal["immediate", "same_day", "within_days"]
    action: str
    because: str
    in_plain_words: str
    accuracy: str
    basis: str
    facts: dict[str, Value]
    unknown_facts: list[str]
    points_to: list[str]
    sources: list[Citation]


class ArgumentResult(Part):
    """An argument that fired, and whether it counted (only the strongest of a group does)."""

    rule: str
    direction: Literal["for", "against", "confirms", "excludes"]
    strength: str
    lr: float | None
    points: int
    counted: bool
    basis: str
    because: str
    facts: dict[str, Value]
    sources: list[Citation]


class OpenArgument(Part):
    """An argument that would matter if its facts were known."""

    rule: str
    direction: str
    strength: str
    because: str
    facts: list[str]


class PriorResult(Part):
    """How common the cause is before the arguments, and why that share was taken."""

    share: float
    points: int
    because: str
    basis: str
    sources: list[Citation]


class TellApart(Part):
    """What a cause is confused with, and what tells them apart."""

    cause: str
    by: str


class CauseResult(Part):
    """Where a cause stands, with its arguments for, against and unknown."""

    id: str
    title: str
    family: str
    standing: StandingName
    score: int
    prior: PriorResult
    considered: bool | None
    note: str
    conflict: bool
    summary: str
    in_plain_words: str
    codes: dict[str, list[str]]
    arguments: list[ArgumentResult]
    unknown: list[OpenArgument]
    confirm_by: list[str]
    next_test: str
    confused_with: list[TellApart]


class EvidenceLine(Part):
    """Evidence for or against a pathway."""

    says: str
    direction: str
    sources: list[Citation]


class PathwayResult(Part):
    """The status of a pathway, with reasons, what it waits for, cautions and evidence."""

    id: str
    title: str
    kind: str
    stage: int
    status: StatusName
    held_by_emergency: bool
    summary: str
    in_plain_words: str
    reasons: list[Reason]
    waits_for: list[OpenRule]
    cautions: list[Reason]
    prepare: list[Reason]
    open: list[OpenRule]
    evidence: list[EvidenceLine]
    harms: list[EvidenceLine]
    grades: list[EvidenceLine]
    success: str
    judge_after: str
    if_success: str
    if_failure: str
    gate: str
    sources: list[Citation]


class PlanStep(Part):
    """One step: pathways taken together, when, and the gate to go on."""

    step: int
    pathways: list[str]
    when: str
    gate: str


class Missing(Part):
    """A fact that is not known and would matter: what to ask or test, and what it could change."""

    fact: str
    question: str
    burden: str
    value: int
    key_red_flag: bool
    would_change: list[str]


class CriterionResult(Part):
    """One line of an official checklist."""

    id: str
    says: str
    status: Literal["met", "unmet", "unknown"]
    facts: dict[str, Value]
    unknown_facts: list[str]


class CriteriaResult(Part):
    """An official checklist against this case."""

    id: str
    title: str
    issuer: str
    number: str
    date: str
    country: str
    about: list[str]
    note: str
    met: int
    unmet: int
    unknown: int
    items: list[CriterionResult]
    sources: list[Citation]


class PositionResult(Part):
    """One side of a disagreement."""

    says: str
    sources: list[Citation]


class DisagreementResult(Part):
    """A question on which sources differ and that matters for this case."""

    id: str
    question: str
    about: list[str]
    positions: list[PositionResult]
    default: str
    because: str


class RuleBaseInfo(Part):
    """Which knowledge was used."""

    version: str
    sha256: str
    overlays: list[str]
    switched_off: list[str]


class Assessment(Part):
    """The whole result for one case."""

    schema_: str
    case_id: str
    package_version: str
    rule_base: RuleBaseInfo
    engines: list[str]
    engine_note: str
    facts: dict[str, Value]
    findings: dict[str, bool]
    red_flags: list[RedFlagResult]
    causes: list[CauseResult]
    pathways: list[PathwayResult]
    plan: list[PlanStep]
    missing: list[Missing]
    criteria: list[CriteriaResult]
    disagreements: list[DisagreementResult]
    trace: list[str]
    fact_labels: dict[str, str]
    case: dict[str, Any]

    def data(self) -> dict[str, Any]:
        """Return the assessment as plain data with its published keys."""
        content = self.model_dump()
        return {"schema": content.pop("schema_"), **content}

    def json_text(self) -> str:
        """Return the assessment as JSON: the same bytes for the same case, rule base and versions."""
        import json

        return json.dumps(self.data(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        from pathways import showing

        return showing.html(self)

    def cause(self, cause_id: str) -> CauseResult:
        """Return the result for one cause."""
        return next(cause for cause in self.causes if cause.id == cause_id)

    def pathway(self, pathway_id: str) -> PathwayResult:
        """Return the result for one pathway."""
        return next(pathway for pathway in self.pathways if pathway.id == pathway_id)

    @property
    def present_red_flags(self) -> list[RedFlagResult]:
        """The emergency signs that are present."""
        return [flag for flag in self.red_flags if flag.status == "present"]
