"""Reasoning about conditions, held against trying every combination of values."""

from itertools import product

from hypothesis import given, settings

from rules.engines.kleene import truth
from rules.language import All, AnyOf, AtLeast, Compare, Not
from rules.reasoning import Reasoning, canonical
from rules.vocabulary import Fact
from tests.strategies import conditions

TINY = {
    "a": Fact("a", "yes or no?"),
    "b": Fact("b", "yes or no?"),
    "n": Fact("n", "how many?", "number", min=0, max=3),
    "c": Fact("c", "which?", "choice", values=("low", "middle", "high"), ordered=True),
}
EVERY = {"a": (True, False), "b": (True, False), "n": [x / 4 for x in range(13)], "c": TINY["c"].values}
WORLDS = [dict(zip(EVERY, values, strict=True)) for values in product(*EVERY.values())]


def holds_somewhere(*wanted):
    return any(all(truth(c, world) for c in wanted) for world in WORLDS)


@given(conditions(TINY))
@settings(max_examples=200, deadline=None)
def test_possible_is_what_some_values_make_true(condition):
    assert Reasoning(TINY, {}).possible(condition) is holds_somewhere(condition)


@given(conditions(TINY), conditions(TINY))
@settings(max_examples=200, deadline=None)
def test_implies_is_true_in_every_world(first, second):
    assert Reasoning(TINY, {}).implies(first, second) is not holds_somewhere(first, Not(second))


@given(conditions(TINY))
@settings(max_examples=200, deadline=None)
def test_the_canonical_form_says_the_same(condition):
    same = canonical(condition)
    assert all(truth(condition, world) is truth(same, world) for world in WORLDS)
    assert canonical(same) == same


def test_order_nesting_and_repetition_make_no_difference():
    a, n, c = Compare("a", "==", True), Compare("n", ">=", 1), Compare("c", "in", ("high", "middle"))
    one = All((a, All((n, c)), n))
    other = All((Compare("c", "in", ("middle", "high")), n, Not(Compare("a", "==", False))))
    assert canonical(one) == canonical(other)
    assert canonical(one) != canonical(AnyOf((a, n, c)))


def test_findings_are_followed_down_to_their_facts():
    trees = {"finding.x": AnyOf((Compare("a", "==", True), Compare("n", ">", 2)))}
    facts = {**TINY, "finding.x": Fact("finding.x", "x", origin="finding")}
    reasoning = Reasoning(facts, trees)
    not_a_nor_n = All((Compare("a", "==", False), Compare("n", "<=", 2)))
    assert not reasoning.possible(All((Compare("finding.x", "==", True), not_a_nor_n)))
    assert reasoning.possible(All((Compare("finding.x", "==", False), not_a_nor_n)))
    assert reasoning.implies(Compare("a", "==", True), Compare("finding.x", "==", True))


def test_a_very_wide_count_does_not_take_forever():
    leaves = tuple(Compare("n", ">=", x / 100) for x in range(300))
    never = Compare("n", "<", 0)
    assert not Reasoning(TINY, {}).possible(All((never, AtLeast(150, leaves))))
    assert Reasoning(TINY, {}).possible(AtLeast(150, leaves))
