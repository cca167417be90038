"""The summary page of a cohort: whole, self-contained, every plot with its table, nothing but escaped text."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from pathways.cohort.judging import CohortJudge
from pathways.overview.agreement import agreement
from pathways.overview.intervals import Share
from pathways.overview.overview import overview
from pathways.overview.parts import read_counts, write_counts
from pathways.overview.tally import Tally
from pathways.synth import pieces
from reports import charts, cohort_summary
from reports.cohort_page import FEWEST, Run, html

VOID = {"meta", "br", "rect", "path", "circle", "line"}
MANIFEST = {
    "counts": {"rows": 260, "results": 250, "quarantined": 10},
    "sample": {"rederived": 50, "differences": 0, "engines": ["durable-rules", "kleene-reference"]},
    "inputs": [{"name": "a<b>.csv", "files": [{"name": "a<b>.csv", "bytes": 1, "sha256": "0123abcd"}]}],
    "rule_base": {"version": "2026.11", "sha256": "feed", "overlays": ["ours"], "switched_off": []},
    "package_version": "0.1.0",
    "polars_version": "2",
    "refused": {
        "columns": 12,
        "most": [
            {"column": "pain.side", "refused": 8, "file": "a.csv", "row": 1007, "reason": "left or right is wanted"}
        ],
    },
    "small_groups": {"k": 5, "groups": 9, "small_groups": 2, "cases_in_small_groups": 3},
    "screen": "A screen, not a guarantee.",
}


class Page(HTMLParser):
    """What is on a page: its text, its tags, its figures, and whether every tag is closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text, self.attributes = [], Counter(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += attrs

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


@pytest.fixture(scope="module")
def counts(base, tmp_path_factory):
    """The counts of 250 synthetic cases."""
    rows = next(pieces(base, 250, seed=3))
    names = [name for name in rows.columns if name in base.vocabulary]
    judge = CohortJudge(base, names)
    facts = rows.select(names).cast(judge.schema())
    results = judge.judge(facts).with_columns(rows["true_cause"], rows["synthetic"])
    path = tmp_path_factory.mktemp("counts") / "counts.json"
    write_counts(path, results, facts, base, "true_cause")
    return read_counts([path])


@pytest.fixture(scope="module")
def text(counts, base):
    return cohort_summary.page(counts, MANIFEST, base, "results.parquet", "true_cause")


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_every_tag_is_closed(page):
    assert page.open == []
    assert page.tags["section"] >= 9


def test_it_needs_no_network(text, page):
    links = [value for name, value in page.attributes if name in ("src", "href", "srcset", "xlink:href")]
    assert all(link.startswith("#") for link in links)
    assert not re.search(r"url\(|@import|https?://", text)


def test_every_plot_has_a_table(page):
    assert page.tags["figure"] >= 14
    assert page.tags["table"] >= page.tags["figure"]
    assert page.tags["caption"] == page.tags["table"]


def test_links_lead_somewhere(page):
    ids = {value for name, value in page.attributes if name == "id"}
    wanted = {value[1:] for name, value in page.attributes if name == "href"}
    assert wanted <= ids


def test_it_says_what_became_of_the_rows_and_where_they_came_from(page):
    for words in ("260 rows read: 250 judged, 10 in quarantine", "50 rows drawn at random", "0123abcd", "ours", "feed"):
        assert words in page.words
    assert "pain.side: 8 times, first in row 1,007 of a.csv: left or right is wanted" in page.words
    assert "and in 11 more columns" in page.words
    assert "All of these cases are synthetic" in page.words
    assert "A screen, not a guarantee." in page.words
    assert "a<b>.csv" in page.words


def test_every_cause_red_flag_and_pathway_is_in_a_table(page, base):
    for title in (item.title for kind in (base.causes, base.red_flags, base.pathways) for item in kind.values()):
        assert " ".join(title.split()) in page.words


def test_agreement_is_told_with_its_intervals_and_which_kappa(page, counts, base):
    found = agreement(counts, base, "true_cause")
    assert charts.interval(found.first) in page.words
    assert charts.interval(found.three) in page.words
    assert f"{found.kappa.value:.3f}" in page.words
    assert "Cohen's kappa between the label and the first cause" in page.words
    assert "another cause of the same family counts as half" in page.words


def test_without_labels_nothing_is_said_of_a_known_diagnosis(counts, base):
    assert "known diagnosis" not in Page(cohort_summary.page(counts, MANIFEST, base, "x")).words.lower()


def test_labels_that_are_no_causes_are_told_on_the_page(base, counts):
    bare = Tally({name: count for name, count in counts.items() if not name.startswith("label|pair")})
    words = Page(cohort_summary.page(bare, MANIFEST, base, "x", "<i>stage</i>")).words
    assert "The column <i>stage</i> was not compared: no value is a cause" in words


def test_what_comes_from_a_file_is_escaped(counts, base):
    made = html(overview(counts, base), base, Run("<script>alert(1)</script>", [("<b>", "<img src=x>")], ["<u>"]))
    assert "<script>alert(1)" not in made
    assert "<img" not in made
    assert Page(made).open == []


def test_small_groups_are_not_broken_down(counts, base):
    few = Tally({name: count for name, count in counts.items() if not name.startswith("group|age|")})
    few["group|age|under 40 years|first|infection"] = FEWEST - 1
    few["group|age|70 years or more|first|malignancy"] = 241
    made = html(overview(few, base), base, Run("x"))
    ages = made[made.index("<h3>Age</h3>") : made.index("<h3>Time since")]
    assert "70 years or more" in ages
    assert "under 40 years" not in ages
    assert "1 smaller groups are not shown" in ages


def test_what_is_most_worth_knowing_is_shown_where_it_was_worked_out(counts, base):
    asked = Tally(counts)
    asked["missing|first|symptoms.fever"] = 40
    asked["missing|next|exam.foot_drop"] = 20
    words = Page(html(overview(asked, base), base, Run("x"))).words
    assert "one of the five most valuable" in words
    assert f"{base.vocabulary['symptoms.fever'].ask} 16.0 %" in words


def test_a_cohort_without_a_single_case_makes_a_page(base):
    words = Page(html(overview(Tally(), base), base, Run("Nothing"))).words
    assert "0 cases were judged" in words


def test_the_same_counts_make_the_same_page(counts, base, text):
    assert cohort_summary.page(counts, MANIFEST, base, "results.parquet", "true_cause") == text


class TestCharts:
    def test_pieces_of_a_bar_follow_each_other_and_fill_their_share(self):
        bar = charts.bar("x", {"a": 30, "b": 0, "c": 20}, 100)
        assert [(piece.kind, piece.start, piece.width) for piece in bar.pieces] == [("a", 0, 30), ("c", 30, 20)]
        assert bar.figure == "50.0 %"

    def test_a_flow_keeps_every_case_and_its_bands_fit_their_nodes(self):
        ways = {("a", "b", ""): 6, ("a", "a", "b"): 3, ("b", "b", "b"): 1, ("", "", ""): 2}
        flow = charts.flow(ways, ["a", "b"])
        by_step = {}
        for node in flow.nodes:
            by_step.setdefault(node.x, {})[node.kind] = node
        assert [sum(node.count for node in nodes.values()) for nodes in by_step.values()] == [10, 10, 4]
        for nodes in by_step.values():
            assert max(node.y + node.height for node in nodes.values()) <= flow.height
        assert sum("then" in link.says for link in flow.links) == len(flow.links) == 5

    def test_no_plans_make_no_flow(self):
        assert charts.flow({}, ["a"]) is None

    def test_shares_are_written_as_read(self):
        assert charts.percent(0.12345) == "12.3 %"
        assert charts.percent(0.00001) == "< 0.1 %"
        assert charts.percent(None) == "no cases"
        assert charts.interval(Share(0, 0)) == "no cases"
        assert charts.interval(Share(81, 263)) == "30.8 % (25.5 to 36.6)"
