"""Why not: the sets of facts really bring the conclusion about, none smaller does, and none contradicts the case."""

import dataclasses
import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathways.consistency import impossible
from pathways.explain import whynot as asking
from pathways.explain.answers import Test as Condition
from pathways.explain.links import applied, followed
from pathways.explain.names import Conclusion, QuestionError, Subject, conclusions, reference
from pathways.explain.singles import Singles
from pathways.explain.whynot import wanted_outcomes, whynot
from pathways.standing import stand
from rules.engines.kleene import truth
from rules.language import Compare
from rules.regions import Regions
from rules.rulebase import derived_facts
from tests.strategies import conditions, facts_of


def outcome_if(subject, asked, change):
    """How a conclusion stands, judged by both engines, once facts differ."""
    facts = applied(subject.facts, followed(subject.base, subject.facts, change))
    return Subject(facts, subject.reasoner).outcome(asked)


def check_flips(subject, asked, answer):
    for flips, only_unknown in ((answer.smallest, False), (answer.learnable, True)):
        assert len({len(flip.changes) for flip in flips}) <= 1, "all of the smallest size"
        for flip in flips:
            change = {c.fact: c.after for c in flip.changes}
            assert outcome_if(subject, asked, change) == flip.outcome
            assert flip.outcome in answer.wanted
            facts = applied(subject.facts, followed(subject.base, subject.facts, change))
            before = {str(p) for p in impossible(subject.facts, subject.base)}
            assert {str(p) for p in impossible(facts, subject.base)} <= before
            for one in flip.changes:
                assert subject.facts.get(one.fact) == one.before != one.after
                assert not only_unknown or one.before is None
                rest = {name: value for name, value in change.items() if name != one.fact}
                if rest and answer.searched >= len(rest):
                    other = Subject(
                        applied(subject.facts, followed(subject.base, subject.facts, rest)), subject.reasoner
                    )
                    held = asked.kind == "pathway" and other.judged.statuses[asked.id].held
                    if held and not subject.judged.emergency:
                        continue  # a new emergency that holds it back does not bring it about
                    assert other.outcome(asked) not in answer.wanted, "every fact of the set is needed"


def test_every_set_of_facts_really_flips_the_conclusion(subject):
    chosen = random.Random(4).sample(conclusions(subject.base), 25)
    for asked in chosen:
        check_flips(subject, asked, asking.explain(subject, asked, 2))


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_random_cases_and_conclusions_too(reasoner, data):
    subject = Subject(data.draw(facts_of(reasoner.base.vocabulary, most=50)), reasoner)
    asked = data.draw(st.sampled_from(conclusions(reasoner.base)))
    check_flips(subject, asked, asking.explain(subject, asked, 2))


def test_no_single_fact_that_would_do_is_missed(subject):
    """The search by the conditions finds a single fact wherever trying every fact finds one."""
    singles = Singles(subject)
    for asked in conclusions(subject.base):
        wanted = wanted_outcomes(asked.kind, subject.outcome(asked))
        found = asking.explain(subject, asked, 1)
        assert bool(found.smallest) == bool(singles.reaching(asked, wanted)), asked


def alone(base, **parts):
    """A rule base of the vocabulary and these parts alone."""
    nothing = {part: {} for part in ("findings", "red_flags", "causes", "pathways", "criteria", "disagreements")}
    return dataclasses.replace(base, **{**nothing, **parts})


TRIED = (
    "pain.burning",
    "pain.groin",
    "pain.constant",
    "pain.widespread",
    "course.onset",
    "course.relief",
    "scores.odi",
)
RULE = "finding.tried"


def fewest_by_trying(base, facts, conditions_tried, reached):
    """The size of the smallest set of changes with which `reached` is true, by trying every set of up to three."""
    tried = Regions(base.vocabulary, conditions_tried)
    singles = [(name, value) for name in TRIED for value in tried.values(name) if facts.get(name) != value]
    for size in (1, 2, 3):
        for chosen in combinations(singles, size):
            if len(dict(chosen)) == size and reached({**facts, **dict(chosen)}):
                return size
    return None


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_the_smallest_set_is_as_small_as_trying_every_set_finds(base, data):
    """Any condition as a finding of its own, through another finding, over facts that are free of each other."""
    vocabulary = {name: base.vocabulary[name] for name in TRIED}
    condition = data.draw(conditions(vocabulary))
    facts = data.draw(facts_of(vocabulary, most=7))
    finding = next(iter(base.findings.values())).model_copy(update={"id": "tried"})
    outer = finding.model_copy(update={"id": "tried_through"})
    through = Compare(RULE, "==", True)
    wondering = alone(
        base,
        vocabulary=base.vocabulary | derived_facts(["tried", "tried_through"], [], []),
        findings={"tried": finding, "tried_through": outer},
        conditions={RULE: condition, "finding.tried_through": through},
    )
    subject = Subject(facts, reference(wondering))
    expected = None
    if not truth(condition, facts):
        expected = fewest_by_trying(base, facts, [condition], lambda known: truth(condition, known))
    for name in ("tried", "tried_through"):
        answer = asking.explain(subject, Conclusion("finding", name, ""))
        assert (len(answer.smallest[0].changes) if answer.smallest else None) == expected
        assert expected is None or answer.searched >= expected - 1


