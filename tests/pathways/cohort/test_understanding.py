"""A cell means what it means in a case file; what is wrong is told with its row, and never in full."""

import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pathways.cohort.mapping import Columns, Mapping, Reading, read_mapping, sort_columns
from pathways.cohort.sampling import facts_of as known
from pathways.cohort.screening import IdentifyingError
from pathways.cohort.understanding import Understanding
from pathways.consistency import constrained, details, impossible
from pathways.values import Values
from rules.problems import CaseError
from tests.strategies import facts_of, spoiled

AGE, FUSION, WHERE, CRP = "person.age", "surgery.fusion", "pain.predominant", "labs.crp"


def read(base, raw, mapping=None, keep=(), drop=()):
    columns = sort_columns(raw.columns, base.vocabulary, mapping or Mapping(), keep, drop)
    rows = pl.Series(range(1, raw.height + 1))
    return Understanding(base, columns).read(raw, rows, "a.csv")


def one(base, fact, value):
    understood = read(base, pl.DataFrame({fact: [value]}))
    return understood.frame[fact].to_list() if not understood.refused else understood.refused[0].reason


@pytest.mark.parametrize(
    ("fact", "value", "meant"),
    [
        *[(FUSION, text, True) for text in ("yes", "Yes", "TRUE", "1", 1, 1.0, True, " present ")],
        *[(FUSION, text, False) for text in ("no", "false", "0", 0, 0.0, False, "absent")],
        *[(FUSION, text, None) for text in ("", " ", "unknown", "?", "n/a", "not done", None)],
        *[(WHERE, text, "leg") for text in ("leg", "Leg", " LEG ")],
        *[(AGE, text, 64.0) for text in ("64", " 64.0", 64, 64.0, "60-69")],
        *[(AGE, text, 90.0) for text in (90, "90+")],
        *[(CRP, text, 3.5) for text in ("3.5", "3,5", "3.5 mg/L", 3.5, "+3.5", "35e-1")],
        ("course.symptom_months", "6 weeks", 1.3799),
        ("course.relief", "none", "none"),
    ],
)
def test_what_a_cell_means(base, fact, value, meant):
    assert one(base, fact, value) == [meant]


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        *[(FUSION, wrong) for wrong in ("maybe", "2", 2, -1, "y e s")],
        *[(WHERE, wrong) for wrong in ("arm", "1", 1, True)],
        *[(AGE, wrong) for wrong in (17, "17", "x", -5, float("inf"), "1e99", 400)],
        *[(CRP, wrong) for wrong in ("12 mg/dL", 601, "1;2", "1,200", "1_0")],
    ],
)
def test_what_is_wrong_goes_to_quarantine_with_what_is_wanted(base, fact, value):
    reason = one(base, fact, value)
    assert isinstance(reason, str)
    assert "wanted" in reason


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([AGE, FUSION, WHERE, "course.symptom_months"]),
    st.text("yesno0123456789.,-+_ legbackmonthw", max_size=8),
)
def test_text_means_the_same_as_in_a_case_file(base, name, text):
    fact = base.vocabulary[name]
    problems = []
    value = Values(base.vocabulary, problems).read(fact, text, "")
    if fact.type == "yes_no" and text.strip() in ("0", "1", "0.0", "1.0"):
        return  # a table may write yes and no like that
    try:
        found = read(base, pl.DataFrame({name: [text]}))
    except IdentifyingError:
        assert problems
        return
    if problems:
        assert found.refused
    else:
        assert not found.refused
        assert found.frame[name].to_list() == [None if value is None else value]


@given(
    words=st.lists(st.sampled_from(["yes", "no", "TRUE", "0", "?", "", " no", "x", "1.0", "n/a", None]), max_size=150)
)
@settings(max_examples=100)
def test_words_are_read_together_as_they_are_one_by_one(base, words):
    together = read(base, pl.DataFrame({FUSION: words}, schema={FUSION: pl.String}))
    alone = [one(base, FUSION, word) if word is not None else [None] for word in words]
    assert together.frame[FUSION].to_list() == [meant[0] for meant in alone if isinstance(meant, list)]
    assert [(r.row, r.reason) for r in together.refused] == [
        (row, reason) for row, reason in enumerate(alone, 1) if isinstance(reason, str)
    ]


