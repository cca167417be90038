"""What a worker of Spark does with its share: the rows come as Arrow batches and leave as Arrow batches.

`examine` reads the rows as cases, screens them and notes what is wrong, how many there are, and the cases of the
sample. `judge` reads them once more and yields the results. `render` brings results into another form. The job comes
to each worker as one broadcast; a worker makes it ready once and keeps it.
"""

from __future__ import annotations

import io
import json
import pickle
import traceback
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pathways.cohort import outputs, sampling, screening, sources
from pathways.cohort.judging import CohortJudge
from pathways.cohort.understanding import ROW, Understanding
from pathways.overview.parts import counted
from rules.problems import CaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pathways.cohort.intake import Intake
    from pathways.cohort.spark.storage import Key
    from pathways.cohort.understanding import Understood

    Step = Callable[..., Iterator[pl.DataFrame]]

PATH, AT, TEXT = "spinepath.file", "spinepath.at", "spinepath.line"
MOST = 50_000  # rows that are judged at once: a worker's memory is small
SLICE = 8_192  # rows that go back to Spark at once
NOTES = {
    "kind": pl.String(),
    "file": pl.Int32(),
    "row": pl.Int64(),
    "place": pl.Int32(),
    "column": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
    "data": pl.Binary(),
}
REFUSED, BLOCK, TASK, GROUPS, SAMPLE, COUNTS, STOP = "refused", "block", "task", "groups", "sample", "counts", "stop"


@dataclass(frozen=True)
class Job:
    """What the workers must know of a run."""

    intake: Intake
    keys: dict[Key, int]  # which source a file is
    before: dict[tuple[int, int], int]  # rows or lines before each block
    picked: dict[int, list[int]]  # the rows of the sample, by source

    def packed(self) -> bytes:
        """Return the job as it is sent."""
        return pickle.dumps(self, pickle.HIGHEST_PROTOCOL)


@dataclass(frozen=True)
class Batches:
    """Arrow batches on their way in, and the names of their columns: Spark cannot hand over those with dots."""

    names: list[str]
    batches: Iterable[Any]

    def gathered(self, rows: int) -> Iterator[pl.DataFrame]:
        """Yield the batches as frames of about so many rows."""
        held: list[Any] = []
        count = 0
        for batch in self.batches:
            if batch.num_rows:
                held.append(batch)
                count += batch.num_rows
            if count >= rows:
                yield self._frame(held)
                held, count = [], 0
        if held:
            yield self._frame(held)

    def _frame(self, held: list[Any]) -> pl.DataFrame:
        frame = pl.DataFrame(pl.from_arrow(held))
        frame.columns = self.names
        return frame


@dataclass
class Share:
    """Some rows of one source, as they were understood."""

    source: int
    understood: Understood
    frame: pl.DataFrame


@dataclass
class Reader:
    """Reads batches as cases. It keeps how far it is in each block, so it serves for one task."""

    bench: Bench
    seen: Counter[tuple[int, int]] = field(default_factory=Counter)

    def shares(self, batches: Batches) -> Iterator[list[Share]]:
        """Yield the shares of as many rows as are judged at once."""
        for chunk in batches.gathered(self.bench.rows):
            yield [share for path, part in _by(PATH, chunk) for share in self._read(path, part.drop(PATH))]

    def _read(self, path: str, part: pl.DataFrame) -> Iterator[Share]:
        from pathways.cohort.spark.storage import key_of

        number = self.bench.job.keys.get(key_of(path))
        if number is None:
            raise sources.changed([path])
        source = self.bench.job.intake.sources[number]
        if source.form == sources.PARQUET:
            self.seen[number, 0] += part.height
            yield self.bench.share(
                number, self.bench.understanding(number).read(part.drop(AT), part[AT] + 1, source.name)
            )
        else:
            for start, lines in _by(AT, part):
                yield self._read_lines(number, start, lines[TEXT].to_list())

    def _read_lines(self, number: int, start: int, lines: list[bytes]) -> Share:
        job, bench, source = self.bench.job, self.bench, self.bench.job.intake.sources[number]
        if (number, start) not in job.before:
            raise sources.changed([source.name])
        first = job.before[number, start] + self.seen[number, start] + 1
        self.seen[number, start] += len(lines)
        if source.form == sources.LINES:
            return bench.share(number, bench.cases.read_lines(b"\n".join(lines), first, source.name))
        if first == 1:
            lines, first = lines[1:], 2
        understanding = bench.understanding(number)
        understood = job.intake.read_csv(source, understanding, b"\n".join(lines), first - 1)
        return bench.share(number, understood)


