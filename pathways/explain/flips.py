"""The smallest sets of facts that would have to differ for a conclusion to be another one.

All candidates of one size are judged at once (see `variants`), sizes in increasing order; what is found is checked
again as a whole, with everything that follows from it, and must not contradict the case.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

from pathways.explain.answers import Changed, Flip
from pathways.explain.links import followed, possible
from pathways.explain.rulebook import deciding, regions_behind, rests_on
from pathways.explain.variants import Variants, bits, variants
from pathways.explain.wishes import Wishes, wish

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pathways.explain.names import Conclusion, Subject
    from pathways.explain.singles import Singles
    from rules.language import Value
    from rules.rulebase import RuleBase

LARGEST = 3
SHOWN = 5
CHECKED, ROUNDS = 60, 10  # sets of one size that are checked at once, cheapest first, and how often at most
WIDEST = {1: 4000, 2: 1000, 3: 110}  # candidates that are tried in sets of a size; cheaper ones go first
FEW = 150  # candidates for which the layout of pairs is kept
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
        subject: Subject,
        asked: Conclusion,
        wanted: Sequence[str],
        largest: int = LARGEST,
        *,
        thorough: bool = True,
    ) -> None:
        """Take the case, the conclusion, the outcomes wanted, and how many facts may differ at most.

        Without `thorough`, sets are made only of facts that each help by themselves: quicker, and nearly the same.
        """
        self.subject, self.base, self.facts = subject, subject.base, subject.facts
        self.asked, self.wanted, self.largest, self.thorough = asked, wanted, largest, thorough
        self.rules = deciding(self.base, asked.kind, asked.id)

    @cached_property
    def everything(self) -> list[_Candidate]:
        """Every fact behind the conclusion with every other value that its rules tell apart, cheapest first."""
        told_apart = regions_behind(self.base, self.asked.kind, self.asked.id)
        tried = []
        for fact in sorted(rests_on(self.base, self.rules)):
            now = self.facts.get(fact)
            undone = (False,) if now is not None and fact.endswith(".done") else ()
            tried += [(fact, value) for value in told_apart.values(fact, now) if value != now and value not in undone]
        return self._ordered(tried)

    @cached_property
    def helpful(self) -> list[_Candidate]:
        """The facts with another value that could help, cheapest first."""
        wishes = Wishes(self.base, self.facts, self.subject.judged.inference.facts, self.largest)
        wish(wishes, self.asked.kind, self.asked.id)
        values = wishes.values(regions_behind(self.base, self.asked.kind, self.asked.id))
        return self._ordered([(fact, value) for fact, tried in values.items() for value in tried])

    def _pool(self, size: int, *, unknown: bool) -> tuple[list[_Candidate], bool]:
        """Return the candidates to try in sets of a size, and whether that leaves none out."""
        if self.thorough or size == 1:
            pool = [candidate for candidate in self.everything if candidate.unknown or not unknown]
            if len(pool) <= WIDEST[size]:
                return pool, True
        helpful = [candidate for candidate in self.helpful if candidate.unknown or not unknown]
        return helpful[: WIDEST[size]], False

    def _ordered(self, tried: Iterable[tuple[str, Value]]) -> list[_Candidate]:
        """Return what is possible as candidates, cheapest first, then in the order of the catalogue."""
        found = []
        for fact, value in sorted(tried, key=self._place):
            change = followed(self.base, self.facts, {fact: value})
            if possible(self.base, self.facts, change):
                found.append(_Candidate(fact, value, self._cost(fact), change))
        return found

    def _place(self, tried: tuple[str, Value]) -> tuple[int, int, float]:
        """Return where a change stands: cheapest first, in the order of the catalogue, the nearest number first."""
        fact, value = tried
        return self._cost(fact), _positions(self.base)[fact], _away(value, self.facts.get(fact))

    def _cost(self, name: str) -> int:
        fact = self.base.vocabulary[name]
        cost = self.base.weights.burden[fact.burden].value
        if name not in self.facts:
            return cost
        fixed = fact.section in ("surgery", "person") or name.startswith(("surgery.", "index."))
        return cost + (FIXED if fixed else KNOWN)

    def run(self, singles: Singles | None = None) -> Found:
        """Search sizes in increasing order until both kinds of sets are found; single facts may be judged before."""
        smallest: list[Flip] = []
        learnable: list[Flip] = []
        searched = 0
        if singles is not None:
            smallest, learnable = self._alone(singles.reaching(self.asked, self.wanted))
            searched = 1
            if smallest:
                return Found(smallest, learnable, searched)
        for size in range(searched + 1, self.largest + 1):
            pool, whole = self._pool(size, unknown=bool(smallest))
            flips, only_unknown = self._of_size(pool, size)
            smallest = smallest or flips
            learnable = learnable or only_unknown
            if whole and searched == size - 1:
                searched = size
            if smallest and learnable:
                break
        return Found(smallest, learnable, searched)

    def _of_size(self, pool: list[_Candidate], size: int) -> tuple[list[Flip], list[Flip]]:
        """Return the best sets of a size, and the best of facts still unknown alone."""
        hits = self._hits(pool, size)
        if size == 1:
            return self._alone((rank, pool[n].fact, pool[n].value) for rank, (n,) in hits)
        ranked = [(rank, sum(pool[n].cost for n in chosen), chosen) for rank, chosen in hits]
        sets = [[pool[n] for n in chosen] for _, _, chosen in sorted(ranked)]
        unknown = [chosen for chosen in sets if all(candidate.unknown for candidate in chosen)]
        return self._best(sets), self._best(unknown)

    def _alone(self, hits: Iterable[tuple[int, str, Value]]) -> tuple[list[Flip], list[Flip]]:
        """Return the best single facts, and the best that are still unknown; each was judged with all that follows."""
        found: list[Flip] = []
        learnable: list[Flip] = []
        seen: set[object] = set()
        for rank, fact, value in sorted(hits, key=lambda hit: (hit[0], self._place(hit[1:]))):
            unknown = fact not in self.facts
            if fact in seen or (len(found) >= SHOWN and (len(learnable) >= SHOWN or not unknown)):
                continue
            change = followed(self.base, self.facts, {fact: value})
            after = frozenset(change.items())
            if after not in seen:
                seen |= {fact, after}
                flip = self._flip([_Candidate(fact, value, self._cost(fact), change)], change, self.wanted[rank])
                found += [flip] if len(found) < SHOWN else []
                learnable += [flip] if unknown and len(learnable) < SHOWN else []
        return found, learnable

    def _best(self, sets: list[list[_Candidate]]) -> list[Flip]:
        """Return the first sets that hold as a whole."""
        found: list[Flip] = []
        seen: set[object] = set()
        for number in range(0, min(len(sets), CHECKED * ROUNDS), CHECKED):
            found += self._checked(sets[number : number + CHECKED], seen)
            if len(found) >= SHOWN:
                break
        return found[:SHOWN]

    def _checked(self, sets: list[list[_Candidate]], seen: set[object]) -> list[Flip]:
        """Return the sets that hold as a whole, with everything that follows.

        Other values of the same facts, and the same in other words, are left out by what was seen.
        """
        whole = [(chosen, followed(self.base, self.facts, {c.fact: c.value for c in chosen})) for chosen in sets]
        whole = [(chosen, change) for chosen, change in whole if possible(self.base, self.facts, change)]
        if not whole:
            return []
        judged = variants(self.base, self.facts, [change for _, change in whole], follow=False)
        reached = self._reached(judged)
        found: list[Flip] = []
        for number, (chosen, change) in enumerate(whole, 1):
            brought = [outcome for outcome, where in zip(self.wanted, reached, strict=True) if where >> number & 1]
            facts, after = tuple(candidate.fact for candidate in chosen), frozenset(change.items())
            if brought and facts not in seen and after not in seen:
                seen |= {facts, after}
                found.append(self._flip(chosen, change, brought[0]))
        return found

    def _hits(self, pool: list[_Candidate], size: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield the sets of a size (as numbers of candidates) that bring a wanted outcome about, and which one."""
        count = len(pool)
        if size == 1:
            for rank, n in self._judged(pool, [1 << n for n in range(count)], count, {}):
                yield rank, (n,)
            return
        pairs, masks = (_kept_pairs if count <= FEW else _pairs)(count)
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

        The sets are given by where each candidate belongs to them; a set that gives a fact two values is none, and
        an emergency that only holds a pathway does not bring it about.
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
        for rank, reached in enumerate(self._reached(judged)):
            for n in bits(reached & ~clash):
                yield rank, n

    def _reached(self, judged: Variants) -> list[int]:
        emergency = self.subject.judged.emergency
        return judged.reached(self.asked.kind, self.asked.id, self.wanted, emergency=emergency)

    def _flip(self, chosen: Sequence[_Candidate], change: Mapping[str, Value | None], outcome: str) -> Flip:
        names = {candidate.fact for candidate in chosen}
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


def _away(value: Value, now: Value | None) -> float:
    """Return how far a number is from the present one."""
    return abs(value - now) if isinstance(value, (int, float)) and isinstance(now, (int, float)) else 0.0


@lru_cache(maxsize=8)
def _positions(base: RuleBase) -> dict[str, int]:
    return {name: number for number, name in enumerate(base.vocabulary)}


def _pairs(count: int) -> tuple[list[tuple[int, int]], list[int]]:
    """Return all pairs of candidates, and for each candidate in which of the pairs it is."""
    pairs = list(combinations(range(count), 2))
    found = [bytearray(len(pairs) // 8 + 1) for _ in range(count)]
    for number, (one, other) in enumerate(pairs):
        byte, bit = number >> 3, 1 << (number & 7)
        found[one][byte] |= bit
        found[other][byte] |= bit
    return pairs, [int.from_bytes(mask, "little") for mask in found]


_kept_pairs = lru_cache(maxsize=FEW)(_pairs)
