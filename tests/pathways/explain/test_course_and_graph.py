"""The course of the reasoning and its graph: what each stage and each box says is what the case says."""

from pathways.explain.course import STAGES, follow, stage
from pathways.explain.graph import CONCLUSIONS, FACTS, FINDINGS, MOST, PATHWAYS, draw, graph
from pathways.explain.names import Subject
from pathways.judged import Judged
from rules.regions import regions


def test_each_stage_stands_as_its_facts_alone_would_be_judged(subject):
    course = follow(subject)
    assert sum(course.counts) == len(subject.facts)
    known = {}
    for number, name in enumerate(course.stages):
        known |= {fact: value for fact, value in subject.facts.items() if stage(fact, subject.base) == name}
        judged = Judged(subject.reasoner, known)
        for line in course.lines:
            at = line.stages[number]
            assert (at.outcome, at.score) == (judged.standings[line.id].name, judged.standings[line.id].score)
        present = [n for n in subject.base.red_flags if judged.inference.truths[f"red_flag.{n}"]]
        assert course.flags[number] == present
    assert known == subject.facts


def test_stages_come_in_their_order_and_empty_ones_are_left_out(reasoner):
    course = follow(Subject({"exam.slr_positive": True, "labs.crp": 80}, reasoner))
    assert course.stages == [STAGES[1], STAGES[3]]
    assert follow(Subject({}, reasoner)).stages == []


def test_the_leading_causes_end_as_the_assessment_has_them(subject):
    lines = follow(subject).lines
    leading = [n for n in subject.judged.ranked_causes() if subject.judged.standings[n].name in IN_VIEW]
    ends = [line.id for line in lines if line.stages[-1].outcome in IN_VIEW]
    assert ends == leading[: len(ends)]
    assert len(lines) <= 6


IN_VIEW = ("possible", "probable", "confirmed")


def check(drawn, facts):
    nodes = {node.id: node for node in drawn.nodes}
    items = {item.id: node for node in drawn.nodes for item in node.items}
    assert len(nodes) == len(drawn.nodes)
    for edge in drawn.edges:
        start = items.get(edge.start) or nodes[edge.start]
        assert start.column < nodes[edge.end].column, "every arrow points to the right"
        assert edge.weight > 0
    for fact in items:
        assert fact in facts
    for column in (FINDINGS, CONCLUSIONS, PATHWAYS):
        assert sum(node.column == column for node in drawn.nodes) <= MOST[column]
    assert len(items) <= MOST[FACTS]
    ends = {edge.end for edge in drawn.edges} | {edge.start for edge in drawn.edges}
    assert all(node.id in ends or node.items for node in drawn.nodes if node.column == FINDINGS)


def test_the_graph_holds_what_leads_and_nothing_hangs_loose(subject):
    drawn = draw(subject)
    check(drawn, subject.facts)
    assert drawn == graph(subject.facts, subject.reasoner)
    leading = [n for n in subject.judged.ranked_causes() if subject.judged.standings[n].name in IN_VIEW]
    shown = [node.id for node in drawn.nodes if node.kind == "cause"]
    assert shown == [f"cause.{name}" for name in leading][: len(shown)]


def test_a_case_that_states_everything_still_fits_on_a_page(reasoner):
    base = reasoner.base
    for pick in (0, -1):
        facts = {
            name: regions(base).values(name)[pick]
            for name, fact in base.vocabulary.items()
            if fact.origin in ("asked", "derived")
        }
        subject = Subject(facts, reasoner)
        drawn = draw(subject)
        check(drawn, facts)
        assert len(drawn.nodes) <= 50


def test_with_nothing_known_there_is_nothing_to_draw(reasoner):
    drawn = graph({}, reasoner)
    assert not drawn.edges
    assert not drawn.nodes
