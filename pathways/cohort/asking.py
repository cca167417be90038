"""The most valuable missing facts of every row, as in `pathways.inquiry`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pathways import inquiry

if TYPE_CHECKING:
    from pathways.assess import Judged

TOP = 5
COLUMN = "missing_"


def row_of(judged: Judged) -> dict[str, Any]:
    """Return the columns of what is missing for one case."""
    found = [missing.fact for missing in inquiry.missing(judged)[:TOP]]
    return {f"{COLUMN}{n}": found[n - 1] if len(found) >= n else None for n in range(1, TOP + 1)}
