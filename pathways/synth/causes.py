"""The hidden cause of a row: drawn by the shares of the knowledge, given the operation, the times and age.

The odds of a cause are those of its prior for this operation, times the likelihood ratios of the arguments that rest on
operation, times and age alone (one a group, as everywhere). A cause that is not considered here has none. The shares of
all causes are then brought to a sum of one, since each row has one true cause.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import polars as pl

from pathways.standing import log_odds, points
from pathways.synth import chance
from pathways.synth.tables import holds
from rules.language import Not

if TYPE_CHECKING:
    from rules.documents import Cause
    from rules.rulebase import RuleBase

CAUSE = "_cause"  # the number of the cause


class Causes:
    """Draws the cause of each row from what is known before it."""

    def __init__(self, base: RuleBase, before: list[str]) -> None:
        """Take the rule base and the facts that are drawn before the cause."""
        self.base = base
        self.before = set(before)
        self.names = list(base.causes)
        self._weights = [self._weight(cause).alias(cause.id) for cause in base.causes.values()]

    def drawn(self, frame: pl.DataFrame, seed: int) -> pl.Series:
        """Return the number of the true cause of each row."""
        weights = frame.select(self._weights)
        target = frame.select(chance.uniform(chance.upper(chance.draw(seed, "cause")))).to_series()
        target *= weights.sum_horizontal()
        below = pl.zeros(frame.height, dtype=pl.Float64, eager=True)
        number = pl.zeros(frame.height, dtype=pl.UInt32, eager=True)
        for name in self.names[:-1]:
            below += weights[name]
            number += (target >= below).cast(pl.UInt32)
        return number.alias(CAUSE)

    def _weight(self, cause: Cause) -> pl.Expr:
        odds = pl.lit(10.0).pow(self._score(cause) / 100)
        share = odds / (1 + odds)
        gate = self.base.conditions.get(f"{cause.id}.considered_when")
        out = None if gate is None else holds(Not(gate), self.base.conditions, self.before)
        return share if out is None else pl.when(out).then(0.0).otherwise(share)

    def _score(self, cause: Cause) -> pl.Expr:
        score = pl.lit(log_odds(cause.prior[-1].share))
        for number in reversed(range(len(cause.prior))):
            where = self._holds(f"{cause.id}.prior.{number}")
            if where is not None:
                score = pl.when(where).then(log_odds(cause.prior[number].share)).otherwise(score)
        groups: dict[tuple[str, str], list[pl.Expr]] = {}
        for argument in cause.arguments:
            where, strength = self._holds(argument.id), points(argument, self.base.weights)
            if where is not None and strength:
                counted = pl.when(where).then(strength).otherwise(0)
                groups.setdefault((argument.direction, argument.group or argument.id), []).append(counted)
        strongest = [
            pl.max_horizontal(found) if direction == "for" else pl.min_horizontal(found)
            for (direction, _), found in groups.items()
        ]
        return reduce(add, strongest, score).cast(pl.Float64)

    def _holds(self, rule: str) -> pl.Expr | None:
        condition = self.base.conditions.get(rule)
        return None if condition is None else holds(condition, self.base.conditions, self.before)
