"""Many variants at once give the reference engine's answers, variant by variant."""

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engines.kleene import truth
from rules.engines.worlds import Worlds
from rules.language import Compare
from tests.strategies import SMALL, conditions, facts_of, values


def gathered(changes):
    """Changes one by one as `Worlds` takes them: fact, value, in which variants."""
    found = {}
    for number, change in enumerate(changes):
        for fact, value in change.items():
            where = found.setdefault(fact, {})
            where[value] = where.get(value, 0) | 1 << number
    return found


@st.composite
def changes_of(draw):
    """A few facts with other values, or made unknown."""
    names = draw(st.lists(st.sampled_from(sorted(SMALL)), unique=True, max_size=5))
    return {name: draw(st.none() | values(SMALL[name])) for name in names}


@settings(max_examples=300, deadline=None)
@given(conditions(SMALL), facts_of(SMALL), st.lists(changes_of(), min_size=1, max_size=70))
def test_every_variant_has_the_truth_that_the_reference_gives_it(condition, facts, changes):
    worlds = Worlds({"rule": condition}, facts, len(changes), gathered(changes))
    true, false = worlds.truth("rule")
    for number, change in enumerate(changes):
        after = {name: value for name, value in {**facts, **change}.items() if value is not None}
        expected = truth(condition, after)
        assert (bool(true >> number & 1), bool(false >> number & 1)) == (expected is True, expected is False)
    assert (true | false) >> len(changes) == 0, "nothing is said of variants that there are not"


def test_a_finding_that_the_facts_state_keeps_the_stated_value():
    rules = {"finding.x": Compare("b0", "==", True), "rule": Compare("finding.x", "==", True)}
    worlds = Worlds(rules, {"b0": True}, 2, {"finding.x": {False: 0b10}})
    assert worlds.truth("rule") == (0b01, 0b10)
    assert worlds.truth("finding.x") == (0b11, 0)
