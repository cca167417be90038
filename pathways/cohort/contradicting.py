"""Rows whose facts cannot be true together: found by the column, told as for a single case."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from pathways.cohort.sampling import facts_of
from pathways.consistency import LIMITS, WORDS, constrained, constraints, details, impossible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.problems import Problem
    from rules.rulebase import RuleBase


def impossible_rows(frame: pl.DataFrame, base: RuleBase) -> Iterator[tuple[int, Problem]]:
    """Yield the place of each row of a table of facts that cannot be true together, with each problem of it."""
    at = impossible_at(frame, base)
    asked = _asked(base)
    known = frame.select(name for name in frame.columns if name in asked)[at]
    for place, row in zip(at, known.iter_rows(named=True), strict=True):
        for problem in impossible(facts_of(row), base):
            yield place, problem


@lru_cache(maxsize=8)
def _asked(base: RuleBase) -> frozenset[str]:
    """Return the facts that have a part in what may be impossible."""
    return constrained(base).union(details(base), *details(base).values())


def impossible_at(frame: pl.DataFrame, base: RuleBase) -> pl.Series:
    """Return the places of the rows whose facts cannot be true together."""
    told = list(_told(frozenset(frame.columns), base))
    if not told:
        return pl.Series(dtype=pl.UInt32)
    return frame.select(pl.any_horizontal(told).alias("at"))["at"].arg_true()


def _told(columns: frozenset[str], base: RuleBase) -> Iterator[pl.Expr]:
    """Yield where something is impossible in such a table: not where it is false, or null."""
    needs, conflicts = constraints(base)
    for limit in LIMITS:
        if columns.issuperset(limit.facts):
            yield limit.exceeded(*map(pl.col, limit.facts))
    for need in WORDS:
        there = [_is_yes(name, base) for name, needed in needs.items() if name in columns and needed == need]
        if need in columns and there:
            yield _is_no(need, base) & pl.any_horizontal(there)
    for name, others in conflicts.items():
        present = [pl.col(other) for other in others if other in columns]
        if name in columns and present:
            yield pl.col(name) & pl.any_horizontal(present)
    for whole, parts in details(base).items():
        said = [
            pl.col(name).is_not_null() if even_no else _is_yes(name, base)
            for name, even_no in parts.items()
            if name in columns
        ]
        if whole in columns and said:
            yield _is_no(whole, base) & pl.any_horizontal(said)


def blanked(frame: pl.DataFrame, base: RuleBase) -> pl.DataFrame:
    """Return a table of facts in which `no` and 0 of what was not done are null: boxes that nobody could tick."""
    not_done: defaultdict[str, list[pl.Expr]] = defaultdict(list)
    for whole, parts in details(base).items():
        for name, even_no in parts.items():
            if even_no and base.vocabulary[name].type != "choice" and {whole, name} <= set(frame.columns):
                not_done[name].append(_is_no(whole, base))
    return frame.with_columns(
        pl.when(_is_no(name, base) & pl.any_horizontal(wholes)).then(None).otherwise(pl.col(name)).alias(name)
        for name, wholes in not_done.items()
    )


def _is_yes(name: str, base: RuleBase) -> pl.Expr:
    return pl.col(name) if base.vocabulary[name].type == "yes_no" else pl.col(name) != 0


def _is_no(name: str, base: RuleBase) -> pl.Expr:
    return ~pl.col(name) if base.vocabulary[name].type == "yes_no" else pl.col(name) == 0
