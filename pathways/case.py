"""Case: what may be known of a patient, as a person writes it down. No field holds a name, a date or free text."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Side = Literal["left", "right", "bilateral", "midline"]
Months = Annotated[float, Field(ge=0, le=900)]
CASE_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
CaseId = Annotated[str, Field(pattern=CASE_ID)]
Value = bool | int | float | str


class Part(BaseModel):
    """The base of a case's parts: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Operation(Part):
    """One lumbar operation. `procedures` are keys of the fact catalogue; None means not known."""

    procedures: list[str]
    levels: list[str] = Field(default_factory=list)
    approach: Literal["posterior", "anterior", "lateral"] | None = None
    instrumented: bool | None = None
    interbody: bool | None = None
    minimally_invasive: bool | None = None
    unilateral: bool | None = None
    to_pelvis: bool | None = None
    side: Side | None = None
    months_ago: Months | None = None


class Shown(Part):
    """What a study says of one finding: there or not, how large, at which levels, on which side."""

    present: bool = True
    size: float | None = None
    levels: list[str] = Field(default_factory=list)
    side: Side | None = None


class Study(Part):
    """One imaging study. `complete` means that what it does not list is absent."""

    modality: str
    done: bool = True
    months_ago: Months | None = None
    contrast: bool | None = None
    complete: bool = False
    findings: dict[str, Shown] = Field(default_factory=dict)


class Treatment(Part):
    """One treatment tried, or known not to have been tried."""

    kind: str
    tried: bool = True
    weeks: float | None = None
    response: str | None = None


class Block(Part):
    """Diagnostic blocks of one kind: how many, and the percent of relief (the lowest if several)."""

    kind: str
    done: bool = True
    count: int | None = None
    relief_percent: float | None = None


class Case(Part):
    """One patient. `facts` holds everything that is not listed by operation, study, treatment or block."""

    case_id: CaseId = "case"
    surgery: Annotated[list[Operation], Field(min_length=1)]
    imaging: list[Study] = Field(default_factory=list)
    treatments: list[Treatment] = Field(default_factory=list)
    blocks: list[Block] = Field(default_factory=list)
    facts: dict[str, Value] = Field(default_factory=dict)

    @property
    def lumbar(self) -> int:
        """How many lumbar vertebrae this spine has (5 unless said otherwise)."""
        return int(self.facts.get("person.lumbar_vertebrae", 5))

    @property
    def index(self) -> Operation:
        """The index operation: the last one."""
        return self.surgery[-1]
