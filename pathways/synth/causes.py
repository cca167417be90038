"""The hidden cause of a row: drawn by the shares of the knowledge, given the operation, the times and age.

Each cause has the score that the rule base gives it when operation, times and age are all that is known: its prior for
this operation, and the arguments that rest on these facts alone. A cause that is not considered here has no share. The
shares of all causes are then brought to a sum of one, since each row has one true cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pathways.cohort.judging import CohortJudge
from pathways.synth import chance

if TYPE_CHECKING:
    from rules.rulebase import RuleBase

CAUSE = "_cause"  # the number of the cause


class Causes:
    """Draws the cause of each row from what is known before it."""

    def __init__(self, base: RuleBase, before: list[str]) -> None:
        """Take the rule base and the facts that are drawn before the cause."""
        self.names = list(base.causes)
        self._judge = CohortJudge(base, before)
        self._shares = [_share(name) for name in self.names]

    def drawn(self, frame: pl.DataFrame, seed: int) -> pl.Series:
        """Return the number of the true cause of each row."""
        schema = self._judge.schema()
        facts = frame.select(pl.col(name).cast(kind) for name, kind in schema.items())
        shares = self._judge.judge(facts).select(self._shares)
        target = frame.select(chance.uniform(chance.upper(chance.draw(seed, "cause")))).to_series()
        target *= shares.sum_horizontal()
        below = pl.zeros(frame.height, dtype=pl.Float64, eager=True)
        number = pl.zeros(frame.height, dtype=pl.UInt32, eager=True)
        for name in shares.columns[:-1]:
            below += shares[name]
            number += (target >= below).cast(pl.UInt32)
        return number.alias(CAUSE)


def _share(cause: str) -> pl.Expr:
    odds = pl.lit(10.0).pow(pl.col(f"score.{cause}").cast(pl.Float64) / 100)
    excluded = pl.col(f"cause.{cause}") == "excluded"
    return pl.when(excluded).then(0.0).otherwise(odds / (1 + odds)).alias(cause)
