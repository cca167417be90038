"""The note, the letter and the leaflet, over every library case: what they must say, and what they must never say."""

import dataclasses
import re
import textwrap
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways import library
from pathways.assess import assess, assess_facts
from pathways.facts import project
from reports import readers
from reports.leaflet import leaflet
from reports.letter import letter
from reports.readability import grade
from rules.problems import KnowledgeError

NAMES = library.names()
HARDEST = 7.0  # the Flesch-Kincaid grade of a twelve-year-old
HARDEST_LINE = 12.0  # a single line may be harder than the whole
HOSTILE = "<script>alert(1)</script> & {{ 7 * 7 }} #strong[x]"


@pytest.fixture(scope="module")
def assessed(base, reasoner):
    """Every library case, assessed once."""
    return {name: assess(library.read(name, base).case, reasoner) for name in NAMES}


class Tags(HTMLParser):
    """Gathers open tags, and fails on one that is closed out of order."""

    VOID = frozenset({"meta", "br", "link", "img"})

    def __init__(self):
        super().__init__()
        self.stack = []
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag


def well_formed(page):
    parser = Tags()
    parser.feed(page)
    assert parser.stack == []
    return parser.seen


def is_emergency(assessment):
    return any(flag.urgency in ("immediate", "same_day") for flag in assessment.present_red_flags)


def flat(text):
    return " ".join(text.split())


@pytest.mark.parametrize("name", NAMES)
def test_a_twelve_year_old_can_read_the_leaflet(name, assessed, base):
    sentences = list(leaflet(assessed[name], base).sentences())
    assert len(sentences) > 20
    assert grade(sentences) <= HARDEST


@pytest.mark.parametrize("kind", ["causes", "pathways", "red_flags"])
def test_no_plain_words_of_the_knowledge_are_much_harder_than_the_leaflet(kind, base):
    hard = {name: grade([told.in_plain_words]) for name, told in getattr(base, kind).items()}
    assert {name: found for name, found in hard.items() if found > HARDEST_LINE} == {}


@pytest.mark.parametrize("name", NAMES)
def test_the_leaflet_frightens_nobody_with_percentages_and_says_what_it_is(name, assessed, base):
    text = readers.leaflet_text(assessed[name], base)
    assert "%" not in text
    assert "percent" not in text
    assert "has not been tested" in flat(text)
    assert "Do not start, stop or change a treatment because of this page alone." in flat(text)
    assert "for you, an adult" in flat(text)


@pytest.mark.parametrize("name", NAMES)
def test_an_emergency_opens_the_leaflet_and_little_else_is_said(name, assessed, base):
    assessment = assessed[name]
    page = leaflet(assessment, base)
    kinds = [block.kind for block in page.blocks]
    present = assessment.present_red_flags
    assert (kinds[0] == "alarm") == is_emergency(assessment)
    assert ("soon" in kinds) == (bool(present) and not is_emergency(assessment))
    if is_emergency(assessment):
        assert page.lead == ()
        assert base.leaflet.headings.living_with_it not in [block.heading for block in page.blocks]
        said = [item.says for part in page.blocks[0].parts for item in part.items]
        assert set(said) == {flag.in_plain_words for flag in present}
    else:
        assert base.leaflet.headings.living_with_it in [block.heading for block in page.blocks]


@pytest.mark.parametrize(
    ("facts", "head"),
    [
        ({"symptoms.urinary_retention": True}, "Go now"),
        ({"symptoms.fever": True, "months_since_surgery": 1}, "Be seen today"),
        ({}, None),
    ],
)
def test_how_soon_is_said_in_the_first_heading(facts, head, reasoner, base):
    assessment = assess_facts({"surgery.count": 1, "months_since_surgery": 3, **facts}, reasoner)
    first = leaflet(assessment, base).blocks[0].heading
    assert first == (head or base.leaflet.headings.intro)


def test_scars_are_explained_only_to_those_with_a_scar_in_view(assessed, base):
    titles = {section.id: section.title for section in base.leaflet.for_some}
    calm = [a for a in assessed.values() if not is_emergency(a)]
    told = 0
    for assessment in calm:
        in_view = assessment.cause("epidural_fibrosis").standing in ("confirmed", "probable", "possible")
        shown = titles["scar_tissue"] in [block.heading for block in leaflet(assessment, base).blocks]
        assert shown == in_view
        told += shown
    assert 0 < told < len(calm)


def test_what_is_only_possible_is_never_said_to_be_so(assessed, base):
    for assessment in assessed.values():
        causes = next(b for b in leaflet(assessment, base).blocks if b.heading == base.leaflet.headings.causes)
        words = {cause.in_plain_words: cause.standing for cause in assessment.causes}
        intros = base.leaflet.standings.model_dump()
        for part in causes.parts:
            for item in part.items:
                assert part.says == intros[words[item.says]]


