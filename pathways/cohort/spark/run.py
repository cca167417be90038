"""A whole run on Spark: survey the input, examine every row, judge all, check what was written, and publish it.

Two passes go over the input. The first reads, screens and counts, so that nothing is written where something may
identify a patient; the second judges. Between them Spark may lose workers: it does their share again, and since each
pass is committed as a whole, no row is lost or there twice. What the second pass wrote is counted again, and the
sample is compared with what is on the disk.
"""

from __future__ import annotations

import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import polars as pl

from pathways.cohort import outputs, sampling, sources
from pathways.cohort.judging import CohortJudge
from pathways.cohort.run import Done, check_sum, difference, manifest_of
from pathways.cohort.spark import session, work
from pathways.cohort.spark.session import ClusterError, telling
from pathways.cohort.spark.storage import Storage
from pathways.cohort.spark.survey import SurveyedIntake, before, quoted, rows_of, survey, union
from pathways.cohort.understanding import CASE_ID, FILE, ROW
from pathways.overview.tally import merged
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pathways.cohort.run import Options, Page
    from pathways.cohort.spark.session import Cluster
    from rules.inference import Reasoner

    Progress = Callable[[int, int], None]

STAGE = ".part"
LOOK = 0.5  # seconds between two looks at how far Spark is
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
        self.scratch = TemporaryDirectory(prefix="spinepath-")
        self.session = session.start(cluster, Path(self.scratch.name))
        try:
            self.storage = Storage(self.session)
            self.session.conf.set("spark.sql.files.minPartitionNum", self.session.sparkContext.defaultParallelism)
            self.survey = survey(self.session, self.storage, options.inputs)
            self.intake = SurveyedIntake(options, reasoner.base, self.survey.sources)
            self._name_outputs()
            self.blocks = self.survey.blocks()
            self.starts, self.total = self._starts()
            if not self.total:
                raise CaseError("there is nothing to judge", [Problem("", "the input holds no cases")])
            self._pack()
        except BaseException:
            self._stop()
            raise

    def _stop(self) -> None:
        self.session.stop()
        self.scratch.cleanup()

    def _name_outputs(self) -> None:
        """Say where the outputs go, and refuse to write over an input or a folder of something else."""
        full, cluster = self.storage.full, self.cluster
        self.output = full(cluster.output).rstrip("/")
        self.fired = full(cluster.fired).rstrip("/") if cluster.fired else None
        self.quarantine = full(cluster.quarantine or f"{cluster.output.rstrip('/')}.quarantine.csv")
        self.manifest = f"{self.output}.manifest.json"
        self.stage = f"{self.output}{STAGE}"
        named = [name for name in (self.output, self.fired, self.quarantine, self.stage) if name]
        written = [self.storage.key(name) for name in named]
        for name, key in zip(named, written, strict=True):
            if any(k[:2] == key[:2] and f"{k[2]}/".startswith(f"{key[2]}/") for k in self.survey.keys):
                raise CaseError(f"{name} is an input", [Problem("", "choose another name for the output")])
            foreign = self.storage.foreign(name) if name != self.stage else []
            if foreign:
                raise CaseError(f"{name} is a folder with other things in it", [Problem("", foreign[0])])

    def _starts(self) -> tuple[list[int], int]:
        starts, total = [], 0
        for source, rows in zip(self.survey.sources, rows_of(self.survey.sources, self.blocks), strict=True):
            source.rows = rows
            starts.append(total)
            total += rows
        return starts, total

    def _pack(self) -> None:
        picked = {
            number: [at - start + 1 for at in sampling.chosen(start, source.rows, self.total, self.options.sample)]
            for number, (start, source) in enumerate(zip(self.starts, self.survey.sources, strict=True))
        }
        self.job = work.Job(self.intake, self.survey.keys, before(self.blocks), picked)
        self.bench = work.Bench(self.job)
        self.sent = self.session.sparkContext.broadcast(self.job.packed())

    def run(self, progress: Progress = lambda done, total: None, page: Page | None = None) -> Done:
        """Judge everything and write the outputs. Calls progress(rows done, rows in all) as Spark goes on.

        Raises CaseError or ClusterError where it must stop; then nothing is written.
        """
        try:
            with telling(FAILED):
                self.storage.delete(self.stage)
                return self._run(progress, page)
        finally:
            with telling(FAILED):
                self.storage.delete(self.stage)
                self._stop()

    def _run(self, progress: Progress, page: Page | None) -> Done:
        watch = _Watch(self.session, progress, self.total, 2 + (self.form != "parquet") + bool(self.fired))
        examined = self._mapped(self.survey.feeds(self.intake), work.examine, schema=work.NOTES)
        notes = self._written(examined, "notes", watch)
        counts, samples = self._examined(notes)
        judged = self._mapped(self.survey.feeds(self.intake), work.judge, schema=dict(self.bench.nothing().schema))
        results = self._written(judged, "judged", watch)
        self._check_results(results, counts)
        counts["sampled"] = self._check_sample(results, samples)
        self._check_unchanged()
        manifest = self._manifest(notes, results, counts)
        tables = {self.output: self._rendered(results, "result", self.form, watch)}
        if self.fired:
            tables[self.fired] = self._rendered(results, "fired", self.fired_form, watch)
        self._publish(tables, notes, manifest, page, quarantined=counts["quarantined"])
        return Done(**counts, resumed=0, manifest=manifest)

    def _mapped(self, feeds: list[Any], step: Any, *given: str, schema: dict[str, Any]) -> Any:
        """Return what the workers make of some frames of Spark."""
        kinds = self._kinds(schema)
        return union([self._map(feed, step, given, kinds) for feed in feeds])

    def _map(self, feed: Any, step: Any, given: tuple[str, ...], kinds: Any) -> Any:
        sent, names = self.sent, feed.columns
        plain = feed.toDF(*(f"c{at}" for at in range(len(names))))  # mapInArrow takes dots in a name for a path
        return plain.mapInArrow(lambda batches: step(sent.value, work.Batches(names, batches), *given), kinds)

    def _kinds(self, schema: dict[str, Any]) -> Any:
        return self.session.createDataFrame(work.plain(pl.DataFrame(schema=schema)).to_arrow()).schema

    def _written(self, frame: Any, name: str, watch: _Watch, form: str = "parquet") -> Any:
        """Let Spark write a frame into the stage, and return it as it can be read from there."""
        folder = f"{self.stage}/{name}"
        writer = frame.write.mode("overwrite")
        watch.during(lambda: writer.parquet(folder) if form == "parquet" else writer.text(folder))
        return self.session.read.schema(frame.schema).parquet(folder) if form == "parquet" else None

    def _examined(self, notes: Any) -> tuple[dict[str, int], dict[tuple[int, int], dict[str, Any]]]:
        """Return the counts and the facts of the sample. Raises CaseError where the run must stop."""
        kinds = [work.TASK, work.BLOCK, work.SAMPLE, work.STOP]
        found: dict[str, list[Any]] = {kind: [] for kind in kinds}
        for row in notes.where(notes["kind"].isin(kinds)).collect():
            found[row["kind"]].append(row)
        stops = [pickle.loads(row["data"]) for row in found[work.STOP]]
        if stops:
            raise min((kind(title, problems) for kind, title, problems in stops), key=str)
        polars = {row["column"] for row in found[work.TASK]} - {pl.__version__}
        if polars:
            message = f"here is {pl.__version__}; results could differ: install the same everywhere"
            raise ClusterError(f"a worker has Polars {' and '.join(sorted(polars))}", [Problem("", message)])
        self._check_blocks(found[work.BLOCK])
        counts = dict(merged(json.loads(row["value"]) for row in found[work.TASK]))
        check_sum(counts)
        return counts, {(row["file"], row["row"]): json.loads(row["value"]) for row in found[work.SAMPLE]}

    def _check_blocks(self, notes: list[Any]) -> None:
        """Raise CaseError if the workers did not see just the rows that were counted before."""
        seen: dict[tuple[int, int], int] = {}
        for row in notes:
            block = row["file"], row["row"]
            seen[block] = seen.get(block, 0) + int(row["value"])
        if seen != self.blocks:
            names = {self.survey.sources[n].name for n, _ in dict(seen.items() ^ self.blocks.items())}
            raise sources.changed(sorted(names))

    def _check_results(self, results: Any, counts: dict[str, int]) -> None:
        """Raise RuntimeError if not every row that was understood has its one result."""
        written = results.count()
        if written != counts["results"]:
            message = f"{counts['results']} results were expected, and {written} were written"
            raise RuntimeError(message)

    def _check_sample(self, results: Any, samples: dict[tuple[int, int], dict[str, Any]]) -> int:
        """Derive the sample again and compare it with what was written; return how many rows it has."""
        if not samples:
            return 0
        order = sorted(samples)
        sources_ = self.survey.sources
        keys = [(sources_[n].name, row) if FILE in self.intake.about else (row,) for n, row in order]
        names = [FILE, ROW][-len(keys[0]) :]
        kinds = ", ".join(f"{name} {'string' if name == FILE else 'long'}" for name in names)
        chosen = results.join(self.session.createDataFrame(keys, kinds), names, "inner")
        written = pl.DataFrame(pl.from_arrow(chosen.toArrow()))
        wanted = pl.DataFrame(keys, schema=names, orient="row")
        judge: CohortJudge = self.bench.judge
        rows = wanted.join(written, on=names, how="inner", maintain_order="left").select(judge.results)
        if rows.height != len(order):
            message = f"{len(order)} rows are in the sample, and {rows.height} of them were written"
            raise RuntimeError(message)
        facts = pl.DataFrame([samples[key] for key in order], schema=judge.schema())
        differing = sampling.rederive(facts, rows, self.reasoner)
        if differing:
            where = f"{self.output}.differences.jsonl"
            self.storage.write(where, (f"{json.dumps(row, ensure_ascii=False)}\n".encode() for row in differing))
            raise difference(differing, where)
        return len(order)

    def _check_unchanged(self) -> None:
        now = [self.storage.place(place.path) for place in self.survey.places]
        pairs = zip(self.survey.sources, self.survey.places, now, strict=True)
        changed = [source.name for source, was, place in pairs if place != was]
        if changed:
            raise sources.changed(changed)

    def _manifest(self, notes: Any, results: Any, counts: dict[str, int]) -> dict[str, Any]:
        groups = [pl.read_ipc(row["data"]) for row in notes.where(notes["kind"] == work.GROUPS).collect()]
        repeated = self._repeated(results) if CASE_ID in self.intake.about else None
        manifest = manifest_of(self.intake, self.reasoner, counts, groups, repeated)
        return manifest | {"spark_version": self.session.version}

    def _repeated(self, results: Any) -> int:
        """Return how many cases share their id with another case."""
        from pyspark.sql import functions

        ids = results.where(results[quoted(CASE_ID)].isNotNull()).groupBy(CASE_ID).count()
        total = ids.where(ids["count"] > 1).agg(functions.sum("count").alias("cases")).first()
        return int(total["cases"] or 0)

    def _rendered(self, results: Any, table: str, form: str, watch: _Watch) -> str:
        """Bring results into the form and table that are wanted; return the folder in the stage."""
        if (table, form) == ("result", "parquet"):
            name = "judged"
        else:
            name = table
            empty = work.in_form(self.bench.nothing(), table, self.bench)
            schema = dict(empty.schema) if form == "parquet" else {"value": pl.String()}
            frame = self._mapped([results], work.render, table, form, schema=schema)
            self._written(frame, name, watch, "parquet" if form == "parquet" else "text")
        folder = f"{self.stage}/{name}"
        self.storage.name_parts(folder, form)
        return folder

    def _publish(
        self, tables: dict[str, str], notes: Any, manifest: dict[str, Any], page: Page | None, *, quarantined: int
    ) -> None:
        """Put everything in its place, the manifest last."""
        if quarantined:
            self.storage.write(self.quarantine, self._refused(notes))
        else:
            self.storage.delete(self.quarantine)
        for name, folder in tables.items():
            self.storage.delete(name)
            self.storage.rename(folder, name)
        summary: Path | None = self.options.summary
        if summary and page:
            tallies = [json.loads(row["value"]) for row in notes.where(notes["kind"] == work.COUNTS).collect()]
            summary.write_text(page(merged(tallies), manifest), encoding="utf-8")
        text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
        self.storage.write(self.manifest, [text.encode()])

    def _refused(self, notes: Any) -> Iterator[bytes]:
        """Yield the lines of the quarantine file, by file and row."""
        yield outputs.header(QUARANTINE)
        refused = notes.where(notes["kind"] == work.REFUSED).orderBy("file", "row", "place")
        rows = refused.toLocalIterator(prefetchPartitions=True)
        while some := list(islice(rows, LINES)):
            lines = [(self.survey.sources[r["file"]].name, *(r[name] for name in QUARANTINE[1:])) for r in some]
            yield pl.DataFrame(lines, schema=list(QUARANTINE), orient="row").write_csv(include_header=False).encode()


