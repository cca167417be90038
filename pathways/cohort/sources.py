"""What a cohort is read from: which files, in which form, and cut into which pieces. Nothing is read in whole."""

from __future__ import annotations

import glob
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import polars as pl

PARQUET, ARROW, CSV, LINES, CASES = "Parquet", "Arrow", "CSV", "JSON Lines", "case files"
SUFFIXES = {
    ".parquet": PARQUET,
    ".pq": PARQUET,
    ".arrow": ARROW,
    ".feather": ARROW,
    ".ipc": ARROW,
    ".csv": CSV,
    ".tsv": CSV,
    ".txt": CSV,
    ".jsonl": LINES,
    ".ndjson": LINES,
    ".yaml": CASES,
    ".yml": CASES,
    ".json": CASES,
}
BLOCK = 1 << 22
LONGEST_LINE = 1 << 24
BYTES_A_PIECE = 1 << 26  # of lines, at most; as many again are in memory for each process that reads


@dataclass(frozen=True)
class Piece:
    """A part of a source: where it starts and how long it is (rows, bytes or files), and which rows are in it."""

    number: int
    source: int
    start: int
    length: int
    first_row: int
    rows: int


@dataclass(frozen=True)
class File:
    """A file as it was found: its content is known by its hash."""

    name: str
    size: int
    sha256: str


@dataclass
class Source:
    """A table, or a folder of case files. `columns` is None where every row has its own."""

    name: str
    form: str
    paths: tuple[Path, ...]
    files: list[File] = field(default_factory=list)
    columns: dict[str, pl.DataType] | None = None
    rows: int = 0
    cuts: list[tuple[int, int, int, int]] = field(default_factory=list)
    separator: str = ","


def find(inputs: Sequence[str]) -> list[Source]:
    """Return the sources that paths, folders and globs name, in order and once.

    Raises CaseError for what is not there or of no known form.
    """
    problems: list[Problem] = []
    named: dict[Path, Path] = {}
    for path in (path for name in inputs for path in _paths(name, problems)):
        named.setdefault(path.resolve(), path)
    paths = list(named.values())
    tables = [Source(str(path), SUFFIXES[path.suffix.lower()], (path,)) for path in paths]
    sources = [table for table in tables if table.form != CASES]
    cases = tuple(path for path in paths if SUFFIXES[path.suffix.lower()] == CASES)
    if cases:
        sources.append(Source(str(cases[0].parent), CASES, cases))
    if problems:
        raise CaseError("the input cannot be read", problems)
    return sources


def _paths(name: str, problems: list[Problem]) -> Iterator[Path]:
    path = Path(name)
    if path.is_dir():
        found = [p for p in sorted(path.iterdir()) if p.suffix.lower() in SUFFIXES and p.is_file()]
        if not found:
            problems.append(Problem("", f"no file in this folder is one of {', '.join(SUFFIXES)}", name))
        yield from found
    elif path.exists():
        if path.suffix.lower() in SUFFIXES:
            yield path
        else:
            problems.append(Problem("", f"the suffix says the form: {', '.join(SUFFIXES)}", name))
    else:
        found = [Path(p) for p in sorted(glob.glob(name, recursive=True))]  # noqa: PTH207 - a pattern of any kind
        found = [p for p in found if p.suffix.lower() in SUFFIXES and p.is_file()]
        if not found:
            problems.append(Problem("", "there is no such file", name))
        yield from found


def pieces(sources: Sequence[Source]) -> list[Piece]:
    """Return the pieces of all sources, numbered through."""
    cuts = [(index, cut) for index, source in enumerate(sources) for cut in source.cuts]
    return [Piece(number, index, *cut) for number, (index, cut) in enumerate(cuts)]


def hashed(path: Path, *, whatever: bool = False) -> File:
    """Return what a file is known by. Raises CaseError for one that is empty or unreadable, unless it may be so."""
    digest = hashlib.sha256()
    size = 0
    try:
        for block in blocks(path):
            digest.update(block)
            size += len(block)
    except CaseError:
        if not whatever:
            raise
        return File(str(path), 0, "")
    return File(str(path), size, digest.hexdigest())


def blocks(path: Path) -> Iterator[bytes]:
    """Read a file block by block. Raises CaseError if it cannot be read or is empty."""
    empty = True
    try:
        with path.open("rb", buffering=0) as file:
            while block := file.read(BLOCK):
                empty = False
                yield block
    except OSError as error:
        raise CaseError(f"{path} cannot be read", [Problem("", error.strerror or str(error))]) from None
    if empty:
        raise CaseError(f"{path} cannot be read", [Problem("", "the file is empty")])


