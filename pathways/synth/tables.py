"""Conditions and spreads as Polars expressions, for drawing rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pathways.synth.assumptions import KNOTS
from rules.engines.columnar import truth
from rules.language import All, AnyOf, AtLeast, Compare, Condition, normal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from rules.rulebase import RuleBase


def holds(condition: Condition, base: RuleBase, columns: Collection[str]) -> pl.Expr:
    """Return where a condition is definitely true, findings followed down to these columns."""
    return truth(inlined(condition, base.conditions), base.vocabulary, columns).fill_null(value=False)


def inlined(condition: Condition, trees: Mapping[str, Condition]) -> Condition:
    """Return a condition with the conditions of findings in their place, and negation in the comparisons only."""
    return _inlined(normal(condition), trees)


def _inlined(condition: Condition, trees: Mapping[str, Condition]) -> Condition:
    if isinstance(condition, Compare):
        inner = trees.get(condition.fact)
        return condition if inner is None else _inlined(normal(inner, truth=wants_true(condition)), trees)
    if isinstance(condition, AtLeast):
        return AtLeast(condition.count, tuple(_inlined(part, trees) for part in condition.parts))
    if isinstance(condition, (All, AnyOf)):
        return type(condition)(tuple(_inlined(part, trees) for part in condition.parts))
    return condition


def wants_true(test: Compare) -> bool:
    """Is this comparison of a yes-or-no fact true where the fact is?"""
    return (test.value is True) == (test.op == "==")


def spread(at: list[float], share: pl.Expr, step: float) -> pl.Expr:
    """Return the values below which these shares of a spread lie, rounded to the step."""
    value = pl.lit(at[-1])
    for number in reversed(range(len(KNOTS) - 1)):
        slope = (at[number + 1] - at[number]) / (KNOTS[number + 1] - KNOTS[number])
        value = pl.when(share < KNOTS[number + 1]).then(at[number] + (share - KNOTS[number]) * slope).otherwise(value)
    return rounded(value, step)


def rounded(value: pl.Expr, step: float) -> pl.Expr:
    """Return numbers rounded to a step, without float noise; whole ones as integers."""
    steps = (value / step).round()
    return (steps * step).cast(pl.Int64) if step >= 1 else (steps * step).round(2) + 0.0  # no minus zero
