"""The static site: every link leads somewhere, everything is on it, and nothing is fetched from elsewhere."""

from html.parser import HTMLParser
from itertools import pairwise
from posixpath import dirname, join, normpath

import pytest

from reports.site import build, outline
from rules.language import AtLeast, Compare, Not
from rules.lookup import rules
from rules.rulebase import examine


class Page(HTMLParser):
    """What a page holds: ids, links, headings, and whatever it would fetch."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.fetched, self.headings, self.labels = [], [], [], [], []
        self.lang = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        if tag == "a":
            self.links.append(found["href"])
        if tag in ("img", "script", "iframe", "link"):
            self.fetched.append(found.get("src") or found.get("href") or "inline")
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(tag)
        if tag == "html":
            self.lang = found.get("lang")
        if tag == "input":
            self.labels.append(found.get("aria-label") or found.get("id"))


@pytest.fixture(scope="module")
def loaded():
    return examine()


@pytest.fixture(scope="module")
def pages(loaded):
    return dict(build(loaded.sound(), loaded.places))


@pytest.fixture(scope="module")
def parsed(pages):
    return {path: Page(text) for path, text in pages.items() if path.endswith(".html")}


def test_there_is_a_page_for_each_cause_pathway_and_case(pages, base):
    assert {f"causes/{name}.html" for name in base.causes} <= set(pages)
    assert {f"pathways/{name}.html" for name in base.pathways} <= set(pages)
    assert sum(path.startswith("cases/") for path in pages) >= 90


def test_every_link_leads_to_a_page_and_an_anchor_that_are_there(parsed):
    broken = []
    for path, page in parsed.items():
        assert len(page.ids) == len(set(page.ids)), path
        for link in page.links:
            if link.startswith("https://") or link.startswith("http://"):
                continue
            file, _, anchor = link.partition("#")
            target = normpath(join(dirname(path), file)) if file else path
            if target not in parsed or (anchor and anchor not in parsed[target].ids):
                broken.append((path, link))
    assert not broken


def test_nothing_is_fetched_but_the_style_sheet_beside_it(parsed, pages):
    for path, page in parsed.items():
        assert set(page.fetched) <= {"style.css", "../style.css", "inline"}, path
    assert "url(" not in pages["style.css"]
    assert "prefers-color-scheme: dark" in pages["style.css"]


def test_pages_can_be_read_without_eyes(parsed):
    for path, page in parsed.items():
        assert page.lang == "en", path
        assert page.headings.count("h1") == 1, path
        steps = [int(tag[1]) for tag in page.headings]
        assert all(after - before <= 1 for before, after in pairwise(steps)), path
        assert "main" in page.ids
        assert all(page.labels), path


def test_every_rule_stands_with_its_condition_and_an_anchor(parsed, pages, base):
    ids = {name for page in parsed.values() for name in page.ids}
    assert {entry.id for entry in rules(base)} <= ids
    assert {f"source.{key}" for key in base.sources} <= ids
    page = pages["rules.html"]
    assert page.count("<tr>") == len(list(rules(base))) + 1


def test_the_search_index_cannot_break_out_of_its_script(pages):
    script = pages["index.html"].split("<script>")[1]
    assert script.count("</script>") == 1
    assert script.index("</script>") > script.index("search();")


def test_a_case_page_names_what_was_established_and_what_fired(pages):
    page = pages["cases/scar-c025.html"]
    assert "Epidural fibrosis" in page
    assert "Rules that fire" in page
    assert "finding.leg_pain" in page


def test_an_outline_keeps_counts_and_negations(base):
    leaf = Compare("person.age", ">=", 60)
    node = outline(AtLeast(2, (leaf, Not(leaf), leaf)), base)
    assert node.says == "at least 2 of"
    assert node.parts[0].fact == "person.age"
    assert "is at least 60" in node.parts[0].says
    assert node.parts[1].says == "not"


def test_the_same_knowledge_gives_the_same_bytes(loaded, pages):
    assert dict(build(loaded.sound(), loaded.places)) == pages
