"""Reading CSV line by line: a line that is not a row of the table is told, and the others are read."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import polars as pl

from pathways.cohort import sources
from pathways.cohort.tables import reading
from pathways.cohort.understanding import Refusal
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from pathways.cohort.sources import Source

SEPARATORS = (",", ";", "\t", "|")
MOST_COLUMNS = 20_000
CELLS_A_PIECE = 30_000_000  # at most: each is a text in memory until it is understood
WIDE = (b"\xff\xfe", b"\xfe\xff")


def survey(source: Source, rows_a_piece: int) -> None:
    """Hash a CSV file, read its header and cut it into pieces. Raises CaseError if it is not a table."""
    head = next(sources.blocks(source.paths[0])).split(b"\n", 1)[0]
    columns = 1 + max(head.count(separator.encode()) for separator in SEPARATORS)
    rows_a_piece = min(rows_a_piece, CELLS_A_PIECE // columns)
    read_header(source, sources.survey_text(source, max(rows_a_piece, 1), header=True))


def read_header(source: Source, head: bytes) -> None:
    """Take the separator and the columns of a source from its first line. Raises CaseError if it is no header."""
    problem = None
    names: list[str] = []
    if head.startswith(WIDE) or b"\0" in head:
        problem = "not text in UTF-8; save it as CSV in UTF-8"
    else:
        try:
            text = head.decode("utf-8-sig").rstrip("\r")
        except UnicodeDecodeError as error:
            problem = f"the header is not text in UTF-8 (byte {error.start + 1} cannot be read)"
        else:
            source.separator = max(SEPARATORS, key=text.count)
            try:
                names = [name.strip() for name in next(csv.reader([text], delimiter=source.separator), [])]
            except csv.Error:
                problem = "no header can be read: lines must end with a line feed, and a name may not be endless"
            else:
                problem = _problem_with(names)
    if problem:
        raise CaseError(f"{source.name} cannot be read", [Problem("line 1", problem)])
    source.columns = dict.fromkeys(names, pl.String())


def _problem_with(names: list[str]) -> str | None:
    if len(names) > MOST_COLUMNS:
        return f"{len(names):,} columns; a table of cases has at most {MOST_COLUMNS:,}"
    if "" in names:
        return f"column {names.index('') + 1} has no name"
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1] if len(set(names)) < len(names) else []
    return f"the column {twice[0][:60]} is there twice" if twice else None


def read(source: Source, data: bytes, first_row: int) -> tuple[pl.DataFrame, pl.Series, list[Refusal]]:
    """Read lines, from this number on: the good rows as text, their numbers, and what is wrong with the others.

    A blank line is no row. A value may be quoted, but it cannot hold a line break.
    """
    whole = _plain(source, data)
    if whole is not None:
        return whole, pl.int_range(first_row, first_row + whole.height, eager=True), []
    return _line_by_line(source, data, first_row)


def _plain(source: Source, data: bytes) -> pl.DataFrame | None:
    """Return the rows of plain lines, each of which is a row for certain; None where they must be looked at."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    between = len(source.columns or ()) - 1
    odd = any(sign in data for sign in (b'"', b"\0", b"\r"))
    if odd or not between or data.count(source.separator.encode()) != between * lines:
        return None
    try:
        if not data.isascii():
            data.decode()
        frame = _rows(source, data)  # fails at a line with too many values, so that none can have too few
    except (UnicodeDecodeError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    return frame if frame.height == lines else None


def _rows(source: Source, data: bytes) -> pl.DataFrame:
    schema = dict.fromkeys(source.columns or (), pl.String)
    return pl.read_csv(data, has_header=False, schema=schema, separator=source.separator, infer_schema=False)


def _line_by_line(source: Source, data: bytes, first_row: int) -> tuple[pl.DataFrame, pl.Series, list[Refusal]]:
    refused: list[Refusal] = []
    lines = text_lines(data, first_row, refused)
    names = list(source.columns or ())
    lines = _with_problems(lines, len(names), source.separator)
    wrong = lines.filter(pl.col("problem").is_not_null())
    for row, line, problem in wrong.iter_rows():
        refused.append(Refusal(row, "", f"({len(line)} characters)", problem))
    good = lines.filter(pl.col("problem").is_null()) if wrong.height else lines
    if good.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String)), good["row"], refused
    with reading(source.paths[0]):
        frame = _rows(source, good["line"].str.join("\n").item().encode())
    if frame.height != good.height:
        message = f"{good.height:,} lines became {frame.height:,} rows, from row {first_row:,} on"
        raise CaseError(f"{source.name} cannot be read", [Problem("", message)])
    return frame, good["row"], refused


def text_lines(data: bytes, first_row: int, refused: list[Refusal]) -> pl.DataFrame:
    """Return the lines that are not blank, with their numbers (row, line); what is not text is refused."""
    try:
        line = pl.Series([data.decode()]).str.split("\n").explode()
    except UnicodeDecodeError:
        line = pl.Series(_decoded(data, first_row, refused), dtype=pl.String)
    rows = pl.int_range(first_row, first_row + len(line), eager=True)
    lines = pl.DataFrame({"row": rows, "line": line.str.strip_suffix("\r")})
    return lines.filter(pl.col("line").str.strip_chars() != "")


def _decoded(data: bytes, first_row: int, refused: list[Refusal]) -> list[str]:
    decoded = []
    for row, line in enumerate(data.split(b"\n"), first_row):
        try:
            decoded.append(line.decode())
        except UnicodeDecodeError as error:
            decoded.append("")
            reason = f"not text in UTF-8 (byte {error.start + 1} of the line cannot be read)"
            refused.append(Refusal(row, "", f"({len(line)} bytes)", reason))
    return decoded


def _with_problems(lines: pl.DataFrame, columns: int, separator: str) -> pl.DataFrame:
    """Add what is wrong with each line as a row of so many columns; null where nothing is.

    A quote opens and closes a whole value, and stands for itself twice within it.
    """
    line = pl.col("line")
    value = rf'(?:"(?:[^"{separator}]|"")*"|[^"{separator}]*)'
    simple = lines["line"].str.contains(rf"^{value}(?:[{separator}]{value})*$")  # no separator in a quoted value
    others = lines.filter(~simple)
    quoted = rf'(^|[{separator}])"(?:[^"]|"")*"'
    marked = line.str.replace_all(quoted, "${1}\0")  # which no line that passes holds
    quotes = (
        pl.when(marked.str.contains(rf'^[^"]*\x00[^{separator}"]'))
        .then(pl.lit("a value goes on after its closing quote"))
        .when(marked.str.contains(rf'(?:^|[{separator}])"'))
        .then(pl.lit("a quote is not closed in its line"))
        .when(marked.str.contains('"', literal=True))
        .then(pl.lit("a quote stands within a value; double it, and quote the value"))
    )
    told = [
        lines.filter(simple).with_columns(problem=_problem(line, columns, separator)),
        others.with_columns(problem=quotes.otherwise(_problem(marked, columns, separator))),
    ]
    return pl.concat(told).sort("row") if others.height else told[0]


def _problem(marked: pl.Expr, columns: int, separator: str) -> pl.Expr:
    """Say what is wrong with lines but for their quotes; no separator is in a quoted value any more."""
    values = marked.str.count_matches(separator, literal=True) + 1
    return (
        pl.when(pl.col("line").str.contains("\0", literal=True))
        .then(pl.lit("text is wanted, not binary data"))
        .when(values != columns)
        .then(pl.format(f"{columns:,} values are wanted, not {{}}", values))
    )
