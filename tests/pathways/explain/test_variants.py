"""Many variants of a case judged at once: the same conclusions as judging them one by one with both engines."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathways import library
from pathways.explain.links import applied, followed
from pathways.explain.variants import LADDERS, bits, variants
from pathways.facts import project
from pathways.judged import Judged
from tests.strategies import facts_of


def check(judged, number, expected):
    """One variant against the same facts judged alone."""
    for name, standing in expected.standings.items():
        assert judged.standing(name).get(standing.name, 0) >> number & 1, name
        assert judged.scores(name).get(standing.score, 0) >> number & 1, name
    for name, status in expected.statuses.items():
        assert judged.status(name).get(status.name, 0) >> number & 1, name
    assert bool(judged.emergency >> number & 1) == expected.emergency
    for rule, truth in expected.inference.truths.items():
        true, false = judged.truth(rule)
        assert (bool(true >> number & 1), bool(false >> number & 1)) == (truth is True, truth is False), rule


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_random_variants_of_random_cases_agree_with_both_engines(reasoner, data):
    vocabulary = reasoner.base.vocabulary
    facts = data.draw(facts_of(vocabulary, most=80))
    changes = data.draw(st.lists(facts_of(vocabulary, most=12), min_size=1, max_size=3))
    judged = variants(reasoner.base, facts, changes, follow=False)
    check(judged, 0, Judged(reasoner, facts))
    for number, change in enumerate(changes, 1):
        check(judged, number, Judged(reasoner, applied(facts, change)))


@pytest.mark.parametrize("name", ["nonunion-c165", "infection-c047", "adjacent-segment-c036"])
def test_published_cases_with_a_fact_changed_or_taken_away(name, reasoner):
    base = reasoner.base
    facts = project(library.read(name, base).case, base)
    changes = [{"months_since_surgery": 3}, {"symptoms.saddle_numbness": True}, {"pain.predominant": None}]
    judged = variants(base, facts, changes)
    for number, change in enumerate(changes, 1):
        check(judged, number, Judged(reasoner, applied(facts, followed(base, facts, change))))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_conclusion_has_exactly_one_outcome_in_every_variant(base, data):
    facts = data.draw(facts_of(base.vocabulary, most=60))
    judged = variants(base, facts, [data.draw(facts_of(base.vocabulary, most=8))], follow=False)
    for kind, names in (("cause", base.causes), ("pathway", base.pathways), ("red_flag", base.red_flags)):
        for name in names:
            outcomes = judged.outcomes(kind, name)
            assert set(outcomes) <= set(LADDERS[kind])
            assert sum(outcomes.values()) == judged.everywhere, "no variant is in two outcomes or in none"


def test_bits_are_the_numbers_of_the_variants():
    assert list(bits(0b101001)) == [0, 3, 5]
    assert list(bits(0)) == []
