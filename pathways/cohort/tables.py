"""Reading typed tables by rows: Parquet and Arrow files."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING

import polars as pl

from pathways.cohort import sources
from pathways.cohort.joining import read_footer
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pathways.cohort.mapping import Columns
    from pathways.cohort.sources import Piece, Source

ARROW = b"ARROW1"
UNPACKED = 1 << 26  # bytes: below this, nothing needs a second look
RATIO = 2000  # no honest table packs so well: text that repeats is coded before it is compressed
ENOUGH = 100_000  # rows of a piece: more of them take more memory and save little
MANY_ROWS, MOST_ROWS_A_BYTE = 1_000_000, 100


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what Polars says of a damaged file, or one that grew shorter meanwhile, into an error of ours."""
    try:
        yield
    except OSError as error:
        raise CaseError(f"{path} cannot be read", [Problem("", f"damaged: {error.strerror or error}")]) from None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        first = str(error).strip().splitlines()
        raise CaseError(f"{path} cannot be read", [Problem("", f"damaged: {first[0] if first else error}")]) from None


def survey(source: Source, rows_a_piece: int, cells_a_piece: int) -> None:
    """Hash a table, read its columns and count its rows. Raises CaseError if it is damaged, or a bomb."""
    path = source.paths[0]
    source.files = [sources.hashed(path)]
    groups: list[int] = []
    if source.form == sources.PARQUET:
        footer = read_footer(path)
        groups = footer.group_rows
        _refuse_bomb(path, source.files[0].size, footer.unpacked, footer.rows)
    elif sources.read_bytes(path, 0, min(len(ARROW), source.files[0].size)) != ARROW:
        raise CaseError(f"{path} cannot be read", [Problem("", "not an Arrow file (a stream must be saved as a file)")])
    with reading(path):
        scan = _scan(source)
        source.columns = dict(scan.collect_schema())
        source.rows = int(scan.select(pl.len()).collect().item())
    rows_a_piece = max(min(rows_a_piece, cells_a_piece // max(len(source.columns), 1)), 1)
    source.cuts = [(at, rows, at + 1, rows) for at, rows in _cuts(source.rows, groups, rows_a_piece)]


def _cuts(rows: int, groups: Sequence[int], most: int) -> Iterator[tuple[int, int]]:
    """Cut a table into pieces of at most so many rows.

    They end where row groups end, if those fit, for row groups are read whole; then fewer rows are enough for a piece.
    """
    ends = [0, *sorted({end for end in accumulate(groups) if 0 < end < rows}), rows]
    at = 0
    while at < rows:
        end = ends[bisect_left(ends, min(at + min(most, ENOUGH), rows))]
        if end > at + most:
            end = ends[bisect_right(ends, at + most) - 1]
        if end <= at:
            end = at + most
        yield at, end - at
        at = end


def _scan(source: Source) -> pl.LazyFrame:
    path = source.paths[0]
    if source.form == sources.PARQUET:
        return pl.scan_parquet(path, glob=False)
    return pl.scan_ipc(path, glob=False)


def _refuse_bomb(path: Path, size: int, unpacked: int, rows: int) -> None:
    if (unpacked > UNPACKED and unpacked > RATIO * size) or rows > max(MANY_ROWS, MOST_ROWS_A_BYTE * size):
        message = f"{size:,} bytes would unpack to {unpacked:,} bytes and {rows:,} rows: this looks like a trap"
        raise CaseError(f"{path} is not read", [Problem("", message)])


def refuse_nested(source: Source, columns: Columns) -> None:
    """Raise CaseError if a column that is read holds anything but single values."""
    kinds = {name: kind for name, kind in (source.columns or {}).items() if name not in columns.dropped}
    problems = [
        Problem(name, f"single values are wanted, not {kind}")
        for name, kind in kinds.items()
        if kind.is_nested() or kind.is_object() or kind == pl.Binary
    ]
    if problems:
        raise CaseError(f"{source.name} cannot be read", problems)


def read(source: Source, piece: Piece, columns: Sequence[str]) -> pl.DataFrame:
    """Read the rows of a piece."""
    with reading(source.paths[0]):
        frame = _scan(source).select(columns).slice(piece.start, piece.length).collect()
    if frame.height != piece.rows:
        raise sources.changed([source.name])
    return frame
