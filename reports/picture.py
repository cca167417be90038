"""The reasoning of a case as a picture: facts, findings, causes and pathways from left to right, as SVG.

A layered layout in plain Python: conclusions keep their rank; facts and findings are placed near what they speak for;
arrows that pass a column get a lane of their own there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from pathways.explain.graph import CONCLUSIONS, FACTS, FINDINGS, PATHWAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pathways.explain.answers import Edge, Graph, Node

COLUMNS = ("Facts", "Findings", "Causes and red flags", "Pathways")
WIDTHS = (216, 170, 188, 190)
GAP = 65
LINE = 17
PAD = 9
BETWEEN = 14
LANE = 9
TOP = 34
GLYPH, BOLD = 6.7, 7.5  # width of an average character at the size used, with room to spare
TITLE_LINES = 3
EDGE = 2  # so that no border is cut
LEFTS = tuple(EDGE + sum(WIDTHS[:n]) + n * GAP for n in range(4))
WIDTH = LEFTS[-1] + WIDTHS[-1] + EDGE


@dataclass(slots=True)
class _Box:
    """A box or a lane with its place."""

    id: str
    column: int
    height: float
    lines: list[str] = field(default_factory=list)
    node: Node | None = None
    top: float = 0.0

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def picture(graph: Graph, *, anchors: Iterable[str] = ()) -> str:
    """Return the graph as SVG. Boxes whose anchor the page has (such as `cause-pseudarthrosis`) lead there."""
    if not graph.edges:
        return ""
    layout = _Layout(graph)
    known = set(anchors)
    height = layout.height + TOP + 8
    parts = [
        f'<svg class="reasoning" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" '
        'xmlns="http://www.w3.org/2000/svg" role="group" aria-label="Reasoning from facts to pathways">',
        f"<style>{_highlights(layout)}</style>",
        *(
            f'<text class="column" x="{left}" y="16">{escape(name)}</text>'
            for name, left in zip(COLUMNS, LEFTS, strict=True)
        ),
        '<g class="edges">',
        *(layout.path(edge) for edge in sorted(graph.edges, key=lambda edge: (edge.against, edge.weight))),
        "</g>",
        *(_drawn(box, box.node, layout, known) for box in layout.boxes.values() if box.node is not None),
        "</svg>",
    ]
    return "\n".join(parts)


class _Layout:
    """Places boxes in columns and lanes for long arrows between them."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.numbers = {node.id: number for number, node in enumerate(graph.nodes)}
        self.boxes = {node.id: _box(node) for node in graph.nodes}
        self.home = {item.id: node.id for node in graph.nodes for item in node.items}
        self.lanes: dict[tuple[str, str], list[_Box]] = {}
        self._place(PATHWAYS, {})
        self._place(CONCLUSIONS, self._wanted(CONCLUSIONS))
        self._place(FINDINGS, self._wanted(FINDINGS))
        self._place(FACTS, self._wanted(FACTS))
        self._ports: dict[str, list[tuple[float, tuple[str, str, bool]]]] = {}
        self._center()
        self._assign_ports()

    def owner(self, start: str) -> str:
        """Return the box from which an arrow starts."""
        return self.home.get(start, start)

    def _wanted(self, column: int) -> dict[str, float]:
        """Return where the boxes of a column would best be: at the mean height of what they lead to."""
        heights: dict[str, list[float]] = {}
        for edge in self.graph.edges:
            owner = self.owner(edge.start)
            if owner in self.boxes and self.boxes[owner].column == column and self.boxes[edge.end].column > column:
                heights.setdefault(owner, []).append(self.boxes[edge.end].middle)
        return {owner: sum(found) / len(found) for owner, found in heights.items()}

    def _place(self, column: int, wanted: Mapping[str, float]) -> None:
        """Stack the boxes of a column, with a lane for each box before it whose arrows pass by."""
        boxes = [box for box in self.boxes.values() if box.column == column]
        if column in (FACTS, FINDINGS):
            boxes.sort(key=lambda box: (wanted.get(box.id, 0.0), box.id))
        _stack(boxes)
        passing: dict[str, list[Edge]] = {}
        for edge in self.graph.edges:
            start, end = self.boxes[self.owner(edge.start)].column, self.boxes[edge.end].column
            if start < column < end:
                passing.setdefault(edge.start, []).append(edge)
        lanes = []
        for name, edges in passing.items():
            lane = _Box(f"lane.{name}.{column}", column, LANE)
            lane.top = sum(self.boxes[edge.end].middle for edge in edges) / len(edges)
            lanes.append(lane)
            for arrow in dict.fromkeys((edge.start, edge.end) for edge in edges):
                self.lanes.setdefault(arrow, []).insert(0, lane)
        _stack(sorted([*boxes, *lanes], key=lambda box: (box.middle, box.id)))

    def _center(self) -> None:
        """Center every column on the tallest."""
        everything = [
            *self.boxes.values(),
            *{id(lane): lane for lanes in self.lanes.values() for lane in lanes}.values(),
        ]
        bottoms = [max((b.top + b.height for b in everything if b.column == c), default=0) for c in range(4)]
        self.height = max(bottoms)
        for box in everything:
            box.top += TOP + (self.height - bottoms[box.column]) / 2

    def _assign_ports(self) -> None:
        for edge in self.graph.edges:
            height = self._leaves(edge)[1]
            self._ports.setdefault(edge.end, []).append((height, (edge.start, edge.end, edge.against)))
        for ports in self._ports.values():
            ports.sort()

    def _leaves(self, edge: Edge) -> tuple[float, float]:
        box = self.boxes[self.owner(edge.start)]
        x = LEFTS[box.column] + WIDTHS[box.column]
        if box.node and box.node.items:
            place = [item.id for item in box.node.items].index(edge.start)
            return x, box.top + PAD + LINE * (place + 1.5)
        return x, box.middle

    def _arrives(self, edge: Edge) -> tuple[float, float]:
        box = self.boxes[edge.end]
        ports = self._ports[edge.end]
        place = [key for _, key in ports].index((edge.start, edge.end, edge.against))
        return LEFTS[box.column], box.top + box.height * (place + 1) / (len(ports) + 1)

    def path(self, edge: Edge) -> str:
        """Return an arrow as an SVG path."""
        points = [self._leaves(edge)]
        for lane in self.lanes.get((edge.start, edge.end), ()):
            points += [(LEFTS[lane.column], lane.middle), (LEFTS[lane.column] + WIDTHS[lane.column], lane.middle)]
        points.append(self._arrives(edge))
        x, y = points[0]
        drawn = f"M{x:.0f} {y:.0f}"
        for number, (to_x, to_y) in enumerate(points[1:]):
            if number % 2:
                drawn += f"L{to_x:.0f} {to_y:.0f}"
            else:
                bend = (to_x - x) / 2
                drawn += f"C{x + bend:.0f} {y:.0f} {to_x - bend:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}"
            x, y = to_x, to_y
        start, end = self.numbers[self.owner(edge.start)], self.numbers[edge.end]
        width = 1.1 if edge.weight < 60 else 1.7 if edge.weight < 100 else 2.6
        sign = "against" if edge.against else "for"
        return f'<path class="edge {sign} n{start} n{end}" d="{drawn}" stroke-width="{width}"/>'


