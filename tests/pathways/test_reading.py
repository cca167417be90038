"""Reading cases: what a clinician writes, and every way of getting it wrong."""

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pathways import library
from pathways.facts import project
from pathways.intake.blank import blank
from pathways.reading import build_case, read_case, read_case_file
from rules.problems import CaseError
from tests.strategies import spoiled

GOOD = """
person: {age: 60-69, sex: female}
surgery:
  - {procedure: laminectomy, levels: [L4-L5], months_ago: 60}
  - {procedure: tlif, levels: [L4-S1], instrumented: yes, months_ago: 3 years}
course: {relief: good, pain_free_months: 20}
pain: {leg: yes, side: left, root: L4}
labs: {crp: 5 mg/L}
imaging:
  - modality: mri
    months_ago: 2 weeks
    findings: {disc_herniation: {levels: [L3-L4], side: left}, central_stenosis: [L3-L4], epidural_scar: no}
blocks: [{kind: sacroiliac, relief_percent: 30}, {kind: sacroiliac, relief_percent: 80}]
treatments: [{kind: physical_therapy, weeks: 8, response: none}]
"""


def problems(text, base):
    with pytest.raises(CaseError) as caught:
        read_case(text, base)
    return caught.value.problems


def facts(text, base):
    return project(read_case(text, base), base)


def test_a_case_becomes_flat_facts(base):
    known = facts(GOOD, base)
    expected = {
        "person.age": 64, "months_since_surgery": 36, "months_since_first_surgery": 60, "surgery.count": 2,
        "surgery.fused_to_sacrum": True, "index.segments": 2, "mri.disc_herniation.adjacent_above": True,
        "mri.disc_herniation.index": False, "mri.disc_herniation.concordant": True, "mri.epidural_scar": False,
        "mri.months_ago": 0.46, "labs.crp": 5, "blocks.sacroiliac.count": 2, "blocks.sacroiliac.relief_percent": 30,
        "treatments.physical_therapy.response": "none", "surgery.same_segment_operated_before": True,
    }  # fmt: skip
    assert {name: known.get(name) for name in expected} == expected


def test_what_is_not_said_is_unknown_and_not_no(base):
    known = facts("surgery: [{procedure: laminectomy}]\npain: {leg: unknown, back: absent}", base)
    assert "pain.leg" not in known
    assert known["pain.back"] is False
    assert "mri.disc_herniation" not in known
    assert "mri.done" not in known


def test_a_complete_report_makes_what_it_does_not_list_absent(base):
    text = "surgery: [{procedure: tlif}]\nimaging: [{modality: ct, complete: yes, findings: {screw_lucency: yes}}]"
    known = facts(text, base)
    assert known["ct.rod_broken"] is False
    assert "ct.fusion_solid" not in known  # a normal finding that is not listed is not thereby absent


def test_a_study_from_before_the_operation_is_not_counted(base):
    text = (
        "surgery: [{procedure: tlif, months_ago: 3}]\nimaging: [{modality: mri, months_ago: 8, findings: {slip: yes}}]"
    )
    assert "mri.slip" not in facts(text, base)


def test_the_later_study_wins(base):
    studies = [("1", "no"), ("5", "yes")]
    listed = ", ".join(f"{{modality: mri, months_ago: {m}, findings: {{hematoma: {v}}}}}" for m, v in studies)
    known = facts(f"surgery: [{{procedure: tlif, months_ago: 6}}]\nimaging: [{listed}]", base)
    assert known["mri.hematoma"] is False


def test_a_later_complete_study_denies_what_an_earlier_one_showed(base):
    earlier = "{modality: mri, months_ago: 5, findings: {hematoma: yes, slip: [L4-L5]}}"
    later = "{modality: mri, months_ago: 1, complete: yes, findings: {slip: [L4-L5]}}"
    known = facts(f"surgery: [{{procedure: discectomy, months_ago: 6}}]\nimaging: [{later}, {earlier}]", base)
    assert known["mri.hematoma"] is False
    assert known["mri.slip"] is True
    undated = later.replace("months_ago: 1, ", "")
    known = facts(f"surgery: [{{procedure: discectomy, months_ago: 6}}]\nimaging: [{undated}, {earlier}]", base)
    assert known["mri.hematoma"] is True  # nobody knows that the complete one is the later