class _Watch:
    """Watches Spark at work, and tells how many rows are done, as if each pass did its part of every row."""

    def __init__(self, spark: Any, progress: Progress, rows: int, passes: int) -> None:
        self.context = spark.sparkContext
        self.progress, self.rows, self.passes = progress, rows, passes
        self.done = 0
        progress(0, rows)

    def during(self, action: Callable[[], Any]) -> None:
        """Do what starts one pass, and tell how far it is."""
        group = f"spinepath {self.done}"

        def act() -> None:
            self.context.setJobGroup(group, group)
            action()

        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(act)
            while True:
                try:
                    future.result(LOOK)
                    break
                except NotYet:
                    self._tell(self.done + self._share(group))
        self.done += 1
        self._tell(self.done)

    def _tell(self, passes: float) -> None:
        self.progress(int(self.rows * min(passes / self.passes, 1)), self.rows)

    def _share(self, group: str) -> float:
        """Return which part of the tasks of a pass is done."""
        tracker = self.context.statusTracker()
        jobs = [tracker.getJobInfo(number) for number in tracker.getJobIdsForGroup(group)]
        stages = [tracker.getStageInfo(number) for job in jobs if job for number in job.stageIds]
        tasks = sum(stage.numTasks for stage in stages if stage)
        return sum(stage.numCompletedTasks for stage in stages if stage) / tasks if tasks else 0.0
