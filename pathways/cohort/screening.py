"""A screen for what may identify a patient: in the names of columns, in values, and in small groups. No guarantee."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import polars as pl

from pathways.reading import IDENTIFIERS
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CAVEAT = "A screen, not a guarantee."
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
KINDS = {
    "a date": rf"\b\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\b\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:\d{{4}}|\d{{2}})\b"
    rf"|\b\d{{1,2}}\.?[\s-]{MONTH}[\s-]\d{{2,4}}\b|\b{MONTH}\s\d{{1,2}},?\s\d{{4}}\b",
    "an e-mail address": r"[^\s@]@[^\s@]+\.[a-z]{2,}",
    "a telephone number": r"\+\d[\d\s()/.-]{6,}\d|\b0\d[\d\s()/.-]{6,}\d\b|\(\d{3}\)\s?\d{3}"
    r"|\b\d{3}[\s.-]\d{2,4}[\s.-]\d{4}\b",
    "a record or serial number": r"\d{7,}|\b[a-z]{1,5}[-\s#]?\d{5,}|\b\d{4,}[a-z]{1,4}\d*\b"
    r"|\b[a-z]+\d+[a-z]+\d+[a-z0-9]{4,}\b",
}
ANY = "(?i)" + "|".join(KINDS.values())
FREE_TEXT = 60  # characters: longer text in a table is free text
WORDS = r"(?:\S+\s+){7,}\S+"
NEUTRAL = r"^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,64})$"  # what pseudonyms are often made of
OLDEST, OLDEST_EVER = 89, 130
OLD = "an age over 89 (write 90 for 90 and over)"
LARGEST = 999_999  # whole numbers above look like record numbers
SHOWN = 2
QUOTED = re.compile(r"(['\"])((?:\\.|(?!\1).)*)\1", re.DOTALL)  # as Python quotes


class IdentifyingError(CaseError):
    """Something in the input may identify a patient: the run stops."""


def masked(value: object) -> str:
    """Return a value so that it can be recognized by whoever has the file, and by nobody else."""
    text = str(value)
    if len(text) <= SHOWN or (len(text) <= SHOWN + 2 and re.fullmatch(r"-?\d+(\.\d+)?", text)):
        return text
    return f"{text[:SHOWN]}… ({len(text)} characters)"


def quotes_masked(message: str, known: Iterable[str] = ()) -> str:
    """Return a message in which quoted values, but not known words, are masked."""
    words = set(known)

    def mask(match: re.Match[str]) -> str:
        return match.group(0) if match.group(2) in words else f"'{masked(match.group(2))}'"

    return QUOTED.sub(mask, message)


def quoted(message: str) -> list[str]:
    """Return the values that a message quotes."""
    return [match.group(2) for match in QUOTED.finditer(message)]


def kind_of(text: str) -> str | None:
    """Return what a text looks like, if it may identify a patient."""
    for kind, pattern in KINDS.items():
        if re.search(pattern, text[: 10 * FREE_TEXT], re.IGNORECASE):
            return kind
    return "free text" if len(text) > FREE_TEXT or re.match(WORDS, text) else None


def stop(file: str, row: int, column: str, value: object, kind: str) -> IdentifyingError:
    """Return the error that stops a run: the place of the value, and the value masked."""
    found = Problem(f"row {row}, column {column}", f"{masked(value)} looks like {kind}", file)
    mend = Problem("", f"drop or recode the column, or mend the value; nothing was judged. {CAVEAT}")
    return IdentifyingError("a value may identify a patient", [found, mend])


def stop_case(file: str, row: int, place: str, message: str) -> IdentifyingError:
    """Return the error that stops a run for what a case file has no place for."""
    found = Problem(f"row {row}, {place}", message, file)
    return IdentifyingError("a case may identify a patient", [found, Problem("", f"nothing was judged. {CAVEAT}")])


def screen_values(values: Iterable[tuple[int, object]], file: str, column: str) -> None:
    """Raise IdentifyingError for the first of these (row, value) that looks like an identifier."""
    for row, value in values:
        kind = kind_of(str(value))
        if kind:
            raise stop(file, row, column, value, kind)


def screen_column(series: pl.Series, rows: pl.Series, file: str) -> None:
    """Raise IdentifyingError if a column that is not a fact holds what looks like an identifier.

    A number that only counts the rows identifies nobody, and neither does a random pseudonym.
    """
    if series.dtype.is_temporal():
        known = series.is_not_null().arg_true()
        if len(known):
            raise stop(file, rows[known[0]], series.name, series[known[0]], "a date")
        return
    if series.dtype.is_numeric():
        _screen_numbers(series, rows, file)
        return
    text = series.cast(pl.String, strict=False)
    suspicious = text.str.contains(ANY) | (text.str.len_chars() > FREE_TEXT) | text.str.contains(WORDS)
    if not suspicious.any():
        return
    found = pl.DataFrame({"value": text, "row": rows}).filter(suspicious.fill_null(False))
    found = found.filter(~_counts(), ~(pl.col("value").str.contains(NEUTRAL) & pl.col("value").str.contains("[a-f]")))
    for row, value in found.head(1).select("row", "value").iter_rows():
        raise stop(file, row, series.name, value, kind_of(value) or "free text")


def _counts() -> pl.Expr:
    """Say where the one number in a text is the number of its row, counted from 0 or 1."""
    letters_and_number = pl.col("value").str.extract(r"^[A-Za-z_.-]*(\d{1,12})$").cast(pl.Int64, strict=False)
    return letters_and_number.is_between(pl.col("row") - 1, pl.col("row")).fill_null(False)


def _screen_numbers(series: pl.Series, rows: pl.Series, file: str) -> None:
    """Record numbers are whole and long; ages are told by the name of the column."""
    name, series = series.name, series.cast(pl.Float64).fill_nan(None)
    large = (series.abs() > LARGEST) & (series != rows) & (series != rows - 1)
    kind = "a record or serial number"
    if re.search(r"(?i)(^|[^a-z])age([^a-z]|$)", name):
        large, kind = large | ((series > OLDEST) & (series <= OLDEST_EVER) & (series != OLDEST + 1)), OLD
    found = large.fill_null(False).arg_true()
    if len(found):
        value = series[found[0]]
        raise stop(file, rows[found[0]], name, int(value) if value.is_integer() else value, kind)


def identifying_name(name: str) -> bool:
    """Say whether a column is called as identifiers are."""
    return re.sub(r"[\s-]+", "_", name.strip().lower()).rsplit(".", 1)[-1] in IDENTIFIERS


AGE_BAND = "age"
OPERATION = ("index.discectomy", "index.decompression", "index.fusion")
LEVELS = ("index.segments", "surgery.fused_to_sacrum")


def groups(facts: pl.DataFrame) -> pl.DataFrame:
    """Return how many cases have the same age band, operation and levels: one row a group, with its `size`."""
    columns = [pl.col(name) for name in (*OPERATION, *LEVELS) if name in facts.columns]
    if "person.age" in facts.columns:
        columns.insert(0, (pl.col("person.age") // 10 * 10).alias(AGE_BAND))
    if not columns:
        return facts.select(pl.len().alias("size"))
    by = facts.select(columns)  # alone, or all other columns would be copied, too
    return by.group_by(by.columns).agg(pl.len().alias("size"))


def small_groups(counted: Sequence[pl.DataFrame], k: int) -> dict[str, Any]:
    """Join the groups of all parts; return how many there are, how many are smaller than k, and the cases in those."""
    together = pl.concat(counted)
    by = [name for name in together.columns if name != "size"]
    sizes = together.group_by(by).agg(pl.col("size").sum())["size"] if by else together["size"]
    small = sizes.filter(sizes < k)
    return {
        "by": by,
        "k": k,
        "groups": len(sizes),
        "small_groups": len(small),
        "cases_in_small_groups": int(small.sum()),
    }
