"""Gathering cases that were read one by one into a table, with columns only of what some case states."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import polars as pl

from pathways.cohort import screening
from pathways.cohort.understanding import FILE, ROW
from rules.engines.columnar import column_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.language import Value
    from rules.vocabulary import Vocabulary

Facts = dict[str, "Value"]
Cells = dict[int, "Value"]  # number of the case -> value


class Gathered:
    """Cases, added one by one. Each value goes into its column at once: few cases state many facts, and most few."""

    def __init__(self) -> None:
        """Begin with no case."""
        self.rows: list[int] = []
        self._facts: defaultdict[str, Cells] = defaultdict(dict)
        self._about: defaultdict[str, Cells] = defaultdict(dict)
        self._kinds: dict[int, Facts] = {}
        self._kind_of: list[int] = []

    def add(self, row: int, own: Facts, shared: Facts, about: Mapping[str, str | None]) -> None:
        """Add a case: its row, its facts as `split_facts` gives them, and the columns that say which case it is."""
        number = len(self.rows)
        self.rows.append(row)
        facts = self._facts
        for name, value in own.items():
            facts[name][number] = value
        for name, told in about.items():
            if told is not None:
                self._about[name][number] = told
        kind = id(shared)
        self._kinds[kind] = shared  # which keeps it, so that no other gets its id
        self._kind_of.append(kind)

    def frame(self, vocabulary: Vocabulary, file: str) -> pl.DataFrame:
        """Return the cases as a table.

        Raises IdentifyingError where what says which case it is may identify a patient.
        """
        rows = pl.Series(ROW, self.rows, pl.Int64)
        about = [self._column(name, values, pl.String()) for name, values in self._about.items()]
        for column in about:
            if column.name != FILE:
                screening.screen_column(column, rows, file)
        own = [self._column(name, values, column_type(vocabulary[name])) for name, values in self._facts.items()]
        return pl.DataFrame([rows, *about, *own, *self._shared()])

    def _column(self, name: str, values: Cells, kind: pl.DataType) -> pl.Series:
        known = pl.Series(name, list(values.values()), kind, strict=False)
        nothing = pl.Series(name, [None], kind).new_from_index(0, len(self.rows))
        return nothing.scatter(pl.Series(list(values), dtype=pl.UInt32), known)

    def _shared(self) -> list[pl.Series]:
        """Return what the kinds of the operations say: put in once for all cases alike in them."""
        place = {kind: number for number, kind in enumerate(self._kinds)}
        places = pl.Series([place[kind] for kind in self._kind_of], dtype=pl.UInt32)
        kinds = list(self._kinds.values())
        names = dict.fromkeys(name for shared in kinds for name in shared)
        return [pl.Series(name, [shared.get(name) for shared in kinds], pl.Boolean).gather(places) for name in names]
