"""What a worker of Spark does with its share: rows come as Arrow batches, and leave as notes or as whole part files.

`examine` reads the rows as cases, screens them and notes what is wrong, how many there are, and the cases of the
sample. `write` reads them once more and judges them; `check` looks at what was written. The job comes to each worker
as one broadcast; a worker makes it ready once and keeps it.

A part leaves as one value, a file of up to `MOST` rows, because Spark handles a table cell by cell: two thousand
columns of results would take it a thousand times as long as it took to judge them.
"""

from __future__ import annotations

import hashlib
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

from pathways.cohort import outputs, screening, sources
from pathways.cohort.judging import CohortJudge
from pathways.cohort.spark.places import key_of
from pathways.cohort.understanding import CASE_ID, FILE, ROW, Understanding
from pathways.overview.parts import counted
from rules.problems import CaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pathways.cohort.intake import Intake
    from pathways.cohort.spark.places import Key
    from pathways.cohort.understanding import Understood

    Step = Callable[..., Iterator[pl.DataFrame]]

GIVEN, PATH, AT, TEXT = "given", "spinepath.file", "spinepath.at", "spinepath.line"
MOST = 50_000  # rows that are judged at once: a worker's memory is small
ENDS = {"parquet": b"PAR1", "csv": b"\n", "jsonl": b"\n"}  # how a file of each form ends
NOTES = {
    "kind": pl.String(),
    "file": pl.Int32(),
    "row": pl.Int64(),
    "place": pl.Int32(),
    "column": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
    "data": pl.Binary(),
    "ids": pl.List(pl.Int64()),
}
PARTS = {"value": pl.Binary()}
REFUSED, BLOCK, TASK, GROUPS, SAMPLE, COUNTS, STOP = "refused", "block", "task", "groups", "sample", "counts", "stop"
IDS, WRITTEN = "ids", "written"


@dataclass(frozen=True)
class Job:
    """What the workers must know of a run."""

    intake: Intake
    keys: dict[Key, int]  # which source a file is
    before: dict[tuple[int, int], int]  # rows or lines before each block
    picked: dict[int, list[int]]  # the rows of the sample, by source


@dataclass(frozen=True)
class Expected:
    """What must have been written for the sample: which rows (file and row), and their lines."""

    keys: pl.DataFrame
    lines: list[bytes]


