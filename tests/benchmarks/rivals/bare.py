"""Polars doing only the bare conditions: every rule's condition as an expression over the same Parquet, and no more.

This is the limit: what it costs to read the columns and to compute the truth of every rule. Nothing is checked,
weighed, decided, explained or written; of each rule it only counts the cases that fire it, so nothing is left out by
the optimizer and nothing needs to be kept. Polars' nulls are Kleene's unknown; a part that rests on a fact without a
column is left out of `any`, and an `all` with such a part can never fire.
"""

from __future__ import annotations

import operator
from functools import reduce
from typing import TYPE_CHECKING, Any

import polars as pl

from rules.inference import DENIED
from rules.language import All, AtLeast, Compare, normal
from tests.benchmarks.rivals.rules_given import concludes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rules.language import Condition
    from tests.benchmarks.rivals.rules_given import RulesGiven

DISTRIBUTION = "polars"
NUMBERS: dict[str, Callable[[Any, Any], pl.Expr]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
# Sharing what expressions have in common pays; the optimizer's other passes find nothing to do in 2,000 expressions.
OPTIMIZATIONS = pl.QueryOptFlags.none().update(
    comm_subexpr_elim=True, projection_pushdown=True, slice_pushdown=True, simplify_expression=False
)


class Engine:
    """A lazy frame with a column for each rule."""

    def __init__(self, rules: RulesGiven) -> None:
        """Take the rules."""
        self.rules = rules
        self.columns: set[str] = set()
        self.frame = pl.LazyFrame()
        self.fired: list[str] = []
        self.counts: dict[str, int] = {}

    def prepare(self, cases: Path, standings: Path, rows: int) -> None:
        """Write the expressions; nothing is read yet."""
        frame = pl.concat([pl.scan_parquet(path) for path in (cases, standings)], how="horizontal")
        self.columns = set(frame.collect_schema()) & self.rules.short.keys()
        choices = [name for name in sorted(self.columns) if self.rules.vocabulary[name].type == "choice"]
        words = [pl.col(name).cast(pl.Enum(self.rules.vocabulary[name].values)) for name in choices]
        frame = frame.select(sorted(self.columns)).head(rows).with_columns(words)
        self.fired = []
        for stratum in self.rules.strata:
            columns = [self._rule(name, normal(condition)) for name, condition in stratum]
            made = [column for column in columns if column is not None]
            self.columns |= {name for name, _ in stratum if concludes(name)}
            self.fired += [column.meta.output_name() for column in made]
            frame = frame.with_columns(made)
        self.frame = frame

    def run(self) -> None:
        """Count the cases that fire each rule."""
        fires = [pl.col(name).sum() for name in self.fired]
        denied = [(~pl.col(name)).sum().alias(DENIED + name) for name in self.fired if concludes(name)]
        counted = self.frame.select(*fires, *denied).collect(engine="streaming", optimizations=OPTIMIZATIONS)
        self.counts = counted.row(0, named=True)

    def answers(self, most: int) -> list[set[str]]:
        """Return what the first cases fire."""
        some = self.frame.head(most).select(self.fired).collect()
        found = []
        for row in some.iter_rows(named=True):
            fired = {name for name, holds in row.items() if holds}
            found.append(fired | {DENIED + name for name, holds in row.items() if holds is False and concludes(name)})
        return found

    def _rule(self, name: str, condition: Condition) -> pl.Expr | None:
        """Return a rule's column: its whole truth where other rules may name it, otherwise where it fires."""
        written = self._truth(condition, whole=concludes(name))
        return None if written is None else written.alias(name)

    def _truth(self, condition: Condition, *, whole: bool) -> pl.Expr | None:
        if isinstance(condition, Compare):
            return self._compared(condition, whole=whole)
        found = [self._truth(part, whole=whole) for part in condition.parts]  # type: ignore[union-attr]
        parts = [part for part in found if part is not None]
        if isinstance(condition, AtLeast):
            return _counted(condition.count, parts)
        if isinstance(condition, All):
            return reduce(operator.and_, parts) if len(parts) == len(found) else None
        return reduce(operator.or_, parts) if parts else None

    def _compared(self, leaf: Compare, *, whole: bool) -> pl.Expr | None:
        if leaf.fact not in self.columns:
            return pl.lit(None, dtype=pl.Boolean) if whole else None
        column = pl.col(leaf.fact)
        if self.rules.is_number(leaf.fact):
            return NUMBERS[leaf.op](column, leaf.value)
        values = self.rules.values(leaf)
        if self.rules.vocabulary[leaf.fact].type == "yes_no":
            return column if values == [True] else ~column
        never = pl.lit(value=False) if whole else None
        return reduce(operator.or_, [column == value for value in values]) if values else never


def _counted(count: int, parts: list[pl.Expr]) -> pl.Expr:
    reached, possible = (
        pl.sum_horizontal([part.fill_null(value=unknown).cast(pl.UInt8) for part in parts]) >= count
        for unknown in (False, True)
    )
    return pl.when(reached).then(True).when(~possible).then(False)
