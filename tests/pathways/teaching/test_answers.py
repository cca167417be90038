"""A learner's answers: names found, nearest names for typos, and sessions that are checked before they are used."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways.teaching import answers
from pathways.teaching.lesson import lesson
from rules.problems import CaseError

OPTIONS = {
    "infection": "Infection of the operated spine",
    "facet_pain": "Facet joint pain",
    "foraminal_stenosis": "Foraminal stenosis (left, returned or new)",
    "central_stenosis": "Central or lateral recess stenosis",
}


@pytest.fixture(scope="module")
def taught(reasoner):
    return lesson("C047", reasoner)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("infection", "infection"),
        ("INFECTION", "infection"),
        ("inf", "infection"),
        ("facet_pain", "facet_pain"),
        ("facet pain", "facet_pain"),
        ("Facet joint", "facet_pain"),
        ("  central   or ", "central_stenosis"),
        ("foraminal-stenosis", "foraminal_stenosis"),
    ],
)
def test_a_name_or_a_clear_beginning_is_found(written, found):
    assert answers.resolve(written, OPTIONS, "cause") == found


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("f", "could be facet_pain, foraminal_stenosis"),
        ("infektion", "infection"),
        ("central stenossi", "central_stenosis"),
        ("zzz", "there is no cause"),
        ("", "there is no cause"),
    ],
)
def test_a_typo_or_an_unclear_beginning_names_the_nearest(written, says):
    with pytest.raises(CaseError, match=says):
        answers.resolve(written, OPTIONS, "cause")


@given(st.text(max_size=40))
def test_any_writing_is_found_or_refused(written):
    try:
        assert answers.resolve(written, OPTIONS, "cause") in OPTIONS
    except CaseError as error:
        assert error.problems


@pytest.mark.parametrize("code", ["Anna", "Anna Smith", "", "L", "12", "L12345", "ABCD1", "L1\n", "L1\nx"])
def test_a_name_is_no_code(code, taught):
    with pytest.raises(CaseError, match="no names are kept"):
        answers.begin(taught, code)


def test_a_session_comes_back_as_it_was_saved(taught, tmp_path):
    session = answers.begin(taught, "L7").after(
        answers.Answer(stage="history", causes=[answers.Guess(cause="infection", percent=40)], next="mri")
    )
    path = tmp_path / "s.json"
    path.write_text(session.text(), encoding="utf-8")
    assert answers.read_session(path) == session
    answers.check(session, taught, "s.json")
    assert json.loads(session.text())["schema"] == "1"


BROKEN = {
    "not json": "{",
    "no object": "[]",
    "deep": "[" * 100_000,
    "another schema": ("schema", "2"),
    "a name": ("learner", "Anna"),
    "free text": ("note", "met her on Monday"),
    "four causes": ("answers", [{"stage": "history", "causes": [{"cause": c, "percent": 1} for c in "abcd"]}]),
    "twice": ("answers", [{"stage": "history", "causes": [{"cause": "a", "percent": 1}] * 2}]),
    "over sure": ("answers", [{"stage": "history", "causes": [{"cause": "a", "percent": 101}]}]),
    "urgency": ("answers", [{"stage": "history", "red_flag": "soon"}]),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=list(BROKEN))
def test_a_broken_session_is_refused_with_its_reasons(broken, taught, tmp_path):
    path = tmp_path / "s.json"
    if isinstance(broken, str):
        path.write_text(broken, encoding="utf-8")
    else:
        key, value = broken
        path.write_text(json.dumps(json.loads(answers.begin(taught, "L1").text()) | {key: value}), encoding="utf-8")
    with pytest.raises(CaseError) as caught:
        answers.read_session(path)
    assert caught.value.problems
    assert str(path) in caught.value.title


def test_a_file_that_is_missing_or_binary_is_refused(tmp_path):
    with pytest.raises(CaseError, match="No such file"):
        answers.read_session(tmp_path / "none.json")
    (tmp_path / "b.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CaseError, match="not JSON"):
        answers.read_session(tmp_path / "b.json")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"stage": "imaging"}, "stages are history"),
        ({"causes": [{"cause": "infektion", "percent": 3}]}, "infection"),
        ({"next": "mrii"}, "mri"),
    ],
)
def test_answers_that_do_not_fit_the_case_are_refused(change, says, taught):
    good = answers.Answer(stage="history").model_dump()
    session = answers.begin(taught, "L1").after(answers.Answer.model_validate(good | change))
    with pytest.raises(CaseError, match=says):
        answers.check(session, taught, "s.json")