def _stack(boxes: Iterable[_Box]) -> None:
    top = 0.0
    for box in boxes:
        box.top = top
        top += box.height + (BETWEEN if box.node else 3)


def _box(node: Node) -> _Box:
    width = WIDTHS[node.column]
    if node.items:
        rows = 1 + len(node.items) + (1 if node.more else 0)
        return _Box(node.id, node.column, rows * LINE + 2 * PAD, [_cut(node.title, _room(width, BOLD))], node)
    lines = _wrapped(node.title, _room(width, GLYPH if node.kind == "finding" else BOLD))
    rows = len(lines) + (0 if node.kind == "finding" else 1)
    return _Box(node.id, node.column, rows * LINE + 2 * PAD - 3, lines, node)


def _room(width: float, glyph: float = GLYPH) -> int:
    return int((width - 2 * PAD) / glyph)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1].rstrip(" ,;:(") + "\u2026"


def _wrapped(text: str, room: int) -> list[str]:
    """Break a title into a few lines."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    if len(lines) > TITLE_LINES:
        lines = [*lines[: TITLE_LINES - 1], " ".join(lines[TITLE_LINES - 1 :])]
    return [_cut(line, room) for line in lines]


def _drawn(box: _Box, node: Node, layout: _Layout, anchors: set[str]) -> str:
    x, width, number = LEFTS[node.column], WIDTHS[node.column], layout.numbers[node.id]
    parts = [f"<title>{escape(': '.join(part for part in (node.title, node.detail) if part))}</title>"]
    parts.append(f'<rect x="{x}" y="{box.top:.0f}" width="{width}" height="{box.height:.0f}" rx="7"/>')
    y = box.top + PAD + 12
    for line in box.lines:
        parts.append(f'<text class="name" x="{x + PAD}" y="{y:.0f}">{escape(line)}</text>')
        y += LINE
    for item in node.items:
        parts.append(f'<text class="item" x="{x + PAD}" y="{y:.0f}">{escape(_cut(item.text, _room(width)))}</text>')
        y += LINE
    if node.more:
        parts.append(f'<text class="item" x="{x + PAD}" y="{y:.0f}">and {node.more} more</text>')
    if node.detail and node.kind != "finding":
        parts.append(f'<text class="detail" x="{x + PAD}" y="{y:.0f}">{escape(_cut(node.detail, _room(width)))}</text>')
    inside = "".join(parts)
    target = _anchor(node)
    if target in anchors:
        inside = f'<a href="#{target}">{inside}</a>'
    return f'<g class="box {node.kind.replace(" ", "-")} look-{node.look}" id="rg-{number}">{inside}</g>'


def _anchor(node: Node) -> str:
    if node.kind == "red flag":
        return "flags"
    return ("rule-" if node.kind == "finding" else "") + node.id.replace(".", "-", 1)


def _highlights(layout: _Layout) -> str:
    """Return styles that fade all other arrows while a box is pointed at or has the focus."""
    rules = []
    for number in layout.numbers.values():
        pointed = f".reasoning:has(#rg-{number}:hover,#rg-{number}:focus-within) .edge"
        rules.append(f"{pointed}:not(.n{number}){{opacity:.1}}{pointed}.n{number}{{opacity:1}}")
    return "".join(rules)


def in_words(graph: Graph) -> list[tuple[str, str, list[str], list[str]]]:
    """Return the picture in words: (box, how it stands, what speaks for it, what against), conclusions first."""
    names = {item.id: item.text for node in graph.nodes for item in node.items}
    names |= {node.id: f"{node.title} ({node.detail})" for node in graph.nodes if not node.items}
    told = []
    for node in sorted(graph.nodes, key=lambda node: -node.column):
        into = [edge for edge in graph.edges if edge.end == node.id and edge.start in names]
        if into:
            sides = [[names[e.start] for e in into if e.against is against] for against in (False, True)]
            told.append((node.title, node.detail, sides[0], sides[1]))
    return told
