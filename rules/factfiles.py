"""The shape of the fact catalogue, checked entry by entry before facts are made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from rules.documents import Document, Text
from rules.problems import nearest
from rules.shapes import field_names, told

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from rules.places import Path

WANTED = ("procedures", "traits", "derived", "modalities", "findings", "treatments", "blocks")
NO_FACTS = ("procedures", "traits", "modalities", "treatments", "blocks")


class FactEntry(Document):
    """One fact as the catalogue writes it."""

    ask: Text
    type: Literal["yes_no", "number", "choice"] = "yes_no"
    burden: str = ""
    unit: str = ""
    min: float | None = None
    max: float | None = None
    values: Annotated[list[str], Field(min_length=2)] | None = None
    ordered: bool = False
    code: dict[str, str] = {}
    key_red_flag: bool = False
    unit_required: bool = False
    other_units: dict[str, float] = {}
    needs: str = ""
    conflicts: list[str] = []
    levels: bool = False
    root: Literal["traversing", "exiting"] | None = None
    assumed: bool = True

    @model_validator(mode="after")
    def _fits_its_type(self) -> FactEntry:
        if self.type == "number" and (self.min is None or self.max is None or self.min >= self.max):
            message = "a number needs min and max, min below max"
            raise ValueError(message)
        if (self.type == "choice") != (self.values is not None):
            message = "a choice, and only a choice, needs values"
            raise ValueError(message)
        return self


class Procedure(Document):
    """An operation that a case may list, and the traits it has for certain, or may have."""

    title: Text
    is_: list[str] = Field(alias="is")
    unsure: list[str] = []


class Modality(Document):
    """A kind of imaging."""

    title: Text
    burden: str


class Plain(Document):
    """A section of facts that are asked one by one."""

    title: Text
    burden: str = ""
    facts: dict[str, dict[str, Any]]


class Treatments(Document):
    """The treatments, each of which becomes three facts."""

    title: Text
    burden: str = ""
    responses: Annotated[list[str], Field(min_length=2)]
    kinds: dict[str, Text]


class Blocks(Document):
    """The diagnostic blocks, each of which becomes three facts."""

    title: Text
    burden: str = ""
    kinds: dict[str, Text]


SHAPES: dict[str, Any] = {
    "procedures": dict[str, Procedure],
    "traits": dict[str, Text],
    "derived": dict[str, dict[str, Any]],
    "modalities": dict[str, Modality],
    "findings": dict[str, dict[str, dict[str, Any]]],
    "treatments": Treatments,
    "blocks": Blocks,
}


def shape_problems(name: str, part: Any) -> list[tuple[Path, str]]:
    """Return what is wrong with the shape of a section, its facts left out, as (path in the section, message)."""
    try:
        TypeAdapter(SHAPES.get(name, Plain)).validate_python(part)
    except ValidationError as error:
        names = field_names(SHAPES[name] if name in ("treatments", "blocks") else Plain)
        return told(error, names)
    return []


def entries(sections: dict[str, Any]) -> Iterator[tuple[str, str, Path, Any]]:
    """Yield (fact id, section, path in the section, entry) for every fact that the catalogue writes out."""
    for name, section in sections.items():
        if not isinstance(section, dict) or name in NO_FACTS:
            continue
        if name == "derived":
            for fact, entry in section.items():
                yield fact, name, (fact,), entry
        elif name == "findings":
            for modality, found in section.items():
                for short, entry in found.items() if isinstance(found, dict) else ():
                    yield f"{modality}.{short}", name, (modality, short), entry
        elif isinstance(section.get("facts"), dict):
            for short, entry in section["facts"].items():
                yield f"{name}.{short}", name, ("facts", short), entry


def problems_between(sections: dict[str, Any], burdens: Collection[str]) -> Iterator[tuple[str, Path, str]]:
    """Yield (section, path, message) for every name in the catalogue that refers to nothing."""
    known = {fact for fact, *_ in entries(sections)} | {"surgery.implant"}
    known |= {f"{kind}.{trait}" for kind in ("surgery", "index") for trait in sections["traits"]}
    for _, section, path, entry in entries(sections):
        needs = [entry["needs"]] if entry.get("needs") else []
        for name in (*needs, *entry.get("conflicts", ())):
            if name not in known:
                yield section, path, f"unknown fact {name}{nearest(name, known)}"
        yield from _burden(section, path, entry, burdens)
    for section, part in sections.items():
        yield from _burden(section, (), part, burdens)
    for name, modality in sections["modalities"].items():
        yield from _burden("modalities", (name,), modality, burdens)
    for name in sections["findings"]:
        if name not in sections["modalities"]:
            yield "findings", (name,), f"unknown modality {name}{nearest(name, sections['modalities'])}"
    for name in sections["modalities"]:
        if name not in sections["findings"]:
            yield "modalities", (name,), f"no findings are listed for {name}"


def _burden(section: str, path: Path, holder: Any, burdens: Collection[str]) -> Iterator[tuple[str, Path, str]]:
    """Yield a problem if what has a burden names one that has no weight."""
    burden = holder.get("burden") if isinstance(holder, dict) else None
    if isinstance(burden, str) and burdens and burden not in burdens:
        yield section, (*path, "burden"), f"unknown burden {burden}{nearest(burden, burdens)}"
