"""Two knowledge folders: what differs in them, and whose conclusions move by which rule."""

import json
import shutil
from pathlib import Path

import pytest

from pathways.difference import library_pairs, shifts
from reports import differing
from rules.changes import changes
from rules.inference import Reasoner
from rules.rulebase import load

SMALL = Path(__file__).parent.parent / "knowledge" / "small"
ROWS = (
    {"case_id": "worn", "film.crack": True, "months_since_surgery": 24, "surgery.implant": True},
    {"case_id": "sound", "film.crack": False, "months_since_surgery": 3, "surgery.implant": True},
    {"case_id": "hot", "signs.warm": True, "signs.course": "worse"},
)


@pytest.fixture
def edited(tmp_path):
    """A copy of the small knowledge in which text was replaced: edited(file, before, after)."""
    folder = tmp_path / "edited"
    shutil.copytree(SMALL, folder)

    def edit(name, before, after):
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")
        return folder

    return edit


def compared(new_folder):
    old, new = load(SMALL), load(new_folder)
    found = changes(old, new)
    names = [change.id for change in found if change.how == "changed"]
    rows = [{name: value for name, value in row.items() if value is not None} for row in ROWS]
    pairs = [(row.pop("case_id"), row, row) for row in rows]
    return found, list(shifts(Reasoner(old), Reasoner(new), pairs, names))


def test_the_same_folder_twice_differs_in_nothing():
    assert compared(SMALL) == ([], [])


def test_a_weaker_argument_is_named_with_who_it_moves(edited):
    folder = edited("causes/wear.yaml", "for: strong\n    group: crack", "against: strong\n    group: crack")
    found, moved = compared(folder)
    assert [(change.how, change.id) for change in found] == [("changed", "wear.crack_late")]
    assert {field.name: (field.before, field.after) for field in found[0].fields} == {
        "for": ("strong", None),
        "against": (None, "strong"),
    }
    wear = next(shift for shift in moved if shift.id == "wear")
    assert (wear.case, wear.before, wear.after) == ("worn", "probable", "possible")
    assert "wear.crack_late" in wear.rules
    assert {shift.case for shift in moved} == {"worn"}


def test_a_changed_condition_a_new_rule_and_one_removed(edited):
    edited("causes/burn.yaml", "when: {signs.red: yes}", "when: {any: [{signs.red: yes}, {signs.warm: yes}]}")
    edited("causes/wear.yaml", "wear.cold_spray_helps", "wear.cold_spray_cures")
    folder = edited("weights.yaml", "value: 70", "value: 60")
    found, moved = compared(folder)
    assert {(change.how, change.id) for change in found} == {
        ("changed", "burn.red"),
        ("added", "wear.cold_spray_cures"),
        ("removed", "wear.cold_spray_helps"),
        ("changed", "weights"),
    }
    burn = next(shift for shift in moved if shift.id == "burn")
    assert (burn.case, burn.before, burn.after, burn.rules) == ("hot", "nothing_to_say", "probable", ("burn.red",))
    text = differing.as_text(found, moved, 3, load(SMALL).vocabulary)
    assert "when: signs.red is yes -> signs.red is yes OR signs.warm is yes" in text
    assert "strengths.moderate.value: 70 -> 60" in text
    assert "1 of 3 cases come to another conclusion" in text
    data = json.loads(differing.as_json(found, moved, 3))
    assert data["cases_moved"] == 1
    assert {change["id"] for change in data["changes"]} == {change.id for change in found}


def test_a_red_flag_that_is_gone_is_told_for_whom(edited):
    folder = edited(
        "red_flags.yaml", "signs.course: worse}\n    because", "signs.course: worse, signs.red: yes}\n    because"
    )
    _, moved = compared(folder)
    assert ("hot", "red_flag", "hot", "present") in {(s.case, s.kind, s.id, s.before) for s in moved}
    assert ("hot", "pathway", "hurry", "urgent") in {(s.case, s.kind, s.id, s.before) for s in moved}


def test_the_library_can_be_read_by_a_base_that_lacks_facts(base, tmp_path):
    folder = tmp_path / "older"
    shutil.copytree(Path(__file__).parent.parent.parent / "rules" / "knowledge", folder)
    text = (folder / "facts" / "patient.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.strip().startswith("leg_crossing_or_knee_pressure:")]
    (folder / "facts" / "patient.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    older = load(folder)
    assert "conditions.leg_crossing_or_knee_pressure" not in older.vocabulary
    pairs = list(library_pairs(older, base))
    assert len(pairs) >= 90
    assert all(set(then) <= set(older.vocabulary) for _, then, _ in pairs)
