"""Standings: sums of arguments, groups, references that decide, and what is honest to say."""

import pytest

from pathways.standing import log_odds, points, stand
from rules.documents import Cause, Weights

PRIOR = {"share": 0.2, "because": "one in five of such patients", "basis": "expert judgement"}
RULE = {
    "because": "because it is so",
    "basis": "expert judgement",
    "when": {"x": True},
    "fires_on": {},
    "silent_on": {},
}
TEXTS = {
    "title": "A cause", "family": "recovery", "summary": "what it is", "in_plain_words": "what it is",
    "follows": "anything", "time_course": "any time", "confirm_by": ["a test"], "next_test": "a test",
    "vignette": {"facts": {}, "expect": "possible"},
}  # fmt: skip


@pytest.fixture(scope="module")
def weights(base):
    return base.weights


def cause_with(*arguments, **more):
    listed = [{**RULE, "id": f"c.a{n}", **argument} for n, argument in enumerate(arguments)]
    return Cause.model_validate({"id": "c", "prior": [PRIOR], "arguments": listed, **TEXTS, **more})


def standing_of(weights, *arguments, fired=None, **more):
    cause = cause_with(*arguments, **more)
    truths = {a.id: True if fired is None or n in fired else None for n, a in enumerate(cause.arguments)}
    return stand(cause, truths | more.get("truths", {}), weights)


def test_points_are_whole_hundredths_of_log_odds(weights):
    cause = cause_with({"for": "weak"}, {"for": "strong"}, {"against": "moderate"}, {"for": "strong", "lr": 19.6})
    assert [points(a, weights) for a in cause.arguments] == [30, 100, -70, 129]
    assert isinstance(weights, Weights)
    assert log_odds(0.5) == 0
    assert log_odds(0.2) == -60


def test_with_no_argument_there_is_nothing_to_say(weights):
    assert standing_of(weights, {"for": "strong"}, fired=[]).name == "nothing_to_say"


def test_only_the_strongest_of_a_group_counts(weights):
    result = standing_of(weights, {"for": "weak", "group": "g"}, {"for": "moderate", "group": "g"})
    assert result.score == -60 + 70
    assert result.counted == {"c.a1"}


def test_for_and_against_in_one_group_both_count(weights):
    result = standing_of(weights, {"for": "moderate", "group": "g"}, {"against": "weak", "group": "g"})
    assert result.score == -60 + 70 - 30


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([{"for": "moderate"}], "probable"),
        ([{"for": "weak"}], "possible"),
        ([{"for": "weak"}, {"against": "strong"}], "unlikely"),
        ([{"against": "weak"}], "unlikely"),
        ([{"confirms": True}, {"against": "strong"}], "confirmed"),
        ([{"excludes": True}, {"for": "strong"}], "excluded"),
    ],
)
def test_standings(weights, arguments, expected):
    assert standing_of(weights, *arguments).name == expected


def test_confirming_against_excluding_is_a_shown_conflict(weights):
    result = standing_of(weights, {"confirms": True}, {"excludes": True})
    assert result.conflict
    assert result.name == "possible"


def test_a_cause_that_cannot_be_is_excluded(weights):
    cause = cause_with({"for": "strong"}, considered_when={"x": True}, not_considered_because="it cannot be")
    assert stand(cause, {"c.a0": True, "c.considered_when": False}, weights).name == "excluded"
    assert stand(cause, {"c.a0": True, "c.considered_when": None}, weights).name == "probable"


def test_the_first_prior_that_is_true_counts(weights):
    priors = [{**PRIOR, "share": 0.5, "when": {"x": True}}, PRIOR]
    cause = cause_with({"for": "weak"}, prior=priors)
    assert stand(cause, {"c.a0": True, "c.prior.0": True}, weights).score == 30
    assert stand(cause, {"c.a0": True, "c.prior.0": None}, weights).score == -30
