"""Two rule bases on the same cohort: who changes, and by which rules."""

import polars as pl
import pytest

from pathways.cohort.judging import CohortJudge
from pathways.overview.changes import changes
from rules.problems import CaseError
from rules.rulebase import KNOWLEDGE, load


@pytest.fixture(scope="module")
def edited(tmp_path_factory):
    """The knowledge with one argument made stronger, one pathway rule narrower and one finding redefined."""
    folder = tmp_path_factory.mktemp("edited")
    for name, old, new in (
        (
            "causes/recurrent_disc_herniation.yaml",
            "    for: moderate\n    group: interval",
            "    for: strong\n    group: interval",
        ),
        ("red_flags.yaml", "symptoms.fever: yes", "symptoms.fever: no"),
    ):
        text = (KNOWLEDGE / name).read_text(encoding="utf-8")
        assert old in text
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return load(KNOWLEDGE, [folder])


@pytest.fixture(scope="module")
def after(edited, facts, results):
    found = CohortJudge(edited, facts.columns).judge(facts)
    groups = results.select("row", "case_id", pl.selectors.starts_with("group."))
    return pl.concat([groups, found], how="horizontal")


@pytest.fixture(scope="module")
def found(results, after, base, edited):
    return changes(results.lazy(), after.lazy(), base, edited)


def test_who_changes_from_what_to_what(found, results, after):
    for kind, name in (("cause", "recurrent_disc_herniation"), ("red_flag", "infection")):
        one, other = (frame[f"{kind}.{name}"].cast(pl.String) for frame in (results, after))
        moved = next(item for item in found.moved if (item.kind, item.id) == (kind, name))
        assert moved.cases == (one != other).sum() > 0
        assert sum(moved.moves.values()) == moved.cases
        assert moved.examples == ((one != other).arg_true() + 1).to_list()[:5]


def test_why_names_the_rules(found):
    by_name = {item.id: item for item in found.moved}
    strengthened = by_name["recurrent_disc_herniation"]
    assert [why.rule for why in strengthened.why] == ["recurrent_disc_herniation.long_interval"]
    assert strengthened.why[0].edited == strengthened.cases
    flag = by_name["infection"]
    assert flag.why[0].rule == "red_flag.infection"
    assert flag.why[0].gained + flag.why[0].lost > 0


def test_what_follows_from_a_changed_cause_is_explained_by_the_rules_that_now_fire(found):
    followed = [item for item in found.moved if item.kind == "pathway"]
    assert followed
    assert all(item.why for item in followed)


def test_cases_and_groups_add_up(found, results, after):
    shared = [name for name in results.columns if name.startswith(("cause.", "pathway.", "red_flag."))]
    differs = pl.any_horizontal(
        results[name].cast(pl.String).ne_missing(after[name].cast(pl.String)).alias(name) for name in shared
    )
    assert found.cases == 300
    assert found.changed == pl.select(differs.alias("x"))["x"].sum()
    for kind in ("operation", "age"):
        parts = [pair for (group, _), pair in found.groups.items() if group == kind]
        assert sum(changed for changed, _ in parts) == found.changed
        assert sum(cases for _, cases in parts) == 300


def test_the_same_rules_change_nothing(results, base):
    same = changes(results.lazy(), results.lazy(), base, base)
    assert (same.changed, same.moved, same.first_cause, same.added, same.removed) == (0, [], {}, [], [])


def test_a_cause_that_only_one_rule_base_has_is_told(results, base):
    without = results.drop("cause.infection")
    assert changes(without.lazy(), results.lazy(), base, base).added == ["cause.infection"]
    assert changes(results.lazy(), without.lazy(), base, base).removed == ["cause.infection"]


@pytest.mark.parametrize("other", ["fewer", "shuffled"])
def test_results_for_other_cases_are_refused(results, base, other):
    frame = results.head(299) if other == "fewer" else results.reverse()
    with pytest.raises(CaseError, match="same cases in the same order"):
        changes(results.lazy(), frame.lazy(), base, base)