DIRECTIONS = [
    {"for_": "weak"},
    {"for_": "moderate"},
    {"for_": "strong"},
    {"against": "weak"},
    {"against": "strong"},
    {"confirms": True},
    {"excludes": True},
]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_for_a_cause_too_where_arguments_add_up_in_groups_and_decide(base, data):
    vocabulary = {name: base.vocabulary[name] for name in TRIED}
    facts = data.draw(facts_of(vocabulary, most=5))
    model, argument = base.causes["pseudarthrosis"], base.causes["pseudarthrosis"].arguments[0]
    plain = {"for_": None, "against": None, "confirms": None, "excludes": None, "lr": None}
    arguments, trees = [], {}
    for number in range(data.draw(st.integers(2, 6))):
        rule_id = f"tried.a{number}"
        group = data.draw(st.sampled_from(["", "one"]))
        changed = plain | data.draw(st.sampled_from(DIRECTIONS)) | {"id": rule_id, "group": group}
        arguments.append(argument.model_copy(update=changed))
        trees[rule_id] = data.draw(conditions(vocabulary))
    prior = model.prior[-1].model_copy(update={"share": data.draw(st.sampled_from([0.02, 0.1, 0.3]))})
    cause = model.model_copy(
        update={"id": "tried", "considered_when": None, "prior": [prior], "arguments": arguments, "confused_with": []}
    )
    vocabulary_after = base.vocabulary | derived_facts([], [], ["tried"])
    wondering = alone(base, vocabulary=vocabulary_after, causes={"tried": cause}, conditions=trees)
    subject, asked = Subject(facts, reference(wondering)), Conclusion("cause", "tried", "")
    answer = asking.explain(subject, asked)

    def reached(known):
        truths = {rule_id: truth(tree, known) for rule_id, tree in trees.items()}
        return stand(cause, truths, base.weights).name in answer.wanted

    if answer.wanted:
        expected = fewest_by_trying(base, facts, trees.values(), reached)
        assert (len(answer.smallest[0].changes) if answer.smallest else None) == expected


def test_the_conditions_show_the_truth_and_the_value_of_every_comparison(cases, reasoner):
    answer = whynot(cases["nonunion-c165"], "revision_fusion", reasoner)
    facts = Subject(cases["nonunion-c165"], reasoner).judged.inference.facts
    leaves = 0

    def check(test: Condition):
        nonlocal leaves
        if test.fact and not test.below:
            leaves += 1
            assert (test.value is None) == (test.truth is None)
            assert facts.get(test.fact) == test.value
        for below in test.below:
            check(below)

    for needed in answer.needed:
        check(needed.test)
        assert needed.truth is truth(reasoner.base.conditions[needed.rule], facts)
    assert leaves > 20


def test_the_nearest_rule_comes_first(cases, reasoner):
    answer = whynot(cases["infection-c047"], "pseudarthrosis", reasoner)
    assert answer.needed[0].rule == "pseudarthrosis.considered_when"
    assert answer.note == "There has been no fusion."
    for flip in answer.smallest:
        changed = {name for change in flip.changes for name in (change.fact, *change.follows)}
        assert "surgery.fusion" in changed
    by_distance = [needed.lacks for needed in answer.needed[1:] if needed.wanted == "true"]
    assert by_distance == sorted(by_distance)


def test_what_stands_highest_already_has_nothing_to_ask(cases, reasoner):
    answer = whynot(cases["infection-c047"], "emergency_referral", reasoner)
    assert answer.outcome == "urgent"
    assert answer.concluded
    assert not answer.wanted
    assert not answer.smallest
    assert answer.note


def test_a_new_emergency_that_only_holds_a_pathway_back_does_not_bring_it_about(cases, reasoner):
    subject = Subject(cases["nonunion-c165"], reasoner)
    answer = whynot(cases["nonunion-c165"], "revision_fusion", reasoner)
    for flip in answer.smallest:
        facts = applied(subject.facts, followed(subject.base, subject.facts, {c.fact: c.after for c in flip.changes}))
        assert not Subject(facts, reasoner).judged.emergency


def test_the_same_question_has_the_same_answer_to_the_byte(cases, reasoner):
    first, second = (whynot(cases["nonunion-c165"], "scs_trial", reasoner).json_text() for _ in range(2))
    assert first == second


def test_facts_alone_can_be_asked_about_and_nothing_known_is_no_error(reasoner):
    answer = whynot({}, "pseudarthrosis", reasoner)
    assert answer.outcome == "nothing_to_say"
    assert answer.smallest
    with pytest.raises(QuestionError):
        whynot({}, "no_such_thing", reasoner)
