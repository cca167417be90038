"""Overlays: documents and single rules added and replaced, and things switched off, each said in every assessment."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings

from pathways.assess import assess_facts
from rules.engines.kleene import truth
from rules.inference import Reasoner
from rules.language import facts_in
from rules.overlay import without
from rules.problems import KnowledgeError
from rules.rulebase import examine, load
from tests.strategies import SMALL as VOCABULARY
from tests.strategies import conditions, facts_of

SMALL = Path(__file__).parent.parent / "knowledge" / "small"
EXTENSION = """\
extend: wear
arguments:
  - id: wear.crack
    when: {film.crack: yes, signs.red: no}
    for: weak
    group: crack
    because: "A crack that is not red."
    basis: expert judgement
    fires_on: {film.crack: yes, signs.red: no}
    silent_on: {film.crack: no}
  - id: wear.squeaks
    when: {signs.size: {above: 90}}
    confirms: yes
    because: "It squeaks."
    basis: expert judgement
    fires_on: {signs.size: 95}
    silent_on: {signs.size: 5}
"""


@pytest.fixture
def overlay(tmp_path):
    folder = tmp_path / "clinic"
    folder.mkdir()

    def write(name, text):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return folder

    return write


def messages(folder):
    return [str(problem) for problem in examine(SMALL, [folder]).problems]


def test_an_extension_adds_arguments_and_replaces_those_with_its_ids(overlay):
    loaded = examine(SMALL, [overlay("causes/wear_here.yaml", EXTENSION)])
    base = loaded.sound()
    rules = [argument.id for argument in base.causes["wear"].arguments]
    assert rules == ["wear.crack_late", "wear.crack", "wear.cold_spray_helps", "wear.squeaks"]
    replaced = base.causes["wear"].arguments[1]
    assert replaced.for_ == "weak"
    assert set(facts_in(base.conditions["wear.crack"])) == {"film.crack", "signs.red"}
    assert loaded.places.of(replaced, ("when",)) == ("overlay:clinic/causes/wear_here.yaml", 4)
    assert loaded.places.of(base.causes["wear"], ("title",)) == ("causes/wear.yaml", 2)
    told = assess_facts({"surgery.implant": True, "signs.size": 95}, Reasoner(base))
    assert told.cause("wear").standing == "confirmed"
    assert told.rule_base.overlays == ["clinic"]


def test_a_pathway_and_a_checklist_are_extended_too(overlay):
    overlay(
        "criteria/club.yaml",
        "extend: club\nitems:\n  - {id: club.red, says: Red., when: {signs.red: yes}, "
        "fires_on: {signs.red: yes}, silent_on: {signs.red: no}}\n",
    )
    folder = overlay(
        "pathways/replace.yaml",
        "extend: replace\nprepare:\n  - {id: replace.cool, do: Cool it., "
        "when: {signs.warm: yes}, because: Warm., basis: expert judgement, fires_on: {signs.warm: yes}, "
        "silent_on: {signs.warm: no}}\n",
    )
    base = load(SMALL, [folder])
    assert [rule.id for rule in base.pathways["replace"].prepare] == ["replace.cool"]
    assert [item.id for item in base.criteria["club"].items] == ["club.cracked", "club.red"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("extend: waer\n", "causes/x.yaml:1: extend: nothing to extend: waer (did you mean wear?)"),
        ("extend: wear\nargument: []\n", "causes/x.yaml:2: argument: unknown key (did you mean arguments?)"),
        ("extend: wear\narguments:\n  - {id: burn.x}\n", "causes/x.yaml:3: arguments.0.when: Field required"),
    ],
)
def test_a_wrong_extension_is_told_with_file_and_line(overlay, text, says):
    assert f"overlay:clinic/{says}" in messages(overlay("causes/x.yaml", text))


def test_a_document_with_a_known_id_replaces_and_a_new_one_is_added(overlay):
    wear = (SMALL / "causes/wear.yaml").read_text(encoding="utf-8")
    overlay("causes/any_name.yaml", wear.replace("title: Wear", "title: Wear and tear"))
    folder = overlay("causes/rust.yaml", wear.replace("wear", "rust").replace("title: Wear", "title: Rust"))
    base = load(SMALL, [folder])
    assert base.causes["wear"].title == "Wear and tear"
    assert base.causes["rust"].title == "Rust"
    assert base.sha256 != load(SMALL).sha256


def test_weights_and_facts_are_laid_over_key_by_key(overlay):
    overlay("weights.yaml", 'standings: {probable: {value: 40, because: "Stricter here."}}\n')
    folder = overlay("facts/here.yaml", 'signs:\n  facts:\n    loud: {ask: "Is it loud?"}\n')
    base = load(SMALL, [folder])
    assert base.weights.standings["probable"].value == 40
    assert base.weights.standings["possible"].value == -100
    assert {"signs.loud", "signs.red"} <= set(base.vocabulary)


def test_the_second_overlay_lies_over_the_first(overlay, tmp_path):
    first = overlay("off.yaml", "off: [burn.pale]\n")
    second = tmp_path / "ward"
    shutil.copytree(first, second)
    (second / "off.yaml").write_text("off: [wear.crack]\n", encoding="utf-8")
    base = load(SMALL, [first, second])
    assert base.overlays == ("clinic", "ward")
    assert base.switched_off == ("burn.pale", "wear.crack")


def test_what_is_switched_off_is_gone_and_named_in_every_assessment(overlay):
    base = load(SMALL, [overlay("off.yaml", "off: [burn.pale, wear.crack, club.cracked, disagreement.rest_or_not]\n")])
    assert "burn.pale" not in base.conditions
    assert not base.criteria["club"].items
    assert not base.disagreements
    told = assess_facts({"signs.red": False}, Reasoner(base))
    assert told.cause("burn").standing == "nothing_to_say"
    assert told.rule_base.switched_off == ["burn.pale", "club.cracked", "disagreement.rest_or_not", "wear.crack"]


def test_what_rests_only_on_something_switched_off_goes_with_it(overlay):
    base = load(SMALL, [overlay("off.yaml", "off: [wear, red_flag.hot]\n")])
    assert set(base.causes) == {"burn"}
    assert not base.red_flags
    assert {"cause.wear", "hurry.hot", "replace.worn"} <= set(base.switched_off)
    assert "disagreement.rest_or_not" in base.switched_off
    assert list(facts_in(base.conditions["replace.burned"])) == ["cause.burn"]
    assert list(facts_in(base.conditions["club.cracked"])) == ["film.crack"]
    assert {"cause.wear", "red_flag.hot"}.isdisjoint(base.vocabulary)
    told = assess_facts({"signs.warm": True, "signs.course": "worse", "film.crack": True}, Reasoner(base))
    assert told.pathway("replace").status == "not_indicated"
    assert not told.red_flags
    assert all("wear" not in missing.fact for missing in told.missing)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("wear.crak", "unknown id wear.crak (did you mean wear.crack"),
        ("inflamed", "is a finding"),
        ("finding.inflamed", "is a finding"),
        ("book2020", "unknown id book2020"),
    ],
)
def test_what_cannot_be_switched_off_is_told_with_file_and_line(overlay, written, says):
    found = messages(overlay("off.yaml", f"off:\n  - burn.pale\n  - {written}\n"))
    assert len(found) == 1
    assert found[0].startswith("overlay:clinic/off.yaml:3: off.1: ")
    assert says in found[0]


def test_a_name_that_several_kinds_share_must_say_which(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "off.yaml").write_text("off: [infection]\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"write cause\.infection or red_flag\.infection"):
        load(overlays=[folder])
    (folder / "off.yaml").write_text("off: [red_flag.infection]\n", encoding="utf-8")
    base = load(overlays=[folder])
    assert "infection" in base.causes
    assert "infection" not in base.red_flags


def test_an_overlay_that_is_not_there_or_empty_is_told(tmp_path):
    missing, empty = tmp_path / "missing", tmp_path / "empty"
    empty.mkdir()
    found = messages(missing)
    assert len(found) == 1
    assert "there is no such knowledge folder" in found[0]
    assert "there is no YAML file in this folder" in messages(empty)[0]


@given(conditions(VOCABULARY), facts_of(VOCABULARY))
@settings(deadline=None)
def test_leaving_facts_out_of_a_condition_never_makes_it_true_of_its_own(condition, facts):
    gone = {"b0", "b1", "n0", "c0"}
    left = without(condition, gone)
    known = {name: value for name, value in facts.items() if name not in gone}
    if left is None:
        assert truth(condition, known) is not True
    else:
        assert not gone & set(facts_in(left))
        if truth(condition, known) is True:
            assert truth(left, known) is True
