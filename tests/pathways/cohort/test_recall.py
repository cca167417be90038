"""Nested lines read by what was met before say what case files say, and what is wrong with them is told alike."""

import copy
import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pathways import library
from pathways.cohort import recall
from pathways.cohort.lines import CaseReader
from pathways.cohort.mapping import Mapping
from pathways.cohort.sampling import facts_of
from pathways.cohort.screening import IdentifyingError, quotes_masked
from pathways.reading import LISTS, build_facts
from rules.problems import CaseError
from tests.strategies import spoiled

TIMES = (0, 0.5, 3, 3.0, 12, 12.00001, 40, 900, 901, -1, None, True, "6 weeks", "unknown", 1e400)
CASES = [
    yaml.safe_load((library.FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))["case"] for name in library.names()
]


@st.composite
def mixed(draw):
    """A case whose lists come from several published cases, at other times."""
    case = copy.deepcopy(draw(st.sampled_from(CASES)))
    for name in LISTS:
        other = draw(st.sampled_from(CASES))
        if name in other and draw(st.booleans()):
            case[name] = copy.deepcopy(other[name])
    for entry in (*case["surgery"], *case.get("imaging", [])):
        if draw(st.booleans()):
            entry["months_ago"] = draw(st.sampled_from(TIMES))
    if draw(st.integers(0, 9)) == 0:
        case.setdefault("person", {})["lumbar_vertebrae"] = draw(st.sampled_from([4, 6, 6.0, "6", 7, None]))
    return draw(spoiled(case)) if draw(st.integers(0, 3)) == 0 else case


def one_by_one(case, base):
    """The facts of a case, or what is wrong with it."""
    try:
        read, own, shared = build_facts(case, base)
    except CaseError as error:
        return [(problem.place, quotes_masked(problem.message)) for problem in error.problems]
    named = {"case_id": read.case_id} if case.get("case_id") is not None else {}
    return named | {name: value for name, value in (own | shared).items() if value is not None}


def together(cases, base):
    """The same of every case, from lines."""
    lines = "\n".join(json.dumps(case) for case in cases)
    understood = CaseReader(base, Mapping(), (), ()).read_lines(lines.encode(), 1, "x.jsonl")
    found = {row["row"]: facts_of(row) for row in understood.frame.iter_rows(named=True)}
    for refusal in understood.refused:
        assert refusal.row not in found
    told = {row: [(r.column, r.reason) for r in understood.refused if r.row == row] for row in range(1, len(cases) + 1)}
    assert understood.rows == len(cases)
    return [told[row] or {name: value for name, value in found[row].items() if name != "row"} for row in told]


@given(cases=st.lists(mixed(), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_lines_say_what_case_files_say(base, cases):
    cases = json.loads(json.dumps(cases))
    try:
        found = together(cases * 2, base)
    except IdentifyingError as error:
        assert error.problems[0].message in map(stopped_by, cases, [base] * len(cases))
    else:
        assert found == [one_by_one(case, base) for case in cases] * 2


def stopped_by(case, base):
    """What stops a run of this case alone."""
    try:
        together([case], base)
    except IdentifyingError as error:
        return error.problems[0].message
    return None


@pytest.mark.parametrize(("most", "trial"), [(20_000, 10_000), (3, 10_000), (20_000, 0)])
def test_published_cases_met_again_say_the_same_and_their_own_ages(base, most, trial, monkeypatch):
    monkeypatch.setattr(recall, "MOST", most)  # a small memory forgets
    monkeypatch.setattr(recall, "TRIAL", trial)  # where nothing is met again, it is not looked for
    cases = [{**case, "person": {**case.get("person", {}), "age": age}} for age in (40, 71) for case in CASES]
    assert together(cases, base) == [one_by_one(case, base) for case in cases]


def test_the_months_of_a_list_that_was_met_before_are_its_own(base):
    cases = [
        {"surgery": [{"procedure": "plif", "months_ago": first}, {"procedure": "plif", "months_ago": last}],
         "imaging": [{"modality": "mri", "months_ago": seen, "findings": {"epidural_scar": True}}]}
        for first, last, seen in [(30, 20, 10), (60, 40, 3), (30, 20, 25), (40, 40, 40), (20, 30, 10)]
    ]  # fmt: skip
    *good, wrong = together(cases, base)
    assert [found["months_since_first_surgery"] for found in good] == [30, 60, 30, 40]
    assert [found["months_since_surgery"] for found in good] == [20, 40, 20, 40]
    assert [found.get("mri.months_ago") for found in good] == [10, 3, None, 40]
    assert ["mri.epidural_scar" in found for found in good] == [True, True, False, True]
    assert wrong == [
        ("surgery[1].months_ago", "30 months ago is before the operation above it; list operations oldest first")
    ]


@pytest.mark.parametrize("side", ["left", "right"])
def test_studies_that_were_met_before_are_held_against_the_pain_of_each_case(base, side):
    case = {"surgery": [{"procedure": "discectomy", "levels": ["L4-L5"]}],
            "pain": {"side": side, "root": "L5"},
            "imaging": [{"modality": "mri", "findings": {"disc_herniation": {"levels": ["L4-L5"], "side": "left"}}}],
    }  # fmt: skip
    other = {**case, "pain": {"side": "left", "root": "L5"}}
    found = together([other, case], base)
    assert found[1]["mri.disc_herniation.concordant"] is (side == "left")