def test_knowledge_without_leaflet_texts_says_so(assessed, base):
    with pytest.raises(KnowledgeError, match=r"leaflet\.yaml"):
        leaflet(assessed[NAMES[0]], dataclasses.replace(base, leaflet=None))


@pytest.mark.parametrize("name", NAMES)
def test_a_note_is_one_page_of_plain_text_that_opens_with_the_red_flags(name, assessed):
    assessment = assessed[name]
    text = readers.note(assessment)
    lines = text.splitlines()
    assert len(lines) <= readers.NOTE_LINES
    assert max(map(len, lines)) <= readers.WIDTH
    assert text.index("RED FLAGS") < text.index("CAUSES") < text.index("PLAN") < text.index("NOT KNOWN")
    assert "Not clinically validated" in flat(text)
    assert assessment.rule_base.sha256[:12] in text
    if assessment.present_red_flags:
        assert assessment.present_red_flags[0].title in flat(text)
    else:
        assert "does not exclude an emergency" in flat(text)


@pytest.mark.parametrize("name", NAMES)
def test_a_letter_names_red_flags_causes_and_ways_with_their_standing(name, assessed):
    assessment = assessed[name]
    text = flat(readers.letter_text(assessment))
    for flag in assessment.present_red_flags:
        assert flat(flag.action) in text
    leading = [cause for cause in assessment.causes if cause.standing in ("confirmed", "probable", "possible")]
    for cause in leading[:3]:
        assert f"{cause.title}: {cause.standing}." in text
    assert "not clinically validated" in text
    assert "Dear colleague," in text


def test_a_contraindicated_way_is_told_as_such_in_the_letter(reasoner, base):
    facts = project(library.read("neuropathic-leg-pain-c159", base).case, base)
    assessment = assess_facts(facts | {"mri.done": True, "mri.disc_infection_pattern": True}, reasoner)
    refused = [p for p in assessment.pathways if p.status == "contraindicated" and p.reasons]
    assert refused
    text = flat(readers.letter_text(assessment))
    for pathway in refused:
        assert f"{pathway.title}: contraindicated here." in text


def test_pages_are_well_formed_and_need_no_network(assessed, base):
    for assessment in list(assessed.values())[::9]:
        for page in (readers.leaflet_html(assessment, base), readers.letter_html(assessment)):
            seen = well_formed(page)
            assert seen.count("h1") == 1
            assert not {"script", "img", "link", "iframe"} & set(seen)
            assert "url(" not in page
            assert '<html lang="en">' in page


def test_hostile_text_stays_text(assessed, base):
    given = assessed[NAMES[0]]
    causes = [cause.model_copy(update={"in_plain_words": HOSTILE, "title": HOSTILE}) for cause in given.causes]
    hostile = given.model_copy(update={"causes": causes, "case_id": "x"})
    for page in (readers.leaflet_html(hostile, base), readers.letter_html(hostile)):
        assert "script" not in well_formed(page)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "{{ 7 * 7 }}" in page
    assert HOSTILE in flat(readers.leaflet_text(hostile, base))


def test_the_same_assessment_gives_the_same_pages(assessed, base, reasoner):
    name = NAMES[0]
    again = assess(library.read(name, base).case, reasoner)
    assert readers.leaflet_html(assessed[name], base) == readers.leaflet_html(again, base)
    assert readers.letter_html(assessed[name]) == readers.letter_html(again)
    assert readers.note(assessed[name]) == readers.note(again)


def test_the_letter_gives_sources_that_can_be_followed(assessed):
    blocks = [b for b in letter(assessed["infection-c047"]).blocks if b.heading == "Main sources"]
    cited = [item.says for part in blocks[0].parts for item in part.items]
    assert 1 <= len(cited) <= 6
    assert any(re.search(r"https://\S+$", line) for line in cited)


@given(st.text(alphabet=st.characters(codec="ascii", exclude_categories=["C"]) | st.just("\n"), max_size=400))
def test_folding_changes_white_space_only(text):
    folded = readers.fold(text)
    assert folded.split() == text.split()
    assert not re.search(r"\n\n\n", folded)


def test_folding_hangs_under_the_bullet():
    line = "- " + " ".join(["word"] * 40)
    first, *rest = readers.fold(line).splitlines()
    assert first.startswith("- word")
    assert all(text.startswith("  word") for text in rest)
    assert textwrap.dedent("\n".join(rest)).startswith("word")
