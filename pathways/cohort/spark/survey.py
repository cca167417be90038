"""What comes in, as Spark sees it: which files and columns there are, and how many rows lie before each block.

Spark reads a file in blocks, each on whatever worker is free. A first count of every block gives each row the number
that it has on one machine, and with it the same sample and the same place in quarantine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import polars as pl

from pathways.cohort import csvfile, sources
from pathways.cohort.intake import Intake
from pathways.cohort.spark.places import Key, Place, key_of, literal
from pathways.cohort.spark.work import AT, GIVEN, PATH, TEXT
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pathways.cohort.mapping import Columns
    from pathways.cohort.run import Options
    from pathways.cohort.sources import Source
    from pathways.cohort.spark.storage import Storage
    from rules.rulebase import RuleBase

Block = tuple[int, int]  # the number of a source, and the byte at which a block of it starts


class SurveyedIntake(Intake):
    """The input of a run, found and surveyed elsewhere."""

    def __init__(self, options: Options, base: RuleBase, surveyed: Sequence[Source]) -> None:
        """Take the sources, with their columns. Raises CaseError where a column cannot be used."""
        self._surveyed = list(surveyed)
        self._sorted: dict[tuple[str, ...], Columns | None] = {}
        super().__init__(options, base)

    def _sources(self) -> list[Source]:
        return self._surveyed

    def _columns(self, source: Source) -> Columns | None:
        names = tuple(source.columns or ())
        if names not in self._sorted:
            self._sorted[names] = super()._columns(source)
        return self._sorted[names]


@dataclass
class Survey:
    """The files that came in, and what Spark reads them as."""

    sources: list[Source]
    places: list[Place]
    keys: dict[Key, int]
    tables: Any = None
    texts: Any = None

    def feeds(self, intake: Intake) -> list[Any]:
        """Return what the workers are given: the columns in use of tables, and lines of text, each row in one value.

        (Spark takes a dot in the name of a column for a path, and is slow with many columns, but not inside a value.)
        """
        functions = _functions()
        found = []
        if self.tables is not None:
            dropped = {name for columns in intake.columns if columns for name in columns.dropped}
            row = functions.col("_metadata.row_index").alias(AT)
            found.append(self.tables.select("*", _path(), row).drop(*sorted(dropped)))
        if self.texts is not None:
            line = functions.col("value").cast("binary").alias(TEXT)
            found.append(self.texts.select(line, _path(), _start()))
        return [rows.select(functions.struct("*").alias(GIVEN)) for rows in found]

    def blocks(self) -> dict[Block, int]:
        """Count the rows of each table and the lines of each block of text. Raises CaseError for an endless line."""
        functions = _functions()
        counted: dict[Block, int] = {}
        if self.tables is not None:
            rows = self.tables.select(_path()).groupBy(f"`{PATH}`").count().collect()
            counted |= {(self.keys[key_of(row[PATH])], 0): row["count"] for row in rows}
        if self.texts is not None:
            length = functions.octet_length("value").alias("length")
            lines = self.texts.select(_path(), _start(), length).groupBy(f"`{PATH}`", f"`{AT}`")
            for row in lines.agg(
                functions.count("*").alias("lines"), functions.max("length").alias("longest")
            ).collect():
                number = self.keys[key_of(row[PATH])]
                if row["longest"] > sources.LONGEST_LINE:
                    raise _too_long(self.sources[number])
                counted[number, row[AT]] = row["lines"]
        return dict(sorted(counted.items()))


def survey(session: Any, storage: Storage, inputs: Sequence[str]) -> Survey:
    """Find the input and its columns. Raises CaseError where it cannot be used."""
    found = storage.find(inputs)
    survey = Survey([source for source, _ in found], [place for _, place in found], {})
    for number, place in enumerate(survey.places):
        survey.keys[storage.key(place.path)] = number
    paths = [[literal(p.path) for s, p in found if (s.form == sources.PARQUET) == table] for table in (True, False)]
    if paths[0]:
        survey.tables = session.read.option("mergeSchema", "true").parquet(*paths[0])
        columns = dict(pl.DataFrame(pl.from_arrow(survey.tables.limit(0).toArrow())).schema)
        for source in survey.sources:
            source.columns = columns if source.form == sources.PARQUET else None
    if paths[1]:
        survey.texts = session.read.text(paths[1], lineSep="\n")
    for source, place in found:
        if source.form == sources.CSV:
            head = storage.head(place.path, sources.LONGEST_LINE)
            if head is None:
                raise _too_long(source)
            csvfile.read_header(source, head)
    return survey


def before(blocks: dict[Block, int]) -> dict[Block, int]:
    """Return how many rows or lines of the same file lie before each block."""
    found: dict[Block, int] = {}
    lines: dict[int, int] = {}
    for number, start in sorted(blocks):
        found[number, start] = lines.get(number, 0)
        lines[number] = found[number, start] + blocks[number, start]
    return found


def rows_of(surveyed: Sequence[Source], blocks: dict[Block, int]) -> list[int]:
    """Return how many rows each source has; a header is none."""
    rows = [-(source.form == sources.CSV) for source in surveyed]
    for (number, _), count in blocks.items():
        rows[number] += count
    return [max(count, 0) for count in rows]


def union(frames: Sequence[Any]) -> Any:
    """Return the rows of all frames."""
    return reduce(lambda one, other: one.union(other), frames)


def _functions() -> Any:
    from pyspark.sql import functions

    return functions


def _path() -> Any:
    return _functions().col("_metadata.file_path").alias(PATH)


def _start() -> Any:
    return _functions().col("_metadata.file_block_start").alias(AT)


def _too_long(source: Source) -> CaseError:
    message = f"a line is longer than {sources.LONGEST_LINE:,} bytes; this is not a table of cases, a line each"
    return CaseError(f"{source.name} cannot be read", [Problem("", message)])
