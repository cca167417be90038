"""Counts of a cohort against counts made case by case with the single-case engines."""

from collections import Counter

import polars as pl
import pytest

from pathways.overview.agreement import agreement
from pathways.overview.groups import UNKNOWN, group_columns, words
from pathways.overview.overview import overview
from pathways.overview.parts import read_counts, write_counts
from pathways.overview.tally import known, merged, tally
from rules.problems import CaseError

LEADING = ("confirmed", "probable", "possible")


@pytest.fixture(scope="module")
def counts(base, results, facts):
    found = tally(results.lazy(), base, "true_cause")
    found.update(known(facts))
    return found


@pytest.fixture(scope="module")
def whole(counts, base):
    return overview(counts, base)


def ranked(judged):
    return [name for name in judged.ranked_causes() if judged.standings[name].name in LEADING]


class TestOverview:
    def test_standings_and_first_causes(self, whole, one_by_one, base):
        for name in base.causes:
            stand = Counter(judged.standings[name].name for judged in one_by_one)
            assert {word: count for word, count in whole.standings[name].items() if count} == stand
        assert whole.first == Counter(next(iter(ranked(judged)), "") for judged in one_by_one)

    def test_red_flags_and_emergencies(self, whole, one_by_one, base):
        said = {True: "present", None: "unknown", False: "absent"}
        for name in base.red_flags:
            state = Counter(said[judged.inference.truths[f"red_flag.{name}"]] for judged in one_by_one)
            assert {word: count for word, count in whole.flags[name].items() if count} == state
        assert whole.emergencies == sum(judged.emergency for judged in one_by_one)

    def test_statuses_steps_and_flow(self, whole, one_by_one, base):
        from pathways.status import plan

        ways, steps = Counter(), Counter()
        for judged in one_by_one:
            planned = plan(base.pathways.values(), judged.statuses)[:4]
            kinds = [base.pathways[step.pathways[0]].kind for step in planned]
            ways[tuple(kinds + [""] * (4 - len(kinds)))] += 1
            steps.update((name, at) for at, step in enumerate(planned, 1) for name in step.pathways)
        assert whole.flow == ways
        assert {(n, at): c for n, found in whole.steps.items() for at, c in found.items() if c} == steps
        for name in base.pathways:
            status = Counter(judged.statuses[name].name for judged in one_by_one)
            assert {word: count for word, count in whole.statuses[name].items() if count} == status

    def test_rules_that_fired_and_that_never_did(self, whole, one_by_one):
        fired = Counter(name for judged in one_by_one for name, truth in judged.inference.truths.items() if truth)
        assert whole.fired == {name: fired[name] for name in whole.fired}
        assert set(whole.never) == {name for name in whole.fired if not fired[name]}
        assert len(whole.never) > 100
        assert not any(fired[name] for name in whole.without_column)

    def test_groups_add_up(self, whole, facts):
        for kind in ("operation", "operations", "age", "since"):
            groups = [group for group in whole.groups if group.kind == kind]
            assert sum(group.rows for group in groups) == whole.rows
            assert sum(group.emergencies for group in groups) == whole.emergencies
            together = Counter()
            for group in groups:
                together.update(group.first)
            assert together == whole.first
        fused = next(group for group in whole.groups if group.name == "fusion")
        assert fused.rows == facts["index.fusion"].sum()

    def test_known_facts_and_synthetic_rows(self, whole, facts):
        assert whole.known["person.age"] == facts["person.age"].count()
        assert whole.synthetic == whole.rows == 300

    def test_missing_facts_are_counted_where_the_results_have_them(self, base, results):
        columns = {"missing_1": ["pain.leg", "pain.leg", None], "missing_2": ["exam.foot_drop", None, None]}
        three = results.head(3).with_columns(pl.Series(name, values) for name, values in columns.items())
        found = overview(tally(three.lazy(), base), base)
        assert found.missing == {"pain.leg": (2, 0), "exam.foot_drop": (0, 1)}


