"""Two assessments side by side: two cases, two times, two rule bases."""

import json

import pytest

from pathways.assess import assess
from pathways.explain.compare import compare, read_assessment
from rules.inference import Reasoner
from rules.problems import CaseError
from rules.rulebase import KNOWLEDGE, load


def test_a_case_does_not_differ_from_itself(cases, reasoner):
    for case in cases.values():
        answer = compare(case, case, reasoner)
        assert not answer.facts
        assert not answer.moved
        assert not answer.rule_bases
        assert answer.note == "The facts and the rules are the same."


def test_two_cases_differ_both_ways_round(cases, reasoner):
    one, other = cases["nonunion-c165"], cases["adjacent-segment-c036"]
    there, back = compare(one, other, reasoner), compare(other, one, reasoner)
    assert {(f.fact, f.before, f.after) for f in there.facts} == {(f.fact, f.after, f.before) for f in back.facts}
    there_moved = {(m.kind, m.id, m.before, m.after, m.score_before, m.score_after) for m in there.moved}
    assert there_moved == {(m.kind, m.id, m.after, m.before, m.score_after, m.score_before) for m in back.moved}
    assert {m.id: m.after for m in there.moved}["adjacent_segment_disease"] == "probable"


def test_what_moved_names_rules_that_hold_on_one_side_only(cases, reasoner):
    answer = compare(cases["nonunion-c165"], cases["adjacent-segment-c036"], reasoner)
    for moved in answer.moved:
        assert all(rule.before != rule.after for rule in moved.rules)
        if moved.before != moved.after:
            assert moved.rules, moved.id


def test_an_assessment_read_back_from_its_json_is_the_same(cases, reasoner):
    assessment = assess(cases["nonunion-c165"], reasoner)
    assert read_assessment(assessment.json_text()) == assessment
    answer = compare(read_assessment(assessment.json_text()), cases["nonunion-c165"], reasoner)
    assert answer.note == "The facts and the rules are the same."


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "nonsense", '{"schema": "1"}', "null", "\0", '{"schema":"1","case_id":7}']
)
def test_what_is_no_assessment_is_a_clear_error(text):
    with pytest.raises(CaseError, match="not a Spinepath assessment"):
        read_assessment(text, "old.json")


def test_two_rule_bases_on_one_case_tell_which_rules_make_the_difference(cases, reasoner, tmp_path):
    overlay = tmp_path / "ours" / "causes"
    overlay.mkdir(parents=True)
    text = (KNOWLEDGE / "causes" / "pseudarthrosis.yaml").read_text(encoding="utf-8")
    changed = text.replace("  - id: pseudarthrosis.ct_no_bridging\n", "  - id: pseudarthrosis.ct_no_bridging_here\n")
    assert changed != text
    (overlay / "pseudarthrosis.yaml").write_text(changed, encoding="utf-8")
    other = Reasoner(load(overlays=[tmp_path / "ours"]))
    case = cases["nonunion-c165"]
    answer = compare(case, case, reasoner, other)
    assert len(answer.rule_bases) == 2
    assert "overlay ours" in answer.rule_bases[1]
    assert answer.facts == []
    assert answer.note.startswith("The rules differ; the facts are the same.")
    stricter = changed.replace("    for: moderate\n", "    for: weak\n")
    (overlay / "pseudarthrosis.yaml").write_text(stricter, encoding="utf-8")
    weaker = compare(case, case, reasoner, Reasoner(load(overlays=[tmp_path / "ours"])))
    moved = {m.id: m for m in weaker.moved}["pseudarthrosis"]
    assert moved.score_after < moved.score_before
    rules = {rule.rule: (rule.before, rule.after) for rule in moved.rules}
    assert rules["pseudarthrosis.ct_no_bridging"] == (True, False)
    assert rules["pseudarthrosis.ct_no_bridging_here"] == (False, True)
    assert json.loads(weaker.json_text())["rule_bases"] == weaker.rule_bases
