"""The smallest sets of facts that would have to differ for a conclusion to be another one.

All candidates of one size are judged at once (see `variants`), sizes in increasing order; what is found is checked
again as a whole, with everything that follows from it, and must not contradict the case.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from pathways.explain.answers import Changed, Flip
from pathways.explain.links import applied, followed, possible
from pathways.explain.rulebook import deciding
from pathways.explain.variants import Variants, bits
from pathways.explain.wishes import Wishes, wish

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pathways.explain.names import Conclusion
    from rules.language import Value
    from rules.rulebase import RuleBase

LARGEST = 3
SHOWN = 5
CHECKED = 60  # sets of one size that are looked at, cheapest first
WIDEST = {1: 4000, 2: 500, 3: 110}  # candidates that are tried in sets of a size; cheaper ones go first
KNOWN, FIXED = 100, 1000  # a fact that is known is less likely to be otherwise; age, sex and operations least


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: sets of any facts, sets of facts still unknown, and up to which size it was complete."""

    smallest: list[Flip]
    learnable: list[Flip]
    searched: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One fact with another value, and what follows from it."""

    fact: str
    value: Value
    cost: int
    change: dict[str, Value | None]

    @property
    def unknown(self) -> bool:
        return self.cost < KNOWN


class Search:
    """Searches for one conclusion of one case."""

    def __init__(
        self,
        base: RuleBase,
        facts: Mapping[str, Value],
        inferred: Mapping[str, Value],
        asked: Conclusion,
        wanted: Sequence[str],
        largest: int = LARGEST,
    ) -> None:
        """Take the case, the conclusion, the outcomes wanted, and how many facts may differ at most."""
        self.base, self.facts, self.asked = base, facts, asked
        self.wanted, self.largest = wanted, largest
        self.candidates = self._candidates(inferred)

    def _candidates(self, inferred: Mapping[str, Value]) -> list[_Candidate]:
        wishes = Wishes(self.base, self.facts, inferred, self.largest)
        wish(wishes, self.asked.kind, self.asked.id)
        order = {name: number for number, name in enumerate(self.base.vocabulary)}
        found = []
        for fact, values in wishes.values(deciding(self.base, self.asked.kind, self.asked.id)).items():
            for number, value in enumerate(values):
                change = followed(self.base, self.facts, {fact: value})
                if possible(self.base, self.facts, change):
                    found.append((self._cost(fact), order[fact], number, fact, value, change))
        found.sort(key=lambda entry: entry[:3])
        return [_Candidate(fact, value, cost, change) for cost, _, _, fact, value, change in found]

    def _cost(self, name: str) -> int:
        fact = self.base.vocabulary[name]
        cost = self.base.weights.burden[fact.burden].value
        if name not in self.facts:
            return cost
        fixed = fact.section in ("surgery", "person") or name.startswith(("surgery.", "index."))
        return cost + (FIXED if fixed else KNOWN)

    def run(self) -> Found:
        """Search sizes in increasing order until both kinds of sets are found."""
        smallest: list[Flip] = []
        learnable: list[Flip] = []
        searched = 0
        for size in range(1, self.largest + 1):
            pool = self.candidates if not smallest else [c for c in self.candidates if c.unknown]
            tried = pool[: WIDEST[size]]
            flips, only_unknown = self._of_size(tried, size)
            smallest = smallest or flips
            learnable = learnable or only_unknown
            if len(tried) == len(pool) and searched == size - 1:
                searched = size
            if smallest and learnable:
                break
        return Found(smallest, learnable, searched)

    def _of_size(self, pool: list[_Candidate], size: int) -> tuple[list[Flip], list[Flip]]:
        ranked = [(rank, sum(pool[n].cost for n in chosen), chosen) for rank, chosen in self._hits(pool, size)]
        sets = [chosen for _, _, chosen in sorted(ranked)]
        found: list[Flip] = []
        learnable: list[Flip] = []
        for chosen in sets[: CHECKED * SHOWN]:
            unknown = all(pool[n].unknown for n in chosen)
            if len(found) >= SHOWN and (len(learnable) >= SHOWN or not unknown):
                continue
            flip = self._check([pool[n] for n in chosen])
            if flip and len(found) < SHOWN:
                found.append(flip)
            if flip and unknown and len(learnable) < SHOWN:
                learnable.append(flip)
        return found, learnable

    def _hits(self, pool: list[_Candidate], size: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield the sets of a size (as numbers of candidates) that bring a wanted outcome about, and which one."""
        count = len(pool)
        if size == 1:
            for rank, n in self._judged(pool, [1 << n for n in range(count)], count, {}):
                yield rank, (n,)
            return
        pairs = list(combinations(range(count), 2))
        masks = _masks(pairs, count)
        if size == 2:
            for rank, n in self._judged(pool, masks, len(pairs), {}):
                yield rank, pairs[n]
            return
        skipped = 0
        for first in range(count - 2):
            skipped += count - 1 - first
            rest = [mask >> skipped for mask in masks]
            for rank, n in self._judged(pool, rest, len(pairs) - skipped, pool[first].change):
                yield rank, (first, *pairs[n + skipped])

    def _judged(
        self, pool: list[_Candidate], masks: list[int], count: int, always: Mapping[str, Value | None]
    ) -> Iterator[tuple[int, int]]:
        """Yield (number of the outcome, number of the set) for the sets that bring a wanted outcome about.

        The sets are given by where each candidate belongs to them; a set that gives a fact two values is none.
        """
        changes: dict[str, dict[Value | None, int]] = {}
        clash = 0
        for fact, value in always.items():
            changes[fact] = {value: (1 << count) - 1}
        for candidate, where in zip(pool, masks, strict=True):
            if where:
                for fact, value in candidate.change.items():
                    had = changes.setdefault(fact, {})
                    for other, there in had.items():
                        if other != value:
                            clash |= there & where
                    had[value] = had.get(value, 0) | where
        judged = Variants(self.base, self.facts, count, changes)
        outcomes = judged.outcomes(self.asked.kind, self.asked.id)
        for rank, outcome in enumerate(self.wanted):
            for n in bits(outcomes.get(outcome, 0) & ~clash):
                yield rank, n

    def _check(self, chosen: Sequence[_Candidate]) -> Flip | None:
        """Return a set of changes as an answer if it holds as a whole, or None."""
        change = followed(self.base, self.facts, {c.fact: c.value for c in chosen})
        if not possible(self.base, self.facts, change):
            return None
        outcomes = Variants(self.base, applied(self.facts, change), 1, {}).outcomes(self.asked.kind, self.asked.id)
        (outcome,) = outcomes
        if outcome not in self.wanted:
            return None
        names = {c.fact for c in chosen}
        changes = [
            Changed(
                fact=c.fact,
                question=self.base.vocabulary[c.fact].ask,
                before=self.facts.get(c.fact),
                after=c.value,
                follows={k: v for k, v in c.change.items() if k not in names and change.get(k) == v},
            )
            for c in chosen
        ]
        return Flip(changes=changes, outcome=outcome)


def _masks(sets: Sequence[Iterable[int]], count: int) -> list[int]:
    """Return, for each candidate, in which of the sets it is."""
    size = len(sets) // 8 + 1
    found = [bytearray(size) for _ in range(count)]
    for number, chosen in enumerate(sets):
        byte, bit = number >> 3, 1 << (number & 7)
        for candidate in chosen:
            found[candidate][byte] |= bit
    return [int.from_bytes(mask, "little") for mask in found]