@given(data=st.data())
@settings(max_examples=60)
def test_facts_that_cannot_be_true_together_go_to_quarantine_as_a_case_file_is_refused(base, data):
    whole, parts = data.draw(st.sampled_from(sorted(details(base).items())))
    some = {name: base.vocabulary[name] for name in sorted({*constrained(base), whole, *parts})}
    denied = st.fixed_dictionaries({whole: st.just(0 if whole.endswith(".count") else False)})
    of_it = facts_of({part: base.vocabulary[part] for part in parts}, most=3)
    anything = st.builds(lambda a, b, c: {**a, **b, **c}, facts_of(some, most=12), denied | st.just({}), of_it)
    cases = data.draw(st.lists(anything, min_size=1, max_size=8))
    raw = pl.DataFrame({name: [case.get(name) for case in cases] for name in some}, strict=False)
    understood = read(base, raw)
    wrong = {row: [(p.place, p.message) for p in impossible(case, base)] for row, case in enumerate(cases, 1)}
    told = {row: [(r.column, r.reason) for r in understood.refused if r.row == row] for row in wrong}
    assert told == wrong
    assert [known(row) for row in understood.frame.drop("row").iter_rows(named=True)] == [
        dict(sorted(case.items())) for row, case in enumerate(cases, 1) if not wrong[row]
    ]


def test_details_of_a_study_that_was_not_done_are_told_once_a_row(base):
    raw = pl.DataFrame(
        {
            "mri.done": ["no", "no", "no", "yes", ""],
            "mri.mass": ["no", "", "yes", "yes", "no"],
            "mri.mass.index": ["", "", "yes", "no", ""],
            "mri.slip": ["no", "", "", "no", "no"],
            "mri.slip.index": ["", "", "", "yes", ""],
        }
    )
    told = [(refusal.row, refusal.column, refusal.reason) for refusal in read(base, raw).refused]
    assert told == [
        (1, "mri.mass", "cannot be known where mri.done is no (so it is with 1 more)"),
        (3, "mri.mass", "cannot be known where mri.done is no (so it is with 1 more)"),
        (4, "mri.slip.index", "cannot be known where mri.slip is no"),
    ]


def test_no_and_zero_of_what_was_not_done_may_count_as_unknown(base):
    raw = pl.DataFrame(
        {
            "mri.done": ["no", "no", "yes", ""],
            "mri.mass": ["no", "yes", "no", "no"],
            "blocks.hip.done": ["no", "no", "yes", ""],
            "blocks.hip.relief_percent": ["0", "50", "0", "0"],
            "treatments.adhesiolysis.tried": ["no", "no", "yes", ""],
            "treatments.adhesiolysis.response": ["", "good", "none", "none"],
        }
    )
    understood = read(base, raw, Mapping(blank_not_done=True))
    assert understood.frame["mri.mass"].to_list() == [None, False, False]
    assert understood.frame["blocks.hip.relief_percent"].to_list() == [None, 0, 0]
    assert {(refusal.row, refusal.column) for refusal in understood.refused} == {
        (2, "mri.mass"),
        (2, "blocks.hip.relief_percent"),
        (2, "treatments.adhesiolysis.response"),
    }
    assert {refusal.row for refusal in read(base, raw).refused} == {1, 2}


def test_what_cannot_be_is_told_with_the_name_of_its_column_there(base):
    mapping = Mapping({"weakest": Reading("exam.motor_grade"), "weak": Reading("exam.motor_deficit")})
    raw = pl.DataFrame({"weakest": [5, 4, 3], "weak": ["yes", "yes", "no"]})
    assert [(r.row, r.column) for r in read(base, raw, mapping).refused] == [(1, "weak"), (3, "weak")]


def test_only_the_rows_with_something_wrong_are_left_out_and_each_wrong_value_is_told(base):
    ids = ["a", "b", "c", "d e"]
    raw = pl.DataFrame({AGE: ["50", "x", "60", "70"], FUSION: ["yes", "perhaps", "", "no"], "case_id": ids})
    understood = read(base, raw)
    assert understood.rows == 4
    assert understood.frame["row"].to_list() == [1, 3]
    assert understood.frame[FUSION].to_list() == [True, None]
    told = [(refusal.row, refusal.column) for refusal in understood.refused]
    assert sorted(told) == [(2, AGE), (2, FUSION), (4, "case_id")]
    assert all("perhaps" not in refusal.value for refusal in understood.refused)


