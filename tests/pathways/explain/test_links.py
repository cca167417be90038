"""What follows from a change: the same statement in other facts, exactly as a case file would lay them out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathways import library
from pathways.case import Operation, Shown, Study
from pathways.consistency import impossible
from pathways.explain.links import applied, followed, possible
from pathways.facts import project
from tests.strategies import facts_of


@pytest.fixture(scope="module")
def case(base):
    """A fusion of two levels, two years ago, with an MRI and radiographs."""
    return library.read("adjacent-segment-c036", base).case


def test_changing_the_flat_months_is_what_changing_the_case_gives(case, base):
    later = case.model_copy(update={"surgery": [case.surgery[0].model_copy(update={"months_ago": 36})]})
    facts = project(case, base)
    assert applied(facts, followed(base, facts, {"months_since_surgery": 36})) == project(later, base)


def test_a_new_finding_at_a_level_is_what_writing_it_down_gives(case, base):
    study = Study(modality="ct", findings={"central_stenosis": Shown(present=True)})
    seen = case.model_copy(update={"imaging": [*case.imaging, study]})
    facts = project(case, base)
    after = applied(facts, followed(base, facts, {"ct.central_stenosis": True}))
    assert after == project(seen, base)
    at_level = applied(facts, followed(base, facts, {"ct.central_stenosis.adjacent_above": True}))
    assert at_level["ct.central_stenosis"] is at_level["ct.central_stenosis.adjacent"] is at_level["ct.done"] is True


def test_a_study_not_done_takes_away_what_it_showed(case, base):
    without = case.model_copy(update={"imaging": [s for s in case.imaging if s.modality != "mri"]})
    facts = project(case, base)
    assert applied(facts, followed(base, facts, {"mri.done": None})) == project(without, base)


def test_a_fusion_taken_away_takes_its_months_and_segments_along(base):
    fused = library.read("nonunion-c165", base).case
    facts = project(fused, base)
    after = applied(facts, followed(base, facts, {"surgery.fusion": False}))
    assert after["index.fusion"] is False
    assert after["surgery.fused_segments"] == 0
    assert "months_since_fusion" not in after
    decompressed = fused.model_copy(
        update={"surgery": [Operation(procedures=["laminotomy"], levels=["L4-L5"], months_ago=5)]}
    )
    expected = project(decompressed, base)
    for name in ("surgery.fused_segments", "surgery.fused_to_sacrum", "surgery.fused_to_pelvis", "surgery.fusion"):
        assert after[name] == expected[name]


def test_a_finding_said_to_be_nowhere_is_not_there(case, base):
    facts = {"mri.done": True, "mri.compression": True, "mri.compression.index": True}
    facts |= dict.fromkeys([f"mri.compression.{p}" for p in ("adjacent", "adjacent_above", "adjacent_below")], False)
    facts["mri.compression.remote"] = False
    assert followed(base, facts, {"mri.compression.index": False})["mri.compression"] is False
    gone = applied(facts, followed(base, facts, {"mri.compression": False}))
    assert gone["mri.compression.index"] is False
    assert followed(base, gone, {"mri.compression": True})["mri.compression.index"] is None, "there, not known where"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_was_asked_for_is_never_overruled_and_a_second_time_nothing_follows(base, data):
    facts = data.draw(facts_of(base.vocabulary, most=40))
    change = data.draw(facts_of(base.vocabulary, most=3))
    once = followed(base, facts, change)
    after = applied(facts, once)
    for name, value in change.items():
        assert after[name] == value
    assert followed(base, after, change) == {}


@pytest.mark.parametrize(
    ("facts", "change"),
    [
        ({"ct.done": True, "ct.no_bridging": True}, {"surgery.fusion": False}),
        ({"surgery.implant": False}, {"ct.screw_broken": True}),
        ({"exam.neuro_normal": True}, {"exam.foot_drop": True}),
        ({"exam.motor_deficit": True}, {"exam.motor_grade": 5}),
        ({"course.pain_free_months": 12}, {"months_since_surgery": 3}),
        ({"exam.sij_tests_done": 3}, {"exam.sij_tests_positive": 5}),
        ({"months_since_first_surgery": 24, "surgery.count": 2}, {"months_since_surgery": 30}),
    ],
)
def test_what_contradicts_the_case_is_not_possible(facts, change, base):
    assert not possible(base, facts, followed(base, facts, change))
    assert impossible(applied(facts, change), base)


def test_an_old_contradiction_does_not_forbid_other_changes(base):
    facts = {"exam.neuro_normal": True, "exam.foot_drop": True}
    assert possible(base, facts, {"exam.motor_grade": 4})
    assert possible(base, facts, {"exam.foot_drop": False})
