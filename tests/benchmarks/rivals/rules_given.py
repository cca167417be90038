"""What every rival is given: the rules of the knowledge in strata, and cases as known facts.

A case of a rival is its stated facts and, for the rules that rest on them, the standings of its causes: weighing
arguments is not a rule engine's work, so rivals are handed the result. A finding that is definitely false is a fact as
well, so each rule that concludes a fact comes twice: where it is true and, as `not NAME`, where it is false. With
negation pushed into the comparisons, a comparison of an unknown fact is plainly not true, and that is all of Kleene's
logic that a two-valued engine needs to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from rules.inference import DENIED
from rules.language import Compare, facts_in, normal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from rules.inference import Reasoner
    from rules.language import Condition, Value
    from rules.vocabulary import Vocabulary

STANDING = "cause."
Rules = list[tuple[str, "Condition"]]


@dataclass(frozen=True)
class Case:
    """The stated facts of a case, and the standings of its causes."""

    facts: Mapping[str, Value]
    standings: Mapping[str, Value]


@dataclass(frozen=True)
class RulesGiven:
    """Rules in strata, each resting on facts and on what earlier strata conclude; the last may rest on standings."""

    strata: Sequence[Rules]
    vocabulary: Vocabulary

    @cached_property
    def whole(self) -> list[Rules]:
        """The strata in normal form, with `not NAME` for each rule that concludes a fact."""
        return [
            [
                *((name, normal(condition)) for name, condition in rules),
                *((DENIED + name, normal(condition, truth=False)) for name, condition in rules if concludes(name)),
            ]
            for rules in self.strata
        ]

    @cached_property
    def used(self) -> list[list[str]]:
        """The facts that each stratum names."""
        return [sorted({fact for _, condition in rules for fact in facts_in(condition)}) for rules in self.strata]

    @cached_property
    def short(self) -> dict[str, str]:
        """A short name for each fact that a rule names, fit for any language."""
        return {fact: f"f{number}" for number, fact in enumerate(sorted({f for used in self.used for f in used}))}

    def values(self, leaf: Compare) -> list[Value]:
        """Return the values of a choice, or of yes and no, for which a comparison is true."""
        given = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
        fact = self.vocabulary[leaf.fact]
        possible: Iterable[Value] = fact.values if fact.type == "choice" else (True, False)
        return [value for value in possible if (value in given) == (leaf.op in ("==", "in"))]

    def is_number(self, fact: str) -> bool:
        """Is this a fact with a number?"""
        return self.vocabulary[fact].type == "number"


def given(reasoner: Reasoner) -> RulesGiven:
    """Return all rules of a rule base."""
    return RulesGiven([*reasoner.strata, reasoner.decisions], reasoner.base.vocabulary)


def concludes(name: str) -> bool:
    """Does a rule of this name conclude a fact that other rules may name?"""
    return name.startswith(("finding.", "red_flag."))


class Rival(Protocol):
    """An engine with the rules loaded. Only `run` is timed."""

    def prepare(self, cases: Path, standings: Path, rows: int) -> None:
        """Take the first rows of a cohort, as the engine's user would have them at hand."""

    def run(self) -> None:
        """Find what every case fires."""

    def answers(self, most: int) -> list[set[str]]:
        """Return what the first cases fired."""


class ByCase:
    """A rival that takes one case after another, and one stratum after another."""

    def __init__(self, rules: RulesGiven) -> None:
        """Take the rules."""
        self.rules = rules
        self.cases: list[Case] = []
        self.found: list[list[str]] = []

    def prepare(self, cases: Path, standings: Path, rows: int) -> None:
        """Take the first rows of a cohort as Python objects."""
        self.cases = read_cases(cases, standings, rows)
        self.judge(self.cases[0])

    def run(self) -> None:
        """Find what every case fires."""
        self.found = [self.judge(case) for case in self.cases]

    def answers(self, most: int) -> list[set[str]]:
        """Return what the first cases fired."""
        return [set(fired) for fired in self.found[:most]]

    def judge(self, case: Case) -> list[str]:
        """Return what a case fires, stratum by stratum."""
        facts = dict(case.facts)
        found: list[str] = []
        last = len(self.rules.strata) - 1
        for number in range(last + 1):
            if number == last:
                facts.update(case.standings)
            fired = self.fire(number, facts)
            found += fired
            for name in fired:
                if name.startswith(DENIED):
                    facts[name[len(DENIED) :]] = False
                elif concludes(name):
                    facts[name] = True
        return found

    def fire(self, number: int, facts: Mapping[str, Value]) -> list[str]:
        """Return the rules of a stratum (with `not NAME`) that are true of known facts."""
        raise NotImplementedError


def read_cases(cases: Path, standings: Path, rows: int) -> list[Case]:
    """Return the first rows of a cohort, with their standings."""
    known = ([_known(row) for row in _rows(path, rows)] for path in (cases, standings))
    return [Case(facts, standing) for facts, standing in zip(*known, strict=True)]


def _rows(path: Path, rows: int) -> Iterable[dict[str, Value]]:
    import polars as pl

    frame: pl.DataFrame = pl.read_parquet(path, n_rows=rows)
    return frame.iter_rows(named=True)


def _known(row: Mapping[str, Value]) -> dict[str, Value]:
    from pathways.cohort.sampling import facts_of

    return facts_of({name: value for name, value in row.items() if name not in ("synthetic", "case_id", "true_cause")})
