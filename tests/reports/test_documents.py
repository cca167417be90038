"""The HTML and Markdown reports: self-contained, escaped, linked, and open in a real browser without errors."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from pathways import library
from pathways.assess import assess
from reports import documents, words

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
NAMES = ["adjacent-segment-c036", *library.names()[::15]]
VOID = {
    "meta",
    "link",
    "br",
    "hr",
    "img",
    "input",
    "source",
    "path",
    "rect",
    "line",
    "circle",
    "polyline",
    "polygon",
    "wbr",
}


@pytest.fixture(scope="module", params=NAMES)
def assessment(request, base, reasoner):
    return assess(library.read(request.param, base).case, reasoner)


class Page(HTMLParser):
    """Collects ids, links, headings and unbalanced tags."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.headings, self.open, self.loads = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if "id" in known:
            self.ids.append(known["id"])
        if tag == "a" and "href" in known:
            self.links.append(known["href"])
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.loads += [known[key] for key in ("src", "srcset", "action") if key in known and tag != "a"]
        if tag == "link":
            self.loads.append(known.get("href"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()
        elif tag in self.open:
            pytest.fail(f"</{tag}> closes {self.open[-3:]}")


def test_the_page_is_sound_and_every_inner_link_leads_somewhere(assessment, base):
    page = Page(documents.html(assessment, base))
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    missing = {link for link in page.links if link.startswith("#")} - {f"#{name}" for name in page.ids}
    assert missing == set()


def test_the_page_loads_nothing_from_anywhere(assessment, base):
    page = Page(documents.html(assessment, base))
    assert page.loads == []
    assert "@import" not in documents.html(assessment, base)


def test_headings_skip_no_level(assessment, base):
    headings = Page(documents.html(assessment, base)).headings
    assert headings[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(headings))


def test_red_flags_come_first_then_the_paragraph_then_the_plan(assessment, base):
    for text in (documents.html(assessment, base), documents.markdown(assessment, base)):
        places = [text.index(word) for word in ("Red flags</h2>" if "<html" in text else "## Red flags",)]
        order = [text.find(mark) for mark in ('id="flags"', 'id="summary"', 'id="plan"', 'id="causes"')]
        assert order == sorted(order)
        assert places


def test_every_cause_in_view_shows_its_rule_and_its_source(assessment, base):
    page = Page(documents.html(assessment, base))
    for cause in words.leading(assessment):
        for argument in cause.arguments:
            assert f"#rule-{argument.rule.replace('.', '-')}" in page.links
            assert all(f"#source-{s.key}" in page.links for s in argument.sources)


def test_the_paragraph_reads_as_sentences(assessment):
    text = words.paragraph(assessment)
    assert text[0].isupper()
    assert text.endswith(".")
    assert "{" not in text
    assert ".." not in text
    assert "  " not in text


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_real_browser_shows_it_without_errors_and_without_sideways_scrolling(assessment, base, tmp_path):
    page = tmp_path / "page.html"
    probe = "<script>document.title='W'+document.documentElement.scrollWidth+'/'+innerWidth</script></body>"
    page.write_text(documents.html(assessment, base).replace("</body>", probe), encoding="utf-8")
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-sync", "--disable-component-update", f"--user-data-dir={tmp_path / 'profile'}",
        "--window-size=500,900", "--virtual-time-budget=2000", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout
    width, window = map(int, re.search(r"<title>W(\d+)/(\d+)</title>", shown).groups())
    assert width <= window
