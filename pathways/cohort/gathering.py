"""Gathering cases that were read one by one into a table, with columns only of what some case states."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import polars as pl

from pathways.cohort import screening
from pathways.cohort.understanding import FILE, ROW
from rules.engines.columnar import column_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rules.language import Value
    from rules.vocabulary import Vocabulary

Facts = dict[str, "Value"]
Cells = dict[int, "Value"]  # number of the case -> value


class Gathered:
    """Cases, added one by one. Each value goes into its column at once: few cases state many facts, and most few.

    What many cases say alike is put in once: facts that are one object, not to be changed.
    """

    def __init__(self) -> None:
        """Begin with no case."""
        self.rows: list[int] = []
        self._facts: defaultdict[str, Cells] = defaultdict(dict)
        self._about: defaultdict[str, Cells] = defaultdict(dict)
        self._alike: defaultdict[int, _Alike] = defaultdict(_Alike)

    def add(self, row: int, own: Facts, shared: Sequence[Facts], about: Mapping[str, str | None]) -> None:
        """Add a case: its row, its own facts, those it has alike with others, and the columns that say which it is.

        `shared` has for each kind of facts, in always the same order, those of the case. No fact is of two kinds.
        """
        number = len(self.rows)
        self.rows.append(row)
        facts = self._facts
        for name, value in own.items():
            facts[name][number] = value
        for name, told in about.items():
            if told is not None:
                self._about[name][number] = told
        for kind, alike in enumerate(shared):
            if alike:
                self._alike[kind].add(number, alike)

    def frame(self, vocabulary: Vocabulary, file: str) -> pl.DataFrame:
        """Return the cases as a table.

        Raises IdentifyingError where what says which case it is may identify a patient.
        """
        count = len(self.rows)
        rows = pl.Series(ROW, self.rows, pl.Int64)
        about = [column(name, values, pl.String(), count) for name, values in self._about.items()]
        for told in about:
            if told.name != FILE:
                screening.screen_column(told, rows, file)
        kinds = {name: column_type(vocabulary[name]) for name in self._facts}
        alike = [series for facts in self._alike.values() for series in facts.columns(vocabulary, count)]
        facts = {series.name: series for series in alike}
        for name, values in self._facts.items():
            facts[name] = column(name, values, kinds[name], count, facts.get(name))
        return pl.DataFrame([rows, *about, *facts.values()])


class _Alike:
    """Facts of one kind that many cases have alike."""

    def __init__(self) -> None:
        self._kinds: dict[int, tuple[int, Facts]] = {}  # keeps them, so that no others get their id
        self._cases: list[int] = []
        self._of: list[int] = []

    def add(self, case: int, facts: Facts) -> None:
        number, _ = self._kinds.setdefault(id(facts), (len(self._kinds), facts))
        self._cases.append(case)
        self._of.append(number)

    def columns(self, vocabulary: Vocabulary, count: int) -> Iterator[pl.Series]:
        cells: defaultdict[str, Cells] = defaultdict(dict)
        for number, facts in self._kinds.values():
            for name, value in facts.items():
                cells[name][number] = value
        places = column("", dict(zip(self._cases, self._of, strict=True)), pl.UInt32(), count)
        for name, values in cells.items():
            yield column(name, values, column_type(vocabulary[name]), len(self._kinds)).gather(places)


def column(
    name: str, values: Mapping[int, Value | None], kind: pl.DataType, length: int, base: pl.Series | None = None
) -> pl.Series:
    """Return a column with values at some places, and elsewhere what another says, or null."""
    known = pl.Series(name, list(values.values()), kind, strict=False)
    nothing = pl.Series(name, [None], kind).new_from_index(0, length) if base is None else base
    return nothing.scatter(pl.Series(list(values), dtype=pl.UInt32), known)
