"""Settled conclusions stay as they are, whatever the unknown facts turn out to be; open ones name what could move."""

import importlib.util
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathways.consistency import impossible
from pathways.explain.links import applied, followed
from pathways.explain.names import Conclusion, QuestionError, Subject, conclusions, stated
from pathways.explain.reach import Reach
from pathways.explain.settled import judge, settled
from pathways.explain.variants import variants
from rules.regions import regions
from tests.strategies import facts_of, values


def completed(facts, more, base):
    """The facts with more of them known, leaving out what would contradict them."""
    for name, value in more.items():
        if name not in facts and not impossible({**facts, name: value}, base):
            facts = {**facts, name: value}
    return facts


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_no_completion_moves_a_settled_conclusion(subject, data):
    check_completion(subject, data)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_of_random_cases_neither(reasoner, data):
    facts = data.draw(facts_of(reasoner.base.vocabulary, most=60))
    if not impossible(facts, reasoner.base):
        check_completion(Subject(facts, reasoner), data)


def check_completion(subject, data):
    base = subject.base
    reach = Reach(base, subject.facts)
    unknown = [name for name in stated(base) if name not in subject.facts]
    chosen = data.draw(st.lists(st.sampled_from(unknown), unique=True, max_size=len(unknown)))
    more = {name: data.draw(values(base.vocabulary[name])) for name in chosen}
    after = Subject(completed(subject.facts, more, base), subject.reasoner)
    for asked in conclusions(base):
        assert after.outcome(asked) in reach.outcomes(asked.kind, asked.id), asked


@pytest.fixture(scope="session")
def answers(subject):
    """Settled or open, for every conclusion of the case."""
    return judge(subject, conclusions(subject.base))


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_nor_does_knowing_everything(subject, answers, dice):
    base = subject.base
    more = {name: dice.choice(regions(base).values(name)) for name in stated(base)}
    facts = completed(subject.facts, more, base)
    judged = variants(base, facts, [])
    for answer in answers:
        if answer.settled:
            assert judged.outcomes(answer.kind, answer.id) == {answer.outcome: 1}, answer


def test_a_contradicted_pathway_in_an_emergency_is_settled(cases, reasoner):
    found = {answer.id: answer for answer in settled(cases["infection-c047"], reasoner=reasoner)}
    assert found["emergency_referral"].settled
    assert found["emergency_referral"].outcome == "urgent"
    assert found["pseudarthrosis"].settled
    assert found["pseudarthrosis"].outcome == "excluded"
    assert found["scs_trial"].settled


def test_an_open_conclusion_names_the_unknown_facts_and_those_that_move_it_alone(subject, answers):
    for answer in answers:
        assert answer.settled == (not answer.could_be)
        assert answer.outcome not in answer.could_be
        assert bool(answer.facts) == (not answer.settled)
        assert set(answer.alone) <= set(answer.facts)
        assert not set(answer.facts) & set(subject.facts)


def test_every_fact_said_to_move_a_conclusion_alone_does(subject, answers):
    base = subject.base
    for answer in answers[::7]:
        asked = Conclusion(answer.kind, answer.id, answer.title)
        for name in answer.alone[:3]:
            changes = [{name: value} for value in regions(base).values(name)]
            outcomes = variants(base, subject.facts, changes).outcomes(asked.kind, asked.id)
            assert len(outcomes) > 1, (asked, name)


def test_with_nothing_known_almost_nothing_is_settled(reasoner):
    assert sum(answer.settled for answer in settled({}, reasoner=reasoner)) <= 3


def test_one_or_some_conclusions_can_be_named(cases, reasoner):
    case = cases["nonunion-c165"]
    (one,) = settled(case, "pseudarthrosis", reasoner)
    assert one == settled(case, ["pseudarthrosis", "scs_trial"], reasoner)[0]
    with pytest.raises(QuestionError, match="did you mean"):
        settled(case, "pseudarthros", reasoner)


def test_findings_and_rules_can_be_asked_about_as_well(cases, reasoner):
    (known,) = settled(cases["nonunion-c165"], "finding.nonunion_on_imaging", reasoner)
    assert (known.outcome, known.settled) == ("yes", True)
    (rule,) = settled(cases["nonunion-c165"], "pseudarthrosis.screw_lucency", reasoner)
    assert rule.outcome in ("no", "unknown")
    assert Conclusion("rule", "pseudarthrosis.screw_lucency", "").rule_id == "pseudarthrosis.screw_lucency"


needs_z3 = pytest.mark.skipif(
    importlib.util.find_spec("z3") is None, reason="the solver (extra `proofs`) is not installed"
)


@needs_z3
def test_the_solver_agrees_with_the_bound_and_with_single_facts(subject, answers):
    from pathways.explain.exact import exactly

    shown = [answer for answer in answers if answer.settled][:6] + [answer for answer in answers if answer.alone][::19]
    for answer in shown:
        decided = exactly(subject, Conclusion(answer.kind, answer.id, answer.title))
        assert (decided is True) == answer.settled, answer.id
        assert answer.settled or isinstance(decided, dict)


@needs_z3
def test_what_the_solver_finds_together_really_moves_the_conclusion(subject, answers):
    base = subject.base
    undecided = [Conclusion(a.kind, a.id, a.title) for a in answers if not a.shown_by]
    for answer in judge(subject, undecided, exact=True):
        assert answer.shown_by == "solver"
        if answer.settled:
            continue
        change = followed(base, subject.facts, answer.together)
        assert not set(change) & set(subject.facts), "only unknown facts"
        after = Subject(applied(subject.facts, change), subject.reasoner)
        assert not impossible(after.facts, base)
        asked = Conclusion(answer.kind, answer.id, answer.title)
        assert after.outcome(asked) in answer.could_be
        for name in answer.together:
            rest = {other: value for other, value in answer.together.items() if other != name}
            kept = Subject(applied(subject.facts, followed(base, subject.facts, rest)), subject.reasoner)
            assert kept.outcome(asked) == answer.outcome, "none of them can be left out"


@needs_z3
@settings(max_examples=8, deadline=None)
@given(st.data())
def test_of_random_cases_the_solver_never_contradicts_the_bound(reasoner, data):
    from pathways.explain.exact import exactly

    facts = data.draw(facts_of(reasoner.base.vocabulary, most=60))
    if impossible(facts, reasoner.base):
        return
    subject = Subject(facts, reasoner)
    asked = data.draw(st.sampled_from(conclusions(reasoner.base)))
    (answer,) = judge(subject, [asked])
    decided = exactly(subject, asked)
    if answer.settled:
        assert decided is True
    if answer.alone:
        assert isinstance(decided, dict)


def test_without_the_solver_the_message_says_what_to_install(subject, monkeypatch):
    from pathways.explain import exact

    monkeypatch.setitem(sys.modules, "z3", None)
    with pytest.raises(exact.MissingExtraError, match="proofs"):
        exact.exactly(subject, conclusions(subject.base)[0])