def test_a_spine_with_six_lumbar_vertebrae_is_operated_on_at_the_last(base):
    known = facts("person: {lumbar_vertebrae: 6}\nsurgery: [{procedure: tlif, levels: [L5-L6, L6-S1]}]", base)
    assert known["surgery.fused_segments"] == 2
    assert known["surgery.fused_to_sacrum"] is True


def test_a_finding_on_the_other_side_does_not_fit_the_symptoms(base):
    text = GOOD.replace("side: left}, central", "side: right}, central")
    assert facts(text, base)["mri.disc_herniation.concordant"] is False


def test_json_is_read_as_well(base):
    text = json.dumps({"surgery": [{"procedure": "tlif", "levels": ["L4-L5"]}], "pain": {"leg": True}})
    assert facts(text, base)["pain.leg"] is True


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("name: M\nsurgery: [{procedure: tlif}]", "name", "no place for names"),
        ("person: {date_of_birth: 1960-01-01}\nsurgery: [{procedure: tlif}]", "person.date_of_birth", "no place for"),
        ("person: {age: 12}\nsurgery: [{procedure: tlif}]", "person.age", "adults"),
        ("person: {age: 96}\nsurgery: [{procedure: tlif}]", "person.age", "write 90"),
        ("pain: {radiculr: yes}\nsurgery: [{procedure: tlif}]", "pain.radiculr", "did you mean pain.radicular"),
        ("symptom: {fever: yes}\nsurgery: [{procedure: tlif}]", "symptom", "did you mean symptoms"),
        ("surgery: [{procedure: acdf, levels: [C5-C6]}]", "surgery[0].procedure", "lumbar surgery only"),
        ("surgery: [{procedure: laminectomy, levels: [C5-C6]}]", "surgery[0].levels[0]", "cervical"),
        ("surgery: [{procedure: fusion, levels: [T4-T8]}]", "surgery[0].levels", "thoracic"),
        ("surgery: []", "surgery", "at least one lumbar operation"),
        ("pain: {leg: yes}", "surgery", "at least one lumbar operation"),
        ("surgery: [{procedure: discectmy}]", "surgery[0].procedure", "did you mean discectomy"),
        ("surgery: [{procedure: fusion, levels: [L1-L7]}]\nperson: {lumbar_vertebrae: 6}",
         "surgery[0].levels[0]", "no L7"),
        ("surgery: [{procedure: tlif, months_ago: 6}]\ncourse: {pain_free_months: 9}",
         "course.pain_free_months", "6 months"),
        ("surgery: [{procedure: tlif, months_ago: 2}, {procedure: tlif, months_ago: 9}]",
         "surgery[1].months_ago", "oldest"),
        (
            "surgery: [{procedure: laminectomy}]\nimaging: [{modality: ct, findings: {no_bridging: [L4-L5]}}]",
            "imaging[0].findings.no_bridging",
            "no fusion",
        ),
        (
            "surgery: [{procedure: laminectomy}]\nimaging: [{modality: ct, findings: {screw_broken: yes}}]",
            "imaging[0].findings.screw_broken",
            "no implant",
        ),
        ("surgery: [{procedure: tlif}]\nlabs: {crp: 4.5 mg/dL}", "labs.crp", "write `45 mg/L`"),
        ("surgery: [{procedure: tlif}]\nlabs: {crp: 4.5}", "labs.crp", "which unit"),
        ("surgery: [{procedure: tlif}]\nlabs: {esr: 900}", "labs.esr", "outside 0 to 150"),
        ("surgery: [{procedure: tlif}]\nlabs: {crp: '1,200 mg/L'}", "labs.crp", "in thousands or with decimals"),
        ("surgery: [{procedure: tlif}]\nscores: {odi: .nan}", "scores.odi", "cannot be read"),
        ("surgery: [{procedure: tlif}]\nscores: {odi: 1.0e+400}", "scores.odi", "wanted"),
        ("surgery: [{procedure: tlif}]\npain: {leg: sometimes}", "pain.leg", "yes, no or unknown"),
        ("surgery: [{procedure: tlif}]\ncourse: {relief: 2024-05-01}", "course.relief", "a date"),
        ("surgery: [{procedure: tlif}]\ncourse: {relief: great}", "course.relief", "one of none, partial, good"),
        ("surgery: [{procedure: tlif}]\nindex: {fusion: yes}", "index", "unknown key"),
        ("surgery: [{procedure: tlif}]\nmonths_since_surgery: 4", "months_since_surgery", "unknown key"),
        ("surgery: [{procedure: tlif}]\nimaging: [{modality: mrt}]", "imaging[0].modality", "did you mean mri"),
        ("surgery: [{procedure: tlif}]\nimaging: [{modality: mri, findings: {screw_lucency: yes}}]",
         "imaging[0].findings.screw_lucency", "ct: screw_lucency"),
        ("surgery: [{procedure: tlif}]\nblocks: [{kind: medial}]", "blocks[0].kind", "did you mean medial_branch"),
        ("surgery: [{procedure: tlif}]\nexam: {motor_grade: 5, motor_deficit: yes}", "exam.motor_deficit", "cannot be"),
        ("surgery: [{}]\nimaging: [{modality: mri, done: no, findings: {epidural_scar: yes}}]",
         "imaging[0].findings", "not done"),
        ("surgery: [{}]\ntreatments: [{kind: opioid, tried: no, response: good}]", "treatments[0]", "not tried"),
        ("surgery: [{}]\nblocks: [{kind: medial_branch, done: no, relief_percent: 80}]", "blocks[0]", "no block"),
        ("surgery: [{procedure: tlif}]\nexam: {neuro_normal: yes, foot_drop: yes}", "exam.neuro_normal", "together"),
        ("surgery: [{procedure: tlif}]\npain: {leg: yes}\npain: {leg: no}", "pain", "given twice"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_what_would_be_right(base, text, place, says):
    found = problems(text, base)
    assert place in [p.place for p in found], found
    assert says in next(p.message for p in found if p.place == place)
    assert all(p.line for p in found)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("# only a comment", "empty"),
        ("- a list", "a case is a mapping"),
        ("surgery: [", "not valid YAML"),
        ("surgery: &a [*a]", "anchors"),
        ("a: !!python/object:os.system x", "tag"),
        ("\0\1\2", "binary"),
        ("[" * 3000, "YAML"),
        ("surgery: " + "[" * 60 + "]" * 60, "nested too deeply"),
    ],
)
def test_a_file_that_is_no_case_gives_one_clear_message(base, text, says):
    assert says in str(problems(text, base)[0])


