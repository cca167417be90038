"""A whole run: survey the input, judge it piece by piece on all cores, and join the parts to the outputs."""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pathways.assess import VERSION
from pathways.cohort import outputs, refusals, screening, sources
from pathways.cohort.helpers import Helpers, Worker
from pathways.cohort.intake import Intake
from pathways.cohort.piecework import Piecework
from pathways.cohort.work import Work
from pathways.overview.parts import read_counts
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pathways.cohort.sources import Piece
    from pathways.overview.tally import Tally
    from rules.inference import Reasoner

    Page = Callable[[Tally, dict[str, Any]], str]

ENGINES = ("columnar", "production")
CHUNK, K = 250_000, 5
SHOWN_DIFFERENCES = 100
CORES = os.cpu_count() or 1
FEW = 500  # cases that one process reads sooner than others have started
MANY = 50  # rows of a sample that another process starts and derives sooner than this one can beside its own work


@dataclass(frozen=True)
class Options:
    """What is asked of a run."""

    inputs: tuple[str, ...]
    output: Path
    mapping: Path | None = None
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    missing: bool = False
    fired: Path | None = None
    quarantine: Path | None = None
    engine: str = "columnar"
    sample: int | None = None  # a share of the rows
    k: int = K
    chunk: int = CHUNK
    restart: bool = False
    summary: Path | None = None
    labels: str | None = None

    @property
    def quarantine_file(self) -> Path:
        """The file for rows that cannot be used."""
        return self.quarantine or self.output.with_name(f"{self.output.name}.quarantine.csv")

    @property
    def manifest_file(self) -> Path:
        """The file that says what the output was made from."""
        return self.output.with_name(f"{self.output.name}.manifest.json")

    @property
    def differences_file(self) -> Path:
        """The file for sampled rows in which the engines differ."""
        return self.output.with_name(f"{self.output.name}.differences.jsonl")

    @property
    def counts(self) -> bool:
        """Must what is found be counted, for a summary or to compare it with labels?"""
        return bool(self.summary or self.labels)

    def told(self) -> dict[str, Any]:
        """Return the options that bear on the output, for the plan and the manifest."""
        return {
            "engine": self.engine,
            "missing": self.missing,
            "keep": list(self.keep),
            "drop": list(self.drop),
            "mapping": str(self.mapping) if self.mapping else None,
            "fired": str(self.fired) if self.fired else None,
            "sample": self.sample,
            "k": self.k,
            "chunk": self.chunk,
            "summary": str(self.summary) if self.summary else None,
            "labels": self.labels,
        }


class DifferenceError(CaseError):
    """The table and the single case were judged differently: a defect, never a result."""


@dataclass(frozen=True)
class Done:
    """How a run ended."""

    rows: int
    results: int
    quarantined: int
    sampled: int
    resumed: int
    manifest: dict[str, Any]
    tally: Tally | None = None  # what was counted, for a summary or labels


