"""Cohorts: this engine side by side with others on the same cases and the same rules, in one run.

    python tests/benchmarks/engines.py                 # a million rows; a quarter of an hour
    python tests/benchmarks/engines.py --quick         # a minute or two
    python tests/benchmarks/engines.py --plot engines.svg --markdown engines.md

This engine does everything that `spinepath batch` does, from Parquet to Parquet. The others only find what fires (see
rivals/rules_given.py), and start from cases that lie in memory. All answers are compared; any difference is printed,
and the exit code is then 1. Other work on the machine disturbs every figure: runs take turns, and ratios are medians
over rounds. It passes no judgement on speed, because machines differ.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from rules.snapshot import reasoner  # noqa: E402
from tests.benchmarks import cohorts, telling  # noqa: E402
from tests.benchmarks.plot import plot  # noqa: E402
from tests.benchmarks.running import FailedError, SkippedError, child  # noqa: E402
from tests.benchmarks.telling import Contender, Table, short  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.running import Timed

RIVALS = {  # label: the module, and how many cases take about a second
    "OpenFisca-core": ("openfisca", 50_000),
    "zen-engine": ("zen", 2_000),
    "Kleene reference": ("kleene", 1_000),
    "CLIPS": ("clips", 500),
    "durable-rules": ("durable", 300),
    "rule-engine": ("rule_engine", 50),
}
OURS, LIMIT = "this engine", "bare conditions"
DOES = """\
this engine: the complete assessment, Parquet to Parquet, through what `spinepath batch` calls.
bare conditions: Polars, from the same Parquet, only counting the cases that fire each rule: the limit.
The others only find what fires: OpenFisca-core from arrays in memory, the rest from Python objects, case by case.
"""
SHOWN = 10


class Benchmark:
    """One run: the cohort, the contenders, and what was found."""

    def __init__(self, folder: Path, rows: int, rounds: int, sample: int, *, quick: bool) -> None:
        """Draw the cohort, assess it once, and derive the reference's answers for a sample."""
        self.folder, self.rows, self.rounds, self.quick = folder, rows, rounds, quick
        folder.mkdir(parents=True, exist_ok=True)
        self.ready = reasoner()
        say(f"drawing {rows:,} synthetic cases")
        self.cases = cohorts.cohort(folder, self.ready.base, rows)
        self.result = folder / "result.parquet"
        self.standings = folder / "standings.parquet"
        say("assessing them once, unmeasured")
        self.assess(self.cases, rows)
        cohorts.standings(self.standings, self.result, self.ready.base)
        self.sample = min(sample, rows)
        say(f"deriving {self.sample:,} cases with durable-rules and the reference")
        self.truth = cohorts.reference(self.cases, self.standings, self.sample, self.ready)
        self.ours, self.limit = Contender(OURS), Contender(LIMIT)
        self.others = [Contender(label) for label in RIVALS]
        self.differences: list[str] = []

    def assess(self, cases: Path, rows: int, drop: Sequence[str] = cohorts.FOREIGN) -> Timed:
        """Assess a table, and return how long it took."""
        return child(task="engine", source=cases, output=self.result, rows=rows, drop=list(drop))

    def compare(self) -> Table:
        """Let everyone run, round after round in turn, and compare the answers."""
        for number in range(self.rounds):
            say(f"round {number + 1} of {self.rounds}: this engine, bare conditions, and {len(self.others)} others")
            self.ours.runs.append(self.assess(self.cases, self.rows))
            self._run(self.limit, "bare", self.rows)
            for one in self.others:
                module, rows = RIVALS[one.label]
                self._run(one, module, min(max(rows // 10, 20) if self.quick else rows, self.rows))
        for one, answers in ((self.ours, cohorts.told(self.result, self.sample)), *self._answers()):
            found = telling.differing(answers, self.truth)
            one.same = f"yes, {len(answers):,}" if not found else "NO"
            self.differences += [f"{one.label}, {line}" for line in found]
        if self.limit.runs:
            found = telling.counted_differently(cohorts.totals(self.result), self.limit.runs[0].totals)
            self.limit.same = "NO" if found else f"{self.limit.same}, and all totals"
            self.differences += [f"over all rows, {line}" for line in found]
        base = self.ready.base
        title = f"{len(base.conditions):,} rules over {len(base.vocabulary):,} facts (rule base {base.version})"
        return telling.compared(self.contenders, self.ours, self.limit, title, DOES)

    def _answers(self) -> list[tuple[Contender, list[set[str]]]]:
        return [(one, one.runs[0].answers) for one in (self.limit, *self.others) if one.runs]

    @property
    def contenders(self) -> list[Contender]:
        """Everyone who ran, the fastest first, and then who could not."""
        everyone = [self.ours, self.limit, *self.others]
        return sorted(everyone, key=lambda one: -one.rate if one.runs else 0)

    def _run(self, one: Contender, module: str, rows: int) -> None:
        if one.skipped:
            return
        files = {"cases": self.cases, "standings": self.standings}
        try:
            one.runs.append(child(task="rival", name=module, rows=rows, most=self.sample, **files))
        except (SkippedError, FailedError) as error:
            one.skipped, one.runs = str(error), []
            if isinstance(error, FailedError):
                self.differences.append(f"{one.label} failed: {error}")

    def scale(self, *, large: bool) -> Table:
        """Assess cohorts from small to large; the large ones are the same rows several times over."""
        runs, disk = [], []
        for times in (0.1, 1, *(() if self.quick else (10,)), *((50,) if large else ())):
            rows = int(self.rows * times)
            say(f"assessing {rows:,} rows")
            if times <= 1:
                cases = cohorts.cohort(self.folder, self.ready.base, rows)
            else:
                cases = cohorts.repeated(self.cases, int(times))
            runs.append(self.assess(cases, rows))
            disk.append(self.result.stat().st_size)
            if times > 1:
                cases.unlink()
        return telling.scaled(runs, disk)

    def nested(self, lines: int) -> Table:
        """Assess so many nested case files, as lines."""
        say(f"assessing {lines:,} nested case files as JSON Lines")
        run = self.assess(cohorts.nested_lines(self.folder, lines), lines, drop=())
        row = [f"{lines:,}", short(run.seconds), short(run.cpu), f"{run.rate:,.0f}"]
        return Table(
            "Nested case files as JSON Lines, to Parquet", ["cases", "seconds", "CPU s", "cases/s"], [row], left=0
        )


def say(text: str) -> None:
    """Tell what is going on."""
    print(f"... {text}", file=sys.stderr, flush=True)


def machine() -> str:
    """Return what the figures were made on, and how busy it was."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores{load}, Python {platform.python_version()} on {platform.system()}"


def summary(benchmark: Benchmark) -> list[str]:
    """Return the ratios that matter, in a sentence each."""
    ours, limit = benchmark.ours, benchmark.limit
    lines = [f"This engine: {ours.rate:,.0f} complete assessments a second."]
    if limit.runs:
        wall, cpu = telling.ratio(ours, limit), telling.ratio(ours, limit, cpu=True)
        lines.append(f"Of the limit in the same rounds: {wall:.2f} by the clock, {cpu:.2f} by processor time.")
    for one in benchmark.others:
        if one.label == "CLIPS" and one.runs:
            lines.append(f"Beside CLIPS: {telling.ratio(ours, one):,.0f} times as many cases a second.")
    return lines


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, help="rows of the cohort (1,000,000; with --quick 50,000)")
    parser.add_argument("--quick", action="store_true", help="few rows, one round, nothing larger")
    parser.add_argument("--large", action="store_true", help="also 50 times as many rows (25 GB on disk)")
    parser.add_argument("--rounds", type=int, help="how often everyone takes a turn (3; with --quick 1)")
    parser.add_argument("--sample", type=int, help="cases whose answers are compared (500; with --quick 50)")
    parser.add_argument("--lines", type=int, help="nested case files as JSON Lines (1,000,000; with --quick 5,000)")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw the comparison")
    parser.add_argument("--markdown", type=Path, metavar="FILE.md", help="write the tables")
    parser.add_argument("--folder", type=Path, default=ROOT / ".bench", help="where cohorts and results are kept")
    return parser.parse_args()


def main() -> int:
    """Run everything; return 1 if any answers differ."""
    asked = arguments()
    usual = (50_000, 1, 50, 5_000) if asked.quick else (1_000_000, 3, 500, 1_000_000)
    chosen = (asked.rows, asked.rounds, asked.sample, asked.lines)
    rows, rounds, sample, lines = (one or other for one, other in zip(chosen, usual, strict=True))
    before = machine()
    try:
        benchmark = Benchmark(asked.folder, rows, rounds, sample, quick=asked.quick)
        tables = [benchmark.compare(), benchmark.scale(large=asked.large), benchmark.nested(lines)]
    except FailedError as error:
        print(f"this engine could not be run: {error}", file=sys.stderr)
        return 1
    note = (
        f"{before} at the start and {machine()} at the end. Medians of {rounds} rounds in turn; ratios within rounds."
    )
    print(*(table.plain() for table in tables), "", *summary(benchmark), note, sep="\n")
    if asked.markdown:
        asked.markdown.write_text("\n".join([*(t.markdown() for t in tables), note, ""]), encoding="utf-8")
    if asked.plot:
        asked.plot.write_text(plot(benchmark.contenders, "Cases a second, by engine", before), encoding="utf-8")
    print(*benchmark.differences[:SHOWN], sep="\n")
    if len(benchmark.differences) > SHOWN:
        print(f"and {len(benchmark.differences) - SHOWN:,} more differences")
    return 1 if benchmark.differences else 0


if __name__ == "__main__":
    sys.exit(main())
