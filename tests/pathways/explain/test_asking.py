"""What to ask next: red flags first, then the most telling for its burden; every answer leads where it is said to."""

from pathways import library
from pathways.explain.asking import TESTS, ask, questions
from pathways.explain.levers import levers
from pathways.explain.links import applied, followed
from pathways.explain.names import Conclusion, Subject
from pathways.explain.singles import Singles
from rules.regions import regions


def check_outcome(subject, outcome):
    """An answer, judged by both engines, moves what it is said to move."""
    for value in outcome.answers:
        facts = applied(subject.facts, followed(subject.base, subject.facts, {outcome.fact: value}))
        after = Subject(facts, subject.reasoner)
        for moved in outcome.moved:
            asked = Conclusion(moved.kind, moved.id, moved.title)
            assert subject.outcome(asked) == moved.before != moved.after == after.outcome(asked)
            for rule in moved.rules:
                assert subject.judged.inference.truths[rule.rule] is rule.before
                assert after.judged.inference.truths[rule.rule] is rule.after


def test_every_answer_to_every_question_leads_where_it_is_said_to(subject):
    answer = ask(subject)
    for question in (*answer.first[:3], *answer.questions, *answer.tests):
        for outcome in question.outcomes:
            check_outcome(subject, outcome)


def test_unknown_key_red_flags_come_first_and_alone(subject):
    answer = ask(subject)
    key = {name for name, fact in subject.base.vocabulary.items() if fact.key_red_flag}
    assert {question.fact for question in answer.first} <= key - set(subject.facts)
    assert not key & {question.fact for question in (*answer.questions, *answer.tests)}
    assert answer.first, "these cases do not say everything"


def test_questions_and_tests_are_ranked_by_value_and_kept_apart(subject):
    answer = ask(subject, 10)
    for asked, test in ((answer.questions, False), (answer.tests, True)):
        values = [question.value for question in asked]
        assert values == sorted(values, reverse=True)
        assert all((question.burden in TESTS) is test is question.test for question in asked)


def test_the_answers_to_a_question_are_all_its_values(subject):
    answer = ask(subject, 10)
    words = regions(subject.base)
    for question in (*answer.questions, *answer.tests):
        told = [value for outcome in question.outcomes for value in outcome.answers]
        if all(outcome.fact == question.fact for outcome in question.outcomes) and not question.fact.endswith(".done"):
            assert sorted(map(str, told)) == sorted(map(str, words.values(question.fact)))


def test_nothing_known_is_asked_and_a_study_never_done_is_one_question(cases, reasoner):
    subject = Subject(cases["nonunion-c165"], reasoner)
    answer = questions(cases["nonunion-c165"], reasoner, 20)
    facts = [question.fact for question in (*answer.first, *answer.questions, *answer.tests)]
    assert len(facts) == len(set(facts))
    assert not set(facts) & set(subject.facts)
    assert "mri.done" in facts
    assert not any(fact.startswith("mri.") and fact != "mri.done" for fact in facts)


def test_a_heavier_burden_makes_a_fact_worth_less(reasoner):
    answer = questions({"surgery.count": 1}, reasoner, 50)
    for question in (*answer.questions, *answer.tests):
        burden = reasoner.base.weights.burden[question.burden].value
        assert abs(question.value - question.movement / burden) < 0.01


def test_levers_are_the_facts_that_move_most_and_their_answers_are_true(subject):
    found = levers(subject, Singles(subject))
    assert 6 <= len(found) <= 12
    for lever in found:
        assert lever.now == subject.facts.get(lever.fact)
        assert lever.outcomes
        for outcome in lever.outcomes:
            assert lever.now not in outcome.answers
            check_outcome(subject, outcome)


def test_every_library_case_can_be_asked_about(reasoner):
    for name in library.names()[::5]:
        subject = Subject(library.read(name, reasoner.base).case, reasoner)
        answer = ask(subject, 3)
        assert answer.case_id == subject.case_id
        assert len(answer.questions) == len(answer.tests) == 3
