"""The vocabulary: every fact that a case may state or a rule may name, read from knowledge/facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACES = ("index", "adjacent_above", "adjacent_below", "adjacent", "remote")
PLACE_WORDS = {
    "index": "at an operated level",
    "adjacent_above": "at the level above the operated ones",
    "adjacent_below": "at the level below the operated ones",
    "adjacent": "at a level next to the operated ones",
    "remote": "at a level away from the operated ones",
}
STANDINGS = ("excluded", "unlikely", "possible", "probable", "confirmed")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its question, type, unit, range and code. `origin` says where its value comes from."""

    id: str
    ask: str
    type: str = "yes_no"
    section: str = ""
    origin: str = "asked"
    burden: str = "question"
    unit: str = ""
    min: float | None = None
    max: float | None = None
    values: tuple[str, ...] = ()
    ordered: bool = False
    code: dict[str, str] = field(default_factory=dict, hash=False, compare=False)
    key_red_flag: bool = False
    unit_required: bool = False
    other_units: dict[str, float] = field(default_factory=dict, hash=False, compare=False)
    needs: str = ""
    conflicts: tuple[str, ...] = ()

    def describe(self) -> str:
        """Return the type in words, for messages and the data dictionary."""
        if self.type == "yes_no":
            return "yes or no"
        if self.type == "choice":
            return "one of " + ", ".join(self.values)
        return f"a number from {self.min:g} to {self.max:g} {self.unit}".rstrip()

    def problem_with(self, value: object) -> str | None:
        """Return what is wrong with a value for this fact, or None."""
        if self.type == "yes_no":
            return None if isinstance(value, bool) else f"yes or no is wanted, not {value!r}"
        if self.type == "choice":
            return None if value in self.values else f"{value!r} is not {self.describe()}"
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:  # noqa: PLR0124 - NaN
            return f"{self.describe()} is wanted, not {value!r}"
        low = self.min if self.min is not None else value
        high = self.max if self.max is not None else value
        return (
            None
            if low <= value <= high
            else f"{plain(value)} is outside {self.min:g} to {self.max:g} {self.unit}".rstrip()
        )


def plain(number: float) -> str:
    """Return a number in short, however large a whole number somebody wrote."""
    try:
        return f"{number:g}"
    except OverflowError:
        return "so large a number"


Vocabulary = dict[str, Fact]


@dataclass(frozen=True)
class Catalogue:
    """What a case may list: operations with their traits, imaging findings, treatments and blocks."""

    procedures: dict[str, dict[str, Any]]
    traits: tuple[str, ...]
    modalities: dict[str, dict[str, str]]
    findings: dict[str, dict[str, dict[str, Any]]]
    treatments: dict[str, str]
    responses: tuple[str, ...]
    blocks: dict[str, str]
    sections: dict[str, str]


def read_vocabulary(files: dict[str, dict[str, Any]]) -> tuple[Vocabulary, Catalogue]:
    """Build the vocabulary and the catalogue from the parsed files of knowledge/facts (name to content)."""
    facts: Vocabulary = {}
    sections: dict[str, Any] = {name: part for content in files.values() for name, part in content.items()}
    for name, section in sections.items():
        for fact in _section_facts(name, section):
            if fact.id in facts:
                message = f"fact {fact.id} is defined twice"
                raise ValueError(message)
            facts[fact.id] = fact
    facts.update({f.id: f for f in _imaging_facts(sections)})
    return facts, Catalogue(
        procedures=sections["procedures"],
        traits=tuple(sections["traits"]),
        modalities=sections["modalities"],
        findings=sections["findings"],
        treatments=sections["treatments"]["kinds"],
        responses=tuple(sections["treatments"]["responses"]),
        blocks=sections["blocks"]["kinds"],
        sections={name: part["title"] for name, part in sections.items() if "facts" in part},
    )


