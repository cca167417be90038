"""The rows of a synthetic cohort: history, cause, facts given the cause, what is known, and what holds together."""

from __future__ import annotations

from functools import cached_property, reduce
from typing import TYPE_CHECKING

import polars as pl

from pathways.synth import assumptions, chance
from pathways.synth.causes import CAUSE, Causes
from pathways.synth.histories import BEFORE, TIMES, histories
from pathways.synth.repairs import Repairs
from pathways.synth.signs import Signs
from pathways.synth.tables import rounded, spread
from pathways.synth.values import Values
from rules.vocabulary import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.rulebase import RuleBase

TRUE_CAUSE = "true_cause"
GROWN_UP, OLDEST = 18, 90
WHOLE_AFTER = 2  # months since surgery are whole from here on


class Rows:
    """Draws rows for a rule base and a seed. Row i is the same however many rows are drawn."""

    def __init__(self, base: RuleBase, seed: int) -> None:
        """Prepare histories, the shares of the causes, and the rates of every fact."""
        self.base = base
        self.seed = seed
        self.assumed = assumptions.read(base)
        signs = Signs(base, self.assumed)
        self.pool = histories(base, self.assumed, seed)
        self.before = [*(name for name in self.pool.columns if not name.startswith("_")), *BEFORE]
        self.causes = Causes(base, self.before)
        self.values = Values(base, self.assumed, signs, self.causes.names, seed)
        self.drawn = list(signs.variables)
        self._facts = list(self.values.facts())
        self._steps = list(Repairs(base, self.assumed, self.drawn, self.before, seed).steps())

    @cached_property
    def columns(self) -> list[str]:
        """The facts that rows have, in the order of the catalogue."""
        there = {*self.before, *self.drawn, *self._derived()}
        return [name for name in self.base.vocabulary if name in there]

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """The columns with their types."""
        return {TRUE_CAUSE: pl.String(), **{name: self._type(name) for name in self.columns}}

    def _type(self, name: str) -> pl.DataType:
        kind = self.base.vocabulary[name].type
        if kind != "number":
            return pl.Boolean() if kind == "yes_no" else pl.String()
        how = None if name in TIMES else self.assumed.spread(name)
        return pl.Float64() if name in TIMES or (how and how.step < 1) else pl.Int64()

    def draw(self, first: int, count: int) -> pl.DataFrame:
        """Return rows as a table of facts, the true cause in the first column; what is unknown is null."""
        frame = self._history(first, count)
        frame = frame.with_columns(self.causes.drawn(frame, self.seed)).with_columns(*self.values.blocks())
        parts = [reduce(_extended, adding, frame).select(kept) for *adding, kept in self._facts]
        frame = pl.concat([frame, *parts], how="horizontal")
        for changed in self._steps:
            frame = frame.with_columns(changed)
        cause = pl.lit(pl.Series(self.causes.names)).gather(pl.col(CAUSE))
        return frame.select(cause.alias(TRUE_CAUSE), *self.columns).cast(self.schema)  # type: ignore[arg-type]

    def _derived(self) -> Iterator[str]:
        for modality, findings in self.base.catalogue.findings.items():
            yield f"{modality}.done"
            for name, entry in findings.items():
                if entry.get("levels"):
                    yield from (f"{modality}.{name}.{place}" for place in PLACES)

    def _history(self, first: int, count: int) -> pl.DataFrame:
        frame = pl.DataFrame([chance.counters(first, count)])
        chosen = chance.upper(chance.draw(self.seed, "history")).cast(pl.UInt64) * self.pool.height // chance.HALF
        frame = frame.hstack(self.pool[frame.select(chosen.cast(pl.UInt32)).to_series()])
        since, age, sex = (self._share(name) for name in ("since", "person.age", "person.sex"))
        frame = frame.with_columns(self._age(age), self._sex(sex))
        months = spread(self.assumed.months_since_surgery, since, 0.05)
        months = pl.when(months < WHOLE_AFTER).then(months).otherwise(months.round())
        grown_up = (pl.col("person.age") - GROWN_UP) * 12 - pl.col(TIMES[1])  # the first operation was on an adult
        frame = frame.with_columns(pl.min_horizontal(months, grown_up).alias("_since"))
        return frame.with_columns(rounded(pl.col(name) + pl.col("_since"), 0.05).alias(name) for name in TIMES)

    def _share(self, stream: str) -> pl.Expr:
        return chance.uniform(chance.upper(chance.draw(self.seed, stream)))

    def _age(self, share: pl.Expr) -> pl.Expr:
        how = self.assumed.spread("person.age")
        age = pl.lit(50) if how is None else spread(how.at, share, how.step)
        least = GROWN_UP + 1 + (pl.col(TIMES[1]) / 12).ceil().cast(pl.Int64)
        return pl.max_horizontal(age, least).clip(GROWN_UP, OLDEST).alias("person.age")

    def _sex(self, share: pl.Expr) -> pl.Expr:
        values = self.base.vocabulary["person.sex"].values
        shares = self.assumed.shares("person.sex", values)
        chosen = pl.lit(values[-1])
        for number in reversed(range(len(values) - 1)):
            chosen = pl.when(share < sum(shares[: number + 1])).then(pl.lit(values[number])).otherwise(chosen)
        return chosen.alias("person.sex")


def _extended(frame: pl.DataFrame, added: list[pl.Expr]) -> pl.DataFrame:
    return frame.with_columns(added)