def survey_text(source: Source, rows_a_piece: int, *, header: bool) -> bytes:
    """Hash a file of lines and cut it into pieces; return its first line.

    Rows are numbered by line, after the header where there is one. Raises CaseError for a line that is no line.
    """
    path = source.paths[0]
    cutter = _Cutter(path, rows_a_piece, header=header)
    digest = hashlib.sha256()
    for block in blocks(path):
        digest.update(block)
        cutter.add(block)
    cutter.end()
    source.files = [File(str(path), cutter.size, digest.hexdigest())]
    source.cuts, source.rows = cutter.cuts, sum(cut[3] for cut in cutter.cuts)
    return bytes(cutter.head)


class _Cutter:
    """Cuts lines into pieces of about the same number of bytes, estimated from the first block.

    Their number is even, so that the last ones keep two cores busy, too.
    """

    def __init__(self, path: Path, rows_a_piece: int, *, header: bool) -> None:
        self.path = path
        self.rows_a_piece = rows_a_piece
        self.wants_header = header
        self.head = bytearray()
        self.cuts: list[tuple[int, int, int, int]] = []
        self.size = 0
        self._target = 0
        self._start = self._lines = 0
        self._row = 1
        self._line_start = 0

    def add(self, block: bytes) -> None:
        """Take the next block."""
        if not self._target:
            lines = max(block.count(b"\n"), 1)
            largest = max(min(self.rows_a_piece * len(block) // lines, BYTES_A_PIECE), 1)
            self._target = self._even(max(self.path.stat().st_size, len(block)), largest)
        at = 0
        if self.wants_header:
            at = self._header(block)
        while at < len(block):
            at = self._cut(block, at)
        self.size += len(block)

    def _even(self, size: int, largest: int) -> int:
        """Return the size of pieces that are all alike, an even number unless one will do."""
        pieces = -(-size // largest)
        return -(-size // (pieces + pieces % 2)) if pieces > 1 else largest

    def _header(self, block: bytes) -> int:
        end = block.find(b"\n")
        self.head += block if end < 0 else block[:end]
        if len(self.head) > LONGEST_LINE:
            self._too_long("the header")
        if end < 0:
            return len(block)
        self.wants_header = False
        self._start = self._line_start = self.size + end + 1
        return end + 1

    def _cut(self, block: bytes, at: int) -> int:
        """Go on to the end of the piece, or of the block; return where."""
        last = block.rfind(b"\n", at) + 1
        if last:
            self._line_start = self.size + last
        elif self.size + len(block) - self._line_start > LONGEST_LINE:
            self._too_long(f"row {self._row + self._lines:,}")
        wanted = self._start + self._target - self.size
        end = block.find(b"\n", max(wanted - 1, at)) + 1 if wanted <= len(block) else 0
        if not end:
            self._lines += block.count(b"\n", at)
            return len(block)
        self._lines += block.count(b"\n", at, end)
        self._close(self.size + end)
        return end

    def _close(self, end: int) -> None:
        if end > self._start:
            self.cuts.append((self._start, end - self._start, self._row, self._lines))
        self._row += self._lines
        self._start, self._lines = end, 0

    def end(self) -> None:
        """Close the last piece; its last line may lack a line end."""
        if self._line_start < self.size and not self.wants_header:
            self._lines += 1
        self._close(self.size if not self.wants_header else self._start)

    def _too_long(self, what: str) -> None:
        message = f"{what} is longer than {LONGEST_LINE:,} bytes; this is not a table of cases, a line each"
        raise CaseError(f"{self.path} cannot be read", [Problem("", message)])


def read_bytes(path: Path, start: int, length: int) -> bytes:
    """Read a part of a file. Raises CaseError if it is not there any more."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            data = file.read(length)
    except OSError as error:
        raise CaseError(f"{path} cannot be read", [Problem("", error.strerror or str(error))]) from None
    if len(data) < length:
        raise changed([str(path)])
    return data


def changed(names: Iterable[str]) -> CaseError:
    """Return the error for input that is not what it was."""
    problems = [Problem("", "its content is not what it was when the run began", name) for name in names]
    return CaseError("the input changed while it was read", problems)


def as_json(source: Source) -> dict[str, Any]:
    """Return what a manifest says of a source."""
    files = [{"name": file.name, "bytes": file.size, "sha256": file.sha256} for file in source.files]
    return {"name": source.name, "form": source.form, "rows": source.rows, "files": files}
