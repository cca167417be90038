"""Doing one piece: read it, judge it, derive a sample of it again, and keep its parts."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import polars as pl

from pathways.cohort import outputs, refusals, sampling, screening
from pathways.cohort.judging import CohortJudge
from pathways.cohort.understanding import CASE_ID, ROW
from pathways.overview.parts import write_counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pathways.cohort.helpers import Helpers
    from pathways.cohort.intake import Intake
    from pathways.cohort.run import Options
    from pathways.cohort.sources import Piece, Source
    from pathways.cohort.understanding import Refusal, Understood
    from pathways.cohort.work import Work
    from rules.inference import Reasoner

HANDFUL = 200  # cases


class Piecework:
    """Does pieces, from any number of threads."""

    def __init__(self, options: Options, intake: Intake, reasoner: Reasoner, work: Work, helpers: Helpers) -> None:
        """Take what the run is about, and the processes beside this one."""
        self.options = options
        self.intake = intake
        self.base = reasoner.base
        self.work = work
        self.helpers = helpers
        self.pathways = list(reasoner.base.pathways.values())
        self.form = outputs.form_of(options.output)
        self._starts = _starts(intake)
        making = ThreadPoolExecutor(1)  # the first piece is read meanwhile
        self._making = making.submit(CohortJudge, reasoner.base, intake.facts, missing=options.missing)
        making.shutdown(wait=False)

    @property
    def judge(self) -> CohortJudge:
        """The judge of all pieces."""
        return self._making.result()

    def columns(self, name: str) -> list[str]:
        """Return the columns of an output (`result`, `fired`), whose parts may not say them."""
        facts = pl.DataFrame(schema=self.judge.schema())
        empty = pl.concat([pl.DataFrame(schema=self.intake.about), self.judge.judge(facts)], how="horizontal")
        return (outputs.fired(empty) if name == "fired" else self._in_form(empty)).columns

    def do(self, piece: Piece) -> dict[str, Any]:
        """Do one piece; return the note that was kept of it."""
        source = self.intake.sources[piece.source]
        understood = self._read(source, piece)
        frame = self.intake.uniform(understood, source)
        facts = frame.select(self.intake.facts)
        at = self._sampled(piece, frame)
        cases = sampling.cases_of(facts[at])
        derived = self.helpers.derive(cases, self.judge.results)
        results = self._judge(facts)
        groups = screening.groups(facts)
        whole = pl.concat([frame.select(list(self.intake.about)), results], how="horizontal")
        writers = {**self._writers(whole, understood.refused, source), "groups": groups.write_parquet}
        if self.options.counts:
            base, labels = self.base, self.options.labels
            writers["counts"] = lambda path: write_counts(path, whole, facts, base, labels)
        quarantined = len({refusal.row for refusal in understood.refused})
        counts = {"rows": understood.rows, "results": results.height, "quarantined": quarantined, "sampled": len(at)}
        refused = refusals.by_column(understood.refused, source.name)
        return self.work.keep(
            piece.number,
            writers,
            lambda: {**counts, "differing": sampling.differing(cases, results[at], derived()), "refused": refused},
        )

    def _read(self, source: Source, piece: Piece) -> Understood:
        if source.columns is not None:
            return self.intake.read_table(piece)
        return self.helpers.read(source, piece)

    def _judge(self, facts: pl.DataFrame) -> pl.DataFrame:
        if self.options.engine == "columnar":
            return self.judge.judge(facts)
        empty = self.judge.judge(facts.clear())
        return pl.concat([empty, *self._one_by_one(facts, empty.schema)])

    def _one_by_one(self, facts: pl.DataFrame, schema: pl.Schema) -> Iterator[pl.DataFrame]:
        """Judge with durable-rules, a handful at a time for each helper: a result holds much as Python's objects."""
        waiting: deque[Callable[[], list[dict[str, Any]]]] = deque()
        for part in facts.iter_slices(HANDFUL):
            waiting.append(self.helpers.derive(sampling.cases_of(part), self.judge.results))
            if len(waiting) > self.helpers.count:
                yield pl.DataFrame(waiting.popleft()(), schema=schema)
        for derived in waiting:
            yield pl.DataFrame(derived(), schema=schema)

    def _sampled(self, piece: Piece, frame: pl.DataFrame) -> pl.Series:
        """Return the places of the rows that are derived again."""
        start, intake = self._starts[piece.number], self.intake
        chosen = sampling.chosen(start, piece.rows, intake.rows, intake.sample)
        rows = [at - start + piece.first_row for at in chosen]
        return frame[ROW].is_in(rows).arg_true()

    def _in_form(self, whole: pl.DataFrame) -> pl.DataFrame:
        return whole if self.form == "parquet" else outputs.readable(whole, self.pathways)

    def _writers(
        self, whole: pl.DataFrame, refused: list[Refusal], source: Source
    ) -> dict[str, Callable[[Path], object]]:
        writers: dict[str, Callable[[Path], object]] = {
            "result": lambda path: outputs.write_part(self._in_form(whole), self.form, path)
        }
        if self.options.fired:
            form = outputs.form_of(self.options.fired)
            writers["fired"] = lambda path: outputs.write_part(outputs.fired(whole), form, path)
        if refused:
            writers["quarantine"] = lambda path: _quarantine(refused, source).write_csv(path, include_header=False)
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


def _quarantine(refused: list[Refusal], source: Source) -> pl.DataFrame:
    lines = [(r.file or source.name, r.row, r.column, r.value, r.reason) for r in refused]
    return pl.DataFrame(lines, schema=["file", "row", "column", "value", "reason"], orient="row")
