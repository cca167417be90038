"""A cohort judged by two rule bases: the results of both, row by row, to be compared by `changes`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pathways.cohort import sources
from pathways.cohort.intake import Intake
from pathways.cohort.judging import CohortJudge
from pathways.cohort.mapping import MARK
from pathways.cohort.run import Options
from pathways.cohort.understanding import FILE, ROW
from pathways.overview.changes import Changes, changes
from pathways.overview.groups import group_columns
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pathways.cohort.sources import Piece
    from rules.rulebase import RuleBase

CHUNK = 100_000


class _Side:
    """One rule base with its reading of the cohort."""

    def __init__(self, name: str, base: RuleBase, other: RuleBase, options: Options, folder: Path) -> None:
        stranger = tuple(fact for fact in other.vocabulary if fact not in base.vocabulary)
        drop = tuple(dict.fromkeys((*options.drop, *stranger)))
        self.name, self.base, self.folder = name, base, folder
        self.intake = Intake(Options(options.inputs, options.output, options.mapping, (), drop, chunk=CHUNK), base)
        self.reader = self.intake.reader()
        self.judge = CohortJudge(base, self.intake.facts)

    def read(self, piece: Piece) -> pl.DataFrame:
        """Return the rows of a piece that can be used."""
        source = self.intake.sources[piece.source]
        one_by_one = source.columns is None
        understood = self.reader.read(source, piece) if one_by_one else self.intake.read_table(piece)
        return self.intake.uniform(understood, source)

    def write(self, cases: pl.DataFrame, number: int) -> None:
        """Judge cases and keep the results."""
        facts = cases.select(self.intake.facts)
        about = [name for name in self.intake.about if name != MARK]
        told = cases.select(*about, *group_columns(self.intake.facts))
        result = pl.concat([told, self.judge.judge(facts)], how="horizontal")
        result.write_parquet(self.folder / f"{self.name}-{number:06}.parquet", statistics=False)

    def results(self) -> pl.LazyFrame:
        """Return the results of all pieces."""
        return pl.scan_parquet(sorted(self.folder.glob(f"{self.name}-*.parquet")), glob=False)


def judged_twice(
    inputs: Sequence[str],
    old: RuleBase,
    new: RuleBase,
    *,
    mapping: Path | None = None,
    drop: Sequence[str] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Changes, int]:
    """Judge every row by both; return what changes, and how many rows at least one of them could not use.

    What one of them has no word for, it does not get to know. Raises CaseError where the input cannot be used.
    """
    with tempfile.TemporaryDirectory() as name:
        options = Options(tuple(inputs), Path(name), mapping, drop=tuple(drop))
        sides = [_Side("old", old, new, options, Path(name)), _Side("new", new, old, options, Path(name))]
        pieces = sources.pieces(sides[0].intake.sources)
        total = sum(piece.rows for piece in pieces)
        left_out = done = used = 0
        for piece in pieces:
            both = list(_usable_by_both([side.read(piece) for side in sides]))
            for side, cases in zip(sides, both, strict=True):
                side.write(cases, piece.number)
            used += both[0].height
            left_out += piece.rows - both[0].height
            done += piece.rows
            progress(done, total)
        if not used:
            raise CaseError("there is nothing to compare", [Problem("", "no row can be used by both rule bases")])
        return changes(sides[0].results(), sides[1].results(), old, new), left_out


def _usable_by_both(frames: Sequence[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    keys = [name for name in (FILE, ROW) if all(name in frame.columns for frame in frames)]
    one, other = frames
    yield one.join(other.select(keys), on=keys, how="semi", maintain_order="left")
    yield other.join(one.select(keys), on=keys, how="semi", maintain_order="left")
