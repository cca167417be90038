"""The pictures: well-formed, nothing covers anything, everything drawn is also said in words."""

import itertools
import xml.etree.ElementTree as ET

import pytest

from pathways import library
from pathways.explain.answers import Course, Edge, Graph, Item, Line, Node, Stage
from pathways.explain.course import follow
from pathways.explain.graph import draw
from pathways.explain.names import Subject
from reports.chart import ROWS, chart
from reports.picture import WIDTH, in_words, picture
from rules.regions import regions

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module", params=["nonunion-c165", "infection-c047", "everything"])
def subject(request, reasoner):
    """Two published cases, and one that states every fact there is."""
    base = reasoner.base
    if request.param != "everything":
        return Subject(library.read(request.param, base).case, reasoner)
    stated = [name for name, fact in base.vocabulary.items() if fact.origin in ("asked", "derived")]
    return Subject({name: regions(base).values(name)[0] for name in stated}, reasoner)


def rectangles(svg):
    """Every box of a picture as left, top, right, bottom."""
    found = []
    for rect in svg.iter(f"{SVG}rect"):
        x, y, width, height = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
        found.append((x, y, x + width, y + height))
    return found


def test_boxes_are_inside_the_picture_and_cover_no_other(subject):
    svg = ET.fromstring(picture(draw(subject)))
    _, _, width, height = map(float, svg.get("viewBox").split())
    boxes = rectangles(svg)
    assert width == WIDTH
    assert len(boxes) == len(draw(subject).nodes)
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
    for one, other in itertools.combinations(boxes, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)


def test_text_stays_inside_its_box(subject):
    svg = ET.fromstring(picture(draw(subject)))
    for group in svg.iter(f"{SVG}g"):
        rect = group.find(f".//{SVG}rect")
        if "box" in (group.get("class") or "").split() and rect is not None:
            top = float(rect.get("y"))
            for text in group.iter(f"{SVG}text"):
                assert top < float(text.get("y")) <= top + float(rect.get("height"))
                assert len(text.text) * 6 < float(rect.get("width"))


def test_every_arrow_is_drawn_and_every_arrow_is_said_in_words(subject):
    drawn = draw(subject)
    svg = ET.fromstring(picture(drawn))
    assert sum("edge" in (p.get("class") or "").split() for p in svg.iter(f"{SVG}path")) == len(drawn.edges)
    words = in_words(drawn)
    assert sum(len(speaks) + len(against) for _, _, speaks, against in words) == len(drawn.edges)
    assert [title for title, *_ in words] == [
        node.title
        for node in sorted(drawn.nodes, key=lambda node: -node.column)
        if any(edge.end == node.id for edge in drawn.edges)
    ]


def test_arrows_start_and_end_at_their_boxes(subject):
    drawn = draw(subject)
    svg = ET.fromstring(picture(drawn))
    boxes = {group.get("id"): group for group in svg.iter(f"{SVG}g") if (group.get("id") or "").startswith("rg-")}
    for path in svg.iter(f"{SVG}path"):
        start, end = (name[1:] for name in path.get("class").split() if name[:1] == "n")
        numbers = path.get("d").replace("M", " ").replace("C", " ").replace("L", " ").split()
        x, y, to_x, to_y = (float(n) for n in (*numbers[:2], *numbers[-2:]))
        left, top, right, bottom = rectangles(boxes[f"rg-{start}"])[0]
        assert x == right
        assert top <= y <= bottom
        left, top, right, bottom = rectangles(boxes[f"rg-{end}"])[0]
        assert to_x == left
        assert top <= to_y <= bottom


def test_links_lead_only_where_the_page_has_something():
    node = Node(id="cause.x", column=2, kind="cause", title="X", detail="possible", look="possible")
    fact = Node(
        id="section.pain",
        column=0,
        kind="facts",
        title="Pain",
        detail="",
        look="fact",
        items=[Item(id="f", text="f: yes")],
    )
    small = Graph(nodes=[node, fact], edges=[Edge(start="f", end="cause.x", against=False, weight=30)], left_out={})
    assert 'href="#cause-x"' in picture(small, anchors=["cause-x"])
    assert "href" not in picture(small)


def test_titles_with_markup_are_shown_and_do_nothing():
    evil = "<script>alert(1)</script> & \"quotes\" 'single'"
    node = Node(id="cause.x", column=2, kind="cause", title=evil, detail="possible", look="possible")
    fact = Node(
        id="section.pain", column=0, kind="facts", title="Pain", detail="", look="fact", items=[Item(id="f", text=evil)]
    )
    graph = Graph(nodes=[node, fact], edges=[Edge(start="f", end="cause.x", against=True, weight=30)], left_out={})
    svg = ET.fromstring(picture(graph))
    assert not list(svg.iter(f"{SVG}script"))
    assert evil in svg.find(f".//{SVG}title").text


def test_nothing_to_draw_gives_nothing():
    assert picture(Graph(nodes=[], edges=[], left_out={})) == ""
    assert chart(Course(stages=[], counts=[], flags=[], lines=[])) == ""


def test_a_chart_has_a_line_with_a_mark_for_every_cause_and_stage(subject):
    course = follow(subject)
    svg = ET.fromstring(chart(course))
    traces = [path for path in svg.iter(f"{SVG}path") if path.get("class") == "trace"]
    marks = [mark for mark in svg.iter() if "mark" in (mark.get("class") or "").split()]
    assert len(traces) == len(course.lines)
    assert len(marks) == len(course.lines) * len(course.stages)


def test_a_higher_standing_is_drawn_higher_and_labels_do_not_touch():
    lines = [
        Line(
            id=name,
            title=name,
            stages=[Stage(stage="a", outcome=name, score=0), Stage(stage="b", outcome="possible", score=-50)],
        )
        for name in ROWS
    ]
    svg = ET.fromstring(chart(Course(stages=["a", "b"], counts=[1, 1], flags=[[], []], lines=lines)))
    starts = [
        float(p.get("d")[1:].split("L")[0].split()[1]) for p in svg.iter(f"{SVG}path") if p.get("class") == "trace"
    ]
    assert starts == sorted(starts)
    labels = sorted(float(text.get("y")) for text in svg.iter(f"{SVG}text") if text.get("class") == "label")
    assert all(after - before >= 15 for before, after in itertools.pairwise(labels))