class Run:
    """One run, from surveying its input on."""

    def __init__(self, options: Options, reasoner: Reasoner) -> None:
        """Survey the input: hashes, columns, pieces. Raises CaseError where the input or the options cannot be used."""
        self.options = options
        self.reasoner = reasoner
        self.form = outputs.form_of(options.output)
        if options.fired:
            outputs.form_of(options.fired)
        self.intake = Intake(options, reasoner.base)
        self._check_outputs()
        self.pieces = sources.pieces(self.intake.sources)
        self.total = self.intake.rows
        if not self.total:
            raise _nothing()
        self.work = Work(options.output)

    def _check_outputs(self) -> None:
        """Raise CaseError where an output would overwrite what is read, or another one, or has no folder."""
        options = self.options
        read = {path.resolve() for source in self.intake.sources for path in source.paths}
        read |= {options.mapping.resolve()} if options.mapping else set()
        named = (options.output, options.fired, options.summary, options.quarantine_file, options.manifest_file)
        written: set[Path] = set()
        for path in filter(None, named):
            if path.resolve() in read:
                raise CaseError(f"{path} is an input", [Problem("", "choose another name for the output")])
            if path.resolve() in written:
                raise CaseError(
                    f"{path} is named for two outputs", [Problem("", "choose another name for one of them")]
                )
            if not path.parent.is_dir():
                raise CaseError(f"{path} cannot be written", [Problem("", f"there is no folder {path.parent}")])
            written.add(path.resolve())

    def plan(self) -> dict[str, Any]:
        """Return everything that the content of the output depends on."""
        base = self.reasoner.base
        mapping = self.options.mapping
        return {
            "inputs": [
                {"name": file.name, "bytes": file.size, "sha256": file.sha256}
                for source in self.intake.sources
                for file in source.files
            ],
            "options": self.options.told(),
            "mapping": sources.hashed(mapping).sha256 if mapping else None,
            "rule_base": base.sha256,
            "pieces": hashlib.sha256(json.dumps([source.cuts for source in self.intake.sources]).encode()).hexdigest(),
            "versions": {"spinepath": VERSION, "polars": pl.__version__},
        }

    def run(self, progress: Callable[[int, int], None] = lambda done, total: None, page: Page | None = None) -> Done:
        """Judge everything and write the outputs. Calls progress(rows done, rows in all) as pieces are finished.

        `page` makes the summary, if one is asked for, of the counts of all results and the manifest.

        Raises CaseError where it must stop. After IdentifyingError and the like, what was done is thrown away, for the
        same command cannot succeed; after a kill or a full disk it is kept.
        """
        resumed = self.work.open(self.plan(), restart=self.options.restart)
        try:
            notes, before = self._judge(progress, resumed=resumed)
            done = self._finish(notes, before, page)
        except CaseError:
            self.work.remove()
            raise
        except BaseException:
            self.work.close()
            raise
        self.work.remove()
        return done

    def _judge(self, progress: Callable[[int, int], None], *, resumed: bool) -> tuple[list[dict[str, Any]], int]:
        notes = {piece.number: self.work.note(piece.number) if resumed else None for piece in self.pieces}
        done = sum(piece.rows for piece in self.pieces if notes[piece.number])
        before = done
        progress(done, self.total)
        left = [piece for piece in self.pieces if not notes[piece.number]]
        worker = Worker(self.intake.reader() if self.intake.one_by_one else None, self.reasoner)
        count = self._helpers()
        at_once = CORES + (self._one_by_one and count > 0)  # one is judged while helpers read the next
        with ThreadPoolExecutor(at_once) as pool, Helpers(worker, count) as helpers:
            self.piecework = Piecework(self.options, self.intake, self.reasoner, self.work, helpers)
            for piece, note in _in_order(pool, self.piecework.do, left, at_once):
                notes[piece.number] = note
                done += piece.rows
                progress(done, self.total)
        return [note for note in notes.values() if note], before

    @property
    def _one_by_one(self) -> bool:
        """Are cases read, or judged, one by one?"""
        return self.intake.one_by_one or self.options.engine == "production"

    def _helpers(self) -> int:
        """Return how many processes beside this one pay."""
        if self._one_by_one:
            return CORES if self.total > FEW else 0
        return int(self.intake.sample >= MANY)

    def _finish(self, notes: list[dict[str, Any]], before: int, page: Page | None) -> Done:
        changed = self.intake.changed()
        if changed:
            raise sources.changed(changed)
        differing = [row for note in notes for row in note["differing"]]
        if differing:
            self._keep_differences(differing)
        counts = {name: sum(note[name] for note in notes) for name in ("rows", "results", "quarantined", "sampled")}
        check_sum(counts)
        if not counts["rows"]:
            raise _nothing()
        manifest = self._manifest(counts, refusals.merged(note["refused"] for note in notes))
        tally = read_counts(self.work.parts("counts", len(self.pieces))) if self.options.counts else None
        if self.options.summary and page and tally is not None:
            summary = page(tally, manifest).encode()
            path = self.options.summary
            manifest["outputs"][path.name] = self.work.write_whole(path, lambda file: file.write(summary))
        self._publish(manifest, quarantined=counts["quarantined"])
        return Done(**counts, resumed=before, manifest=manifest, tally=tally)

    def _keep_differences(self, differing: list[dict[str, Any]]) -> None:
        path = self.options.differences_file
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in differing), encoding="utf-8")
        raise difference(differing, str(path))

    def _manifest(self, counts: dict[str, int], refused: dict[str, Any]) -> dict[str, Any]:
        groups = [pl.read_parquet(part) for part in self.work.parts("groups", len(self.pieces))]
        return manifest_of(self.intake, self.reasoner, counts, refused, groups, self._repeated())

    def _repeated(self) -> int | None:
        """Return how many cases share their id with another case; None without ids."""
        parts = self.work.parts("ids", len(self.pieces))
        if not parts:
            return None
        ids = pl.concat([pl.read_parquet(part)["id"] for part in parts]).drop_nulls().sort()
        same = ids == ids.shift(1)
        return int((same.fill_null(False) | same.shift(-1).fill_null(False)).sum())

    def _publish(self, manifest: dict[str, Any], *, quarantined: int) -> None:
        options, work = self.options, self.work
        for path, name in ((options.fired, "fired"), (options.output, "result")):
            if path is not None:
                self._join(path, name, manifest)
        path = options.quarantine_file
        if quarantined:
            parts = work.parts("quarantine", len(self.pieces))
            columns = ["file", "row", "column", "value", "reason"]
            manifest["outputs"][path.name] = work.write_whole(
                path, lambda file: outputs.join_parts(parts, "csv", columns, file)
            )
        else:
            path.unlink(missing_ok=True)
        text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
        work.write_whole(options.manifest_file, lambda file: file.write(text.encode()))

    def _join(self, path: Path, name: str, manifest: dict[str, Any]) -> None:
        form = outputs.form_of(path)
        parts = self.work.parts(name, len(self.pieces))
        columns = self.piecework.columns(name) if form == "csv" else []
        manifest["outputs"][path.name] = self.work.write_whole(
            path, lambda file: outputs.join_parts(parts, form, columns, file)
        )


