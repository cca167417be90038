"""What makes a drawn row hold together: nothing that needs a fusion without one, no detail of what was not done, ..."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import polars as pl

from pathways.consistency import HOURS_A_MONTH
from pathways.synth import assumptions, chance
from pathways.synth.histories import HAS_BELOW, LEVELS_KNOWN, TIMES
from pathways.synth.signs import WHERE
from pathways.synth.tables import holds
from pathways.synth.values import AT, HAS
from rules.language import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathways.synth.assumptions import Assumptions
    from rules.language import Condition, Value
    from rules.rulebase import RuleBase

LEVEL_IS_GIVEN = 0.85
NOT_DONE_IS_SAID = 0.5
DETAILS = {"treatments": "tried", "blocks": "done"}


class Repairs:
    """The steps that follow the drawing of the values, each a list of columns to change."""

    def __init__(self, base: RuleBase, assumed: Assumptions, drawn: list[str], before: list[str], seed: int) -> None:
        """Take the knowledge, what is assumed, the facts that were drawn and those drawn before the cause."""
        self.base = base
        self.assumed = assumed
        self.drawn = drawn
        self.columns = {*drawn, *before}
        self.seed = seed

    def steps(self) -> Iterator[list[pl.Expr]]:
        """Yield the steps in order."""
        yield [_without(name, ~done) for name, done in self._details()]
        for condition, values in assumptions.conditions(self.assumed, self.base.vocabulary):
            where = self._where(condition)
            yield [self._set(name, value, where) for name, value in values.items() if name in self.columns]
        for pattern, when in self.assumed.only_where.items():
            where = self._where(parse(when, self.base.vocabulary))
            yield [_without(name, ~where) for name in self.drawn if fnmatchcase(name, pattern)]
        yield [_without(name, where) for name, where in self._impossible()]
        yield list(self._limits())
        yield list(self._studies())

    def _where(self, condition: Condition) -> pl.Expr:
        return holds(condition, self.base, self.columns)

    def _set(self, name: str, value: Value | None, where: pl.Expr) -> pl.Expr:
        if value is None:
            return _without(name, where)
        return pl.when(where & pl.col(name).is_not_null()).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)

    def _details(self) -> Iterator[tuple[str, pl.Expr]]:
        """Yield what is known of a treatment or block only where it was tried or done."""
        for name in self.drawn:
            what, _, last = name.rpartition(".")
            done = DETAILS.get(what.split(".")[0], last)
            if done != last:
                yield name, pl.col(f"{what}.{done}").fill_null(value=False)

    def _impossible(self) -> Iterator[tuple[str, pl.Expr]]:
        """Yield findings without what they need, and facts together with what they exclude."""
        for name in self.drawn:
            fact = self.base.vocabulary[name]
            reasons = [~pl.col(fact.needs).fill_null(value=True)] if fact.needs else []
            others = [pl.col(other).fill_null(value=False) for other in fact.conflicts if other in self.columns]
            if others:
                reasons.append(pl.col(name).fill_null(value=False) & reduce(or_, others))
            if reasons:
                yield name, reduce(or_, reasons)

    def _limits(self) -> Iterator[pl.Expr]:
        since = pl.col(TIMES[0])
        yield _at_most("course.pain_free_months", since.floor())
        yield _at_most("course.symptom_months", since.ceil())
        yield _at_most("course.hours_to_onset", (since * HOURS_A_MONTH).floor())
        yield _at_most("exam.sij_tests_positive", pl.col("exam.sij_tests_done"))
        for modality in self.base.catalogue.modalities:
            yield _at_most(f"{modality}.months_ago", since)

    def _studies(self) -> Iterator[pl.Expr]:
        """Yield which studies were done, and the places of what they show."""
        for modality in self.base.catalogue.modalities:
            done = pl.col(HAS + modality)
            said = chance.upper(chance.draw(self.seed, f"{modality}.done")) < chance.threshold(NOT_DONE_IS_SAID)
            yield pl.when(done | said).then(done).alias(f"{modality}.done")
            for short, entry in self.base.catalogue.findings[modality].items():
                name = f"{modality}.{short}"
                if entry.get("levels"):
                    yield from self._places(name)
                if entry.get("root"):
                    root = pl.col("pain.root").is_not_null() & (pl.col("pain.root") != "several")
                    fits = pl.when(root).then(pl.col(f"{name}.concordant"))
                    absent = pl.when(~pl.col(name)).then(pl.lit(value=False))
                    yield pl.when(pl.col(name)).then(fits).otherwise(absent).alias(f"{name}.concordant")

    def _places(self, name: str) -> Iterator[pl.Expr]:
        at = pl.col(AT + name)
        below = 1 + WHERE.index("adjacent_below")
        at = pl.when((at == below) & ~pl.col(HAS_BELOW)).then(1).otherwise(at)
        bits = chance.upper(chance.draw(self.seed, f"level:{name}"))
        given = pl.col(LEVELS_KNOWN) & (bits < chance.threshold(LEVEL_IS_GIVEN)) & (at > 0)
        for place in (*WHERE, "adjacent"):
            here = reduce(or_, (at == number for number, where in enumerate(WHERE, 1) if where.startswith(place)))
            shown = pl.when(given).then(here)
            absent = pl.when(~pl.col(name)).then(pl.lit(value=False))
            yield pl.when(pl.col(name)).then(shown).otherwise(absent).alias(f"{name}.{place}")


def _without(name: str, where: pl.Expr) -> pl.Expr:
    return pl.when(~where).then(pl.col(name)).alias(name)


def _at_most(name: str, limit: pl.Expr) -> pl.Expr:
    number = pl.col(name)
    return pl.when(number > limit).then(limit.cast(pl.Float64)).otherwise(number.cast(pl.Float64)).alias(name)