class TestAgreement:
    def test_ranks_sensitivity_and_specificity(self, counts, base, one_by_one, rows):
        found = agreement(counts, base, "true_cause")
        labels = rows["true_cause"].to_list()
        pairs = list(zip(labels, one_by_one, strict=True))
        first = sum(ranked(judged)[:1] == [label] for label, judged in pairs)
        three = sum(label in ranked(judged)[:3] for label, judged in pairs)
        assert (found.first.part, found.first.whole) == (first, 300)
        assert found.three.part == three
        for item in found.causes:
            positive = [judged.standings[item.cause].name in LEADING[:2] for judged in one_by_one]
            mine = [label == item.cause for label in labels]
            assert item.labeled == sum(mine)
            assert item.sensitivity.part == sum(p and m for p, m in zip(positive, mine, strict=True))
            assert item.specificity.part == sum(not p and not m for p, m in zip(positive, mine, strict=True))
            assert item.specificity.whole == 300 - sum(mine)

    def test_confusion_and_calibration(self, counts, base, one_by_one, rows):
        found = agreement(counts, base, "true_cause")
        labels = rows["true_cause"].to_list()
        said = [next(iter(ranked(judged)), "") for judged in one_by_one]
        assert found.confusion == Counter(zip(labels, said, strict=True))
        for word, share in found.standings.items():
            stand = [
                (label == name)
                for label, j in zip(labels, one_by_one, strict=True)
                for name in base.causes
                if j.standings[name].name == word
            ]
            assert (share.part, share.whole) == (sum(stand), len(stand))

    def test_groups_and_their_difference_from_the_others(self, counts, base):
        found = agreement(counts, base, "true_cause")
        ages = [group for group in found.groups if group.kind == "age"]
        assert sum(group.first.part for group in ages) == found.first.part
        one = ages[0]
        others = (found.first.part - one.first.part) / (300 - one.first.whole)
        assert one.difference.value == pytest.approx(one.first.value - others)

    def test_titles_spaces_and_capitals_are_understood_and_strange_labels_counted(self, base, results):
        title = base.causes["infection"].title
        labels = [title, " Infection ", "INFECTION", "flat feet", None, *["infection"] * 295]
        found = agreement(tally(results.with_columns(pl.Series("said", labels)).lazy(), base, "said"), base, "said")
        assert (found.labeled, found.strange, found.unlabeled) == (298, 1, 1)
        assert [item.cause for item in found.causes] == ["infection"]

    def test_labels_that_are_no_causes_at_all_are_refused(self, base, results):
        numbers = results.with_columns(pl.lit(7).alias("said"))
        with pytest.raises(CaseError, match="no value is a cause"):
            agreement(tally(numbers.lazy(), base, "said"), base, "said")

    def test_results_as_text_count_the_same(self, base, counts, results):
        text = results.with_columns(pl.selectors.enum().cast(pl.String))
        again = tally(text.lazy(), base, "true_cause")
        assert again == {name: count for name, count in counts.items() if not name.startswith("known|")}


class TestParts:
    def test_parts_add_up_to_the_whole(self, base, counts, results, facts, tmp_path):
        bare = results.select(pl.exclude("^group\\..*$"))
        paths = []
        for number, (first, length) in enumerate([(0, 1), (1, 120), (121, 179)]):
            path = tmp_path / str(number)
            write_counts(path, bare.slice(first, length), facts.slice(first, length), base, "true_cause")
            paths.append(path)
        assert read_counts(paths) == counts

    def test_a_rule_that_never_fired_is_still_counted_after_adding_up(self):
        assert "rule|x" in merged([{"rule|x": 0}, {"rule|x": 0}])

    def test_an_empty_piece_counts_nothing(self, base, results):
        empty = tally(results.clear().lazy(), base, "true_cause")
        assert not any(empty.values())
        assert overview(empty, base).rows == 0


class TestGroups:
    def test_an_operation_is_what_is_known_of_it(self):
        facts = pl.DataFrame(
            {
                "index.fusion": [True, False, False, None, False],
                "index.discectomy": [True, True, False, True, None],
                "person.age": [39.0, 40.0, 69.5, 70.0, None],
            }
        )
        found = facts.select(group_columns(facts.columns))
        assert found["group.operation"].to_list() == ["fusion", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]
        assert found["group.age"].to_list() == [*words("age")]

    def test_without_facts_there_are_no_groups(self):
        assert group_columns(["pain.leg"]) == []
