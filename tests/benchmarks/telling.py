"""The figures of the benchmark as tables, for a terminal and as Markdown."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.benchmarks.running import Timed


@dataclass
class Contender:
    """An engine in the comparison: its runs, one a round, or why there are none, and whether its answers are right."""

    label: str
    runs: list[Timed] = field(default_factory=list)
    skipped: str = ""
    same: str = "-"

    @property
    def rate(self) -> float:
        """Cases a second: the median of the rounds."""
        return median(run.rate for run in self.runs)

    @property
    def seconds(self) -> float:
        """Seconds: the median of the rounds."""
        return median(run.seconds for run in self.runs)

    @property
    def cpu(self) -> float:
        """Processor seconds: the median of the rounds."""
        return median(run.cpu for run in self.runs)


@dataclass(frozen=True)
class Table:
    """A title, heads, rows of text, and a note. The first `left` columns are words, the others figures."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    left: int = 2

    def plain(self) -> str:
        """Return the table for a terminal."""
        widths = [max(len(line[at]) for line in (self.heads, *self.rows)) for at in range(len(self.heads))]
        lines = [self._line(line, widths) for line in (self.heads, ["-" * width for width in widths], *self.rows)]
        return "\n".join(["", self.title, "", *lines, *([self.note] if self.note else [])])

    def _line(self, cells: Sequence[str], widths: Sequence[int]) -> str:
        padded = [
            cell.ljust(width) if at < self.left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return "  ".join(padded).rstrip()

    def markdown(self) -> str:
        """Return the table as Markdown."""
        marks = ["---" if at < self.left else "---:" for at in range(len(self.heads))]
        lines = [f"| {' | '.join(line)} |" for line in (self.heads, marks, *self.rows)]
        return "\n".join([f"### {self.title}", "", *lines, "", *([self.note, ""] if self.note else [])])


def ratio(one: Contender, other: Contender, cpu: bool = False) -> float:
    """Return how many times as fast one is as the other: the median over rounds, each with both runs of that round."""
    pairs = zip(one.runs, other.runs, strict=True)
    return median(a.cpu_rate / b.cpu_rate if cpu else a.rate / b.rate for a, b in pairs)


def differing(answers: Sequence[set[str]], wanted: Sequence[set[str]]) -> list[str]:
    """Return where the first cases fire something else than they should."""
    lines = []
    for number, (found, right) in enumerate(zip(answers, wanted, strict=False), 1):
        lines += [f"case {number}: fires {name}" for name in sorted(found - right)]
        lines += [f"case {number}: lacks {name}" for name in sorted(right - found)]
    return lines


def counted_differently(ours: Mapping[str, int], theirs: Mapping[str, int]) -> list[str]:
    """Return the rules that fire in another number of cases; a rule without a count fires in none."""
    return [
        f"{name}: this engine {ours.get(name, 0):,}, bare conditions {theirs.get(name, 0):,}"
        for name in sorted({*ours, *theirs})
        if ours.get(name, 0) != theirs.get(name, 0)
    ]


def compared(contenders: Sequence[Contender], ours: Contender, limit: Contender, title: str, note: str) -> Table:
    """Return the comparison side by side."""
    heads = ["engine", "version", "cases", "seconds", "CPU s", "cases/s", "ours is x times", "by CPU", "of the limit"]
    rows = [[one.label, *_figures(one, ours, limit), one.same] for one in contenders if one.runs]
    skipped = "".join(f"Left out: {one.label} ({one.skipped}).\n" for one in contenders if one.skipped)
    return Table(title, [*heads, "same answers"], rows, note + skipped)


def _figures(one: Contender, ours: Contender, limit: Contender) -> list[str]:
    times = ["1", "1"] if one is ours else [short(ratio(ours, one)), short(ratio(ours, one, cpu=True))]
    share = short(ratio(one, limit)) if limit.runs else "-"
    run = one.runs[0]
    return [run.version, f"{run.rows:,}", short(one.seconds), short(one.cpu), f"{one.rate:,.0f}", *times, share]


def scaled(runs: Sequence[Timed], disk: Sequence[int]) -> Table:
    """Return what a row costs at each size, and the memory."""
    heads = ["rows", "seconds", "CPU s", "rows/s", "µs a row", "CPU µs a row", "CPU µs a further row"]
    heads += ["most memory, MB", "result, MB"]
    further = ["-", *(_further(*pair) for pair in pairwise(runs))]
    rows = [
        [
            f"{run.rows:,}",
            short(run.seconds),
            short(run.cpu),
            f"{run.rate:,.0f}",
            short(1e6 / run.rate),
            short(1e6 / run.cpu_rate),
            more,
            f"{run.megabytes:,.0f}",
            f"{size / 1e6:,.0f}",
        ]
        for run, size, more in zip(runs, disk, further, strict=True)
    ]
    return Table("What a row costs, and the memory, from small to large", heads, rows, left=0)


def _further(smaller: Timed, larger: Timed) -> str:
    """Return what a row more costs than at the smaller size, where the start of a run no longer counts."""
    return short(1e6 * (larger.cpu - smaller.cpu) / (larger.rows - smaller.rows))


def short(figure: float) -> str:
    """Return a figure with about three digits."""
    if figure >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}" if figure >= 0.1 else f"{figure:.2g}"
