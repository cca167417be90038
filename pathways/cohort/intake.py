"""What comes in: the surveyed sources with their columns, and how a piece of them is read as cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pathways.cohort import csvfile, lines, sampling, sources, tables
from pathways.cohort.mapping import MARK, Columns, Mapping, read_mapping, sort_columns, stated
from pathways.cohort.understanding import CASE_ID, FILE, ROW, Understanding, Understood
from pathways.consistency import constrained, details
from rules.engines.columnar import column_type
from rules.language import asked_by
from rules.problems import CaseError, Problem, nearest

if TYPE_CHECKING:
    from pathways.cohort.run import Options
    from pathways.cohort.sources import Piece, Source
    from rules.rulebase import RuleBase

LINES_A_PIECE = 60_000  # at most, where cases are read one by one
CELLS_A_PIECE = 250_000_000  # at most, so that wide tables fit into memory, too


class Intake:
    """The input of a run, surveyed."""

    def __init__(self, options: Options, base: RuleBase) -> None:
        """Find and survey the input. Raises CaseError where it cannot be used."""
        self.base = base
        self.options = options
        self.mapping = read_mapping(options.mapping, base.vocabulary) if options.mapping else Mapping()
        self.sources = self._sources()
        self.keep = self._keep()
        self.columns = [self._columns(source) for source in self.sources]
        self.facts = self._facts()
        self.about = self._about()
        self.idle = self._idle()

    def _sources(self) -> list[Source]:
        """Find and survey the input."""
        found = sources.find(self.options.inputs)
        for source in found:
            self._survey(source)
        return found

    def _survey(self, source: Source) -> None:
        if source.form == sources.CSV:
            csvfile.survey(source, self.options.chunk)
        elif source.form in (sources.PARQUET, sources.ARROW):
            tables.survey(source, self.options.chunk, CELLS_A_PIECE)
        else:
            lines.survey(source, min(self.options.chunk, LINES_A_PIECE))

    def _keep(self) -> tuple[str, ...]:
        """Return the columns that are carried over: those that were named, and the mark of synthetic cases."""
        self._refuse_missing()
        named = dict.fromkeys((*self.options.keep, *self.mapping.keep))
        if MARK not in (*self.options.drop, *self.mapping.drop) and any(map(_is_marked, self.sources)):
            named[MARK] = None
        return tuple(named)

    def _refuse_missing(self) -> None:
        """Raise CaseError for a column that is to be kept and that no input has, as far as that can be known."""
        if any(source.columns is None for source in self.sources):
            return
        there = {name for source in self.sources for name in source.columns or ()}
        problems = [
            Problem(name, f"no input has this column{nearest(name, there)}")
            for name in self.options.keep
            if name not in there
        ]
        if problems:
            raise CaseError("a column that is to be kept is not there", problems)

    def _columns(self, source: Source) -> Columns | None:
        if source.columns is None:
            return None
        columns = sort_columns(list(source.columns), self.base.vocabulary, self.mapping, self.keep, self.options.drop)
        tables.refuse_nested(source, columns)
        if not columns.readings:
            raise no_fact(source)
        return columns

    @property
    def one_by_one(self) -> bool:
        """Are there cases that must be read one by one?"""
        return any(columns is None for columns in self.columns)

    @property
    def rows(self) -> int:
        """How many rows came in."""
        return sum(source.rows for source in self.sources)

    @property
    def sample(self) -> int:
        """How many of them are derived again."""
        return sampling.size(self.rows, self.options.sample)

    def _facts(self) -> list[str]:
        """Return the facts that have a column: all of them where every case has columns of its own."""
        if self.one_by_one:
            return stated(self.base.vocabulary)
        return sorted({r.fact for columns in self.columns if columns for r in columns.readings.values()})

    def _about(self) -> dict[str, pl.DataType]:
        """Return the columns that say which case a row is, and those that are kept."""
        about: dict[str, pl.DataType] = {}
        if sum(len(source.files) for source in self.sources) > 1:
            about[FILE] = pl.String()
        about[ROW] = pl.Int64()
        if self.one_by_one or any(columns.case_id for columns in self.columns if columns):
            about[CASE_ID] = pl.String()
        for name in self.keep:
            about[name] = self._kept_type(name)
        return about

    def _idle(self) -> frozenset[str]:
        """Return the facts that no rule looks at, and nothing else does either: they change no result."""
        if self.options.counts or self.options.missing:
            return frozenset()
        looked_at = asked_by(self.base.conditions.values())
        return frozenset(self.facts) - looked_at - constrained(self.base) - details(self.base).keys() - set(self.about)

    def _kept_type(self, name: str) -> pl.DataType:
        if name in self.facts:
            return column_type(self.base.vocabulary[name])
        kinds = {source.columns[name] for source in self.sources if source.columns and name in source.columns}
        return kinds.pop() if len(kinds) == 1 and not self.one_by_one else pl.String()

    def reader(self) -> lines.CaseReader:
        """Return what reads cases one by one."""
        return lines.CaseReader(self.base, self.mapping, self.keep, self.options.drop)

    def read_table(self, piece: Piece) -> Understood:
        """Read a piece of a table."""
        source, columns = self.sources[piece.source], self.columns[piece.source]
        if columns is None:
            message = "cases that are read one by one have a reader of their own"
            raise TypeError(message)
        understanding = Understanding(self.base, columns)
        if source.form == sources.CSV:
            data = sources.read_bytes(source.paths[0], piece.start, piece.length)
            return self.read_csv(source, understanding, data, piece.first_row)
        used = [name for name in source.columns or () if self._read(source, name, columns)]
        rows = pl.int_range(piece.first_row, piece.first_row + piece.rows, eager=True)
        return understanding.read(tables.read(source, piece, used), rows, source.name)

    def _read(self, source: Source, name: str, columns: Columns) -> bool:
        """Say whether a column must be read: one of plain truths that no rule looks at cannot be wrong either."""
        if name in columns.dropped:
            return False
        reading = columns.readings.get(name)
        typed = source.columns is not None and source.columns[name] == pl.Boolean
        return not (typed and reading and not reading.values and reading.fact in self.idle)

    def read_csv(self, source: Source, understanding: Understanding, data: bytes, first_row: int) -> Understood:
        """Read lines of a CSV file, the first of which has this number."""
        raw, rows, refused = csvfile.read(source, data, first_row)
        understood = understanding.read(raw, rows, source.name)
        understood.rows += len({refusal.row for refusal in refused})
        understood.refused = sorted([*refused, *understood.refused], key=lambda refusal: refusal.row)
        return understood

    def uniform(self, understood: Understood, source: Source) -> pl.DataFrame:
        """Return the cases of a piece with the columns that all pieces have."""
        frame = understood.frame
        if FILE in self.about and FILE not in frame.columns:
            frame = frame.with_columns(pl.lit(source.name).alias(FILE))
        wanted = {**self.about, **{name: column_type(self.base.vocabulary[name]) for name in self.facts}}
        there = {series.name: series for series in frame.get_columns()}
        nothing = pl.Series([None] * frame.height, dtype=pl.Null)
        return pl.DataFrame([there.get(name, nothing).cast(kind).alias(name) for name, kind in wanted.items()])

    def changed(self) -> list[str]:
        """Return the files whose content is not any more what it was."""
        found = []
        for source in self.sources:
            for file in source.files:
                path = Path(file.name)
                if not path.exists() or sources.hashed(path, whatever=source.form == sources.CASES) != file:
                    found.append(file.name)
        return found

    def told(self) -> dict[str, Any]:
        """Return what a manifest says of the columns."""
        renamed = {
            name: reading.fact
            for columns in self.columns
            if columns
            for name, reading in columns.readings.items()
            if name != reading.fact
        }
        dropped = sorted({name for columns in self.columns if columns for name in columns.dropped})
        kept = [name for name in self.about if name not in (FILE, ROW, CASE_ID)]
        facts = "all" if self.one_by_one else self.facts
        return {"facts": facts, "renamed": renamed, "kept": kept, "dropped": dropped}


def no_fact(source: Source) -> CaseError:
    """Return the error for a table without a column that is a fact."""
    message = "no column is a fact; `spinepath facts` lists them, and --mapping reads foreign ones"
    return CaseError(f"{source.name} cannot be used", [Problem("", message)])


def _is_marked(source: Source) -> bool:
    """Say whether a source holds synthetic cases that are marked; of lines, the first is looked at."""
    if source.columns is not None:
        return MARK in source.columns
    if source.form != sources.LINES or not source.paths[0].is_file():
        return False
    with source.paths[0].open("rb") as file:
        return f'"{MARK}":'.encode() in file.readline(sources.LONGEST_LINE).replace(b" ", b"")
