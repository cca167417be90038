"""Every single fact with every other value that rules tell apart, judged at once: what would each move?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pathways.explain.links import followed, possible
from pathways.explain.names import Conclusion, conclusions, stated
from pathways.explain.rulebook import rests_on
from pathways.explain.variants import LADDERS, Variants, bits, variants
from rules.regions import regions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pathways.explain.names import Subject
    from rules.language import Value

FAR = {"immediate": 6, "same_day": 4, "within_days": 2}
SETTLES = 1
NOT_TAKEN = {"not_indicated", "contraindicated"}  # a pathway goes from one to the other: nobody takes it either way
RELEVANCE = {"confirmed": 2, "probable": 3, "possible": 3, "nothing_to_say": 1, "unlikely": 1, "excluded": 1}


@dataclass(frozen=True, slots=True)
class Single:
    """One fact with another value. `number` is its variant."""

    number: int
    fact: str
    value: Value
    unknown: bool


@dataclass(frozen=True, slots=True)
class Shift:
    """A conclusion with another outcome in one variant, and how far that is."""

    conclusion: Conclusion
    before: str
    after: str
    distance: int


class Singles:
    """The single changes of one case, judged together."""

    def __init__(self, subject: Subject, *, unknown_only: bool = False) -> None:
        """Take the case; with unknown_only, known facts stay as they are."""
        self.subject = subject
        base, facts = subject.base, subject.facts
        used = rests_on(base, list(base.conditions))
        values = regions(base)
        changes: list[Mapping[str, Value | None]] = []
        self.singles: list[Single] = []
        for fact in stated(base):
            if fact not in used or (unknown_only and fact in facts):
                continue
            for value in values.values(fact, facts.get(fact)):
                if facts.get(fact) == value or (value is False and fact.endswith(".done") and fact in facts):
                    continue
                change = followed(base, facts, {fact: value})
                if possible(base, facts, change):
                    changes.append(change)
                    self.singles.append(Single(len(changes), fact, value, fact not in facts))
        self.judged: Variants = variants(base, facts, changes, follow=False)

    @cached_property
    def _outcomes(self) -> list[tuple[Conclusion, str, dict[str, int]]]:
        """Every conclusion with its outcome now and where it has which."""
        found = []
        for asked in conclusions(self.subject.base):
            outcomes = self.judged.outcomes(asked.kind, asked.id)
            now = next(outcome for outcome, where in outcomes.items() if where & 1)
            found.append((asked, now, outcomes))
        return found

    def reaching(self, asked: Conclusion, wanted: Sequence[str]) -> list[tuple[int, str, Value]]:
        """Return (number of the outcome, fact, value) for what alone brings one of the wanted outcomes about."""
        emergency = self.subject.judged.emergency
        masks = self.judged.reached(asked.kind, asked.id, wanted, emergency=emergency)
        found = [(rank, number) for rank, mask in enumerate(masks) for number in bits(mask) if number]
        return [(rank, self.singles[number - 1].fact, self.singles[number - 1].value) for rank, number in found]

    @cached_property
    def shifts(self) -> dict[int, list[Shift]]:
        """What moves in each variant, by its number, farthest first.

        An emergency that comes or goes takes the pathways with it: that counts once, as the red flag, and not again
        for every pathway.
        """
        found: dict[int, list[Shift]] = {single.number: [] for single in self.singles}
        emergency = self.judged.emergency
        turned = self.judged.everywhere ^ emergency if emergency & 1 else emergency
        for asked, now, outcomes in self._outcomes:
            for outcome, where in outcomes.items():
                if outcome == now:
                    continue
                distance = self._distance(asked, now, outcome)
                for number in bits(where):
                    follows = asked.kind == "pathway" and turned >> number & 1
                    found[number].append(Shift(asked, now, outcome, 0 if follows else distance))
        return {number: sorted(shifts, key=lambda shift: -shift.distance) for number, shifts in found.items()}

    def _distance(self, asked: Conclusion, before: str, after: str) -> int:
        """Return how far a conclusion moves, in steps, weighed by how much it matters."""
        if asked.kind == "red_flag":
            return FAR[self.subject.base.red_flags[asked.id].urgency] if "present" in (before, after) else SETTLES
        if {before, after} == NOT_TAKEN:
            return 0
        ladder = LADDERS[asked.kind]
        steps = abs(ladder.index(after) - ladder.index(before))
        return steps * RELEVANCE[before] if asked.kind == "cause" else steps

    def movers(self, asked: Conclusion) -> list[str]:
        """Return the facts that alone can move a conclusion."""
        outcomes = self.judged.outcomes(asked.kind, asked.id).values()
        moved = sum(where for where in outcomes if not where & 1)
        return list(dict.fromkeys(self.singles[number - 1].fact for number in bits(moved)))