class Bench:
    """A job made ready: what is the same for every task of it."""

    def __init__(self, job: Job) -> None:
        """Take the job."""
        self.job = job
        self.intake = job.intake
        self.rows = min(job.intake.options.chunk, MOST)
        self.judge = CohortJudge(job.intake.base, job.intake.facts)
        self.cases = job.intake.reader()

    def understanding(self, number: int) -> Understanding:
        """Return what reads the columns of a source."""
        columns = self.intake.columns[number]
        if columns is None:
            message = "cases that are read one by one have a reader of their own"
            raise TypeError(message)
        return Understanding(self.intake.base, columns)

    def judged(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the results of cases, with the columns that say which they are."""
        results = self.judge.judge(frame.select(self.intake.facts))
        return pl.concat([frame.select(list(self.intake.about)), results], how="horizontal")

    def nothing(self) -> pl.DataFrame:
        """Return the results of no case."""
        return self.judged(pl.DataFrame(schema={**self.intake.about, **self.judge.schema()}))

    def part(self, whole: pl.DataFrame, table: str, form: str) -> bytes:
        """Return results, as the table `result` or `fired`, as a file of this form."""
        told = self._in_form(whole, table, form)
        return (outputs.header(told.columns) if form == "csv" else b"") + _written(told, form)

    def lines(self, whole: pl.DataFrame, table: str, form: str) -> bytes:
        """Return the same without a header."""
        return _written(self._in_form(whole, table, form), form)

    def _in_form(self, whole: pl.DataFrame, table: str, form: str) -> pl.DataFrame:
        if table == "fired":
            return outputs.fired(whole)
        return whole if form == "parquet" else outputs.readable(whole, list(self.intake.base.pathways.values()))


def _written(frame: pl.DataFrame, form: str) -> bytes:
    buffer = io.BytesIO()
    outputs.write_part(frame, form, buffer)
    return buffer.getvalue()


@lru_cache(1)
def bench(packed: bytes) -> Bench:
    """Return a job made ready, once in each process."""
    return Bench(pickle.loads(packed))


@dataclass
class Share:
    """Some rows of one source, as they were understood; `frame` has the columns that all have."""

    source: int
    understood: Understood
    frame: pl.DataFrame


@dataclass
class Reader:
    """Reads batches as cases. It keeps how far it is in each block, so it serves for one task."""

    bench: Bench
    seen: Counter[tuple[int, int]] = field(default_factory=Counter)

    def shares(self, batches: Iterable[Any]) -> Iterator[list[Share]]:
        """Yield the shares of as many rows as are judged at once."""
        for chunk in gathered(batches, self.bench.rows):
            yield [share for path, part in _by(PATH, chunk) for share in self._read(path, part.drop(PATH))]

    def _read(self, path: str, part: pl.DataFrame) -> Iterator[Share]:
        bench = self.bench
        number = bench.job.keys.get(key_of(path))
        if number is None:
            raise sources.changed([path])
        source = bench.intake.sources[number]
        if source.form == sources.PARQUET:
            self.seen[number, 0] += part.height
            found = bench.understanding(number).read(part.drop(AT), part[AT] + 1, source.name)
            yield Share(number, found, bench.intake.uniform(found, source))
            return
        for start, lines in _by(AT, part):
            found = self._read_lines(number, start, lines[TEXT].to_list())
            yield Share(number, found, bench.intake.uniform(found, source))

    def _read_lines(self, number: int, start: int, lines: list[bytes]) -> Understood:
        bench, before = self.bench, self.bench.job.before
        source = bench.intake.sources[number]
        if (number, start) not in before:
            raise sources.changed([source.name])
        first = before[number, start] + self.seen[number, start] + 1
        self.seen[number, start] += len(lines)
        if source.form == sources.LINES:
            return bench.cases.read_lines(b"\n".join(lines), first, source.name)
        if first == 1:  # the header, which is not counted
            lines, first = lines[1:], 2
        return bench.intake.read_csv(source, bench.understanding(number), b"\n".join(lines), first - 1)


def _step(step: Step) -> Callable[..., Iterator[Any]]:
    """Make a step that takes and yields Arrow batches. Its unexpected errors tell the place and no value."""

    @wraps(step)
    def run(*given: Any) -> Iterator[Any]:
        try:
            for frame in step(*given):
                yield from _as_arrow(frame)
        except (CaseError, ImportError, MemoryError) as error:
            raise RuntimeError(str(error).replace("\n", ";")) from None
        except Exception as error:
            raise RuntimeError(_where(error)) from None

    return run


def _as_arrow(frame: pl.DataFrame) -> list[Any]:
    """Return a frame in Arrow's older types, which Spark knows."""
    import pyarrow

    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    for at, name in enumerate(table.column_names):
        if pyarrow.types.is_large_list(table[name].type):
            table = table.set_column(at, name, table[name].cast(pyarrow.list_(table[name].type.value_type)))
    batches: list[Any] = table.to_batches()
    return batches


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if {"pathways", "rules"} & {*Path(f.filename).parts}] or frames
    return f"{type(error).__name__} in {Path(ours[-1].filename).name}, line {ours[-1].lineno}"


@_step
def examine(packed: bytes, batches: Iterable[Any]) -> Iterator[pl.DataFrame]:
    """Yield notes on all rows: what is wrong, how many there are, groups, and the cases of the sample."""
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
def write(packed: bytes, batches: Iterable[Any], table: str, form: str) -> Iterator[pl.DataFrame]:
    """Yield files of results; each lacks its end, which Spark puts there."""
    ready = bench(packed)
    for shares in Reader(ready).shares(batches):
        cases = pl.concat([share.frame for share in shares])
        if cases.height:
            part = ready.part(ready.judged(cases), table, form)
            yield pl.DataFrame({"value": [part.removesuffix(ENDS[form])]}, schema=PARTS)


@_step
def check(packed: bytes, batches: Iterable[Any], form: str) -> Iterator[pl.DataFrame]:
    """Yield for each file its hash, how many rows it holds, and which of the expected lines."""
    expected: Expected = pickle.loads(packed)
    for batch in batches:
        for path, content in pl.DataFrame(pl.from_arrow(batch)).iter_rows():
            rows, text = _looked_at(content, form, expected.keys)
            found = [at for at, line in enumerate(expected.lines) if b"\n" + line + b"\n" in text]
            note = {"kind": WRITTEN, "column": path, "reason": hashlib.sha256(content).hexdigest()}
            yield _notes([{**note, "row": rows, "value": json.dumps(found)}])


