"""The shapes of the knowledge files: what a cause, a pathway, a red flag or a source may and must say."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Strength = Literal["weak", "moderate", "strong"]
Basis = Literal["published", "guideline", "consensus", "expert judgement"]
Urgency = Literal["immediate", "same_day", "within_days"]
Direction = Literal["for", "against", "confirms", "excludes"]
Text = Annotated[str, Field(min_length=3)]
RuleId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")]
When = dict[str, Any]


class Document(BaseModel):
    """The base of all shapes: no unknown keys, nothing changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class Source(Document):
    """One citation. `opened` says how much of it somebody read for this project."""

    cite: Text
    title: str = ""
    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    doi: Annotated[str, Field(pattern=r"^10\.\d{4,9}/\S+$")] | None = None
    pmid: Annotated[str, Field(pattern=r"^\d{1,9}$")] | None = None
    pmcid: Annotated[str, Field(pattern=r"^PMC\d+$")] | None = None
    url: Annotated[str, Field(pattern=r"^https?://")] | None = None
    kind: Literal[
        "trial", "review", "cohort", "accuracy", "guideline", "consensus", "case", "book", "criteria", "other"
    ]
    opened: Literal["full", "abstract", "secondary", "no"]

    @field_validator("opened", mode="before")
    @classmethod
    def _yaml_no(cls, value: object) -> object:
        """YAML reads a bare no as false."""
        return "no" if value is False else value


class Cites(Document):
    """A pointer to a source, and what in it supports the line."""

    key: str
    for_: Text = Field(alias="for")


class Based(Document):
    """What every rule has: a reason, a basis, its sources, and a date to look again."""

    because: Text
    basis: Basis
    sources: list[Cites] = []
    review_by: Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")] = "2028-12"

    @model_validator(mode="after")
    def _has_source(self) -> Based:
        if self.basis != "expert judgement" and not self.sources:
            message = f"basis {self.basis!r} needs at least one source; without one, say `basis: expert judgement`"
            raise ValueError(message)
        return self


class Rule(Based):
    """A condition with its reason and an example of facts that make it fire and of facts that do not."""

    id: RuleId
    when: When
    fires_on: dict[str, Any]
    silent_on: dict[str, Any]


class Finding(Rule):
    """A fact derived from facts: true, false or unknown."""

    title: Text


class RedFlag(Rule):
    """A sign of an emergency, with how soon to act and what to do."""

    title: Text
    urgency: Urgency
    action: Text
    in_plain_words: Text
    accuracy: str = ""
    points_to: list[str] = []


class Argument(Rule):
    """One argument about a cause. Exactly one of for, against, confirms, excludes."""

    for_: Strength | None = Field(default=None, alias="for")
    against: Strength | None = None
    confirms: Literal[True] | None = None
    excludes: Literal[True] | None = None
    lr: Annotated[float, Field(gt=0)] | None = None
    group: str = ""

    @model_validator(mode="after")
    def _one_direction(self) -> Argument:
        given = [d for d in (self.for_, self.against, self.confirms, self.excludes) if d is not None]
        if len(given) != 1:
            message = "exactly one of for, against, confirms, excludes is wanted"
            raise ValueError(message)
        if self.lr is not None and (self.for_ is None and self.against is None):
            message = "lr goes with for or against only"
            raise ValueError(message)
        if self.lr is not None and (self.for_ is not None) != (self.lr > 1):
            message = f"a likelihood ratio of {self.lr:g} does not argue {'for' if self.for_ else 'against'}"
            raise ValueError(message)
        return self

    @property
    def direction(self) -> Direction:
        """Which way the argument points."""
        if self.for_:
            return "for"
        if self.against:
            return "against"
        return "confirms" if self.confirms else "excludes"

    @property
    def strength(self) -> str:
        """Weak, moderate or strong; decisive for what confirms or excludes."""
        return self.for_ or self.against or "decisive"


class Prior(Document):
    """How common a cause is where `when` holds; the first that is true counts, the last may have no condition."""

    when: When | None = None
    share: Annotated[float, Field(gt=0, lt=1)]
    because: Text
    basis: Basis
    sources: list[Cites] = []


class TellApart(Document):
    """What a cause is confused with, and what tells the two apart."""

    cause: str
    by: Text


class Vignette(Document):
    """A small whole case for a cause or pathway, and what is expected of it."""

    facts: dict[str, Any]
    expect: str