def _section_facts(name: str, section: dict[str, Any]) -> Iterator[Fact]:
    if name == "derived":
        for fact_id, entry in section.items():
            yield make_fact(fact_id, entry, section="surgery", burden="question", origin="derived")
    elif name == "traits":
        for trait, words in section.items():
            yield Fact(
                f"index.{trait}",
                f"Was the index operation {words}, or did it use {words}?",
                section="surgery",
                origin="derived",
            )
            yield Fact(
                f"surgery.{trait}",
                f"Was any lumbar operation {words}, or did any use {words}?",
                section="surgery",
                origin="derived",
            )
    elif name == "treatments":
        for kind, title in section["kinds"].items():
            yield from _treatment_facts(f"treatments.{kind}", title, tuple(section["responses"]))
    elif name == "blocks":
        for kind, title in section["kinds"].items():
            yield from _block_facts(f"blocks.{kind}", title)
    elif "facts" in section:
        for short, entry in section["facts"].items():
            yield make_fact(f"{name}.{short}", entry, section=name, burden=section.get("burden", "question"))


def make_fact(fact_id: str, entry: dict[str, Any], *, section: str, burden: str, origin: str = "asked") -> Fact:
    """Make a fact from its catalogue entry."""
    known = dict(entry)
    for key in ("levels", "root", "assumed"):  # for the projection, not for the fact
        known.pop(key, None)
    known["values"] = tuple(str(v) for v in known.get("values", ()))
    known["conflicts"] = tuple(known.get("conflicts", ()))
    known.setdefault("burden", burden)
    return Fact(id=fact_id, section=section, origin=origin, **known)


def _treatment_facts(name: str, title: str, responses: tuple[str, ...]) -> Iterator[Fact]:
    yield Fact(f"{name}.tried", f"{title}: was it tried?", section="treatments")
    yield Fact(
        f"{name}.weeks",
        f"{title}: for how many weeks?",
        "number",
        "treatments",
        unit="weeks",
        min=0,
        max=2000,
    )
    yield Fact(
        f"{name}.response",
        f"{title}: what did it bring?",
        "choice",
        "treatments",
        values=responses,
        ordered=True,
    )


def _block_facts(name: str, title: str) -> Iterator[Fact]:
    yield Fact(f"{name}.done", f"{title}: was it done?", section="blocks", burden="record")
    yield Fact(
        f"{name}.count",
        f"{title}: how many were done?",
        "number",
        "blocks",
        burden="block",
        unit="blocks",
        min=0,
        max=20,
    )
    yield Fact(
        f"{name}.relief_percent",
        f"{title}: how much relief (the lowest, if several)?",
        "number",
        "blocks",
        burden="block",
        unit="%",
        min=0,
        max=100,
    )


def _imaging_facts(content: dict[str, Any]) -> Iterator[Fact]:
    for modality, about in content.get("modalities", {}).items():
        title, burden = about["title"], about["burden"]
        yield Fact(
            f"{modality}.done",
            f"{title}: was it done after the index operation?",
            section=modality,
            origin="derived",
            burden="record",
        )
        yield Fact(
            f"{modality}.months_ago",
            f"{title}: how many months ago was the latest?",
            "number",
            modality,
            origin="derived",
            burden="record",
            unit="months",
            min=0,
            max=900,
        )
        yield Fact(
            f"{modality}.contrast",
            f"{title}: was contrast given?",
            section=modality,
            origin="derived",
            burden="record",
        )
        for short, entry in content["findings"][modality].items():
            words = entry["ask"]
            asked = (
                f"{title}: how large is {words}?" if entry.get("type") == "number" else f"{title}: is there {words}?"
            )
            yield make_fact(f"{modality}.{short}", {**entry, "ask": asked}, section=modality, burden=burden)
            if entry.get("levels"):
                for place in PLACES:
                    yield Fact(
                        f"{modality}.{short}.{place}",
                        f"{title}: is there {words} {PLACE_WORDS[place]}?",
                        section=modality,
                        origin="derived",
                        burden=burden,
                    )
            if entry.get("root"):
                yield Fact(
                    f"{modality}.{short}.concordant",
                    f"{title}: does {words} fit the symptomatic root and side?",
                    section=modality,
                    origin="derived",
                    burden=burden,
                )