class Bench:
    """A job made ready: what is the same for every task of it."""

    def __init__(self, job: Job) -> None:
        """Take the job."""
        self.job = job
        self.rows = min(job.intake.options.chunk, MOST)
        self.judge = CohortJudge(job.intake.base, job.intake.facts)
        self.cases = job.intake.reader()

    def understanding(self, number: int) -> Understanding:
        """Return what reads the columns of a source."""
        columns = self.job.intake.columns[number]
        if columns is None:
            message = "cases that are read one by one have a reader of their own"
            raise TypeError(message)
        return Understanding(self.job.intake.base.vocabulary, columns)

    def share(self, number: int, understood: Understood) -> Share:
        """Return what was understood, with the columns that all have."""
        intake = self.job.intake
        return Share(number, understood, intake.uniform(understood, intake.sources[number]))

    def judged(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the results of cases, with the columns that say which they are."""
        intake = self.job.intake
        results = self.judge.judge(frame.select(intake.facts))
        return pl.concat([frame.select(list(intake.about)), results], how="horizontal")

    def nothing(self) -> pl.DataFrame:
        """Return the results of no case."""
        return self.judged(pl.DataFrame(schema={**self.job.intake.about, **self.judge.schema()}))


@lru_cache(1)
def bench(packed: bytes) -> Bench:
    """Return a job made ready, once in each process."""
    return Bench(pickle.loads(packed))


def _step(step: Step) -> Callable[..., Iterator[Any]]:
    """Make a step that takes and yields Arrow batches. Its unexpected errors tell the place and no value."""

    @wraps(step)
    def run(*given: Any) -> Iterator[Any]:
        try:
            for frame in step(*given):
                for part in frame.iter_slices(SLICE):
                    yield from plain(part).to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches()
        except (CaseError, ImportError, MemoryError) as error:
            raise RuntimeError(str(error).replace("\n", ";")) from None
        except Exception as error:
            raise RuntimeError(_where(error)) from None

    return run


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "pathways" in Path(f.filename).parts or "rules" in Path(f.filename).parts] or frames
    return f"{type(error).__name__} in {Path(ours[-1].filename).name}, line {ours[-1].lineno}"


@_step
def examine(packed: bytes, batches: Batches) -> Iterator[pl.DataFrame]:
    """Yield notes on all rows: what is wrong, how many there are, groups, and the facts of the sample."""
    ready = bench(packed)
    reader, notes = Reader(ready), Notes(ready)
    try:
        for shares in reader.shares(batches):
            yield notes.rows(shares)
    except CaseError as error:
        yield notes.stop(error)
        return
    yield notes.whole(reader.seen)


@_step
def judge(packed: bytes, batches: Batches) -> Iterator[pl.DataFrame]:
    """Yield the results."""
    ready = bench(packed)
    for shares in Reader(ready).shares(batches):
        yield ready.judged(pl.concat([share.frame for share in shares]))


@_step
def render(packed: bytes, batches: Batches, table: str, form: str) -> Iterator[pl.DataFrame]:
    """Yield results as `result` or `fired` in another form; of text, many lines in one value."""
    ready = bench(packed)
    empty = ready.nothing()
    if form == "csv":
        yield _text(outputs.header(in_form(empty, table, ready).columns))
    for chunk in batches.gathered(ready.rows):
        whole = in_form(chunk.cast(empty.schema), table, ready)
        if form == "parquet":
            yield whole
        elif whole.height:
            buffer = io.BytesIO()
            outputs.write_part(whole, form, buffer)
            yield _text(buffer.getvalue())


def in_form(whole: pl.DataFrame, table: str, ready: Bench) -> pl.DataFrame:
    """Return results as the table that is wanted: `result` as text has it, or `fired`."""
    if table == "fired":
        return outputs.fired(whole)
    return outputs.readable(whole, list(ready.job.intake.base.pathways.values()))


def _text(lines: bytes) -> pl.DataFrame:
    return pl.DataFrame({"value": [lines.decode().removesuffix("\n")]})


class Notes:
    """What a task notes of its rows."""

    def __init__(self, ready: Bench) -> None:
        """Take the job."""
        self.ready = ready
        self.counts: Counter[str] = Counter(rows=0, results=0, quarantined=0)
        self.groups: list[pl.DataFrame] = []
        self.tally: Counter[str] = Counter()

    def rows(self, shares: list[Share]) -> pl.DataFrame:
        """Return the notes on some rows, and count them."""
        lines: list[dict[str, Any]] = []
        for share in shares:
            understood = share.understood
            self.counts["rows"] += understood.rows
            self.counts["results"] += share.frame.height
            self.counts["quarantined"] += len({refusal.row for refusal in understood.refused})
            lines += [
                {"kind": REFUSED, "file": share.source, "row": r.row, "place": at}
                | {"column": r.column, "value": r.value, "reason": r.reason}
                for at, r in enumerate(understood.refused)
            ]
            lines += self._sample(share)
        self._count(pl.concat([share.frame for share in shares]))
        return _notes(lines)

    def _sample(self, share: Share) -> Iterator[dict[str, Any]]:
        picked = share.frame.filter(pl.col(ROW).is_in(self.ready.job.picked.get(share.source, [])))
        facts = picked.select(self.ready.job.intake.facts)
        for row, known in zip(picked[ROW], facts.iter_rows(named=True), strict=True):
            text = json.dumps(sampling.facts_of(known), ensure_ascii=False)
            yield {"kind": SAMPLE, "file": share.source, "row": row, "value": text}

    def _count(self, frame: pl.DataFrame) -> None:
        intake = self.ready.job.intake
        facts = frame.select(intake.facts)
        self.groups.append(screening.groups(facts))
        if intake.options.summary:
            self.tally.update(counted(self.ready.judged(frame), facts, intake.base, intake.options.labels))

    def whole(self, seen: Counter[tuple[int, int]]) -> pl.DataFrame:
        """Return the notes on the whole task."""
        lines: list[dict[str, Any]] = [{"kind": TASK, "column": pl.__version__, "value": json.dumps(self.counts)}]
        lines += [{"kind": BLOCK, "file": n, "row": at, "value": str(count)} for (n, at), count in seen.items()]
        if self.tally:
            lines.append({"kind": COUNTS, "value": json.dumps(self.tally)})
        if self.groups:
            buffer = io.BytesIO()
            pl.concat(self.groups).write_ipc(buffer)
            lines.append({"kind": GROUPS, "data": buffer.getvalue()})
        return _notes(lines)

    def stop(self, error: CaseError) -> pl.DataFrame:
        """Return the note on what stops the run."""
        return _notes([{"kind": STOP, "data": pickle.dumps((type(error), error.title, error.problems))}])


def _notes(lines: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(lines, schema=NOTES)


def _by(column: str, frame: pl.DataFrame) -> Iterator[tuple[Any, pl.DataFrame]]:
    """Yield the parts of a frame that are alike in a column, in order."""
    if frame[column].n_unique() == 1:
        yield frame[column][0], frame
        return
    for (value, *_), part in frame.partition_by(column, as_dict=True, maintain_order=True).items():
        yield value, part


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with the types that Spark knows."""
    chosen = pl.selectors
    return frame.with_columns(
        chosen.enum().cast(pl.String),
        chosen.categorical().cast(pl.String),
        chosen.by_dtype(pl.UInt8).cast(pl.Int16),
        chosen.by_dtype(pl.UInt16).cast(pl.Int32),
        chosen.by_dtype(pl.UInt32).cast(pl.Int64),
    )