class Cause(Document):
    """One cause of pain after lumbar surgery."""

    id: RuleId
    title: Text
    family: Literal[
        "compression and scar",
        "fusion, implant, alignment",
        "joints and disc",
        "complications",
        "nerve and pain system",
        "elsewhere",
        "recovery",
    ]
    codes: dict[str, list[str]] = {}
    summary: Text
    in_plain_words: Text
    follows: Text
    time_course: Text
    considered_when: When | None = None
    not_considered_because: str = ""
    prior: Annotated[list[Prior], Field(min_length=1)]
    arguments: Annotated[list[Argument], Field(min_length=1)]
    confirm_by: Annotated[list[Text], Field(min_length=1)]
    next_test: Text
    confused_with: list[TellApart] = []
    vignette: Vignette


class Indication(Rule):
    """A reason to take a pathway: urgently, now, or worth considering."""

    recommend: Literal["urgent", "now", "consider"]


class Prerequisite(Rule):
    """What comes first. `when` says that it is fulfilled; `needs` says it in words."""

    needs: Text


class Contraindication(Rule):
    """A reason not to take a pathway; `until` says what would lift it."""

    kind: Literal["absolute", "relative"]
    until: str = ""


class Preparation(Rule):
    """What to improve first where the condition holds (smoking, bone, opioids ...)."""

    do: Text


class Evidence(Document):
    """What a study or body found about a pathway, for or against it."""

    says: Text
    direction: Literal["for", "against", "mixed"]
    sources: Annotated[list[Cites], Field(min_length=1)]


class Harm(Document):
    """A harm, with its figure where one is published."""

    says: Text
    basis: Basis
    sources: list[Cites] = []


class Grade(Document):
    """A published grade of recommendation and who gave it."""

    by: Text
    grade: Text
    sources: Annotated[list[Cites], Field(min_length=1)]


class Pathway(Document):
    """One way forward: when, what first, when not, what success means, and what follows."""

    id: RuleId
    title: Text
    kind: Literal[
        "emergency", "diagnostic", "conservative", "interventional", "neuromodulation", "surgical", "referral"
    ]
    stage: Annotated[int, Field(ge=0, le=9)]
    summary: Text
    in_plain_words: Text
    indications: Annotated[list[Indication], Field(min_length=1)]
    prerequisites: list[Prerequisite] = []
    contraindications: list[Contraindication] = []
    prepare: list[Preparation] = []
    success: Text
    judge_after: Text
    if_success: Text
    if_failure: Text
    gate: Text
    evidence: Annotated[list[Evidence], Field(min_length=1)]
    harms: list[Harm] = []
    grades: list[Grade] = []
    vignette: Vignette

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule of the pathway, in the order of the file."""
        return (*self.indications, *self.prerequisites, *self.contraindications, *self.prepare)


class CriterionItem(Document):
    """One line of an official checklist, in our own words."""

    id: RuleId
    says: Text
    when: When
    fires_on: dict[str, Any]
    silent_on: dict[str, Any]


class Criteria(Document):
    """An official checklist: met, unmet or unknown, line by line. None is the default truth."""

    id: RuleId
    title: Text
    issuer: Text
    number: Text
    date: Text
    country: Text
    about: list[str]
    note: str = ""
    sources: Annotated[list[Cites], Field(min_length=1)]
    items: Annotated[list[CriterionItem], Field(min_length=1)]


class Position(Document):
    """One side of a disagreement, with its sources."""

    says: Text
    sources: list[Cites] = []


class Disagreement(Document):
    """A question on which sources differ: both sides, our default and why."""

    id: RuleId
    question: Text
    about: list[str]
    shown_when: When
    positions: Annotated[list[Position], Field(min_length=2)]
    default: Text
    because: Text


class Threshold(Document):
    """A number with its reason."""

    value: int
    because: Text


class Weights(Document):
    """The numbers behind standings and questions, each with its reason. In hundredths of log10 odds."""

    version: Annotated[str, Field(pattern=r"^20\d\d\.\d+(\.\d+)?$")]
    strengths: dict[Strength, Threshold]
    standings: dict[Literal["probable", "possible"], Threshold]
    burden: dict[str, Threshold]
    urgency_hours: dict[Urgency, Threshold]

    @model_validator(mode="after")
    def _are_complete(self) -> Weights:
        wanted = {
            "strengths": ("weak", "moderate", "strong"),
            "standings": ("probable", "possible"),
            "burden": ("question", "record", "block"),
            "urgency_hours": ("immediate", "same_day", "within_days"),
        }
        for name, keys in wanted.items():
            lacking = [key for key in keys if key not in getattr(self, name)]
            if lacking:
                message = f"{name} lacks {', '.join(lacking)}"
                raise ValueError(message)
        return self
