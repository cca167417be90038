"""The most valuable missing facts of every row, as in `pathways.inquiry`, as steps of a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pathways import inquiry
from pathways.cohort.rows import MISSING, MOST_MISSING
from rules.engines.program import FALSE, TRUE
from rules.language import Compare, Not

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rules.engines.columnar import Bits
    from rules.engines.program import Register
    from rules.language import Condition
    from rules.rulebase import RuleBase

GAIN, COUNT = pl.Int32(), pl.UInt8()
NOTHING = -1
SPAN = 1 << 11  # more than there are facts to ask for
LARGEST_VALUE = (1 << 19) - 2
Lacks = dict[str, "Register"]


class Asking:
    """Builds the steps that find what is missing."""

    def __init__(self, base: RuleBase, bits: Bits) -> None:
        """Take the rule base, and the bits of its conditions and conclusions."""
        self.base = base
        self.bits = bits
        self.program = bits.program
        self._lacks: dict[str, Lacks] = {}
        self._gains: dict[str, list[Register]] = {}
        self._zero = self.program.constant(0, GAIN)

    def columns(self) -> dict[str, Register]:
        """Return the most valuable missing facts, the first first; null where there are fewer."""
        flags, arguments, indications, others = inquiry.weighed(self.base)
        for rules in (*flags.values(), *indications.values()):
            self._weigh(rules, [(TRUE, 1)])
        for name, rules in arguments.items():
            self._weigh(rules, self._relevance(name))
        for name, rules in others.items():
            self._weigh(rules, [(self._active(name), 1)])
        return {f"{MISSING}{n}": fact for n, fact in enumerate(self._best(), 1)}

    def _relevance(self, cause: str) -> list[tuple[Register, int]]:
        by_weight: dict[int, list[Register]] = {}
        for name, weight in inquiry.RELEVANCE.items():
            by_weight.setdefault(weight, []).append(self.bits.concluded[f"cause.{cause}"][name])
        return [(self.program.any_of(where), weight) for weight, where in by_weight.items() if weight]

    def _active(self, pathway: str) -> Register:
        inactive = [self.bits.concluded[f"pathway.{pathway}"][name] for name in ("not_indicated", "contraindicated")]
        return self.program.negate(self.program.any_of(inactive))

    def _weigh(self, rules: Iterable[tuple[str, int]], relevance: list[tuple[Register, int]]) -> None:
        """Add what each fact could settle of these rules, times how relevant they are."""
        certain: dict[str, dict[Register, int]] = {}  # fact: where it is lacking, and its share there
        shares: dict[str, list[Register]] = {}
        for rule, weight in rules:
            asked = self._asked(self._lacking(rule))
            if len(set(asked.values())) == 1:
                for fact, where in asked.items():
                    mine = certain.setdefault(fact, {})
                    mine[where] = mine.get(where, 0) + 1000 * weight // len(asked)
            elif asked:
                share = self._share(asked, weight, self.bits.unknown(self.base.conditions[rule]))
                for fact, where in asked.items():
                    shares.setdefault(fact, []).append(self.program.choose(where, share, self._zero))
        for fact in {**certain, **shares}:
            total = self._total(certain.get(fact, {}), shares.get(fact, []))
            scaled = [(where, self._scaled(total, times)) for where, times in relevance]
            self._gains.setdefault(fact, []).append(self.program.first_true(scaled, self._zero))

    def _share(self, asked: Lacks, weight: int, unknown: Register) -> Register:
        """Return the share of each of several facts: the weight over how many of them are lacking.

        What is lacking wherever the rule is unknown need not be counted row by row.
        """
        program, none = self.program, self.program.constant(0, COUNT)
        alike: dict[Register, int] = {}
        for where in asked.values():
            alike[where] = alike.get(where, 0) + 1
        always = alike.pop(unknown, 0)
        counted = [program.choose(where, program.constant(n, COUNT), none) for where, n in alike.items()]
        number = self._sum(counted, none)
        choices = [
            (program.equal(number, program.constant(more, COUNT)), self._whole(1000 * weight // (always + more)))
            for more in range(0 if always else 1, len(asked) - always)
        ]
        return program.first_true(choices, self._whole(1000 * weight // len(asked)))

    def _total(self, certain: dict[Register, int], shares: list[Register]) -> Register:
        chosen = [self.program.choose(where, self._whole(share), self._zero) for where, share in certain.items()]
        return self._sum([*chosen, *shares], self._zero)

    def _whole(self, number: int) -> Register:
        return self.program.constant(number, GAIN)

    def _scaled(self, total: Register, times: int) -> Register:
        return total if times == 1 else self.program.times(total, self._whole(times))

    def _sum(self, numbers: list[Register], zero: Register) -> Register:
        left = [number for number in numbers if number != zero]
        total = left[0] if left else zero
        for number in left[1:]:
            total = self.program.add(total, number)
        return total

    def _lacking(self, rule: str) -> Lacks:
        """Return which unknown facts keep a rule unknown, and where."""
        if rule not in self._lacks:
            self._lacks[rule] = self._lacked(self.base.conditions[rule])
        return self._lacks[rule]

    def _lacked(self, condition: Condition) -> Lacks:
        unknown = self.bits.unknown(condition)
        if unknown == FALSE:
            return {}
        if isinstance(condition, Compare):
            inner = condition.fact in self.base.conditions
            return self._lacking(condition.fact) if inner else {condition.fact: unknown}
        parts = (condition.part,) if isinstance(condition, Not) else condition.parts
        found: dict[str, list[Register]] = {}
        for part in parts:
            for fact, where in self._lacked(part).items():
                found.setdefault(fact, []).append(where)
        masks = {fact: self.program.all_of([unknown, self.program.any_of(where)]) for fact, where in found.items()}
        return {fact: where for fact, where in masks.items() if where != FALSE}

    def _asked(self, lacking: Lacks) -> Lacks:
        """Return what to ask for: the study itself where a modality was not used, the finding otherwise."""
        found: dict[str, list[Register]] = {}
        for fact, where in lacking.items():
            modality = self.base.vocabulary[fact].section
            if modality not in self.base.catalogue.modalities:
                found.setdefault(fact, []).append(where)
                continue
            done = self.bits.where(Compare(f"{modality}.done", "==", True))
            short = ".".join(fact.split(".")[:2])
            found.setdefault(short, []).append(self.program.all_of([where, done]))
            found.setdefault(f"{modality}.done", []).append(self.program.all_of([where, self.program.negate(done)]))
        masks = {fact: self.program.any_of(where) for fact, where in found.items()}
        return {fact: where for fact, where in masks.items() if where != FALSE}

    def _best(self) -> list[Register]:
        """Return the most valuable facts. Value and place in the catalogue go into one number: the largest is first."""
        facts = [fact for fact in self.base.vocabulary if fact in self._gains]
        best = [self._whole(NOTHING)] * MOST_MISSING
        for at, fact in enumerate(facts):
            rank = self._rank(fact, len(facts) - 1 - at)
            for place, kept in enumerate(best):
                larger = self.program.above(rank, kept)
                best[place] = self.program.choose(larger, rank, kept)
                rank = self.program.choose(larger, kept, rank)
        return [self.program.words(rank, facts[::-1], SPAN) for rank in best]

    def _rank(self, fact: str, at: int) -> Register:
        gain = self._sum(self._gains[fact], self._zero)
        if self.base.vocabulary[fact].key_red_flag:  # these come before all others, in the order of the catalogue
            value = self._whole((LARGEST_VALUE + 1) * SPAN + at)
        else:
            burden = self.base.weights.burden[inquiry.burden(fact, self.base)].value
            worth = self.program.times(self.program.over(gain, 1000 * burden), self._whole(SPAN))
            value = self.program.add(worth, self._whole(at))
        return self.program.choose(self.program.reaches(gain, 1), value, self._whole(NOTHING))
