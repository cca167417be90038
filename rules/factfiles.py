"""The shape of the fact catalogue, checked entry by entry before facts are made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from rules.documents import Document, Text
from rules.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from rules.places import Path

WANTED = ("procedures", "traits", "derived", "modalities", "findings", "treatments", "blocks")
PLAIN = ("procedures", "traits", "modalities", "treatments", "blocks")


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


def entries(sections: dict[str, Any]) -> Iterator[tuple[str, str, Path, Any]]:
    """Yield (fact id, section, path in the section, entry) for every fact that the catalogue writes out."""
    for name, section in sections.items():
        if not isinstance(section, dict) or name in PLAIN:
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
        burden = entry.get("burden")
        if burden and burdens and burden not in burdens:
            yield section, path, f"unknown burden {burden}{nearest(burden, burdens)}"
