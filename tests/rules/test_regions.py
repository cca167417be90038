"""Regions: no rule tells two values of one region apart, and the words name the region."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.language import Compare, compare
from rules.regions import Regions, regions
from rules.vocabulary import Fact
from tests.strategies import SMALL, conditions, values

NUMBERS = {"n": Fact("n", "how many?", "number", unit="mm", min=-20, max=20)}


@st.composite
def thresholds(draw):
    """Comparisons of one number."""
    number = st.integers(-18, 18) | st.sampled_from([-2.5, 0.07, 0.5, 3.3])
    pairs = draw(st.lists(st.tuples(st.sampled_from([">=", "<=", ">", "<"]), number), min_size=1, max_size=8))
    return [Compare("n", op, value) for op, value in pairs]


@settings(max_examples=300, deadline=None)
@given(thresholds(), st.integers(-200, 200).map(lambda tenths: tenths / 10))
def test_any_number_has_a_representative_that_no_comparison_tells_from_it(comparisons, number):
    found = Regions(NUMBERS, comparisons)
    near = found.values("n", number)
    assert number in near, "a value stands for its own region"

    def pattern(value):
        return tuple(compare(value, c.op, c.value) for c in comparisons)

    assert len({pattern(value) for value in near}) == len(near), "one value for each region"
    whole = all(float(c.value).is_integer() for c in comparisons)
    if not whole or float(number).is_integer():
        assert pattern(number) in {pattern(value) for value in found.values("n")}


@settings(max_examples=100, deadline=None)
@given(st.lists(conditions(SMALL), min_size=1, max_size=6), st.data())
def test_every_representative_is_a_value_that_the_fact_may_have(rules, data):
    found = Regions(SMALL, rules)
    name = data.draw(st.sampled_from(sorted(SMALL)))
    near = data.draw(st.none() | values(SMALL[name]))
    for value in found.values(name, near):
        assert SMALL[name].problem_with(value) is None


@pytest.mark.parametrize(
    ("values_of", "said"),
    [
        ([-20], "below 4 mm"),
        ([4], "from 4, up to 10 mm"),
        ([11], "above 10 mm"),
        ([4, 11], "4 mm or more"),
        ([-20, 11], "below 4 mm or above 10 mm"),
        ([-20, 4, 11], "any value"),
    ],
)
def test_answers_are_told_as_ranges(values_of, said):
    found = Regions(NUMBERS, [Compare("n", ">=", 4), Compare("n", ">", 10)])
    assert found.words("n", values_of) == said


def test_yes_no_and_choices_are_told_as_they_are(base):
    found = regions(base)
    assert found.words("pain.leg", [True]) == "yes"
    assert found.words("course.onset", ["never_left", "sudden"]) == "never left or sudden"
    assert regions(base) is found, "worked out once for a rule base"
