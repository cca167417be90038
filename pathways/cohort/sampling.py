"""Deriving a sample of the rows again, one by one, with durable-rules and the reference, and comparing every field."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from pathways.assess import Judged
from pathways.cohort import asking
from pathways.cohort.rows import row_of, same
from pathways.values import tidy

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from rules.inference import Reasoner
    from rules.language import Value


def chosen(first: int, rows: int, total: int, sample: int) -> list[int]:
    """Return which of the rows from `first` on (counted from 0 over all input) are in the sample.

    The rows are cut into as many equal stretches as the sample has rows; a hash of its number takes one from each.
    """
    if not total:
        return []
    stretches = range(first * sample // total, min((first + rows) * sample // total + 1, sample))
    picked = (_pick(n, -(-n * total // sample), -(-(n + 1) * total // sample)) for n in stretches)
    return sorted({at for at in picked if at is not None and first <= at < first + rows})


def _pick(number: int, start: int, end: int) -> int | None:
    digest = int.from_bytes(hashlib.sha256(b"row %d" % number).digest()[:8], "big")
    return start + digest % (end - start) if end > start else None


def facts_of(row: dict[str, Any]) -> dict[str, Value]:
    """Return the known facts of a row, numbers as a case has them."""
    return {
        name: tidy(value) if isinstance(value, float) else value for name, value in row.items() if value is not None
    }


def judged_row(facts: dict[str, Value], columns: Sequence[str], reasoner: Reasoner) -> dict[str, Any]:
    """Return the result for one case, derived by durable-rules and the reference."""
    judged = Judged(reasoner, facts)
    plain = [name for name in columns if not name.startswith(asking.COLUMN)]
    row = row_of(judged, plain)
    return row | asking.row_of(judged) if len(plain) < len(columns) else row


def rederive(facts: pl.DataFrame, results: pl.DataFrame, reasoner: Reasoner) -> list[dict[str, Any]]:
    """Derive every row again; return the rows that differ, with their facts and what differs."""
    differing = []
    for row, result in zip(facts.iter_rows(named=True), results.iter_rows(named=True), strict=True):
        known = facts_of(row)
        derived = judged_row(known, results.columns, reasoner)
        fields = same(derived, result)
        if fields:
            both = {name: {"table": result.get(name), "case": derived[name]} for name in fields}
            differing.append({"facts": known, "differences": both})
    return differing
