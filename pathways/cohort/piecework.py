"""Doing one piece: read it, judge it, derive a sample of it again, and keep its parts."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any, Self

import polars as pl

from pathways.cohort import outputs, sampling, screening
from pathways.cohort.judging import CohortJudge
from pathways.cohort.understanding import CASE_ID, ROW
from pathways.overview.parts import write_counts
from rules.inference import Reasoner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

    from pathways.cohort.intake import Intake
    from pathways.cohort.lines import CaseReader
    from pathways.cohort.run import Options
    from pathways.cohort.sources import Piece, Source
    from pathways.cohort.understanding import Understood
    from pathways.cohort.work import Work

Writers = dict[str, "Callable[[Path], object]"]
FEW = 500  # cases that one process reads sooner than others have started


class Piecework:
    """Does pieces, from any number of threads."""

    def __init__(self, options: Options, intake: Intake, reasoner: Reasoner, work: Work, total: int) -> None:
        """Take what the run is about, and how many rows it has in all."""
        self.options = options
        self.intake = intake
        self.reasoner = reasoner
        self.work = work
        self.total = total
        self.judge = CohortJudge(reasoner.base, intake.facts, missing=options.missing)
        if not options.counts:
            intake.idle = frozenset(intake.facts) - self.judge.used() - set(intake.about)
        self.pathways = list(reasoner.base.pathways.values())
        self.form = outputs.form_of(options.output)
        self._one_at_a_time = threading.Lock()  # durable-rules
        self._pool: ProcessPoolExecutor | None = None
        self._reader = intake.reader()
        self._starts = _starts(intake)
        columns = [*intake.about, *self.judge.results]
        intake.heads["result"] = self._in_form(self._empty(columns)).columns
        if options.fired:
            intake.heads["fired"] = outputs.fired(self._empty(columns)).columns

    def _empty(self, columns: Sequence[str]) -> pl.DataFrame:
        facts = pl.DataFrame(schema=self.judge.schema())
        return pl.concat([pl.DataFrame(schema=self.intake.about), self.judge.judge(facts)], how="horizontal")

    def __enter__(self) -> Self:
        """Start the processes that read cases one by one, where they pay."""
        one_by_one = self.intake.one_by_one or self.options.engine == "production"
        if one_by_one and self.total > FEW:
            self._pool = ProcessPoolExecutor(
                os.cpu_count(),
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin,
                initargs=(self._reader, self.reasoner.base),
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the processes."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    @property
    def at_once(self) -> int:
        """How many pieces are best done at a time: one a core, and one to judge while processes read the next."""
        return (os.cpu_count() or 1) + (self._pool is not None)

    def do(self, piece: Piece) -> dict[str, Any]:
        """Do one piece; return the note that was kept of it."""
        source = self.intake.sources[piece.source]
        understood = self._read(source, piece)
        frame = self.intake.uniform(understood, source)
        facts = frame.select(self.intake.facts)
        results = self._judge(facts)
        quarantined = len({refusal.row for refusal in understood.refused})
        note = {
            "rows": understood.rows,
            "results": results.height,
            "quarantined": quarantined,
            **self._sample(piece, frame, results),
        }
        groups = screening.groups(facts)
        whole = pl.concat([frame.select(list(self.intake.about)), results], how="horizontal")
        writers = {**self._writers(whole, understood, source), "groups": groups.write_parquet}
        if self.options.counts:
            base, labels = self.reasoner.base, self.options.labels
            writers["counts"] = lambda path: write_counts(path, whole, facts, base, labels)
        return self.work.keep(piece.number, writers, note)

    def _read(self, source: Source, piece: Piece) -> Understood:
        if source.columns is not None:
            return self.intake.read_table(piece)
        if self._pool is None:
            return self._reader.read(source, piece)
        return self._pool.submit(_read, source, piece).result()

    def _judge(self, facts: pl.DataFrame) -> pl.DataFrame:
        if self.options.engine == "columnar":
            return self.judge.judge(facts)
        schema = self.judge.judge(facts.clear()).schema
        if self._pool is None:
            with self._one_at_a_time:
                rows = [sampling.judged_row(f, self.judge.results, self.reasoner) for f in _cases(facts)]
        else:
            rows = self._pool.submit(_judge, facts, self.judge.results).result()
        return pl.DataFrame(rows, schema=schema)

    def _sample(self, piece: Piece, frame: pl.DataFrame, results: pl.DataFrame) -> dict[str, Any]:
        chosen = sampling.chosen(self._starts[piece.number], piece.rows, self.total, self.options.sample)
        rows = [at - self._starts[piece.number] + piece.first_row for at in chosen]
        at = frame[ROW].is_in(rows).arg_true()
        with self._one_at_a_time:
            differing = sampling.rederive(frame.select(self.intake.facts)[at], results[at], self.reasoner)
        return {"sampled": len(at), "differing": differing}

    def _in_form(self, whole: pl.DataFrame) -> pl.DataFrame:
        return whole if self.form == "parquet" else outputs.readable(whole, self.pathways)

    def _writers(
        self, whole: pl.DataFrame, understood: Understood, source: Source
    ) -> dict[str, Callable[[Path], object]]:
        writers: dict[str, Callable[[Path], object]] = {
            "result": lambda path: outputs.write_part(self._in_form(whole), self.form, path)
        }
        if self.options.fired:
            form = outputs.form_of(self.options.fired)
            writers["fired"] = lambda path: outputs.write_part(outputs.fired(whole), form, path)
        if understood.refused:
            writers["quarantine"] = lambda path: _quarantine(understood, source).write_csv(path, include_header=False)
        if CASE_ID in whole.columns:
            writers["ids"] = whole.select(pl.col(CASE_ID).drop_nulls().hash().alias("id")).write_parquet
        return writers


def _starts(intake: Intake) -> list[int]:
    """Return how many rows lie before each piece."""
    starts, before = [], 0
    for source in intake.sources:
        for *_, rows in source.cuts:
            starts.append(before)
            before += rows
    return starts


def _quarantine(understood: Understood, source: Source) -> pl.DataFrame:
    lines = [(source.name, r.row, r.column, r.value, r.reason) for r in understood.refused]
    return pl.DataFrame(lines, schema=["file", "row", "column", "value", "reason"], orient="row")


def _cases(facts: pl.DataFrame) -> list[dict[str, Any]]:
    return [sampling.facts_of(row) for row in facts.iter_rows(named=True)]


_process: dict[str, Any] = {}  # what a process that reads or judges cases one by one keeps


def _begin(reader: CaseReader, base: Any) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.set_threshold(200_000)  # thousands of cases are held at once, and nothing in them is a circle
    _process["reader"] = reader
    _process["reasoner"] = Reasoner(base)


def _end_with_parent() -> None:
    """End when the run was killed: nobody would ever ask this process for anything again."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read(source: Source, piece: Piece) -> Understood:
    found: Understood = _process["reader"].read(source, piece)
    return found


def _judge(facts: pl.DataFrame, columns: Sequence[str]) -> list[dict[str, Any]]:
    return [sampling.judged_row(case, columns, _process["reasoner"]) for case in _cases(facts)]
