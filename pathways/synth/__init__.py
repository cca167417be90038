"""Synthetic cohorts: plausible rows of flat facts with a hidden true cause, drawn from the knowledge itself.

The model, in the order in which a row is drawn (each part says more in its own module):

1. **History** (`histories`): operations with real levels, projected to facts as for any case; then months since the
   operation, age and sex.
2. **Cause** (`causes`): one true cause, by the knowledge's priors for this operation and time (its published shares)
   and the arguments that rest on operation, time and age alone. A cause that is not considered here is never drawn.
3. **Facts given the cause** (`signs`, `rates`): each fact is independent of the others once the cause is given. A base
   rate (`assumptions.yaml`) holds where the cause says nothing of the fact; where an argument with likelihood ratio LR
   speaks of it, sensitivity and false positive rate have that ratio, LR = sensitivity / (1 - specificity). For a weak,
   moderate or strong argument without a published figure the LR is that of the weights (2, 5, 10).
4. **What is known** (`values`): most facts are unknown, in blocks as in practice (MRI done or not, a complete report or
   not), and what would show the true cause is asked for more often. Whether a fact is known never changes its value.
5. **What holds together** (`repairs`): nothing needs a fusion where there was none, no response to a treatment that was
   not tried, places of findings fit the operated levels, no time before the operation.

What it is good for: trying everything without a patient, load tests, and a check of the whole chain: the rule base
should find the hidden cause far more often than chance. What it is not: evidence that the rule base is right, since
both sides use the same knowledge. Comorbid causes, and facts that go together within a cause, are not drawn.

The same seed gives the same rows, and the first thousand rows of a million are those of a thousand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from polars.io.plugins import register_io_source

from pathways.cohort.mapping import MARK
from pathways.synth.rows import TRUE_CAUSE, Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rules.rulebase import RuleBase

AT_ONCE = 50_000


def pieces(
    base: RuleBase, count: int, seed: int = 0, told: Callable[[int], object] | None = None
) -> Iterator[pl.DataFrame]:
    """Yield a synthetic cohort piece by piece: `synthetic` (true), `case_id`, `true_cause`, then the facts.

    `told` is called with the number of rows of each piece once it is drawn.
    """
    yield from _pieces(Rows(base, seed), count, told)


def cohort(base: RuleBase, count: int, seed: int = 0, told: Callable[[int], object] | None = None) -> pl.LazyFrame:
    """Return a synthetic cohort as a table that is drawn while it is read."""
    rows = Rows(base, seed)

    def source(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        for piece in _pieces(rows, count if n_rows is None else min(count, n_rows), told):
            frame = piece if predicate is None else piece.filter(predicate)
            yield frame if with_columns is None else frame.select(with_columns)

    return register_io_source(source, schema={MARK: pl.Boolean(), "case_id": pl.String(), **rows.schema})


def _pieces(rows: Rows, count: int, told: Callable[[int], object] | None) -> Iterator[pl.DataFrame]:
    for first in range(0, count, AT_ONCE):
        frame = _marked(rows.draw(first, min(AT_ONCE, count - first)), first)
        if told:
            told(frame.height)
        yield frame


def _marked(frame: pl.DataFrame, first: int) -> pl.DataFrame:
    case_id = numbered(pl.int_range(first + 1, first + frame.height + 1))
    return frame.select(pl.lit(value=True).alias(MARK), case_id.alias("case_id"), pl.all())


def numbered(number: pl.Expr) -> pl.Expr:
    """Return case ids such as s000_004_711: wherever such a row is put, its id looks like no record number."""
    return number.cast(pl.String).str.zfill(9).str.replace(r"^(\d{3})(\d{3})(\d{3})$", "s${1}_${2}_${3}")


__all__ = ["MARK", "TRUE_CAUSE", "cohort", "numbered", "pieces"]
