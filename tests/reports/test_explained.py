"""What the page explains beyond the assessment: the answers carried in it are true, and it works without a network."""

import json
import re
from html.parser import HTMLParser

import pytest

from pathways import library
from pathways.assess import assess
from pathways.explain.answers import plain
from pathways.explain.names import CONCLUDED, Subject, conclusions
from pathways.explain.whatif import whatif
from reports import documents, words
from reports.explained import explained


@pytest.fixture(scope="module", params=["nonunion-c165", "infection-c047", "neuropathic-leg-pain-c159"])
def assessment(request, reasoner):
    return assess(library.read(request.param, reasoner.base).case, reasoner)


@pytest.fixture(scope="module")
def page(assessment, base):
    return documents.html(assessment, base)


class Reader(HTMLParser):
    """Ids, targets of links inside the page, and what each script holds."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.targets, self.scripts, self.labels = set(), set(), [], 0
        self._inside = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids.add(found.get("id"))
        if tag == "a" and (found.get("href") or "").startswith("#"):
            self.targets.add(found["href"][1:])
        self._inside = found if tag == "script" else None
        self.labels += tag == "label"

    def handle_data(self, data):
        if self._inside is not None:
            self.scripts.append((self._inside.get("type"), data))
            self._inside = None


def test_every_link_inside_the_page_leads_somewhere(page):
    reader = Reader(page)
    assert reader.targets <= reader.ids


def test_the_answers_carried_in_the_page_are_those_of_whatif(page, assessment, reasoner):
    (carried,) = [json.loads(text) for kind, text in Reader(page).scripts if kind == "application/json"]
    assert 6 <= len(carried) <= 12
    names = {**words.STANDING, **words.STATUS}
    found = explained(assessment, reasoner.base)
    assert len(found.levers) == len(carried)
    for lever, told in zip(found.levers, carried, strict=True):
        assert told["question"] == lever.question
        assert told["now"] == plain(assessment.facts.get(lever.fact))
        for outcome, answer in zip(lever.outcomes, told["answers"], strict=True):
            real = whatif(assessment, {lever.fact: outcome.answers[0]}, reasoner)
            moved = {(m.title, m.before, m.after) for m in real.comparison.moved}
            readable = {(title, names.get(before, before), names.get(after, after)) for title, before, after in moved}
            assert {(m["title"], m["before"], m["after"]) for m in answer["moved"]} <= readable


def test_there_is_a_choice_for_every_answer_and_a_way_to_hear_it(page, assessment, base):
    found = explained(assessment, base)
    assert Reader(page).labels == sum(len(lever.outcomes) for lever in found.levers)
    assert 'aria-live="polite"' in page
    assert "<noscript>" in page


def test_nothing_in_the_page_loads_anything(page):
    assert not re.search(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=", page)
    assert "fetch(" not in page
    assert "XMLHttpRequest" not in page


def test_every_conclusion_is_explained_on_one_side_or_the_other(page, assessment, reasoner):
    found = explained(assessment, reasoner.base)
    subject = Subject(assessment, reasoner)
    for asked in conclusions(reasoner.base):
        concluded = subject.outcome(asked) in CONCLUDED[asked.kind]
        assert ((asked.kind, asked.id) in found.why) == concluded
        if asked.kind != "red_flag":
            assert any((a.kind, a.conclusion) == (asked.kind, asked.id) for a in found.why_not) != concluded
    assert page.count('<details class="whynot">') == len(found.why_not)


def test_a_settled_conclusion_is_marked_only_where_it_is(page, assessment, base):
    found = explained(assessment, base)
    shown = [
        p.id
        for p in assessment.pathways
        if p.status != "not_indicated" and (p.status != "contraindicated" or p.reasons)
    ]
    marks = [("cause", cause.id) for cause in words.leading(assessment)] + [("pathway", name) for name in shown]
    assert page.count('class="badge settled"') == sum(found.settled[key].settled for key in marks)


def test_the_same_assessment_gives_the_same_page(page, assessment, base):
    assert documents.html(assessment, base) == page


def test_an_assessment_by_other_rules_is_shown_without_explanations(assessment, base):
    info = assessment.rule_base.model_copy(update={"sha256": "0" * 64})
    other = assessment.model_copy(update={"rule_base": info})
    page = documents.html(other, base)
    assert explained(other, base) is None
    assert 'id="whynot"' not in page
    assert 'id="causes"' in page


def test_a_case_of_which_nothing_is_known_can_be_shown(reasoner):
    from pathways.assess import assess_facts

    page = documents.html(assess_facts({}, reasoner), reasoner.base)
    assert "Nothing known so far leads to a conclusion" in page
