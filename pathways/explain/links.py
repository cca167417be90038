"""What else changes when one flat fact changes: the same statement told by other facts, or resting on it.

A finding at a level is a finding; a study that shows something was done; a patient never fused has no months since a
fusion. Nothing here is medicine: it mirrors how a case is laid out as flat facts (pathways/facts.py).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pathways.consistency import constrained, impossible
from pathways.facts import IMPLANTS, any_of
from rules.vocabulary import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rules.language import Value
    from rules.rulebase import RuleBase

Change = dict[str, "Value | None"]
Links = "Iterator[tuple[str, Value | None]]"
NO_FUSION: Change = {
    "surgery.fused_segments": 0,
    "surgery.fused_to_sacrum": False,
    "surgery.fused_to_pelvis": False,
    "surgery.floating_fusion": None,
    "surgery.upper_end_thoracic": None,
    "months_since_fusion": None,
}
OF_A_FUSION = ("surgery.fused_segments", "surgery.fused_to_sacrum", "surgery.fused_to_pelvis")


def followed(base: RuleBase, facts: Mapping[str, Value], change: Mapping[str, Value | None]) -> Change:
    """Return the change with all that follows from it; what was asked for is never overruled.

    Only real changes are returned: facts that have the value already are left out.
    """
    linked = _of(base)
    after: Change = {**facts, **change}
    touched = list(change)
    for name in touched:  # grows while it is walked
        for other, value in linked.follow(name, after):
            if other not in change and after.get(other) != value and other in base.vocabulary:
                after[other] = value
                touched.append(other)
    return {name: after[name] for name in touched if facts.get(name) != after[name]}


def applied(facts: Mapping[str, Value], change: Mapping[str, Value | None]) -> dict[str, Value]:
    """Return the facts after a change, sorted by name; None takes a fact away."""
    after = {**facts, **change}
    return {name: value for name, value in sorted(after.items()) if value is not None}


def possible(base: RuleBase, facts: Mapping[str, Value], change: Mapping[str, Value | None]) -> bool:
    """Tell whether a change contradicts nothing (but what was contradictory before)."""
    if constrained(base).isdisjoint(change):
        return True
    before = set(impossible(facts, base))
    return before.issuperset(impossible(applied(facts, change), base))


@lru_cache(maxsize=8)
def _of(base: RuleBase) -> _Linked:
    return _Linked(base)


class _Linked:
    """The links between the facts of a vocabulary."""

    def __init__(self, base: RuleBase) -> None:
        self.modalities = base.catalogue.modalities
        self.traits = base.catalogue.traits
        self.shown: dict[str, list[str]] = {modality: [] for modality in self.modalities}
        for name, fact in base.vocabulary.items():
            if fact.section in self.shown and not name.endswith(".done"):
                self.shown[fact.section].append(name)

    def follow(self, name: str, facts: Mapping[str, Value | None]) -> Iterator[tuple[str, Value | None]]:
        """Yield the facts that follow from the present value of one fact, with their values."""
        first, _, rest = name.partition(".")
        if first in self.modalities:
            yield from self._study(first, rest, facts)
        elif first in ("treatments", "blocks"):
            yield from _tried(name, facts)
        elif first in ("surgery", "index") or name.startswith("months_since"):
            yield from self._surgery(name, facts)

    def _study(self, modality: str, rest: str, facts: Mapping[str, Value | None]) -> Iterator[tuple[str, Value | None]]:
        value = facts.get(f"{modality}.{rest}")
        if rest == "done":
            if value is not True:
                yield from ((name, None) for name in self.shown[modality])
            return
        if value is None:
            return
        yield f"{modality}.done", True
        finding, _, place = rest.partition(".")
        if isinstance(value, bool):
            yield from _finding(f"{modality}.{finding}", place, value, facts)

    def _surgery(self, name: str, facts: Mapping[str, Value | None]) -> Iterator[tuple[str, Value | None]]:
        value, once = facts.get(name), facts.get("surgery.count") == 1
        first, _, trait = name.partition(".")
        if trait in self.traits:
            if first == "index" and (value is True or once):
                yield f"surgery.{trait}", value
            if first == "surgery" and (value is False or once):
                yield f"index.{trait}", value
            if first == "surgery" and trait in IMPLANTS:
                yield "surgery.implant", any_of(_yes_no(facts.get(f"surgery.{t}")) for t in IMPLANTS)
        if name == "surgery.implant" and value is False:
            yield from ((f"surgery.{t}", False) for t in IMPLANTS)
        if name == "surgery.fusion" and value is False:
            yield from NO_FUSION.items()
        if name == "surgery.fusion" and value is True:
            yield from ((other, None) for other in OF_A_FUSION if not facts.get(other))
        yield from _months(name, facts, once=once)


def _yes_no(value: Value | None) -> bool | None:
    return value if isinstance(value, bool) else None


def _months(name: str, facts: Mapping[str, Value | None], *, once: bool) -> Iterator[tuple[str, Value | None]]:
    since = facts.get("months_since_surgery")
    if name == "months_since_surgery" and once:
        yield "months_since_first_surgery", since
    if name == "months_since_first_surgery" and once:
        yield "months_since_surgery", facts.get(name)
    if name in ("months_since_surgery", "index.fusion") and facts.get("index.fusion") is True:
        yield "months_since_fusion", since
    if name == "months_since_fusion" and once and facts.get("index.fusion") is True:
        yield "months_since_surgery", facts.get(name)


def _tried(name: str, facts: Mapping[str, Value | None]) -> Iterator[tuple[str, Value | None]]:
    kind, _, what = name.rpartition(".")
    did = "tried" if kind.startswith("treatments.") else "done"
    if what == did and facts.get(name) is False:
        rest = ("weeks", "response") if did == "tried" else ("count", "relief_percent")
        yield from ((f"{kind}.{other}", None) for other in rest)
    elif what != did and facts.get(name) is not None:
        yield f"{kind}.{did}", True


def _finding(
    key: str, place: str, value: bool, facts: Mapping[str, Value | None]
) -> Iterator[tuple[str, Value | None]]:
    """Follow a finding that is there or not, or there or not at one place."""
    at = {p: facts.get(f"{key}.{p}") for p in PLACES}
    if not place:
        if not value:
            yield from ((f"{key}.{p}", False) for p in (*PLACES, "concordant"))
        elif True not in at.values():
            yield from ((f"{key}.{p}", None) for p in PLACES)
        return
    if value:
        yield key, True
    elif place != "concordant" and False in at.values() and set(at.values()) == {False}:
        yield key, False
    if place == "adjacent":
        beside = [at["adjacent_above"], at["adjacent_below"]]
        if not value:
            yield from ((f"{key}.{p}", False) for p in ("adjacent_above", "adjacent_below"))
        elif beside == [False, False]:
            yield from ((f"{key}.{p}", None) for p in ("adjacent_above", "adjacent_below"))
    elif place.startswith("adjacent_"):
        either = any_of(_yes_no(at[p]) for p in ("adjacent_above", "adjacent_below"))
        if value or either is False:
            yield f"{key}.adjacent", either
