"""Rows of a synthetic cohort: reproducible, possible, mostly unknown, and drawn as the knowledge says."""

import polars as pl
import pytest

from pathways.cohort.contradicting import impossible_rows
from pathways.cohort.judging import CohortJudge
from pathways.synth import MARK, TRUE_CAUSE, cohort, pieces
from pathways.synth.rows import Rows
from rules.vocabulary import PLACES

ABOUT = [MARK, "case_id", TRUE_CAUSE]


def leveled(base):
    """Every imaging finding that has places."""
    for modality, findings in base.catalogue.findings.items():
        yield from (f"{modality}.{name}" for name, entry in findings.items() if entry.get("levels"))


def true(frame, name):
    return frame[name].fill_null(False)


class TestReproducible:
    def test_the_same_seed_gives_the_same_rows(self, base, cohort):
        assert pl.concat(pieces(base, 4000, seed=5)).equals(cohort)

    def test_another_seed_gives_other_rows(self, base, cohort):
        other = next(pieces(base, 500, seed=6))
        assert not other[TRUE_CAUSE].equals(cohort[TRUE_CAUSE].head(500))
        assert not other["pain.back_intensity"].equals(cohort["pain.back_intensity"].head(500))

    def test_a_row_does_not_depend_on_how_many_are_drawn_or_where_a_piece_begins(self, base, cohort):
        assert next(pieces(base, 7, seed=5)).equals(cohort.head(7))
        facts = cohort.drop(MARK, "case_id")
        assert Rows(base, 5).draw(1234, 50).equals(facts.slice(1234, 50))

    def test_a_lazy_cohort_is_the_same_and_reads_only_what_is_asked_for(self, base, cohort):
        lazily = cohort_of(base).select("case_id", "person.age").filter(pl.col("person.age") > 60).collect()
        assert lazily.equals(cohort.select("case_id", "person.age").head(900).filter(pl.col("person.age") > 60))


def cohort_of(base):
    return cohort(base, 900, seed=5)


class TestPossible:
    def test_every_value_is_one_that_its_fact_may_have(self, base, cohort):
        wrong = [
            (name, value, problem)
            for name in cohort.columns
            if name not in ABOUT
            for value in cohort[name].drop_nulls().unique()
            if (problem := base.vocabulary[name].problem_with(value))
        ]
        assert wrong == []

    def test_rows_are_marked_and_numbered_and_their_cause_is_one_of_the_knowledge(self, base, cohort):
        assert cohort.columns[:3] == ABOUT
        assert cohort[MARK].all()
        assert cohort["case_id"].to_list()[:2] == ["s000_000_001", "s000_000_002"]
        assert cohort["case_id"].n_unique() == cohort.height
        assert set(cohort[TRUE_CAUSE]) <= set(base.causes)

    def test_nothing_is_true_that_needs_a_fusion_or_an_implant_where_there_was_none(self, base, cohort):
        for name in cohort.columns:
            need = base.vocabulary[name].needs if name in base.vocabulary else ""
            if need and base.vocabulary[name].type == "yes_no":
                assert not (true(cohort, name) & ~cohort[need].fill_null(True)).any(), name

    def test_what_excludes_each_other_is_never_true_together(self, base, cohort):
        for name in cohort.columns:
            for other in base.vocabulary[name].conflicts if name in base.vocabulary else ():
                assert not (true(cohort, name) & true(cohort, other)).any(), (name, other)

    def test_times_are_after_the_operation_and_operations_after_childhood(self, cohort):
        since = cohort["months_since_surgery"]
        for name in ("course.pain_free_months", "mri.months_ago", "ct.months_ago"):
            assert (cohort[name] <= since).fill_null(True).all(), name
        assert (cohort["months_since_first_surgery"] >= since).all()
        assert (cohort["months_since_fusion"] >= since).fill_null(True).all()
        assert (cohort["person.age"] - cohort["months_since_first_surgery"] / 12 >= 17.8).all()
        assert cohort.filter(since > 3)["course.hours_to_onset"].is_null().all()

    def test_nothing_contradicts_anything_else(self, base, cohort):
        assert [problem for _, problem in impossible_rows(cohort, base)] == []
        assert (cohort["course.hours_to_onset"] <= cohort["months_since_surgery"] * 730.5).fill_null(True).all()

    def test_more_sacroiliac_tests_are_never_positive_than_done(self, cohort):
        assert (cohort["exam.sij_tests_positive"] <= cohort["exam.sij_tests_done"]).fill_null(True).all()

    def test_a_finding_is_at_one_place_or_at_none_that_is_told(self, base, cohort):
        seen = 0
        for name in leveled(base):
            there, absent = true(cohort, name), (~cohort[name]).fill_null(False)
            above, below = (true(cohort, f"{name}.adjacent_{side}") for side in ("above", "below"))
            assert (true(cohort, f"{name}.adjacent") == (above | below)).all(), name
            places = [true(cohort, f"{name}.{place}") for place in PLACES if place != "adjacent"]
            told = sum(place.cast(pl.Int64) for place in places)
            assert set(told.unique()) <= {0, 1}
            seen += told.sum()
            assert not told.filter(~there).sum(), name
            for place in PLACES:
                assert not cohort.filter(absent)[f"{name}.{place}"].fill_null(True).any(), (name, place)
        assert seen > 1000

    def test_nothing_lies_below_a_fusion_to_the_sacrum(self, base, cohort):
        to_sacrum = cohort.filter(pl.col("surgery.fused_to_sacrum"))
        assert to_sacrum.height > 200
        assert not any(true(to_sacrum, f"{name}.adjacent_below").any() for name in leveled(base))

    def test_details_are_known_only_of_what_was_done(self, cohort):
        for name in cohort.columns:
            section, _, last = name.rpartition(".")
            kind = section.split(".")[0]
            done = {"treatments": "tried", "blocks": "done"}.get(kind, last)
            if done != last:
                assert cohort.filter(~true(cohort, f"{section}.{done}"))[name].is_null().all(), name

    def test_an_image_shows_nothing_unless_it_was_taken(self, base, cohort):
        for modality in base.catalogue.modalities:
            without = cohort.filter(~true(cohort, f"{modality}.done"))
            assert without.height > 200
            for name in cohort.columns:
                if name.startswith(f"{modality}.") and name != f"{modality}.done":
                    assert without[name].is_null().all(), name


