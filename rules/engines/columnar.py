"""Polars: a table of cases at once. Each rule is one expression over the columns of a frame; null is unknown.

`truth` is the whole three-valued truth of a condition: Polars joins nulls as Kleene does. `certain` is quicker and is
what a judgement needs: a Boolean without nulls that says where a condition is definitely true. Pushed down to the
comparisons (`normal`), that takes plain bits all the way, and what rests on columns that a table does not have is
dropped before Polars sees it. Where a condition is definitely false is where its negation is certain.
"""

from __future__ import annotations

import operator
from functools import reduce
from typing import TYPE_CHECKING, Any

import polars as pl

from rules.inference import DENIED
from rules.language import All, AnyOf, AtLeast, Compare, Condition, Not, normal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rules.vocabulary import Fact, Vocabulary

NAME = "polars"
NUMBERS: dict[str, Callable[[Any, Any], pl.Expr]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
# Sharing what expressions have in common halves the work; the other passes of the optimizer find nothing here to do.
OPTIMIZATIONS = pl.QueryOptFlags.none().update(comm_subexpr_elim=True)


def column_type(fact: Fact) -> pl.DataType:
    """Return the type of the column that holds a fact."""
    if fact.type == "yes_no":
        return pl.Boolean()
    return pl.Enum(fact.values) if fact.type == "choice" else pl.Float64()


def all_of(parts: Sequence[pl.Expr]) -> pl.Expr:
    """Join by and."""
    return reduce(operator.and_, parts)


def any_of(parts: Sequence[pl.Expr]) -> pl.Expr:
    """Join by or."""
    return reduce(operator.or_, parts)


def compared(condition: Compare, fact: Fact) -> pl.Expr:
    """Return one comparison; it is null where the fact is."""
    column = pl.col(condition.fact)
    if fact.type == "number":
        return NUMBERS[condition.op](column, float(condition.value))  # type: ignore[arg-type]
    if fact.type == "yes_no":
        return column if condition.value == (condition.op == "==") else ~column
    wanted = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    if condition.op in ("!=", "not in"):
        wanted = tuple(value for value in fact.values if value not in wanted)
    # One comparison for each value: on an Enum they cost a fiftieth of is_in.
    return any_of([column == value for value in wanted]) if wanted else column.is_null() & column.is_not_null()


def truth(condition: Condition, vocabulary: Vocabulary, columns: Iterable[str]) -> pl.Expr:
    """Return the three-valued truth of a condition. A fact without a column is unknown in every row."""
    known = columns if isinstance(columns, (set, frozenset)) else frozenset(columns)
    if isinstance(condition, Compare):
        if condition.fact not in known:
            return pl.lit(None, dtype=pl.Boolean)
        return compared(condition, vocabulary[condition.fact])
    if isinstance(condition, Not):
        return ~truth(condition.part, vocabulary, known)
    parts = [truth(part, vocabulary, known) for part in condition.parts]
    if isinstance(condition, All):
        return all_of(parts)
    if isinstance(condition, AnyOf):
        return any_of(parts)
    reached = _count(part.fill_null(False) for part in parts) >= condition.count
    possible = _count(part.fill_null(True) for part in parts) >= condition.count
    return pl.when(reached).then(True).when(~possible).then(False)


def _count(parts: Iterable[pl.Expr]) -> pl.Expr:
    return pl.sum_horizontal([part.cast(pl.UInt8) for part in parts])


class Known:
    """The columns that are known so far, by fact: stated ones, and for what rules conclude a pair of bits."""

    def __init__(self, vocabulary: Vocabulary, columns: Iterable[str]) -> None:
        """Take the vocabulary and the facts that have a column of the type that `column_type` tells."""
        self.vocabulary = vocabulary
        self.columns = set(columns)
        self.bits: set[str] = set()

    def certain(self, condition: Condition, truth: bool = True) -> pl.Expr | None:
        """Return where a condition is definitely true (or false), without nulls; None where it nowhere can be."""
        return self._certain(normal(condition, truth))

    def _certain(self, condition: Condition) -> pl.Expr | None:
        if isinstance(condition, Compare):
            return self._leaf(condition)
        found = [self._certain(part) for part in condition.parts]  # type: ignore[union-attr]
        parts = [part for part in found if part is not None]
        if isinstance(condition, All):
            return all_of(parts) if len(parts) == len(found) else None
        if isinstance(condition, AtLeast) and condition.count > 1:
            return _count(parts) >= condition.count if len(parts) >= condition.count else None
        return any_of(parts) if parts else None

    def _leaf(self, condition: Compare) -> pl.Expr | None:
        fact = condition.fact
        if fact in self.columns:
            return compared(condition, self.vocabulary[fact]).fill_null(False)
        name = fact if condition.value == (condition.op == "==") else DENIED + fact
        return pl.col(name) if name in self.bits else None

    def add(self, rules: Iterable[tuple[str, Condition]], *, denied: bool = False) -> list[pl.Expr]:
        """Return a named column of bits for each rule that can be true (with denied also where it is false).

        From here on other conditions may name them.
        """
        made = {}
        for name, condition in rules:
            for key, wanted in ((name, True), (DENIED + name, False)) if denied else ((name, True),):
                bits = self.certain(condition, wanted)
                if bits is not None:
                    made[key] = bits.alias(key)
        self.bits |= set(made)
        return list(made.values())


def evaluate(
    frame: pl.DataFrame | pl.LazyFrame, stages: Iterable[Sequence[pl.Expr]], keep: Sequence[str]
) -> pl.DataFrame:
    """Add columns stage by stage, each stage resting on those before it, and return the ones to keep."""
    lazy = frame.lazy()
    for stage in stages:
        if stage:
            lazy = lazy.with_columns(stage)
    return lazy.select(keep).collect(optimizations=OPTIMIZATIONS)
