"""durable-rules and the reference give the same answers: over random rule bases and over random cases."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathways.judged import Judged
from rules.engines import production
from rules.engines.kleene import truth
from rules.inference import EnginesDisagreeError, Reasoner
from rules.language import AnyOf, AtLeast, Compare, normal
from tests.strategies import SMALL, conditions, facts_of

needs_durable = pytest.mark.skipif(bool(production.unavailable()), reason=production.unavailable() or "-")


@needs_durable
@settings(max_examples=150, deadline=None)
@given(st.lists(conditions(SMALL), min_size=1, max_size=25), st.lists(facts_of(SMALL), min_size=1, max_size=4))
def test_random_rule_bases_fire_exactly_what_is_true(rules, cases):
    named = [(f"r{n}", condition) for n, condition in enumerate(rules)]
    denied = [(f"not r{n}", normal(condition, truth=False)) for n, condition in enumerate(rules)]
    network = production.network([*named, *denied])
    for facts in cases:
        fired = network.fire(production.written(facts))
        expected = {name for name, condition in named if truth(condition, facts) is True}
        expected |= {f"not {name}" for name, condition in named if truth(condition, facts) is False}
        assert set(fired) == expected
        assert len(fired) == len(set(fired))


@needs_durable
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_random_cases_agree_on_the_real_knowledge(reasoner, data):
    facts = data.draw(facts_of(reasoner.base.vocabulary, most=90))
    judged = Judged(reasoner, facts)  # raises EnginesDisagreeError on any difference
    assert set(judged.inference.truths) == set(reasoner.base.conditions)


@needs_durable
def test_a_case_that_states_everything_does_not_overflow_the_matcher(reasoner):
    vocabulary = reasoner.base.vocabulary
    for pick in (lambda f: f.max, lambda f: f.min):
        facts = {
            name: pick(fact) if fact.type == "number" else (fact.values[-1] if fact.values else True)
            for name, fact in vocabulary.items()
            if fact.origin in ("asked", "derived")
        }
        assert Judged(reasoner, facts).inference.trace


@needs_durable
def test_wide_conditions_are_cut_without_changing_their_truth():
    wide = AnyOf(tuple(Compare(f"x{n}", "==", True) for n in range(90)))
    counted = AtLeast(4, tuple(Compare(f"x{n}", "==", True) for n in range(9)))
    network = production.network([("wide", wide), ("counted", counted)])
    assert network.fire(production.written({"x89": True})) == ["wide"]
    assert set(network.fire(production.written({f"x{n}": True for n in range(4)}))) == {"wide", "counted"}
    assert network.fire(production.written({"x0": False})) == []


@needs_durable
def test_a_disagreement_is_an_error_and_never_a_report(base):
    broken = Reasoner(base)
    broken.judge({})
    broken.networks[0] = production.network([("finding.invented", Compare("pain.leg", "==", True))])
    with pytest.raises(EnginesDisagreeError, match=r"finding\.invented"):
        broken.judge({"pain.leg": True})


def test_without_durable_rules_the_reference_runs_alone_and_says_so(base, monkeypatch):
    line = "durable-rules cannot be imported (x); the reference engine runs alone. To mend: pip"
    monkeypatch.setattr(production, "unavailable", lambda: line)
    alone = Reasoner(base)
    assert alone.engines == ["kleene-reference"]
    facts = {"pain.predominant": "leg", "symptoms.saddle_numbness": True}
    assert Judged(alone, facts).inference.truths == Judged(Reasoner(base), facts).inference.truths