def _nothing() -> CaseError:
    return CaseError("there is nothing to judge", [Problem("", "the input holds no cases")])


def check_sum(counts: dict[str, int]) -> None:
    """Raise RuntimeError if rows were lost, or are there twice."""
    if counts["rows"] != counts["results"] + counts["quarantined"]:
        message = f"{counts['rows']} rows in, {counts['results']} results, {counts['quarantined']} quarantined"
        raise RuntimeError(message)


def difference(differing: list[dict[str, Any]], where: str) -> DifferenceError:
    """Return the error for sampled rows that were judged differently, and are kept in a file."""
    fields = sorted({name for row in differing for name in row["differences"]})
    problems = [Problem(name, "differs") for name in fields[:SHOWN_DIFFERENCES]]
    problems.append(Problem("", f"the rows with their facts are in {where}"))
    return DifferenceError(f"{len(differing)} sampled rows were judged differently one by one", problems)


def manifest_of(
    intake: Intake,
    reasoner: Reasoner,
    counts: dict[str, int],
    refused: dict[str, Any],
    groups: list[pl.DataFrame],
    repeated: int | None,
) -> dict[str, Any]:
    """Return what the manifest of a run says, but for its outputs."""
    base, options = reasoner.base, intake.options
    return {
        "schema": "1",
        "package_version": VERSION,
        "polars_version": pl.__version__,
        "rule_base": {
            "version": base.version,
            "sha256": base.sha256,
            "overlays": list(base.overlays),
            "switched_off": list(base.switched_off),
        },
        "options": options.told(),
        "inputs": [sources.as_json(source) for source in intake.sources],
        "columns": intake.told(),
        "counts": counts,
        "refused": refused,
        "sample": {"asked": intake.sample, "rederived": counts["sampled"], "differences": 0}
        | {"engines": reasoner.engines},
        "repeated_case_ids": repeated,
        "small_groups": screening.small_groups(groups, options.k),
        "screen": screening.CAVEAT,
        "outputs": {},
    }


def _in_order(
    pool: ThreadPoolExecutor, do: Callable[[Piece], dict[str, Any]], pieces: list[Piece], at_once: int
) -> Iterator[tuple[Piece, dict[str, Any]]]:
    """Do the pieces, so many at a time; the first error stops the rest."""
    waiting: deque[tuple[Piece, Any]] = deque()
    try:
        for piece in pieces:
            waiting.append((piece, pool.submit(do, piece)))
            if len(waiting) > at_once:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        for _, future in waiting:
            future.cancel()
