"""What if: the changed case as it would be assessed, what moved and why, and what cannot be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathways.assess import assess_facts
from pathways.explain.compare import differences
from pathways.explain.links import applied, followed
from pathways.explain.names import QuestionError, Subject, fact_value
from pathways.explain.whatif import whatif
from tests.strategies import facts_of


def test_no_change_moves_nothing(subject):
    answer = whatif(subject.facts, {}, subject.reasoner)
    assert answer.comparison.moved == []
    assert answer.comparison.facts == []
    assert all(move.before == move.after for move in answer.comparison.plan)


def test_saying_what_is_known_already_moves_nothing(subject):
    answer = whatif(subject.facts, subject.facts, subject.reasoner)
    assert answer.comparison.moved == []
    assert answer.contradictions == []


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_what_moved_is_what_assessing_the_changed_facts_gives(reasoner, data):
    base = reasoner.base
    facts = data.draw(facts_of(base.vocabulary, most=40))
    change = data.draw(facts_of(base.vocabulary, most=4))
    answer = whatif(facts, change, reasoner)
    after = applied(facts, followed(base, facts, change))
    expected = differences(assess_facts(facts, reasoner), assess_facts(after, reasoner))
    assert answer.comparison == expected
    moved = {(m.kind, m.id) for m in expected.moved if m.before != m.after and m.kind != "criteria"}
    one, other = Subject(facts, reasoner), Subject(after, reasoner)
    from pathways.explain.names import conclusions

    assert moved == {(c.kind, c.id) for c in conclusions(base) if one.outcome(c) != other.outcome(c)}


def test_time_alone_makes_a_missing_bridge_a_non_union(cases, reasoner):
    answer = whatif(cases["nonunion-c165"], {"months_since_surgery": 14}, reasoner)
    moved = {m.id: m for m in answer.comparison.moved}
    assert moved["pseudarthrosis"].after == "probable"
    assert answer.changes[0].follows == {"months_since_fusion": 14, "months_since_first_surgery": 14}
    assert any(rule.rule == "revision_fusion.pseudarthrosis" and rule.after for rule in moved["revision_fusion"].rules)
    assert "14 months" in next(r.because for r in moved["revision_fusion"].rules if r.rule.endswith("pseudarthrosis"))


def test_a_fusion_taken_away_from_a_non_union_is_said_to_contradict_the_case(cases, reasoner):
    answer = whatif(cases["nonunion-c165"], {"surgery.fusion": False}, reasoner)
    assert answer.contradictions == ["ct.no_bridging: cannot be: there was no fusion"]
    assert {m.id: m.after for m in answer.comparison.moved}["pseudarthrosis"] == "excluded"


def test_what_a_study_shows_that_was_not_done_is_said_to_contradict(subject, reasoner):
    answer = whatif(subject.facts, {"mri.done": False, "mri.mass": True}, reasoner)
    assert answer.contradictions == ["mri.mass: cannot be known where mri.done is no"]


def test_the_rules_that_moved_a_conclusion_are_its_own(subject):
    answer = whatif(subject.facts, {"symptoms.saddle_numbness": True}, subject.reasoner)
    moved = {(m.kind, m.id): m for m in answer.comparison.moved}
    assert moved["red_flag", "cauda_equina"].after == "present"
    for (kind, name), move in moved.items():
        if kind in ("cause", "pathway"):
            assert move.rules, name
            known = ("prior of ", "red flags")
            assert all(rule.rule.startswith((f"{name}.", *known)) for rule in move.rules)


def test_unknown_takes_a_fact_away(cases, reasoner):
    answer = whatif(cases["nonunion-c165"], {"ct.done": "unknown"}, reasoner)
    assert answer.changes[0].after is None
    assert answer.changes[0].follows["ct.no_bridging"] is None
    assert whatif(cases["nonunion-c165"], {"ct.done": None}, reasoner) == answer


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"surgery.fusio": True}, "surgery.fusion"),
        ({"ct.screw_lucencies": True}, "ct.screw_lucency"),
        ({"pain.leg": "perhaps"}, "yes, no or unknown"),
        ({"pain.predominant": "legs"}, "leg"),
        ({"scores.odi": 900}, "outside"),
        ({"months_since_surgery": "soon"}, "a number from 0 to 900"),
        ({"finding.leg_pain": True}, "concluded by rules"),
        ({"cause.infection": "probable"}, "concluded by rules"),
        ({"person.age": 12}, "adults"),
    ],
)
def test_what_cannot_be_changed_is_a_clear_error(change, said, cases, reasoner):
    with pytest.raises(QuestionError) as caught:
        whatif(cases["nonunion-c165"], change, reasoner)
    assert said in str(caught.value)


def test_a_number_in_python_is_in_the_unit_of_its_fact_but_written_its_unit_is_asked_for(cases, reasoner):
    answer = whatif(cases["nonunion-c165"], {"labs.crp": 45}, reasoner)
    assert answer.changes[0].after == 45
    assert fact_value("labs.crp=45 mg/L", reasoner.base) == ("labs.crp", 45)
    with pytest.raises(QuestionError, match="which unit"):
        fact_value("labs.crp=45", reasoner.base)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("pain.leg=yes", ("pain.leg", True)),
        ("pain.leg = no", ("pain.leg", False)),
        ("pain.leg=unknown", ("pain.leg", None)),
        ("months_since_surgery=10 weeks", ("months_since_surgery", 2.2998)),
        ("pain.predominant=leg", ("pain.predominant", "leg")),
    ],
)
def test_changes_are_read_as_a_case_file_is(written, read, reasoner):
    assert fact_value(written, reasoner.base) == read


@pytest.mark.parametrize("written", ["", "=", "pain.leg", "pain.leg=", "=yes", "pain.leg==", "\0=1", "x" * 10_000])
def test_broken_changes_are_a_clear_error_or_unknown(written, reasoner):
    if written == "pain.leg=":
        assert fact_value(written, reasoner.base) == ("pain.leg", None)
    else:
        with pytest.raises(QuestionError):
            fact_value(written, reasoner.base)
