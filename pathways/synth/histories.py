"""The surgical histories of a synthetic cohort: real cases with real levels, projected to facts like any other case.

Their times are counted from the index operation: the row adds how long ago that was.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from pathways.case import Case, Operation
from pathways.facts import operated_segments, project
from pathways.synth.assumptions import KNOTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pathways.synth.assumptions import Assumptions, OperationKind
    from rules.rulebase import RuleBase

BEFORE = ("person.age", "person.sex")  # drawn before the cause, like the history
TIMES = ("months_since_surgery", "months_since_first_surgery", "months_since_fusion")
LEVELS_KNOWN = "_levels_known"
HAS_BELOW = "_has_below"
K = TypeVar("K")


def is_history(fact: str) -> bool:
    """Does a fact come from the surgical history?"""
    return fact.startswith(("surgery.", "index.")) or fact in TIMES


def histories(base: RuleBase, assumed: Assumptions, seed: int) -> pl.DataFrame:
    """Return a table of surgical histories, one a row, with every fact that they may have; unknown is null."""
    chance = random.Random(f"{seed}:histories")
    cases = [_case(assumed, chance) for _ in range(assumed.histories)]
    rows = [project(case, base) for case in cases]
    columns: list[pl.Series] = []
    for name, fact in base.vocabulary.items():
        if is_history(name):
            dtype = pl.Boolean if fact.type == "yes_no" else pl.Float64 if name in TIMES else pl.Int64
            columns.append(pl.Series(name, [row.get(name) for row in rows], dtype=dtype))
    known = [bool(case.index.levels) for case in cases]
    below = [not _reaches_sacrum(case) for case in cases]
    return pl.DataFrame([*columns, pl.Series(LEVELS_KNOWN, known), pl.Series(HAS_BELOW, below)])


def _case(assumed: Assumptions, chance: random.Random) -> Case:
    index = _pick({number: kind.share for number, kind in enumerate(assumed.operations)}, chance)
    levels_known = chance.random() >= assumed.levels_unknown
    kind = assumed.operations[index]
    levels = _pick(kind.levels, chance)
    operations = [_operation(kind, [levels] if levels_known else [], 0, chance)]
    months = 0.0
    for _ in range(1, _pick(assumed.counts, chance)):
        months = round(months + quantile(assumed.gap_months, chance.random()), 1)
        earlier = assumed.operations[_pick({n: k.share for n, k in enumerate(assumed.operations)}, chance)]
        same = levels if chance.random() < assumed.same_levels else _pick(earlier.levels, chance)
        operations.insert(0, _operation(earlier, [same] if levels_known else [], months, chance))
    return Case(surgery=operations)


def _operation(kind: OperationKind, levels: list[str], months: float, chance: random.Random) -> Operation:
    instrumented = None if kind.instrumented is None else chance.random() < kind.instrumented
    return Operation(procedures=kind.procedures, levels=levels, months_ago=months, instrumented=instrumented)


def _reaches_sacrum(case: Case) -> bool:
    operated = operated_segments(case)
    return bool(operated) and operated[-1].endswith("-S1")


def _pick(shares: Mapping[K, float], chance: random.Random) -> K:
    return chance.choices(list(shares), weights=list(shares.values()))[0]


def quantile(at: list[float], share: float) -> float:
    """Return the value below which this share lies: straight lines between the points of a spread."""
    upper = next(number for number in range(1, len(KNOTS)) if share <= KNOTS[number])
    low, high = KNOTS[upper - 1], KNOTS[upper]
    return at[upper - 1] + (at[upper] - at[upper - 1]) * (share - low) / (high - low)


def share_below(at: list[float], value: float) -> float:
    """Return the share of a spread below a value, the inverse of `quantile`."""
    if value <= at[0]:
        return 0
    for number in range(1, len(KNOTS)):
        if value <= at[number]:
            width = at[number] - at[number - 1]
            part = (value - at[number - 1]) / width if width else 1
            return KNOTS[number - 1] + (KNOTS[number] - KNOTS[number - 1]) * part
    return 1
