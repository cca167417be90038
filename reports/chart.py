"""The course of the reasoning as a chart: how causes rise and fall from stage to stage, as SVG."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from reports import words

if TYPE_CHECKING:
    from pathways.explain.answers import Course, Line, Stage

ROWS = ("confirmed", "probable", "possible", "nothing_to_say", "unlikely", "excluded")
LEFT, RIGHT, TOP, ROW = 132, 300, 36, 54
STEP = 180
DOT = 5
MARKS = ("circle", "square", "diamond", "triangle", "cross", "ring")
LABEL = 16
SCORES = {"probable": (0, 200), "possible": (-100, 0), "unlikely": (-300, -100)}


def chart(course: Course) -> str:
    """Return the course as SVG, or nothing where there is only one stage or no cause in view."""
    if len(course.stages) < 2 or not course.lines:
        return ""
    right = LEFT + STEP * (len(course.stages) - 1)
    width, height = right + RIGHT, TOP + ROW * len(ROWS) + 44
    parts = [
        f'<svg class="course" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'xmlns="http://www.w3.org/2000/svg" role="img" '
        'aria-label="Course of the reasoning; the table below says the same">',
    ]
    for number, name in enumerate(ROWS):
        y = TOP + ROW * number
        if number % 2 == 0:
            parts.append(f'<rect class="band" x="{LEFT - 12}" y="{y}" width="{right - LEFT + 24}" height="{ROW}"/>')
        label = escape(words.STANDING[name].removesuffix(" yet"))
        parts.append(f'<text class="row" x="{LEFT - 22}" y="{y + ROW / 2 + 4:.0f}" text-anchor="end">{label}</text>')
    for number, (stage, count) in enumerate(zip(course.stages, course.counts, strict=True)):
        x, y = LEFT + STEP * number, TOP + ROW * len(ROWS)
        parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP}" y2="{y}"/>')
        parts.append(
            f'<text class="row" x="{x}" y="{y + 18}" text-anchor="middle">{escape(_stage(stage, number))}</text>'
        )
        facts = f"{count} fact{'s' * (count != 1)}"
        parts.append(f'<text class="facts" x="{x}" y="{y + 34}" text-anchor="middle">{facts}</text>')
        if course.flags[number]:
            flags = f"{len(course.flags[number])} red flag{'s' * (len(course.flags[number]) != 1)}"
            parts.append(f'<text class="flag" x="{x}" y="{TOP - 12}" text-anchor="middle">{flags}</text>')
    heights = [[_height(at, place, len(course.lines)) for at in line.stages] for place, line in enumerate(course.lines)]
    labels = _apart([line[-1] for line in heights])
    for place, line in enumerate(course.lines):
        parts.append(_drawn(line, place, heights[place], labels[place], right))
    return "\n".join([*parts, "</svg>"])


def _stage(stage: str, number: int) -> str:
    return stage.capitalize() if number == 0 else f"+ {stage.partition(' and ')[0]}"


def _height(at: Stage, place: int, count: int) -> float:
    """Return the height of a point: inside the row of its standing by its score, lines a little apart."""
    top, room = TOP + ROW * ROWS.index(at.outcome), ROW - 20
    low, high = SCORES.get(at.outcome, (0, 0))
    share = min(1.0, max(0.0, (at.score - low) / (high - low))) if high > low else 0.5
    return top + 10 + room * (1 - share) + 3 * (place - (count - 1) / 2)


def _apart(heights: list[float]) -> list[float]:
    """Move labels apart so that none covers another."""
    order = sorted(range(len(heights)), key=lambda n: heights[n])
    placed = list(heights)
    for before, after in pairwise(order):
        placed[after] = max(placed[after], placed[before] + LABEL)
    return placed


def _drawn(line: Line, place: int, heights: list[float], label: float, right: float) -> str:
    points = [(LEFT + STEP * n, y) for n, y in enumerate(heights)]
    path = "".join(f"{'L' if n else 'M'}{x:.0f} {y:.1f}" for n, (x, y) in enumerate(points))
    marks = "".join(
        f"<g><title>{escape(_tells(line, n))}</title>{_mark(MARKS[place % len(MARKS)], x, y)}</g>"
        for n, (x, y) in enumerate(points)
    )
    title = escape(words.short(line.title)[:1].upper() + words.short(line.title)[1:])
    leader = f'<path class="leader" d="M{right + 8} {heights[-1]:.1f}L{right + 20} {label:.1f}"/>'
    text = f'<text class="label" x="{right + 24}" y="{label + 4:.1f}">{title}</text>'
    return f'<g class="line line{place % len(MARKS)}"><path class="trace" d="{path}"/>{marks}{leader}{text}</g>'


def _tells(line: Line, number: int) -> str:
    at = line.stages[number]
    return f"{line.title}, {at.stage}: {words.STANDING[at.outcome]}, score {at.score:+d}"


def _mark(kind: str, x: float, y: float) -> str:
    r = DOT
    if kind in ("circle", "ring"):
        return f'<circle class="mark{" hollow" if kind == "ring" else ""}" cx="{x:.0f}" cy="{y:.1f}" r="{r}"/>'
    shapes = {
        "square": f"M{x - r:.0f} {y - r:.1f}h{2 * r}v{2 * r}h{-2 * r}z",
        "diamond": f"M{x:.0f} {y - r - 1:.1f}l{r + 1} {r + 1}l{-r - 1} {r + 1}l{-r - 1} {-r - 1}z",
        "triangle": f"M{x:.0f} {y - r - 1:.1f}l{r + 1} {2 * r}h{-2 * r - 2}z",
        "cross": f"M{x - r:.0f} {y - r:.1f}l{2 * r} {2 * r}m0 {-2 * r}l{-2 * r} {2 * r}",
    }
    return f'<path class="mark{" open" if kind == "cross" else ""}" d="{shapes[kind]}"/>'
