"""Levels: how people write them, and where they lie."""

import pytest

from pathways.levels import LevelError, place_of, root_at, segments, vertebrae


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (("L4-L5",), ("L4-L5",)),
        (("L4/5",), ("L4-L5",)),
        (("l4-s1",), ("L4-L5", "L5-S1")),
        (("T12-L2",), ("T12-L1", "L1-L2")),
        (("L5-S1", "L4-L5"), ("L4-L5", "L5-S1")),
        (("L4-pelvis",), ("L4-L5", "L5-S1")),
    ],
)
def test_levels_become_segments(written, expected):
    assert segments(written) == expected


def test_a_spine_with_six_lumbar_vertebrae_has_one_more_segment():
    assert segments(("L4-S1",), 6) == ("L4-L5", "L5-L6", "L6-S1")


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("C5-C6", "cervical"),
        ("L4-L9", "no L9"),
        ("L6-S1", "no L6 in a spine with 5"),
        ("S1-L5", "upper level first"),
        ("lower back", "is not a level"),
    ],
)
def test_a_level_that_cannot_be_is_refused_with_what_would_be_right(written, says):
    with pytest.raises(LevelError, match=says):
        vertebrae(written)


@pytest.mark.parametrize(
    ("level", "places"),
    [
        ("L4-L5", {"index"}),
        ("L3-L4", {"adjacent_above"}),
        ("L2-L3", {"remote"}),
        ("L3-L5", {"adjacent_above", "index"}),
        ("L3", {"adjacent_above"}),
        ("S1", {"index"}),
    ],
)
def test_places_relative_to_an_l4_s1_operation(level, places):
    assert place_of(level, ("L4-L5", "L5-S1")) == places


def test_between_two_operated_segments_lies_an_adjacent_one():
    assert place_of("L4-L5", ("L3-L4", "L5-S1")) == {"adjacent_above"}


def test_below_a_floating_fusion():
    assert place_of("L5-S1", ("L3-L4", "L4-L5")) == {"adjacent_below"}


def test_roots_at_a_segment():
    assert root_at("L4-L5", "traversing") == {"L5"}
    assert root_at("L5-S1", "exiting") == {"L5"}
