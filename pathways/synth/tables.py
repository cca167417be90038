"""Conditions and spreads as Polars expressions, for drawing rows."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

import polars as pl

from rules.language import COMPARISONS, All, AnyOf, AtLeast, Compare, Condition, normal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


def holds(condition: Condition, trees: Mapping[str, Condition], columns: Collection[str]) -> pl.Expr | None:
    """Return where a condition is definitely true, findings followed down; None if these columns cannot make it true.

    With negation pushed into the comparisons, what is unknown counts as not true everywhere.
    """
    return _holds(normal(condition), trees, columns)


def _holds(condition: Condition, trees: Mapping[str, Condition], columns: Collection[str]) -> pl.Expr | None:
    if isinstance(condition, Compare):
        if condition.fact in trees:
            truth = (condition.value is True) == (condition.op == "==")
            return _holds(normal(trees[condition.fact], truth), trees, columns)
        return _compared(condition).fill_null(value=False) if condition.fact in columns else None
    if isinstance(condition, (All, AnyOf, AtLeast)):
        parts = [_holds(part, trees, columns) for part in condition.parts]
        known = [part for part in parts if part is not None]
        if isinstance(condition, All):
            return reduce(and_, known) if len(known) == len(parts) else None
        if isinstance(condition, AnyOf):
            return reduce(or_, known) if known else None
        return pl.sum_horizontal(known) >= condition.count if len(known) >= condition.count else None
    return None


def _compared(test: Compare) -> pl.Expr:
    fact = pl.col(test.fact)
    if isinstance(test.value, tuple):
        inside = fact.is_in(list(test.value))
        return inside if test.op == "in" else ~inside
    result: pl.Expr = COMPARISONS[test.op](fact, test.value)
    return result


def spread(at: list[float], share: pl.Expr, step: float) -> pl.Expr:
    """Return the values below which these shares of a spread lie, rounded to the step."""
    knots = (0.0, 0.1, 0.5, 0.9, 1.0)
    value = pl.lit(at[-1])
    for number in (3, 2, 1, 0):
        slope = (at[number + 1] - at[number]) / (knots[number + 1] - knots[number])
        value = pl.when(share < knots[number + 1]).then(at[number] + (share - knots[number]) * slope).otherwise(value)
    return rounded(value, step)


def rounded(value: pl.Expr, step: float) -> pl.Expr:
    """Return numbers rounded to a step, without float noise; whole ones as integers."""
    steps = (value / step).round()
    return (steps * step).cast(pl.Int64) if step >= 1 else (steps * step).round(2) + 0.0  # no minus zero
