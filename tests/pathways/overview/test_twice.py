"""A cohort judged by two rule bases: the same as judging its rows one by one, whatever comes in."""

import json
import shutil

import polars as pl
import pytest

from pathways.difference import shifts
from pathways.overview.twice import judged_twice
from reports import differing
from rules.changes import changes
from rules.inference import Reasoner
from rules.problems import CaseError
from rules.rulebase import KNOWLEDGE, load

EDITS = (
    (
        "causes/recurrent_disc_herniation.yaml",
        "for: moderate\n    group: interval",
        "against: strong\n    group: interval",
    ),
    ("red_flags.yaml", "symptoms.fever: yes", "symptoms.fever: no"),
)


@pytest.fixture(scope="module")
def edited(tmp_path_factory):
    """The knowledge with an argument turned round and a red flag redefined."""
    folder = tmp_path_factory.mktemp("edited") / "knowledge"
    shutil.copytree(KNOWLEDGE, folder)
    for name, old, new in EDITS:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return load(folder)


@pytest.fixture(scope="module")
def table(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("cohort") / "cases.parquet"
    rows.write_parquet(path)
    return path


@pytest.fixture(scope="module")
def found(table, base, edited):
    return judged_twice([str(table)], base, edited, drop=["true_cause"])


def test_it_says_what_judging_one_by_one_says(found, base, edited, facts):
    told, left_out = found
    assert (told.cases, left_out) == (facts.height, 0)
    known = [{n: v for n, v in row.items() if v is not None} for row in facts.iter_rows(named=True)]
    pairs = [(str(number), case, case) for number, case in enumerate(known, 1)]
    one_by_one = [s for s in shifts(Reasoner(base), Reasoner(edited), pairs) if s.kind != "criteria"]
    assert {s.case for s in one_by_one}
    assert told.changed == len({s.case for s in one_by_one})
    table = {(m.kind, m.id, was, now): n for m in told.moved for (was, now), n in m.moves.items()}
    assert sum(table.values()) == len(one_by_one)
    for shift in one_by_one:
        assert table[shift.kind, shift.id, shift.before, shift.after]
    for moved in told.moved:
        rows = [int(s.case) for s in one_by_one if (s.kind, s.id) == (moved.kind, moved.id)]
        assert moved.examples == sorted(rows)[:5]


def test_text_and_json_name_the_rule_and_the_rows(found, base, edited):
    told, left_out = found
    rules = changes(base, edited)
    text = differing.cohort_as_text(rules, told, left_out, {}, edited.vocabulary)
    assert f"{told.changed:,} of {told.cases:,} cases come to another conclusion" in text
    assert "by recurrent_disc_herniation.long_interval: fires as before, but was edited, in" in text
    data = json.loads(differing.cohort_as_json(rules, told, left_out))
    assert data["cases_moved"] == told.changed
    assert sum(move["cases"] for move in data["moved"][0]["moves"]) == data["moved"][0]["cases"]


def test_a_row_that_one_of_them_cannot_use_is_left_out_and_counted(table, base, rows, tmp_path):
    worse = rows.drop("true_cause").with_columns(pl.col("person.age").cast(pl.String))
    worse[7, "person.age"] = "young"
    path = tmp_path / "cases.csv"
    worse.write_csv(path)
    told, left_out = judged_twice([str(path)], base, base)
    assert (told.cases, told.changed, left_out) == (rows.height - 1, 0, 1)
    assert "1 case could not be used by both" in differing.cohort_as_text([], told, left_out, {}, base.vocabulary)


def test_a_fact_that_only_one_of_them_knows_is_no_error(table, base, tmp_path):
    folder = tmp_path / "older"
    shutil.copytree(KNOWLEDGE, folder)
    path = folder / "facts" / "patient.yaml"
    lines = [
        line for line in path.read_text(encoding="utf-8").splitlines() if "leg_crossing_or_knee_pressure:" not in line
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    older = load(folder)
    assert "conditions.leg_crossing_or_knee_pressure" in base.vocabulary.keys() - older.vocabulary.keys()
    told, left_out = judged_twice([str(table)], older, base, drop=["true_cause"])
    assert (told.changed, left_out) == (0, 0)


def test_wrong_columns_are_told(base, tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text("person.aeg\n50\n", encoding="utf-8")
    with pytest.raises(CaseError, match=r"did you mean person\.age"):
        judged_twice([str(path)], base, base)
    path.write_text("person.age\nyoung\n", encoding="utf-8")
    with pytest.raises(CaseError, match="no row can be used"):
        judged_twice([str(path)], base, base)