def _looked_at(content: bytes, form: str, keys: pl.DataFrame) -> tuple[int, bytes]:
    """Return how many rows a file holds, and text in which to look for lines."""
    if form == "jsonl":
        return content.count(b"\n"), b"\n" + content
    if form == "csv":
        return pl.read_csv(content, infer_schema=False).height, content
    if keys.is_empty():
        return pl.scan_parquet(io.BytesIO(content)).select(pl.len()).collect().item(), b""
    rows = pl.read_parquet(io.BytesIO(content), columns=keys.columns)
    if rows.join(keys, on=keys.columns, how="semi").is_empty():
        return rows.height, b""
    whole = pl.read_parquet(io.BytesIO(content)).join(keys, on=keys.columns, how="semi")
    return rows.height, b"\n" + whole.write_ndjson().encode()


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
            understood, frame = share.understood, share.frame
            self.counts["rows"] += understood.rows
            self.counts["results"] += frame.height
            self.counts["quarantined"] += len({refusal.row for refusal in understood.refused})
            lines += [
                {"kind": REFUSED, "file": share.source, "row": r.row, "place": at}
                | {"column": r.column, "value": r.value, "reason": r.reason}
                for at, r in enumerate(understood.refused)
            ]
            picked = frame.filter(pl.col(ROW).is_in(self.ready.job.picked.get(share.source, [])))
            if picked.height:
                lines.append({"kind": SAMPLE, "data": packed_frame(picked)})
        self._count(pl.concat([share.frame for share in shares]), lines)
        return _notes(lines)

    def _count(self, frame: pl.DataFrame, lines: list[dict[str, Any]]) -> None:
        intake = self.ready.intake
        facts = frame.select(intake.facts)
        self.groups.append(screening.groups(facts))
        if CASE_ID in frame.columns:
            lines.append({"kind": IDS, "ids": frame[CASE_ID].drop_nulls().hash().reinterpret(signed=True).to_list()})
        if intake.options.counts:
            self.tally.update(counted(self.ready.judged(frame), facts, intake.base, intake.options.labels))

    def whole(self, seen: Counter[tuple[int, int]]) -> pl.DataFrame:
        """Return the notes on the whole task."""
        lines: list[dict[str, Any]] = [{"kind": TASK, "column": pl.__version__, "value": json.dumps(self.counts)}]
        lines += [{"kind": BLOCK, "file": n, "row": at, "value": str(count)} for (n, at), count in seen.items()]
        if self.tally:
            lines.append({"kind": COUNTS, "value": json.dumps(self.tally)})
        if self.groups:
            lines.append({"kind": GROUPS, "data": packed_frame(pl.concat(self.groups))})
        return _notes(lines)

    def stop(self, error: CaseError) -> pl.DataFrame:
        """Return the note on what stops the run."""
        return _notes([{"kind": STOP, "data": pickle.dumps((type(error), error.title, error.problems))}])


def _notes(lines: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(lines, schema=NOTES)


def packed_frame(frame: pl.DataFrame) -> bytes:
    """Return a frame as it is sent."""
    buffer = io.BytesIO()
    frame.write_ipc(buffer)
    return buffer.getvalue()


def keys_of(intake: Intake) -> list[str]:
    """Return the columns that tell rows apart."""
    return [name for name in (FILE, ROW) if name in intake.about]


def gathered(batches: Iterable[Any], rows: int) -> Iterator[pl.DataFrame]:
    """Yield Arrow batches, each row in one value, as frames of about so many rows."""
    held: list[pl.DataFrame] = []
    count = 0
    for batch in batches:
        if batch.num_rows:
            held.append(pl.DataFrame(pl.from_arrow(batch)).unnest(GIVEN))
            count += batch.num_rows
        if count >= rows:
            yield pl.concat(held)
            held, count = [], 0
    if held:
        yield pl.concat(held)


def _by(column: str, frame: pl.DataFrame) -> Iterator[tuple[Any, pl.DataFrame]]:
    """Yield the parts of a frame that are alike in a column, in order."""
    if frame[column].n_unique() == 1:
        yield frame[column][0], frame
        return
    for (value, *_), part in frame.partition_by(column, as_dict=True, maintain_order=True).items():
        yield value, part
