"""Counting the parts of a run: what `spinepath batch` keeps of each piece so that a summary needs no second reading."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pathways.overview.groups import group_columns
from pathways.overview.tally import Tally, known, merged, tally

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import polars as pl

    from rules.rulebase import RuleBase


def counted(results: pl.DataFrame, facts: pl.DataFrame, base: RuleBase, labels: str | None) -> Tally:
    """Count the results of a piece (kept columns among them) and its facts, row by row the same cases."""
    grouped = results.hstack(facts.select(group_columns(facts.columns)))
    counts = tally(grouped.lazy(), base, labels)
    counts.update(known(facts))
    return counts


def write_counts(path: Path, results: pl.DataFrame, facts: pl.DataFrame, base: RuleBase, labels: str | None) -> None:
    """Write what `counted` returns."""
    path.write_text(json.dumps(counted(results, facts, base, labels)), encoding="utf-8")


def read_counts(paths: Iterable[Path]) -> Tally:
    """Add up the counts of all pieces."""
    return merged(json.loads(path.read_text(encoding="utf-8")) for path in paths)
