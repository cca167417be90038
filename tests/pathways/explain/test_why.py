"""Why: the chain holds every rule that counts and ends in facts that the case states."""

import pytest

from pathways.assess import assess
from pathways.explain import why as asking
from pathways.explain.names import QuestionError, conclusions
from pathways.explain.why import why


def steps(step):
    """Every step of a chain."""
    yield step
    for below in step.below:
        yield from steps(below)


def test_every_chain_ends_in_stated_facts_with_their_values(subject):
    from pathways.explain.answers import plain

    for asked in conclusions(subject.base):
        for step in steps(asking.explain(subject, asked).chain):
            if step.kind == "fact":
                assert plain(subject.facts[step.id]) == step.says
            elif not step.below:
                known = subject.judged.inference.truths.get(step.id)
                assert step.kind in ("cause", "prior", "pathway") or known is None or step.id in TOLD_BEFORE(subject), (
                    step
                )


def TOLD_BEFORE(subject):  # noqa: N802 - reads as a set in the line above
    """Findings and red flags may be named a second time without their facts."""
    return {f"finding.{name}" for name in subject.base.findings} | {f"red_flag.{n}" for n in subject.base.red_flags}


def test_a_cause_is_told_with_every_argument_that_fired_and_which_counted(subject):
    for name, standing in subject.judged.standings.items():
        answer = asking.explain(
            subject, next(c for c in conclusions(subject.base) if (c.kind, c.id) == ("cause", name))
        )
        told = {step.id: step for step in answer.chain.below if step.kind == "argument"}
        truths = subject.judged.inference.truths
        assert set(told) == {a.id for a in subject.base.causes[name].arguments if truths[a.id]}
        assert {rule for rule, step in told.items() if step.counted} == set(standing.counted)
        assert answer.outcome == standing.name
        assert all(step.because and step.basis for step in told.values())


def test_every_step_that_rests_on_a_publication_names_it(subject):
    for asked in conclusions(subject.base):
        for step in steps(asking.explain(subject, asked).chain):
            if step.because and step.basis not in ("", "expert judgement"):
                assert step.sources, step.id


def test_the_chain_goes_through_findings_to_facts(cases, reasoner):
    answer = why(cases["nonunion-c165"], "revision_fusion", reasoner)
    assert answer.concluded
    kinds = [step.kind for step in steps(answer.chain)]
    assert {"indication", "cause", "argument", "finding", "fact"} <= set(kinds)
    assert {"ct.no_bridging", "surgery.fusion"} <= set(answer.chain.facts())


def test_an_assessment_is_explained_as_its_case_is(cases, reasoner):
    case = cases["nonunion-c165"]
    assert why(assess(case, reasoner), "pseudarthrosis", reasoner) == why(case, "pseudarthrosis", reasoner)


def test_an_assessment_by_other_rules_is_refused(cases, reasoner):
    assessment = assess(cases["nonunion-c165"], reasoner)
    other = assessment.model_copy(update={"rule_base": assessment.rule_base.model_copy(update={"sha256": "0" * 64})})
    with pytest.raises(QuestionError, match="assess the case again"):
        why(other, "pseudarthrosis", reasoner)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("pseudarthrosi", "pseudarthrosis"),
        ("cause.pseudarthrosi", "pseudarthrosis"),
        ("red_flag.cauda_equin", "cauda_equina"),
        ("revision fusion", "revision_fusion"),
        ("pseudarthrosis.screw_lucent", "pseudarthrosis.screw_lucency"),
    ],
)
def test_an_unknown_conclusion_gives_the_nearest_names(name, hint, cases, reasoner):
    with pytest.raises(QuestionError) as caught:
        why(cases["nonunion-c165"], name, reasoner)
    assert hint in str(caught.value)


@pytest.mark.parametrize("name", ["", ".", "cause.", "cause", "\0", "a" * 5000, "rule.", "finding.finding.x"])
def test_nonsense_names_are_a_clear_error(name, cases, reasoner):
    with pytest.raises(QuestionError):
        why(cases["nonunion-c165"], name, reasoner)


def test_the_kind_before_a_name_chooses_between_conclusions_of_one_name(cases, reasoner):
    case = cases["infection-c047"]
    assert why(case, "infection", reasoner).kind == "cause"
    assert why(case, "red_flag.infection", reasoner).kind == "red_flag"


def test_what_was_not_concluded_says_so(cases, reasoner):
    answer = why(cases["infection-c047"], "pseudarthrosis", reasoner)
    assert not answer.concluded
    assert answer.outcome == "excluded"
    assert answer.chain.because == reasoner.base.causes["pseudarthrosis"].not_considered_because
