"""From the columns of a foreign table to typed columns of facts; what is wrong is told row by row, never dropped.

A value is read as in a case file. Only each different text is read one by one; the rest is done a column at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import polars as pl

from pathways.case import CASE_ID as CASE_ID_PATTERN
from pathways.cohort import screening
from pathways.cohort.contradicting import blanked, impossible_rows
from pathways.values import UNKNOWN, WORDS, Values, plain_number
from rules.engines.columnar import column_type
from rules.problems import Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pathways.cohort.mapping import Columns, Reading
    from rules.language import Value
    from rules.rulebase import RuleBase
    from rules.vocabulary import Fact

YES_NO = {**WORDS, "1": True, "0": False, "1.0": True, "0.0": False}
SAME = {"yes": "true", "true": "yes", "no": "false", "false": "no"}  # a truth is told as either
ROW, FILE, CASE_ID = "row", "file", "case_id"
WRONG = object()
FIRST, FEW = 100, 6  # rows that are looked at for words, and how many different ones are few


@dataclass(frozen=True)
class Place:
    """Where a frame comes from: its file, and the numbers of its rows there."""

    rows: pl.Series
    file: str


@dataclass(frozen=True)
class Refusal:
    """One value that cannot be used: the row of its file, the column, the value masked, and what would be right."""

    row: int
    column: str
    value: str
    reason: str
    file: str = ""  # where a row is a file of its own


@dataclass
class Understood:
    """A piece of a table as understood: its good cases (row, case id, kept columns, facts), and what is wrong.

    `rows` is how many rows were met.
    """

    frame: pl.DataFrame
    rows: int
    refused: list[Refusal] = field(default_factory=list)


class Understanding:
    """Reads frames with foreign columns as facts."""

    def __init__(self, base: RuleBase, columns: Columns) -> None:
        """Take the rule base, whose facts are read, and what is to be done with each column."""
        self.base = base
        self.vocabulary = base.vocabulary
        self.columns = columns
        self.unknown = UNKNOWN | {word.strip().lower() for word in columns.unknown}
        self.missing = _numbers(columns.unknown)

    def read(self, raw: pl.DataFrame, rows: pl.Series, file: str) -> Understood:
        """Read a frame whose rows have these numbers in their file.

        Raises IdentifyingError where a value looks as if it identified a patient.
        """
        place = Place(rows, file)
        refused: list[Refusal] = []
        found = [rows.alias(ROW)]
        if self.columns.case_id in raw.columns:
            found.append(self._case_ids(raw[self.columns.case_id], place, refused))
        there = frozenset(raw.columns)
        for name in self.columns.kept:
            reading = self.columns.readings.get(name)
            if name in there and (reading is None or reading.fact != name):
                screening.screen_column(raw[name], rows, file)
                found.append(raw[name])
        for name, reading in self.columns.readings.items():
            if name in there:
                found.append(self._fact(raw[name], reading, place, refused))
        frame = pl.DataFrame(found)
        if self.columns.blank_not_done:
            frame = blanked(frame, self.base)
        names = {reading.fact: name for name, reading in self.columns.readings.items()}
        for at, problem in impossible_rows(frame, self.base):
            refused.append(Refusal(rows[at], names[problem.place], "", problem.message))
        return Understood(without(refused, frame), len(rows), sorted(refused, key=lambda refusal: refusal.row))

    def _fact(self, series: pl.Series, reading: Reading, place: Place, refused: list[Refusal]) -> pl.Series:
        fact = self.vocabulary[reading.fact]
        if self.columns.unknown:
            series = _blanked(series, self.columns.unknown)
        if series.dtype.is_temporal():
            screening.screen_column(series, place.rows, place.file)
        if series.dtype.is_float():
            series = series.fill_nan(None)  # as some programs write what is missing
        typed = None if reading.values else _typed(series, fact, reading)
        if typed is None:
            typed, wrong = self._from_text(series, fact, reading)
        else:
            wrong = typed.is_null() & series.is_not_null() if typed.null_count() != series.null_count() else None
        if wrong is not None:
            refused.extend(_refusals(series.filter(wrong), fact, place.rows.filter(wrong), place.file))
        return typed.alias(reading.fact)

    def _from_text(self, series: pl.Series, fact: Fact, reading: Reading) -> tuple[pl.Series, pl.Series | None]:
        """Read each different value once; also return where they are wrong, if anywhere."""
        text = _as_text(series)
        if fact.type == "yes_no":
            typed = self._yes_or_no(text, fact, reading)
            if typed is not None:
                return typed, None
        known: dict[str, Value] = {}
        wrong = []
        for word in text.unique().drop_nulls().to_list():
            value = self._value(word, fact, reading)
            if value is WRONG:
                wrong.append(word)
            elif value is not None:
                known[word] = value
        kind = column_type(fact)
        typed = text.replace_strict(list(known), list(known.values()), default=None, return_dtype=kind)
        return typed, text.is_in(wrong) if wrong else None

    def _yes_or_no(self, text: pl.Series, fact: Fact, reading: Reading) -> pl.Series | None:
        """Read a column with few different words by comparing, which is sooner done; None if it has others."""
        words = _few_words(text)
        values = [self._value(word, fact, reading) for word in words]
        if len(words) > FEW or WRONG in values:
            return None
        yes, no, unknown = (
            [text == word for word, value in zip(words, values, strict=True) if value is wanted]
            for wanted in (True, False, None)
        )
        typed = reduce(or_, yes) if yes else ~reduce(or_, no) if no else _nothing(len(text))
        for mask in unknown:
            typed = typed.set(mask, None)
        return typed

    def _value(self, text: str, fact: Fact, reading: Reading) -> Any:
        """Return what a text means for a fact: a value, None where it is unknown, or WRONG."""
        word = text.strip().lower()
        for given in (word, word.removesuffix(".0"), SAME.get(word)):
            if given in reading.values:
                return reading.values[given]
        if word in self.unknown or word.removesuffix(".0") in self.unknown or plain_number(word) in self.missing:
            return None
        if fact.type == "yes_no":  # where a mapping says what some truths mean, the others are not guessed
            return WRONG if YES_NO.keys() & reading.values.keys() else YES_NO.get(word, WRONG)
        problems: list[Problem] = []
        number = plain_number(word) if fact.type == "number" else None
        if number is None:
            value = Values(self.vocabulary, problems).read(fact, text, "")
            if value is None or fact.type == "choice":
                return WRONG if value is None else value
            number = float(value)  # with a unit of its own
        else:
            number = round(number * reading.factor + reading.add, 4)
        return WRONG if fact.problem_with(number) else number

    def _case_ids(self, series: pl.Series, place: Place, refused: list[Refusal]) -> pl.Series:
        screening.screen_column(series, place.rows, place.file)
        text = _as_text(series).str.strip_chars()
        text = text.set(text == "", None)
        wrong = ~text.str.contains(CASE_ID_PATTERN)
        if wrong.any():
            reason = "a neutral code of up to 64 letters, digits, dots, hyphens and underscores is wanted"
            for row, value in zip(place.rows.filter(wrong), text.filter(wrong), strict=True):
                refused.append(Refusal(row, series.name, screening.masked(value), reason))
        return text.alias(CASE_ID)


def _few_words(text: pl.Series) -> list[str]:
    """Return the different words of a column, or more than `FEW` of them if there are more."""
    words: list[str] = []
    left = text.filter(text.is_not_null())
    while len(left) and len(words) <= FEW:
        for word in set(left.head(FIRST).to_list()):
            words.append(word)
            left = left.filter(left != word)
    return words


def _nothing(rows: int) -> pl.Series:
    return pl.Series([None], dtype=pl.Boolean).new_from_index(0, rows)


def _blanked(series: pl.Series, unknown: Sequence[str]) -> pl.Series:
    """Return a column in which words and numbers that stand for unknown are null."""
    numbers = list(_numbers(unknown))
    if series.dtype.is_numeric():
        return series.set(series.cast(pl.Float64).is_in(numbers), None)
    if series.dtype == pl.String:
        words = [word.strip().lower() for word in unknown]
        text = series.str.strip_chars()
        same = text.cast(pl.Float64, strict=False).is_in(numbers).fill_null(False)
        return series.set(text.str.to_lowercase().is_in(words) | same, None)
    return series


def _numbers(words: Iterable[str]) -> set[float]:
    return {number for word in words if (number := plain_number(word.strip())) is not None}


def _refusals(values: pl.Series, fact: Fact, rows: pl.Series, file: str) -> Iterator[Refusal]:
    pairs = list(zip(rows.to_list(), values.to_list(), strict=True))
    if fact.id == "person.age":
        for row, value in pairs:
            number = plain_number(str(value))
            if number is not None and screening.OLDEST < number <= screening.OLDEST_EVER:
                raise screening.stop(file, row, values.name, value, screening.OLD)
    if not values.dtype.is_numeric():
        screening.screen_values(pairs, file, values.name)
    reasons: dict[object, str] = {}
    for row, value in pairs:
        if value not in reasons:
            hint = nearest(str(value), fact.values) if fact.type == "choice" else ""
            reasons[value] = f"{fact.describe()} is wanted{hint}"
        yield Refusal(row, values.name, screening.masked(value), reasons[value])


def _typed(series: pl.Series, fact: Fact, reading: Reading) -> pl.Series | None:
    """Return a column as the type of its fact where no text needs to be read, or None. What is wrong becomes null."""
    kind = series.dtype
    if kind == pl.Null:
        return series.cast(column_type(fact))
    if fact.type == "yes_no":
        if kind == pl.Boolean:
            return series
        return _zero_or_one(series) if kind.is_numeric() else None
    if fact.type == "choice":
        fast = series.cast(column_type(fact), strict=False) if kind in (pl.Categorical, pl.Enum, pl.String) else None
        return fast if fast is not None and fast.null_count() == series.null_count() else None
    if kind.is_numeric():
        return _in_range(series.cast(pl.Float64), fact, reading, whole=kind.is_integer())
    number = series.str.strip_chars().cast(pl.Float64, strict=False) if kind == pl.String else None
    whole = number is not None and number.null_count() == series.null_count()
    return _in_range(number, fact, reading) if number is not None and whole else None


def _zero_or_one(series: pl.Series) -> pl.Series:
    return series.replace_strict([0, 1], [False, True], default=None, return_dtype=pl.Boolean)


def _in_range(number: pl.Series, fact: Fact, reading: Reading, *, whole: bool = False) -> pl.Series:
    if reading.converts:
        number, whole = number * reading.factor + reading.add, False
    if not whole:
        number = number.round(4)  # as every number in a case
    low = fact.min if fact.min is not None else float("-inf")
    high = fact.max if fact.max is not None else float("inf")
    good = number.is_between(low, high)  # NaN is above everything
    return number if good.all() else number.set(~good, None)


def _as_text(series: pl.Series) -> pl.Series:
    if series.dtype == pl.Boolean:
        return series.cast(pl.String).replace_strict(["true", "false"], ["yes", "no"], default=None)
    return series.cast(pl.String, strict=False)


def without(refused: list[Refusal], frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows in which nothing is wrong."""
    if not refused:
        return frame
    bad = pl.Series([refusal.row for refusal in refused], dtype=pl.Int64)
    return frame.filter(~frame[ROW].is_in(bad.implode()))
