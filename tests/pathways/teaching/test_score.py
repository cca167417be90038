"""The score: safety weighs most, honest confidence pays best, and no answer breaks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways.teaching import score as scoring
from pathways.teaching.answers import Answer, Guess, next_steps
from pathways.teaching.lesson import lesson
from pathways.teaching.rubric import rubric
from pathways.teaching.score import URGENCIES, calibration, most_urgent, score

CODES = ("C047", "C052", "C036", "C151", "C142")
CAUSES = (
    "infection",
    "epidural_hematoma",
    "adjacent_segment_disease",
    "hip_disease",
    "facet_pain",
    "expected_recovery",
)


@pytest.fixture(scope="module")
def lessons(reasoner):
    return {code: lesson(code, reasoner) for code in CODES}


def guesses(*named):
    return [Guess(cause=cause, percent=percent) for cause, percent in named]


def perfect(taught):
    """Every stage answered as well as it can be."""
    answers = []
    for scene in taught.scenes:
        now = [p.id for p in scene.assessment.pathways if p.status in scoring.NOW]
        flag = most_urgent(scene.assessment)
        named = guesses((taught.truth[0], 100))
        answers.append(Answer(stage=scene.stage.id, causes=named, red_flag=flag, next=now[0] if now else None))
    return answers


@st.composite
def answered(draw, taught):
    """Any answers to a lesson."""
    steps = st.none() | st.sampled_from(sorted(next_steps(taught)))
    made = []
    for scene in taught.scenes:
        named = draw(st.lists(st.sampled_from(CAUSES), unique=True, max_size=3))
        made.append(
            Answer(
                stage=scene.stage.id,
                causes=guesses(*((cause, draw(st.integers(0, 100))) for cause in named)),
                red_flag=draw(st.none() | st.sampled_from(URGENCIES)),
                next=draw(steps),
            )
        )
    return made


@given(st.data())
def test_any_answers_score_between_0_and_100(lessons, data):
    taught = lessons[data.draw(st.sampled_from(CODES))]
    answers = data.draw(answered(taught))
    result = score(taught, answers[: data.draw(st.integers(0, len(answers)))])
    assert 0 <= result.total <= 100
    for stage in result.stages:
        assert 0 <= stage.safety <= 1
        assert -1 <= stage.calibration <= 1
        assert 0 <= stage.differential <= 1
        assert 0 <= stage.next_step <= 1


@given(st.data())
def test_seeing_each_flag_with_its_urgency_never_lowers_the_score(lessons, data):
    taught = lessons[data.draw(st.sampled_from(CODES))]
    answers = data.draw(answered(taught))
    seen = [
        answer.model_copy(update={"red_flag": most_urgent(scene.assessment)})
        for answer, scene in zip(answers, taught.scenes, strict=True)
    ]
    assert score(taught, seen).total >= score(taught, answers).total


@given(st.data())
def test_a_session_that_never_notices_an_emergency_stays_below_half(lessons, data):
    taught = lessons[data.draw(st.sampled_from(("C047", "C052", "C151", "C142")))]
    answers = [answer.model_copy(update={"red_flag": None}) for answer in data.draw(answered(taught))]
    assert score(taught, answers).total <= rubric().cap_if_missed.value < 50


def test_missing_the_flags_costs_more_than_everything_else_together(lessons):
    for code in ("C052", "C151", "C142"):
        taught = lessons[code]
        best = perfect(taught)
        blind = [answer.model_copy(update={"red_flag": None}) for answer in best]
        only_safe = [
            Answer(stage=a.stage, red_flag=a.red_flag, next=None, causes=guesses(("hip_disease", 60))) for a in best
        ]
        assert score(taught, best).total > 90
        assert score(taught, blind).total < score(taught, only_safe).total


def test_a_flag_underrated_costs_by_how_much_and_an_overrated_one_nothing(lessons):
    taught = lessons["C052"]
    scene = taught.scenes[-1]
    assert most_urgent(scene.assessment) == "immediate"
    safety = {
        flag: scoring.score_stage(taught, scene, Answer(stage=scene.stage.id, red_flag=flag)).safety
        for flag in (*URGENCIES, None)
    }
    assert safety["immediate"] == 1 > safety["same_day"] > safety["within_days"] > safety[None] == 0


def test_a_false_alarm_costs_little_and_a_contraindicated_step_much(lessons):
    calm = lessons["C036"]
    scene = calm.scenes[-1]
    assert most_urgent(scene.assessment) is None
    alarmed = scoring.score_stage(calm, scene, Answer(stage=scene.stage.id, red_flag="immediate"))
    assert 0.5 < alarmed.safety < 1
    infected = lessons["C047"]
    last = infected.scenes[-1]
    refused = next(p.id for p in last.assessment.pathways if p.status == "contraindicated")
    flag = most_urgent(last.assessment)
    harmful = scoring.score_stage(infected, last, Answer(stage=last.stage.id, red_flag=flag, next=refused))
    assert harmful.safety == 0.5
    assert harmful.next_step == 0
    assert harmful.contraindicated


@given(st.integers(0, 100), st.integers(0, 100))
def test_no_report_pays_better_than_the_honest_one(honest, said):
    """Brier's rule is proper: with probability p of being right, saying p brings most on average."""
    p = honest / 100

    def expected(percent):
        guess = guesses(("infection", percent))
        return p * calibration(guess, ["infection"]) + (1 - p) * calibration(guess, ["hip_disease"])

    assert expected(honest) >= expected(said) - 1e-12


def test_calibration_at_its_corners():
    truth = ["infection", "hip_disease"]
    assert calibration([], truth) == 0
    assert calibration(guesses(("infection", 100)), truth) == 1
    assert calibration(guesses(("hip_disease", 100), ("infection", 100)), truth) == 1
    assert calibration(guesses(("facet_pain", 100)), truth) == -1
    assert calibration(guesses(("facet_pain", 0)), truth) == 0
    assert calibration([], []) == 1


def test_a_higher_rank_brings_more(lessons):
    taught = lessons["C047"]
    scene = taught.scenes[-1]
    others = ["hip_disease", "facet_pain"]
    brought = []
    for place in range(3):
        named = [*others[:place], "infection", *others[place:]][:3]
        answer = Answer(stage=scene.stage.id, causes=guesses(*((cause, 30) for cause in named)))
        brought.append(scoring.score_stage(taught, scene, answer).differential)
    assert brought == sorted(brought, reverse=True)
    assert len(set(brought)) == 3


def test_what_is_noticed_later_is_not_called_overlooked(lessons):
    taught = lessons["C052"]
    blind_then_seeing = [
        Answer(stage=scene.stage.id, red_flag="immediate" if scene is taught.scenes[-1] else None)
        for scene in taught.scenes
    ]
    blind = [Answer(stage=scene.stage.id) for scene in taught.scenes]
    assert any(name.startswith("red_flag.") for name in score(taught, blind).overlooked())
    assert not any(name.startswith("red_flag.") for name in score(taught, blind_then_seeing).overlooked())
    assert "cause.epidural_hematoma" in score(taught, blind).overlooked()