@pytest.mark.parametrize("value", ["2021-03-04", "joe@example.org", "12345678"])
def test_an_identifier_in_the_column_of_a_fact_stops_the_run(base, value):
    with pytest.raises(IdentifyingError, match=r"row 2, column pain\.predominant") as error:
        read(base, pl.DataFrame({WHERE: ["leg", value]}))
    assert value not in str(error.value)


@pytest.mark.parametrize("age", [91, "91", 95.5, 89.0000001 + 2])
def test_ages_over_90_stop_the_run(base, age):
    with pytest.raises(IdentifyingError, match="over 89"):
        read(base, pl.DataFrame({AGE: [age]}))


def test_a_mapping_renames_recodes_and_converts(base, tmp_path):
    path = tmp_path / "map.yaml"
    path.write_text(
        "columns:\n"
        "  years: person.age\n"
        '  op: {fact: surgery.fusion, values: {PLF: yes, DISC: no, "?": unknown, 3: yes}}\n'
        "  crp_mg_dl: {fact: labs.crp, factor: 10}\n"
        "  fahrenheit: {fact: exam.temperature_c, factor: 0.5555555556, add: -17.7777777778}\n"
        "  code: case_id\n"
        "keep: [site]\ndrop: [visit]\nunknown: ['-9', NK]\n"
    )
    mapping = read_mapping(path, base.vocabulary)
    raw = pl.DataFrame(
        {
            "years": ["50", "-9"],
            "op": ["plf", "3"],
            "crp_mg_dl": ["1.2", "NK"],
            "fahrenheit": [98.6, 100.4],
            "code": ["a", "b"],
            "site": ["north", "south"],
            "visit": ["2020-01-01", "x"],
        }
    )
    frame = read(base, raw, mapping).frame
    assert frame.rows(named=True) == [
        {"row": 1, "case_id": "a", "site": "north", AGE: 50.0, FUSION: True, CRP: 12.0, "exam.temperature_c": 37.0},
        {"row": 2, "case_id": "b", "site": "south", AGE: None, FUSION: True, CRP: None, "exam.temperature_c": 38.0},
    ]


def test_a_mapping_with_mistakes_names_them_all(base, tmp_path):
    path = tmp_path / "map.yaml"
    path.write_text(
        "columns:\n  a: person.agee\n  b: {fact: surgery.fusion, values: {x: maybe}, factr: 2}\n"
        "  c: {fact: finding.leg_pain}\n  d: {fact: labs.crp, factor: ten}\nkeeep: [x]\nblank_not_done: maybe\n"
    )
    with pytest.raises(CaseError) as error:
        read_mapping(path, base.vocabulary)
    for told in (
        "did you mean person.age",
        "yes or no is wanted",
        "factr",
        "finding.leg_pain",
        "a number",
        "keep",
        "blank_not_done",
    ):
        assert told in str(error.value)


def test_columns_that_are_no_facts_are_refused_with_the_nearest(base):
    with pytest.raises(CaseError) as error:
        sort_columns(["person.agee", "name", "finding.leg_pain", "site"], base.vocabulary, Mapping(), (), ())
    text = str(error.value)
    assert "did you mean person.age" in text
    assert "name: may identify patients" in text
    assert "finding.leg_pain: this is worked out" in text
    assert "site: not a fact" in text


def test_a_hundred_thousand_strange_columns_are_told_in_a_few_lines(base):
    with pytest.raises(CaseError, match="99,988 more columns") as error:
        sort_columns([f"junk{n}" for n in range(100_000)], base.vocabulary, Mapping(), (), ())
    assert len(str(error.value)) < 3000


def test_two_columns_of_one_fact_are_refused(base):
    mapping = Mapping({"years": Reading(AGE)})
    with pytest.raises(CaseError, match="both this column and"):
        sort_columns([AGE, "years"], base.vocabulary, mapping, (), ())


