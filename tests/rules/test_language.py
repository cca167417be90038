"""The condition language: what may be written, what it means, and what its errors say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.engines.kleene import truth
from rules.language import All, AnyOf, AtLeast, Compare, ConditionError, Not, facts_in, normal, parse
from tests.strategies import SMALL, conditions, facts_of


def test_several_facts_in_one_mapping_mean_all_of_them():
    assert parse({"b0": True, "b1": False}, SMALL) == All((Compare("b0", "==", True), Compare("b1", "==", False)))


def test_a_number_takes_two_bounds_at_once():
    condition = parse({"n0": {"at_least": 2, "below": 5}}, SMALL)
    assert [truth(condition, {"n0": n}) for n in (1, 2, 4, 5)] == [False, True, True, False]


def test_an_ordered_choice_takes_at_least():
    condition = parse({"c0": {"at_least": "middle"}}, SMALL)
    assert [truth(condition, {"c0": v}) for v in ("low", "middle", "high")] == [False, True, True]


def test_a_count_is_true_false_or_unknown():
    condition = parse({"at_least": 2, "of": [{"b0": True}, {"b1": True}, {"b2": True}]}, SMALL)
    assert truth(condition, {"b0": True, "b1": True}) is True
    assert truth(condition, {"b0": False, "b1": False}) is False
    assert truth(condition, {"b0": True}) is None


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"b00": True}, "did you mean b0"),
        ({"b0": 3}, "yes or no is wanted, not 3"),
        ({"n0": 5}, "at_least, at_most, above or below"),
        ({"n0": {"at_least": 99}}, "outside 0 to 20"),
        ({"c0": "huge"}, "one of low, middle, high"),
        ({"c0": {"one_of": ["low", "huge"]}}, "'huge' is not one of"),
        ({"all": {}}, "takes a list"),
        ({"at_least": 3, "of": [{"b0": True}]}, "a whole number from 1 to 1"),
        ({}, "a condition is a mapping"),
        (["b0"], "a condition is a mapping"),
        ({"not": None}, "a condition is a mapping"),
    ],
)
def test_errors_say_what_would_be_right(raw, says):
    with pytest.raises(ConditionError, match=says):
        parse(raw, SMALL)


def test_all_problems_of_a_condition_are_reported_at_once():
    with pytest.raises(ConditionError) as caught:
        parse({"all": [{"x": True}, {"b0": 1}, {"n0": {"at_least": 99}}]}, SMALL)
    assert len(str(caught.value).splitlines()) == 3


def test_an_unknown_fact_is_unknown_and_not_needs_a_known_one():
    assert truth(Compare("b0", "==", True), {}) is None
    assert truth(Not(Compare("b0", "==", True)), {}) is None
    assert truth(Not(Compare("b0", "==", True)), {"b0": False}) is True


def test_false_beats_unknown_in_all_and_true_beats_it_in_any():
    parts = (Compare("b0", "==", True), Compare("b1", "==", True))
    assert truth(All(parts), {"b0": False}) is False
    assert truth(AnyOf(parts), {"b0": True}) is True
    assert truth(AtLeast(2, parts), {"b0": True}) is None


@given(conditions(SMALL), facts_of(SMALL))
def test_normal_form_keeps_every_truth_and_negates_it(condition, facts):
    expected = truth(condition, facts)
    assert truth(normal(condition), facts) is expected
    negated = truth(normal(condition, truth=False), facts)
    assert negated is (None if expected is None else not expected)


@given(conditions(SMALL), facts_of(SMALL), st.data())
def test_learning_more_never_turns_a_known_truth_around(condition, facts, data):
    before = truth(condition, facts)
    more = data.draw(facts_of({n: f for n, f in SMALL.items() if n not in facts}))
    if before is not None:
        assert truth(condition, facts | more) is before


@given(conditions(SMALL))
def test_facts_in_names_only_what_the_condition_holds(condition):
    known = dict.fromkeys(facts_in(condition), None)
    assert known
    assert set(known) <= set(SMALL)
