"""What the charts of a page are drawn from: shares and places in percent, so that they fit a phone and paper alike.

The drawing itself is in `templates/charts.html.jinja`. Every chart has its figures in a table beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pathways.overview.intervals import Share

FLOW_HEIGHT = 340
GAP = 6  # between two nodes of a flow
NODE = 3.0  # how wide a node of a flow is, in percent


@dataclass(frozen=True)
class Piece:
    """A piece of a bar: where it begins and how wide it is (percent), its kind (for the color) and what it says."""

    start: float
    width: float
    kind: str
    says: str


@dataclass(frozen=True)
class Bar:
    """A bar with a label, a figure at its end, and pieces."""

    label: str
    figure: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Dot:
    """A share with its interval (percent); nothing is drawn where there is no share."""

    label: str
    figure: str
    at: float | None
    low: float
    high: float
    kind: str = "plain"


@dataclass(frozen=True)
class Node:
    """A step of a flow and a kind: its place and height, and how many cases pass through."""

    x: float
    y: float
    height: float
    kind: str
    count: int


@dataclass(frozen=True)
class Link:
    """The cases that go from one node to the next: the outline of a band."""

    path: str
    kind: str
    says: str


@dataclass(frozen=True)
class Flow:
    """A flow through steps."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    height: int = FLOW_HEIGHT
    node: float = NODE


def short(text: str, most: int) -> str:
    """Return a label cut to so many characters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share as a reader writes it."""
    if share is None:
        return "no cases"
    figure = 100 * share
    if 0 < figure < 10**-digits:
        return f"< {10**-digits:.{digits}f} %"
    if 100 - 10**-digits < figure < 100:
        return f"> {100 - 10**-digits:.{digits}f} %"
    return f"{figure:.{digits}f} %"


def number(count: float) -> str:
    """Return a whole number with separators."""
    return f"{count:,.0f}"


def bar(label: str, counts: Mapping[str, int], whole: int, figure: str | None = None) -> Bar:
    """Return a bar of the whole with a piece for each kind in turn."""
    pieces = []
    start = 0.0
    for kind, count in counts.items():
        width = 100 * count / whole if whole else 0.0
        if count:
            says = f"{kind.replace('_', ' ')}: {number(count)} ({percent(count / whole)})"
            pieces.append(Piece(round(start, 3), round(width, 3), kind, says))
        start += width
    share = sum(counts.values()) / whole if whole else None
    return Bar(label, figure or percent(share), tuple(pieces))


def dot(label: str, share: Share, kind: str = "plain") -> Dot:
    """Return a share with its confidence interval."""
    at = None if share.value is None else round(100 * share.value, 2)
    return Dot(label, interval(share), at, round(100 * share.low, 2), round(100 * share.high, 2), kind)


def interval(share: Share) -> str:
    """Return a share in words, with its 95 % interval."""
    if share.value is None:
        return "no cases"
    return f"{100 * share.value:.1f} % ({100 * share.low:.1f} to {100 * share.high:.1f})"


def flow(ways: Mapping[tuple[str, ...], int], kinds: Sequence[str]) -> Flow | None:
    """Return how cases go from step to step, each step by its kind; a way ends where its kind is empty."""
    total = sum(ways.values())
    steps = max((len(way) for way in ways), default=0)
    if not total or not steps:
        return None
    used = [[kind for kind in kinds if any(way[step] == kind for way in ways)] for step in range(steps)]
    scale = (FLOW_HEIGHT - GAP * max(len(names) for names in used)) / total
    nodes: dict[tuple[int, str], Node] = {}
    for step, names in enumerate(used):
        y = 0.0
        for kind in names:
            count = sum(n for way, n in ways.items() if way[step] == kind)
            x = step * (100 - NODE) / max(steps - 1, 1)
            nodes[step, kind] = Node(round(x, 3), round(y, 2), round(count * scale, 2), kind, count)
            y += count * scale + GAP
    links = [link for step in range(steps - 1) for link in _links(step, ways, kinds, nodes, scale)]
    return Flow(tuple(nodes.values()), tuple(links))


def _links(
    step: int,
    ways: Mapping[tuple[str, ...], int],
    kinds: Sequence[str],
    nodes: Mapping[tuple[int, str], Node],
    scale: float,
) -> list[Link]:
    counts: dict[tuple[str, str], int] = {}
    for way, count in ways.items():
        if way[step] and way[step + 1]:
            counts[way[step], way[step + 1]] = counts.get((way[step], way[step + 1]), 0) + count
    left: dict[str, float] = {}
    right: dict[str, float] = {}
    links = []
    for one in kinds:
        for other in kinds:
            count = counts.get((one, other), 0)
            if count:
                start, end = nodes[step, one], nodes[step + 1, other]
                y, z = start.y + left.get(one, 0.0), end.y + right.get(other, 0.0)
                height = count * scale
                left[one], right[other] = left.get(one, 0.0) + height, right.get(other, 0.0) + height
                says = f"{one} then {other}: {number(count)}"
                links.append(Link(_band(start.x + NODE, y, end.x, z, height), one, says))
    return links


def _band(x: float, y: float, to: float, z: float, height: float) -> str:
    middle = (x + to) / 2
    return (
        f"M{x:.2f} {y:.2f}C{middle:.2f} {y:.2f} {middle:.2f} {z:.2f} {to:.2f} {z:.2f}"
        f"V{z + height:.2f}C{middle:.2f} {z + height:.2f} {middle:.2f} {y + height:.2f} {x:.2f} {y + height:.2f}Z"
    )