def test_all_problems_come_at_once_each_with_its_line(base):
    text = "name: x\nperson: {age: 12}\nsurgery:\n  - {procedure: discectmy}\nlabs: {crp: 4}\n"
    assert [p.line for p in problems(text, base)] == [1, 2, 4, 5]


def test_a_huge_file_is_refused_before_it_is_read(base, tmp_path):
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(CaseError, match="too large"):
        read_case_file(path, base)


def test_a_file_that_is_not_text_is_refused(base, tmp_path):
    path = tmp_path / "case.yaml"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(CaseError, match="not a text file"):
        read_case_file(path, base)


def test_the_blank_is_a_case_as_it_stands(base):
    case = read_case(blank(base), base)
    assert case.facts == {}
    assert case.surgery[0].procedures == ["laminectomy"]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_no_text_whatever_gives_anything_but_a_case_or_a_case_error(base, text):
    try:
        read_case(text, base)
    except CaseError as error:
        assert error.problems


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["surgery", "imaging", "treatments", "blocks", "person", "pain", "labs", "case_id", "course"])


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(KEYS, NESTED, max_size=5))
def test_no_structure_whatever_gives_anything_but_a_case_or_a_case_error(base, data):
    try:
        read_case(json.dumps(data), base)
    except CaseError as error:
        assert error.problems


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_published_case_with_anything_in_any_place_gives_a_case_or_a_case_error(base, data):
    path = library.FOLDER / f"{data.draw(st.sampled_from(library.names()))}.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))["case"]
    try:
        case = build_case(data.draw(spoiled(content)), base)
    except CaseError as error:
        assert error.problems
    else:
        project(case, base)


@pytest.mark.parametrize(
    ("pain", "told"),
    [
        ({"back": False, "back_intensity": 8}, "no back pain with an intensity of 8"),
        ({"leg": False, "radicular": True}, "no leg pain with pain down the leg"),
        ({"leg": False, "predominant": "both"}, "no leg pain with pain mostly in the leg, or in both"),
        ({"back": False, "predominant": "back"}, "no back pain with pain mostly in the back"),
    ],
)
def test_pain_that_is_there_and_not_there_is_refused(base, pain, told):
    with pytest.raises(CaseError, match=told):
        build_case({"surgery": [{"procedure": "fusion"}], "pain": pain}, base)
