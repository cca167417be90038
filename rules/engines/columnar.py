"""Polars: a table of cases at once. Null is unknown.

`truth` is a rule as one expression: Polars joins nulls as Kleene does. `Bits` makes the same rules into a program that
a judgement runs: for a condition it asks where it is definitely true, and where definitely false, which are columns of
plain bits. What rests on facts that a table has no column for is dropped before anything runs.
"""

from __future__ import annotations

import operator
from functools import reduce
from typing import TYPE_CHECKING, Any

import polars as pl

from rules.engines.program import FALSE
from rules.language import All, AnyOf, AtLeast, Compare, Condition, Not

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rules.engines.program import Program, Register
    from rules.vocabulary import Fact, Vocabulary

NAME = "polars"
NUMBERS: dict[str, Callable[[Any, Any], pl.Expr]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


def column_type(fact: Fact) -> pl.DataType:
    """Return the type of the column that holds a fact."""
    if fact.type == "yes_no":
        return pl.Boolean()
    return pl.Enum(fact.values) if fact.type == "choice" else pl.Float64()


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
        return reduce(operator.and_, parts)
    if isinstance(condition, AnyOf):
        return reduce(operator.or_, parts)
    reached = _count(part.fill_null(False) for part in parts) >= condition.count
    possible = _count(part.fill_null(True) for part in parts) >= condition.count
    return pl.when(reached).then(True).when(~possible).then(False)


def compared(condition: Compare, fact: Fact) -> pl.Expr:
    """Return one comparison; it is null where the fact is."""
    column = pl.col(condition.fact)
    if fact.type == "number":
        return NUMBERS[condition.op](column, float(condition.value))  # type: ignore[arg-type]
    if fact.type == "yes_no":
        return column if condition.value == (condition.op == "==") else ~column
    wanted = wanted_values(condition, fact)
    # One comparison for each value: on an Enum they cost a fiftieth of is_in.
    return reduce(operator.or_, [column == value for value in wanted]) if wanted else column.is_null() & (column != "")


def wanted_values(condition: Compare, fact: Fact) -> list[str]:
    """Return the values of a choice for which a comparison is true."""
    given = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    return [value for value in fact.values if (value in given) == (condition.op in ("==", "in"))]


def _count(parts: Iterable[pl.Expr]) -> pl.Expr:
    return pl.sum_horizontal([part.cast(pl.UInt8) for part in parts])


class Bits:
    """Makes conditions into steps of a program. What rules conclude is followed through their own conditions."""

    def __init__(
        self, program: Program, vocabulary: Vocabulary, columns: Iterable[str], trees: Mapping[str, Condition]
    ) -> None:
        """Take the facts that have a column of the type that `column_type` tells, and the condition of every rule.

        Choices that the program itself concludes go to `concluded`, as the bits of each value.
        """
        self.program = program
        self.vocabulary = vocabulary
        self.columns = frozenset(columns)
        self.trees = trees
        self.concluded: dict[str, dict[str, Register]] = {}
        self._known: dict[tuple[Condition, bool], Register] = {}

    def holds(self, rule: str, wanted: bool = True) -> Register:
        """Return where a rule is definitely true (or false)."""
        return self.where(self.trees[rule], wanted) if rule in self.trees else FALSE

    def where(self, condition: Condition, wanted: bool = True) -> Register:
        """Return where a condition is definitely true (or false)."""
        key = condition, wanted
        if key not in self._known:
            self._known[key] = self._where(condition, wanted)
        return self._known[key]

    def unknown(self, condition: Condition) -> Register:
        """Return where a condition is neither."""
        known = self.program.any_of([self.where(condition), self.where(condition, False)])
        return self.program.negate(known)

    def _where(self, condition: Condition, wanted: bool) -> Register:
        if isinstance(condition, Compare):
            return self._compared(condition, wanted)
        if isinstance(condition, Not):
            return self.where(condition.part, not wanted)
        parts = [self.where(part, wanted) for part in condition.parts]
        if isinstance(condition, AtLeast):
            count = condition.count if wanted else len(parts) - condition.count + 1
            return self.program.at_least(count, parts)
        every = isinstance(condition, All) == wanted
        return self.program.all_of(parts) if every else self.program.any_of(parts)

    def _compared(self, condition: Compare, wanted: bool) -> Register:
        name, fact = condition.fact, self.vocabulary[condition.fact]
        if name in self.trees:
            return self.where(self.trees[name], (condition.value == (condition.op == "==")) == wanted)
        values = [v for v in fact.values if (v in wanted_values(condition, fact)) == wanted]
        if name in self.concluded:
            return self.program.any_of(self.concluded[name][value] for value in values)
        if name not in self.columns:
            return FALSE
        if fact.type == "choice":
            return self.program.any_of(self._column((name, value), pl.col(name) == value) for value in values)
        met = compared(condition, fact)
        return self._column((condition, wanted), met if wanted else ~met)

    def _column(self, name: Any, met: pl.Expr) -> Register:
        return self.program.column(name, met.fill_null(False))
