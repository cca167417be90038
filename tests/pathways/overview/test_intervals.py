"""Intervals and kappa against published figures and independent ways to the same number."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways.overview.intervals import Difference, Share, kappa


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(part, whole, low, high):
    share = Share(part, whole)
    assert share.low == pytest.approx(low, abs=5e-5)
    assert share.high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17:873, table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_newcombe_as_published(one, other, low, high):
    difference = Difference(Share(*one), Share(*other))
    assert difference.low == pytest.approx(low, abs=5e-5)
    assert difference.high == pytest.approx(high, abs=5e-5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_an_interval_holds_its_share_and_mirrors(part, rest):
    share, mirror = Share(part, part + rest), Share(rest, part + rest)
    assert 0 <= share.low <= share.high <= 1
    assert share.low == pytest.approx(1 - mirror.high)
    if share.value is not None:
        assert share.low - 1e-12 <= share.value <= share.high + 1e-12


def test_of_no_cases_there_is_no_share_and_no_difference():
    assert Share(0, 0).value is None
    assert Difference(Share(0, 0), Share(1, 2)).value is None


def test_kappa_of_a_known_table():
    found = kappa({("a", "a"): 20, ("a", "b"): 5, ("b", "a"): 10, ("b", "b"): 15})
    assert found.observed == pytest.approx(0.7)
    assert found.expected == pytest.approx(0.5)
    assert found.value == pytest.approx(0.4)


tables = st.dictionaries(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), st.integers(1, 60), min_size=2)


@given(tables)
def test_kappa_does_not_depend_on_who_is_called_first(table):
    turned = {(other, one): count for (one, other), count in table.items()}
    one, other = kappa(table), kappa(turned)
    assert (one is None) == (other is None)
    if one:
        assert one.value == pytest.approx(other.value)
        assert one.low == pytest.approx(other.low)


@given(tables)
def test_the_interval_is_that_of_the_jackknife_where_there_are_many_cases(table):
    table = {cell: 40 * count for cell, count in table.items()}
    whole = kappa(table)
    if whole is None:
        return
    n = sum(table.values())
    left_out = [(kappa({**table, cell: count - 1}).value, count) for cell, count in table.items()]
    mean = sum(value * count for value, count in left_out) / n
    jackknife = sqrt((n - 1) / n * sum(count * (value - mean) ** 2 for value, count in left_out))
    if whole.low > -0.9 and whole.high < 0.98:
        assert (whole.high - whole.low) / 2 / 1.96 == pytest.approx(jackknife, rel=0.1, abs=1e-3)


def test_full_agreement_is_one_and_one_category_is_undefined():
    assert kappa({("a", "a"): 3, ("b", "b"): 4}).value == pytest.approx(1)
    assert kappa({("a", "a"): 3}) is None
    assert kappa({}) is None


def test_weights_give_credit_for_near_misses():
    table = {("a1", "a2"): 10, ("a1", "a1"): 10, ("b1", "b1"): 20}

    def family(one, other):
        return 1.0 if one == other else 0.5 if one[0] == other[0] else 0.0

    assert kappa(table, family).value > kappa(table).value