def test_a_column_named_like_an_identifier_is_not_kept(base):
    with pytest.raises(CaseError, match="not kept"):
        sort_columns([AGE, "surname"], base.vocabulary, Mapping(), ["surname"], ())


def test_a_fact_may_be_kept_too(base):
    columns = sort_columns([AGE, FUSION], base.vocabulary, Mapping(), [AGE], ())
    assert isinstance(columns, Columns)
    assert columns.kept == (AGE,)
    assert set(columns.readings) == {AGE, FUSION}


MAPPING = {
    "columns": {
        "age_years": "person.age",
        "op": {"fact": "surgery.fusion", "values": {"PLF": True, "DISC": False}},
        "crp": {"fact": "labs.crp", "factor": 10, "add": 1},
    },
    "keep": ["site"],
    "drop": ["visit"],
    "unknown": ["-9"],
}


@settings(max_examples=150, deadline=None)
@given(spoiled(MAPPING))
def test_a_spoiled_mapping_is_read_or_told(base, tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "spoiled.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    try:
        read_mapping(path, base.vocabulary)
    except CaseError as error:
        assert error.problems


@pytest.mark.parametrize("values", ["{TRUE: no, FALSE: yes}", "{yes: no, no: yes}", "{1: no, 0: yes}"])
def test_truths_that_a_mapping_turns_round_are_turned_in_every_form_or_refused(base, tmp_path, values):
    path = tmp_path / "map.yaml"
    path.write_text(f"columns: {{afebrile: {{fact: symptoms.fever, values: {values}}}}}\n")
    mapping = read_mapping(path, base.vocabulary)
    for yes, no in ((True, False), ("TRUE", "FALSE"), ("yes", "no"), ("true", "false"), ("1", "0"), (1, 0), (1.0, 0.0)):
        understood = read(base, pl.DataFrame({"afebrile": [yes, no]}), mapping)
        found = understood.frame.get_column("symptoms.fever").to_list()
        assert found == [False, True] or (found == [] and len(understood.refused) == 2), (yes, found)


@pytest.mark.parametrize("text", [["-9", "12"], ["-9.0", "12.0"], ["-9,0", "12,0"], [-9, 12], [-9.0, 12.0]])
def test_a_number_that_stands_for_unknown_does_so_however_it_is_written(base, text):
    understood = read(base, pl.DataFrame({"xray.pi_minus_ll": text}), Mapping(unknown=("-9",)))
    assert understood.frame["xray.pi_minus_ll"].to_list() == [None, 12.0]


def test_what_is_not_a_number_is_unknown(base):
    understood = read(base, pl.DataFrame({CRP: [float("nan"), 3.0]}))
    assert (understood.frame[CRP].to_list(), understood.refused) == ([None, 3.0], [])


def test_a_value_with_a_unit_of_its_own_is_not_converted_again(base):
    understood = read(base, pl.DataFrame({"crp": ["5", "5 mg/L"]}), Mapping({"crp": Reading(CRP, factor=10)}))
    assert understood.frame[CRP].to_list() == [50.0, 5.0]


def test_a_column_that_is_read_as_a_fact_may_also_be_kept_as_it_is(base):
    understood = read(base, pl.DataFrame({"alter": ["50"]}), Mapping({"alter": Reading(AGE)}), keep=["alter"])
    assert understood.frame.row(0, named=True) == {"row": 1, "alter": "50", AGE: 50.0}


@pytest.mark.parametrize("name", ["emergency", "plan", "cause_1", "step.count", "rule.x"])
def test_a_column_named_as_one_of_the_result_is_not_kept(base, name):
    with pytest.raises(CaseError, match="the result has a column of this name"):
        sort_columns([AGE, name], base.vocabulary, Mapping(), [name], ())


def test_names_of_columns_that_look_like_a_case_are_masked(base):
    with pytest.raises(CaseError, match="is the header missing") as error:
        sort_columns(["Meier", "1956-03-04", "0176123456"], base.vocabulary, Mapping(), (), ())
    assert not any(told in str(error.value) for told in ("Meier", "1956-03", "017612"))


def test_two_case_ids_are_refused(base):
    with pytest.raises(CaseError, match="are the case id"):
        sort_columns(["case_id", "pid", AGE], base.vocabulary, Mapping({"pid": Reading("case_id")}), (), ())