class TestUnknown:
    def test_most_facts_are_unknown_in_most_rows(self, base, cohort):
        asked = [name for name in cohort.columns if name not in ABOUT and base.vocabulary[name].origin == "asked"]
        known = 1 - sum(cohort[name].null_count() for name in asked) / cohort.height / len(asked)
        assert 0.15 < known < 0.5

    def test_what_would_show_the_cause_is_asked_for_more_often(self, cohort):
        herniation = pl.col(TRUE_CAUSE) == "recurrent_disc_herniation"
        known = pl.col("pain.worse_cough").is_not_null().mean()
        inside, outside = (cohort.filter(which).select(known).item() for which in (herniation, ~herniation))
        assert inside > outside + 0.1


class TestCause:
    @pytest.mark.parametrize(
        ("cause", "needs"),
        [("pseudarthrosis", "surgery.fusion"), ("junctional_failure", "surgery.fusion")],
    )
    def test_no_cause_is_drawn_where_it_is_not_considered(self, cohort, cause, needs):
        with_cause = cohort.filter(pl.col(TRUE_CAUSE) == cause)
        assert with_cause.height > 5
        assert with_cause[needs].fill_null(True).all()

    def test_causes_follow_the_operation_and_the_time(self, cohort):
        early = cohort.filter(pl.col("months_since_surgery") < 1.5)[TRUE_CAUSE]
        late = cohort.filter(pl.col("months_since_surgery") > 24)[TRUE_CAUSE]
        assert (early == "expected_recovery").mean() > 5 * (late == "expected_recovery").mean()
        fused, not_fused = (cohort.filter(pl.col("surgery.fusion") == yes)[TRUE_CAUSE] for yes in (True, False))
        assert (fused == "adjacent_segment_disease").mean() > 5 * (not_fused == "adjacent_segment_disease").mean()


@pytest.fixture(scope="module")
def judged(base, cohort):
    """The results of the rule base for the cohort, with the true cause."""
    facts = cohort.drop(ABOUT)
    judge = CohortJudge(base, facts.columns)
    return judge.judge(facts.cast(judge.schema())).with_columns(cohort[TRUE_CAUSE])


class TestRecovery:
    """The whole chain: the knowledge draws the rows, the rule base finds the cause again."""

    def rank(self, frame, place):
        return (frame[f"cause_{place}"].cast(pl.String) == frame[TRUE_CAUSE]).fill_null(False)

    def test_the_hidden_cause_is_found_far_more_often_than_by_chance(self, base, judged):
        first = self.rank(judged, 1)
        three = first | self.rank(judged, 2) | self.rank(judged, 3)
        assert first.mean() > 0.35 > 10 / len(base.causes)
        assert three.mean() > 0.55 > 5 * 3 / len(base.causes)

    def test_hardly_any_cause_that_is_there_is_called_excluded(self, base, judged):
        excluded = sum(
            ((judged[f"cause.{name}"] == "excluded") & (judged[TRUE_CAUSE] == name)).sum() for name in base.causes
        )
        assert excluded < judged.height / 100

    def test_guessing_the_most_frequent_cause_is_far_worse(self, judged):
        most = judged[TRUE_CAUSE].value_counts(sort=True)["count"][0]
        assert most / judged.height < self.rank(judged, 1).mean() / 2
