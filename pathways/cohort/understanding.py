"""From the columns of a foreign table to typed columns of facts; what is wrong is told row by row, never dropped.

A value is read as in a case file. Only each different text is read one by one; the rest is done a column at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from pathways.case import CASE_ID_PATTERN
from pathways.cohort import screening
from pathways.values import UNKNOWN, WORDS, Values
from rules.engines.columnar import column_type
from rules.problems import Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pathways.cohort.mapping import Columns, Reading
    from rules.vocabulary import Fact, Vocabulary

YES_NO = {**WORDS, "1": True, "0": False, "1.0": True, "0.0": False}
ROW, FILE, CASE_ID = "row", "file", "case_id"


@dataclass(frozen=True)
class Refusal:
    """One value that cannot be used: the row of its file, the column, the value masked, and what would be right."""

    row: int
    column: str
    value: str
    reason: str


@dataclass
class Understood:
    """A piece of a table as understood: `facts` and `about` (row, case id, kept columns) have a row for each good case."""

    facts: pl.DataFrame
    about: pl.DataFrame
    refused: list[Refusal] = field(default_factory=list)


class Understanding:
    """Reads frames with foreign columns as facts."""

    def __init__(self, vocabulary: Vocabulary, columns: Columns) -> None:
        """Take the vocabulary and what is to be done with each column."""
        self.vocabulary = vocabulary
        self.columns = columns
        self.unknown = UNKNOWN | {word.strip().lower() for word in columns.unknown}

    def read(self, raw: pl.DataFrame, rows: pl.Series, file: str) -> Understood:
        """Read a frame whose rows have these numbers in their file.

        Raises IdentifyingError where a value looks as if it identified a patient.
        """
        refused: list[Refusal] = []
        facts = []
        for name, reading in self.columns.readings.items():
            if name in raw.columns:
                facts.append(self._fact(raw[name], reading, rows, file, refused))
        about = [rows.alias(ROW)]
        if self.columns.case_id in raw.columns:
            about.append(self._case_ids(raw[self.columns.case_id], rows, file, refused))
        for name in self.columns.kept:
            if name in raw.columns:
                screening.screen_column(raw[name], rows, file)
                about.append(raw[name])
        understood = Understood(pl.DataFrame(facts) if facts else pl.DataFrame({}), pl.DataFrame(about), refused)
        return _without_refused(understood) if refused else understood

    def _fact(
        self, series: pl.Series, reading: Reading, rows: pl.Series, file: str, refused: list[Refusal]
    ) -> pl.Series:
        fact = self.vocabulary[reading.fact]
        if series.dtype.is_temporal():
            screening.screen_column(series, rows, file)
        typed = _typed(series, fact) if not (reading.values or reading.converts) else None
        if typed is None:
            typed = self._from_text(series, fact, reading)
        wrong = _wrong(series, typed, fact, self.unknown)
        if wrong is not None:
            self._refuse(series.filter(wrong), fact, rows.filter(wrong), file, refused)
            typed = typed.set(wrong, None)
        return typed.alias(reading.fact)

    def _from_text(self, series: pl.Series, fact: Fact, reading: Reading) -> pl.Series:
        """Read each different value once."""
        text = _as_text(series)
        words = text.unique().drop_nulls().to_list()
        known = {word: value for word in words if (value := self._value(word, fact, reading)) is not None}
        kind = column_type(fact)
        return text.replace_strict(list(known), list(known.values()), default=None, return_dtype=kind)

    def _value(self, text: str, fact: Fact, reading: Reading) -> Any:
        """Return what a text means for a fact, or None where it is unknown or wrong."""
        word = text.strip().lower()
        if word in reading.values:
            return reading.values[word]
        if word in self.unknown:
            return None
        if fact.type == "yes_no":
            return YES_NO.get(word)
        problems: list[Problem] = []
        if fact.type == "choice":
            return Values(self.vocabulary, problems).read(fact, text, "")
        number = _plain(word)
        value = Values(self.vocabulary, problems).read(fact, text, "") if number is None else number
        if not isinstance(value, (int, float)):
            return None
        return float(round(value * reading.factor + reading.add, 4)) if reading.converts else float(value)

    def _case_ids(self, series: pl.Series, rows: pl.Series, file: str, refused: list[Refusal]) -> pl.Series:
        screening.screen_column(series, rows, file)
        text = _as_text(series).str.strip_chars()
        text = text.set(text == "", None)
        wrong = ~text.str.contains(CASE_ID_PATTERN)
        if wrong.any():
            reason = "a neutral code of up to 64 letters, digits, dots, hyphens and underscores is wanted"
            for row, value in zip(rows.filter(wrong), text.filter(wrong), strict=True):
                refused.append(Refusal(row, series.name, screening.masked(value), reason))
        return text.alias(CASE_ID)

    def _refuse(
        self, values: pl.Series, fact: Fact, rows: pl.Series, file: str, refused: list[Refusal]
    ) -> None:
        pairs = list(zip(rows.to_list(), values.to_list(), strict=True))
        if fact.id == "person.age":
            for row, value in pairs:
                if (number := _plain(str(value))) is not None and number > screening.OLDEST:
                    raise screening.stop(file, row, values.name, value, "an age over 89 (write 90 for 90 and over)")
        if not values.dtype.is_numeric():
            screening.screen_values(pairs, file, values.name)
        reasons: dict[object, str] = {}
        for row, value in pairs:
            if value not in reasons:
                reasons[value] = _reason(fact, str(value))
            refused.append(Refusal(row, values.name, screening.masked(value), reasons[value]))


def _typed(series: pl.Series, fact: Fact) -> pl.Series | None:
    """Return a column as the type of its fact where no text needs to be read, or None. What is wrong becomes null."""
    kind = series.dtype
    if kind == pl.Null:
        return pl.repeat(None, len(series), dtype=column_type(fact), eager=True)
    if fact.type == "yes_no":
        if kind == pl.Boolean:
            return series
        if kind.is_numeric():
            return pl.DataFrame({"x": series}).select(pl.when(pl.col("x").is_in([0, 1])).then(pl.col("x") == 1))["x"]
        return None
    if fact.type == "choice":
        if kind in (pl.Categorical, pl.Enum, pl.String):
            fast = series.cast(pl.Enum(fact.values), strict=False)
            return fast if fast.null_count() == series.null_count() else None
        return None
    if kind == pl.String:
        series = series.str.strip_chars()
        number = series.cast(pl.Float64, strict=False)
        return _in_range(number, fact) if number.null_count() == series.null_count() else None
    return _in_range(series.cast(pl.Float64), fact) if kind.is_numeric() else None


def _in_range(number: pl.Series, fact: Fact) -> pl.Series:
    number = number.round(4)
    low = fact.min if fact.min is not None else float("-inf")
    high = fact.max if fact.max is not None else float("inf")
    smallest, largest = number.min(), number.max()  # NaN is not among them
    if smallest is None or (low <= smallest and largest <= high and not number.is_nan().any()):  # type: ignore[operator]
        return number
    return number.set(~number.is_between(low, high) | number.is_nan(), None)


def _wrong(series: pl.Series, typed: pl.Series, fact: Fact, unknown: Iterable[str]) -> pl.Series | None:
    """Return where a value was given but nothing could be made of it; None where that is nowhere."""
    raise NotImplementedError


def _as_text(series: pl.Series) -> pl.Series:
    if series.dtype == pl.Boolean:
        return series.cast(pl.String).replace_strict(["true", "false"], ["yes", "no"], default=None)
    return series.cast(pl.String, strict=False)


def _plain(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _reason(fact: Fact, text: str) -> str:
    hint = nearest(text, fact.values) if fact.type == "choice" else ""
    return f"{fact.describe()} is wanted{hint}"


def _without_refused(understood: Understood) -> Understood:
    bad = pl.Series(sorted({refusal.row for refusal in understood.refused}))
    good = ~understood.about[ROW].is_in(bad.implode())
    facts = understood.facts.filter(good) if understood.facts.width else understood.facts
    refused = sorted(understood.refused, key=lambda refusal: refusal.row)
    return Understood(facts, understood.about.filter(good), refused)
