"""A whole run on Spark: survey the input, examine every row, judge all, check what was written, and publish it.

The input is read twice. The first pass reads, screens and counts, so that nothing is written where something may
identify a patient; the second judges. Spark may lose workers at any time: it does their share again, and since it
commits each pass as a whole, no row is lost or there twice. What was written is counted again, and the sample is
derived with durable-rules and looked for in it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import pickle
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any

import polars as pl

from pathways.cohort import outputs, refusals, sampling, sources
from pathways.cohort.run import Done, check_sum, difference, manifest_of
from pathways.cohort.spark import session, work
from pathways.cohort.spark.session import ClusterError, telling
from pathways.cohort.spark.storage import Storage
from pathways.cohort.spark.survey import SurveyedIntake, before, rows_of, survey, union
from pathways.cohort.spark.watch import Watch
from pathways.cohort.understanding import CASE_ID
from pathways.overview.tally import merged
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathways.cohort.run import Options, Page
    from pathways.cohort.spark.session import Cluster
    from pathways.cohort.spark.survey import Block
    from pathways.cohort.spark.watch import Progress
    from rules.inference import Reasoner

STAGE = ".part"
NOTES = (
    "kind string, file int, row long, place int, column string, value string, reason string, data binary, "
    "ids array<long>"
)
QUARANTINE = ("file", "row", "column", "value", "reason")
LINES = 1_000  # of the quarantine file that are written at once
FAILED = "Spark could not finish"


class SparkRun:
    """One run on Spark, from surveying its input on. It takes the place of `pathways.cohort.run.Run`."""

    def __init__(self, options: Options, reasoner: Reasoner, cluster: Cluster) -> None:
        """Start Spark and survey the input. Raises CaseError or ClusterError where it cannot go on."""
        self.options, self.reasoner, self.cluster = options, reasoner, cluster
        self.form = outputs.form_of(options.output)
        self.fired_form = outputs.form_of(options.fired) if options.fired else ""
        self.session, self._ours = session.start(cluster)
        try:
            with telling("Spark cannot read the input"):
                self._survey()
        except BaseException:
            self._stop()
            raise

    def _survey(self) -> None:
        self.storage = Storage(self.session)
        self.survey = survey(self.session, self.storage, self.options.inputs)
        self.intake = SurveyedIntake(self.options, self.reasoner.base, self.survey.sources)
        self._name_outputs()
        self.blocks = self.survey.blocks()
        for source, rows in zip(self.survey.sources, rows_of(self.survey.sources, self.blocks), strict=True):
            source.rows = rows
        self.total = sum(source.rows for source in self.survey.sources)
        if not self.total:
            raise CaseError("there is nothing to judge", [Problem("", "the input holds no cases")])
        job = work.Job(self.intake, self.survey.keys, before(self.blocks), self._picked())
        self.bench = work.Bench(job)
        self.job = self._sent(job)

    def _sent(self, content: object) -> Any:
        return self.session.sparkContext.broadcast(pickle.dumps(content, pickle.HIGHEST_PROTOCOL))

    def _stop(self) -> None:
        if self._ours:
            with contextlib.suppress(Exception):  # where Spark itself is gone
                self.session.stop()

    def _name_outputs(self) -> None:
        """Say where the outputs go, and refuse to write over an input or a folder of something else."""
        full, cluster = self.storage.full, self.cluster
        self.output = full(cluster.output).rstrip("/")
        self.fired = full(cluster.fired).rstrip("/") if cluster.fired else None
        self.quarantine = full(cluster.quarantine or f"{cluster.output.rstrip('/')}.quarantine.csv")
        self.manifest = f"{self.output}.manifest.json"
        self.stage = f"{self.output}{STAGE}"
        for name in (self.output, self.fired, self.quarantine, self.manifest, self.stage):
            key = self.storage.key(name) if name else ("", "", "")
            if any(k[:2] == key[:2] and f"{k[2]}/".startswith(f"{key[2]}/") for k in self.survey.keys):
                raise CaseError(f"{name} is an input", [Problem("", "choose another name for the output")])
        for name in (self.output, self.fired):
            foreign = self.storage.foreign(name) if name else []
            if foreign:
                raise CaseError(f"{name} is a folder with other things in it", [Problem("", foreign[0])])

    def _picked(self) -> dict[int, list[int]]:
        """Return the rows of the sample, by source: the same as on one machine."""
        picked, start = {}, 0
        for number, source in enumerate(self.survey.sources):
            chosen = sampling.chosen(start, source.rows, self.total, self.intake.sample)
            picked[number] = [at - start + 1 for at in chosen]
            start += source.rows
        return picked

    def run(self, progress: Progress = lambda done, total: None, page: Page | None = None) -> Done:
        """Judge everything and write the outputs. Calls progress(rows done, rows in all) as Spark goes on.

        Raises CaseError or ClusterError where it must stop; then nothing is written.
        """
        try:
            with telling(FAILED):
                self.storage.delete(self.stage)
                return self._run(progress, page)
        finally:
            with contextlib.suppress(Exception):
                self.storage.delete(self.stage)
            self._stop()

    def _run(self, progress: Progress, page: Page | None) -> Done:
        watch = Watch(self.session, progress, self.total, 5 if self.fired else 3)
        notes = self._examine(watch)
        counts = self._counts(notes)
        folders = {self.output: self._write("result", self.form, watch)}
        sample = self._sample(notes)
        counts["sampled"] = sample.height
        hashes = self._check("result", self.form, watch, self._expected(sample), counts["results"])
        if self.fired:
            folders[self.fired] = self._write("fired", self.fired_form, watch)
            hashes |= self._check("fired", self.fired_form, watch)
        self._check_unchanged()
        manifest = self._manifest(notes, counts) | {"outputs": hashes}
        tally = merged(json.loads(row["value"]) for row in _of(notes, work.COUNTS)) if self.options.counts else None
        summary = page(tally, manifest) if page and tally is not None and self.options.summary else None
        self._publish(folders, notes, manifest, summary, quarantined=counts["quarantined"])
        return Done(**counts, resumed=0, manifest=manifest, tally=tally)

    def _mapped(self, step: Any, kinds: str, *given: str) -> Any:
        """Return what the workers make of the input."""
        job, feeds = self.job, self.survey.feeds(self.intake)
        return union([feed.mapInArrow(lambda batches: step(job.value, batches, *given), kinds) for feed in feeds])

    def _examine(self, watch: Watch) -> Any:
        """Let the workers examine every row; return their notes, as they are kept in the stage."""
        folder = f"{self.stage}/notes"
        notes = self._mapped(work.examine, NOTES)
        watch.during(lambda: notes.write.parquet(folder))
        return self.session.read.schema(NOTES).parquet(folder)

    def _counts(self, notes: Any) -> dict[str, int]:
        """Return how many rows there are of which kind. Raises CaseError where the run must stop."""
        stops = [pickle.loads(row["data"]) for row in _of(notes, work.STOP)]
        if stops:
            raise min((kind(title, problems) for kind, title, problems in stops), key=str)
        tasks = _of(notes, work.TASK)
        polars = sorted({row["column"] for row in tasks} - {pl.__version__})
        if polars:
            message = f"here is {pl.__version__}; results could differ: install the same everywhere"
            raise ClusterError(f"a worker has Polars {' and '.join(polars)}", [Problem("", message)])
        self._check_blocks(_of(notes, work.BLOCK))
        counts = dict(merged(json.loads(row["value"]) for row in tasks))
        check_sum(counts)
        return counts

    def _check_blocks(self, notes: list[Any]) -> None:
        """Raise CaseError if the workers did not see just the rows that were counted before."""
        seen: Counter[Block] = Counter()
        for row in notes:
            seen[row["file"], row["row"]] += int(row["value"])
        differing = {number for number, _ in dict(seen.items() ^ self.blocks.items())}
        if differing:
            raise sources.changed(self.survey.sources[number].name for number in sorted(differing))

    def _write(self, table: str, form: str, watch: Watch) -> str:
        """Let the workers judge every row, and Spark write their files; return the folder in the stage."""
        folder = f"{self.stage}/{table}"
        parts = self._mapped(work.write, "value binary", table, form)
        # Each value is a file but for its end. Spark's writer of text puts the bytes of a value as they are, and an
        # end of line after it: so the end of a file is told as the end of line, and each value gets a file.
        writer = parts.select(parts["value"].cast("string")).write.option("maxRecordsPerFile", 1)
        watch.during(lambda: writer.option("lineSep", work.ENDS[form].decode()).text(folder))
        if not self.storage.name_parts(folder, form):
            self.storage.write(f"{folder}/part-00000.{form}", [self.bench.part(self.bench.nothing(), table, form)])
        return folder

    def _sample(self, notes: Any) -> pl.DataFrame:
        """Return the cases of the sample. Raises DifferenceError if durable-rules finds something else in them."""
        found = [pl.read_ipc(bytes(row["data"])) for row in _of(notes, work.SAMPLE)]
        sample = pl.concat(found) if found else pl.DataFrame(schema={**self.intake.about, **self.bench.judge.schema()})
        facts = sample.select(self.intake.facts)
        results = self.bench.judge.judge(facts)
        cases = sampling.cases_of(facts)
        derived = sampling.derive(cases, results.columns, self.reasoner)
        differing = sampling.differing(cases, results, derived)
        if differing:
            where = f"{self.output}.differences.jsonl"
            self.storage.write(where, (f"{json.dumps(row, ensure_ascii=False)}\n".encode() for row in differing))
            raise difference(differing, where)
        return sample

    def _check(
        self, table: str, form: str, watch: Watch, expected: work.Expected | None = None, rows: int | None = None
    ) -> dict[str, str]:
        """Look in what was written for as many rows as there must be, and for the sample; return the hash of each file.

        Raises ClusterError if it is not all there, and once.
        """
        packed = self._sent(expected or work.Expected(pl.DataFrame(), []))
        files = self.session.read.format("binaryFile").load(f"{self.stage}/{table}").select("path", "content")
        seen: list[Any] = []
        looked = files.mapInArrow(lambda batches: work.check(packed.value, batches, form), NOTES)
        watch.during(lambda: seen.extend(looked.collect()))
        written = sum(row["row"] for row in seen)
        found = sorted(at for row in seen for at in json.loads(row["value"]))
        if expected is not None and (written != rows or found != list(range(len(expected.lines)))):
            sampled = len(expected.lines)
            message = f"of {rows} results and {sampled} sampled rows, {written} and {len(found)} were found"
            raise ClusterError("what was written is not what was judged", [Problem("", message)])
        name = (self.output if table == "result" else self.fired or "").rsplit("/", 1)[-1]
        hashes = {row["column"].rsplit("/", 1)[-1]: row["reason"] for row in seen}
        return {f"{name}/{part}": hashes[part] for part in sorted(hashes)}

    def _expected(self, sample: pl.DataFrame) -> work.Expected:
        """Return what must have been written for the sample."""
        rows = self.bench.judged(sample).iter_slices(1)
        form = self.form
        lines = [
            row.write_ndjson().encode() if form == "parquet" else self.bench.lines(row, "result", form) for row in rows
        ]
        return work.Expected(sample.select(work.keys_of(self.intake)), [line.removesuffix(b"\n") for line in lines])

    def _check_unchanged(self) -> None:
        now = [self.storage.place(place.path) for place in self.survey.places]
        pairs = zip(self.survey.sources, self.survey.places, now, strict=True)
        changed = [source.name for source, was, place in pairs if place != was]
        if changed:
            raise sources.changed(changed)

    def _manifest(self, notes: Any, counts: dict[str, int]) -> dict[str, Any]:
        groups = [pl.read_ipc(bytes(row["data"])) for row in _of(notes, work.GROUPS)]
        repeated = _repeated(notes) if CASE_ID in self.intake.about else None
        manifest = manifest_of(self.intake, self.reasoner, counts, self._refused_by_column(notes), groups, repeated)
        return manifest | {"spark_version": self.session.version}

    def _publish(
        self, folders: dict[str, str], notes: Any, manifest: dict[str, Any], page: str | None, *, quarantined: int
    ) -> None:
        """Put everything in its place, the manifest last."""
        if quarantined:
            name = self.quarantine.rsplit("/", 1)[-1]
            manifest["outputs"][name] = self.storage.write(self.quarantine, self._refused(notes))
        else:
            self.storage.delete(self.quarantine)
        for name, folder in folders.items():
            self.storage.delete(name)
            self.storage.rename(folder, name)
        if self.options.summary and page is not None:
            summary = page.encode()
            self.options.summary.write_bytes(summary)
            manifest["outputs"][self.options.summary.name] = hashlib.sha256(summary).hexdigest()
        text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
        self.storage.write(self.manifest, [text.encode()])

    def _refused_by_column(self, notes: Any) -> dict[str, Any]:
        """Return what was refused, as the manifest tells it."""
        from pyspark.sql import functions

        refused = notes.where(notes["kind"] == work.REFUSED).groupBy("column")
        first = functions.min(functions.struct("file", "row", "place", "reason")).alias("first")
        counted = refused.agg(functions.count("*").alias("refused"), first).collect()
        told = [
            {"column": row["column"], "refused": row["refused"], "file": self.survey.sources[row["first"]["file"]].name}
            | {"row": row["first"]["row"], "reason": row["first"]["reason"]}
            for row in counted
        ]
        return refusals.merged([told])

    def _refused(self, notes: Any) -> Iterator[bytes]:
        """Yield the lines of the quarantine file, by file and row."""
        yield outputs.header(QUARANTINE)
        refused = notes.where(notes["kind"] == work.REFUSED).orderBy("file", "row", "place")
        rows = refused.toLocalIterator(prefetchPartitions=True)
        while some := list(islice(rows, LINES)):
            lines = [(self.survey.sources[r["file"]].name, *(r[name] for name in QUARANTINE[1:])) for r in some]
            yield pl.DataFrame(lines, schema=list(QUARANTINE), orient="row").write_csv(include_header=False).encode()


def _of(notes: Any, kind: str) -> list[Any]:
    rows: list[Any] = notes.where(notes["kind"] == kind).collect()
    return rows


def _repeated(notes: Any) -> int:
    """Return how many cases share their id with another case."""
    from pyspark.sql import functions

    ids = notes.where(notes["kind"] == work.IDS).select(functions.explode("ids").alias("id")).groupBy("id").count()
    total = ids.where(ids["count"] > 1).agg(functions.sum("count").alias("cases")).first()
    return int(total["cases"] or 0)
