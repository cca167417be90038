"""The assessment of a case: complete, honest about the unknown, and the same bytes every time."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from pathways import library
from pathways.assess import assess, assess_facts
from pathways.assessment import Assessment
from pathways.reading import read_case
from pathways.verify import verify
from rules.problems import CaseError
from tests.strategies import facts_of, spoiled

ROOT = Path(__file__).resolve().parents[2]
LITTLE = "surgery: [{procedure: laminectomy, levels: [L4-L5], months_ago: 8}]"
KEYS = {
    "schema", "case_id", "rule_base", "engines", "red_flags", "causes", "pathways", "plan", "missing", "criteria",
}  # fmt: skip


def run(text, base, reasoner):
    return assess(read_case(text, base), reasoner)


def test_the_published_keys_are_there(base, reasoner):
    data = run(LITTLE, base, reasoner).data()
    assert data.keys() >= KEYS
    assert {c["id"] for c in data["causes"]} == set(base.causes)
    assert {p["id"] for p in data["pathways"]} == set(base.pathways)
    assert set(data["rule_base"]) >= {"version", "sha256"}


def test_every_id_of_the_design_is_known(base):
    causes = "recurrent_disc_herniation epidural_fibrosis pseudarthrosis infection malignancy expected_recovery"
    pathways = "emergency_referral scs_trial scs_implant revision_fusion watchful_waiting second_opinion dural_repair"
    assert set(causes.split()) <= set(base.causes)
    assert len(base.causes) >= 41
    assert set(pathways.split()) <= set(base.pathways)
    assert len(base.pathways) >= 32


def test_nothing_known_says_nothing_of_causes_and_asks_the_red_flags_first(base, reasoner):
    result = run("surgery: [{procedure: unspecified}]", base, reasoner)
    assert all(cause.standing in ("nothing_to_say", "unlikely", "excluded") for cause in result.causes)
    assert all(flag.status == "unknown" for flag in result.red_flags)
    assert result.missing[0].key_red_flag
    assert "symptoms.saddle_numbness" in [m.fact for m in result.missing if m.key_red_flag]


def test_an_unknown_red_flag_is_never_called_absent(base, reasoner):
    result = run(LITTLE + "\nsymptoms: {saddle_numbness: no}", base, reasoner)
    by_id = {flag.id: flag for flag in result.red_flags}
    assert by_id["cauda_equina"].status == "unknown"
    assert "symptoms.bladder_new" in by_id["cauda_equina"].unknown_facts


def test_an_emergency_comes_first_and_holds_the_rest(base, reasoner):
    result = run(LITTLE + "\nsymptoms: {saddle_numbness: yes}\npain: {leg: yes}", base, reasoner)
    assert result.red_flags[0].status == "present"
    assert result.red_flags[0].urgency == "immediate"
    assert "emergency_referral" in result.plan[0].pathways
    assert result.plan[0].when == "now, before anything else"
    assert all(p.status != "recommended_now" for p in result.pathways if p.kind not in ("emergency", "diagnostic"))


def test_scar_on_imaging_alone_never_makes_scar_the_probable_cause(base, reasoner):
    scar = "imaging: [{modality: mri, findings: {epidural_scar: [L4-L5], extensive_scar: yes, scar_retracts_sac: yes}}]"
    result = run(f"{LITTLE}\n{scar}", base, reasoner)
    assert result.cause("epidural_fibrosis").standing not in ("probable", "confirmed")


def test_the_same_case_gives_the_same_bytes_in_another_process(base, reasoner):
    name = library.names()[0]
    here = assess(library.read(name, base).case, reasoner).json_text()
    command = [sys.executable, "cli.py", "assess", name, "--format", "json"]
    there = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert there == here


def test_what_was_told_before_changes_nothing(base, reasoner):
    cases = [library.read(name, base).case for name in library.names()[:6]]
    first = [assess(case, reasoner).json_text() for case in cases]
    again = [assess(case, reasoner).json_text() for case in reversed(cases)]
    assert again[::-1] == first


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_facts_give_an_assessment_that_follows_the_schema(reasoner, data):
    facts = data.draw(facts_of(reasoner.base.vocabulary, most=60))
    result = assess_facts(facts, reasoner)
    schema = json.loads((ROOT / "pathways" / "assessment.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(result.json_text()), schema)


def test_the_published_schema_is_the_one_in_force():
    from pathways.schema import schema_text

    published = (ROOT / "pathways" / "assessment.schema.json").read_text(encoding="utf-8")
    assert published == schema_text(), "run `python -m pathways.schema` and add a version step if a key changed"


def test_verify_finds_an_assessment_identical_and_a_changed_one_not(base, reasoner):
    text = run(LITTLE, base, reasoner).json_text()
    assert verify(text, reasoner) == []
    changed = json.loads(text)
    changed["causes"][0]["score"] += 1
    assert verify(json.dumps(changed), reasoner) == [
        f"causes[0].score: the file has {changed['causes'][0]['score']}, derived is {changed['causes'][0]['score'] - 1}"
    ]


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_an_assessment_that_was_tampered_with_is_told_from_a_true_one_and_never_crashes(base, reasoner, data):
    case = library.read(data.draw(st.sampled_from(library.names()[:5])), base).case
    told = json.loads(assess(case, reasoner).json_text())
    essence = {key: told[key] for key in ("case", "facts", "case_id")}
    tampered = {**told, **data.draw(spoiled(essence))}
    if data.draw(st.booleans()):
        tampered["case"] = {}
    with contextlib.suppress(CaseError):
        differs = verify(json.dumps(tampered), reasoner)
        assert differs or tampered == told or not tampered["case"]


def test_every_conclusion_names_its_rule_and_every_citation_is_in_full(base, reasoner):
    for name in library.names()[:10]:
        result = assess(library.read(name, base).case, reasoner)
        for cause in result.causes:
            for argument in cause.arguments:
                assert argument.rule in base.conditions
                assert argument.facts
                assert argument.basis == "expert judgement" or argument.sources
                assert "{" not in argument.because
        assert isinstance(result, Assessment)
