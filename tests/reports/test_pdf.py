"""Paper: tagged PDF/UA-1 with title and language, the same bytes every time, and nothing taken for markup."""

import hashlib
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from pathways import library
from pathways.assess import assess
from reports import pdf

pytest.importorskip("typst")
pypdf = pytest.importorskip("pypdf")

ROOT = Path(__file__).resolve().parents[2]
NAMES = library.names()
SHOWN = ("infection-c047", "adjacent-segment-c036", "hematoma-c052")
HOSTILE = 'a #strong[b] *c* _d_ $x^2$ `e` <f> @g = h \\ "i" // j {{ k }} #panic("l") ]'


@pytest.fixture(scope="module")
def assessed(base, reasoner):
    """Some library cases, an emergency among them."""
    return {name: assess(library.read(name, base).case, reasoner) for name in SHOWN}


def made(kind, assessment, base):
    if kind == "letter":
        return pdf.letter_pdf(assessment)
    return (pdf.report_pdf if kind == "report" else pdf.leaflet_pdf)(assessment, base)


def opened(data, tmp_path):
    path = tmp_path / "made.pdf"
    path.write_bytes(data)
    return pypdf.PdfReader(path)


def text_of(reader):
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("kind", ["report", "leaflet", "letter"])
def test_it_is_tagged_with_title_and_language(kind, name, assessed, base, tmp_path):
    reader = opened(made(kind, assessed[name], base), tmp_path)
    catalog = reader.trailer["/Root"]
    assert bool(catalog["/MarkInfo"]["/Marked"])
    assert catalog["/StructTreeRoot"]["/K"]
    assert str(catalog["/Lang"]).startswith("en")
    assert reader.metadata.title
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert re.search(rb"pdfuaid:part(?:>|=['\"])\s*1", catalog["/Metadata"].get_object().get_data())


def headings(element, found):
    """Gather the kinds of heading in the structure tree, in order."""
    element = element.get_object()
    if isinstance(element, list):
        for child in element:
            headings(child, found)
    elif hasattr(element, "get"):
        kind = str(element.get("/S", ""))
        if re.fullmatch(r"/H[1-6]", kind):
            found.append(int(kind[2:]))
        if "/K" in element:
            headings(element["/K"], found)
    return found


@pytest.mark.parametrize("kind", ["report", "leaflet"])
def test_headings_never_skip_a_level(kind, assessed, base, tmp_path):
    reader = opened(made(kind, assessed["infection-c047"], base), tmp_path)
    levels = headings(reader.trailer["/Root"]["/StructTreeRoot"]["/K"], [])
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert len(levels) > 4
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("kind", ["report", "leaflet", "letter"])
def test_the_bytes_are_the_same_in_another_process(kind, assessed, base):
    name = "adjacent-segment-c036"
    code = (
        "import sys, hashlib; from pathways import library; from pathways.assess import assess, default_base; "
        "from reports import pdf; base = default_base(); "
        f"a = assess(library.read({name!r}, base).case); "
        "made = {'letter': lambda: pdf.letter_pdf(a), 'report': lambda: pdf.report_pdf(a, base), "
        f"'leaflet': lambda: pdf.leaflet_pdf(a, base)}}[{kind!r}](); "
        "print(hashlib.sha256(made).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert there.stdout.strip() == hashlib.sha256(made(kind, assessed[name], base)).hexdigest()


def test_it_carries_no_date(assessed, base, tmp_path):
    reader = opened(pdf.report_pdf(assessed["infection-c047"], base), tmp_path)
    assert reader.metadata.creation_date is None
    assert reader.metadata.modification_date is None


def test_an_emergency_comes_first_on_paper(assessed, base, tmp_path):
    flags = assessed["hematoma-c052"].present_red_flags
    report = text_of(opened(pdf.report_pdf(assessed["hematoma-c052"], base), tmp_path))
    assert report.index(flags[0].title) < report.index("In a paragraph") < report.index("Causes")
    page = opened(pdf.leaflet_pdf(assessed["hematoma-c052"], base), tmp_path).pages[0].extract_text()
    assert page.index("Go now") < page.index("What your pain may come from")


def test_markup_in_a_text_is_shown_and_never_run(assessed, base, tmp_path):
    given = assessed["infection-c047"]
    update = {"in_plain_words": HOSTILE, "title": HOSTILE, "summary": HOSTILE, "next_test": HOSTILE, "note": HOSTILE}
    causes = [cause.model_copy(update=update) for cause in given.causes]
    flags = [flag.model_copy(update={"action": HOSTILE, "in_plain_words": HOSTILE}) for flag in given.red_flags]
    hostile = given.model_copy(update={"causes": causes, "red_flags": flags})
    for kind in ("report", "leaflet", "letter"):
        text = text_of(opened(made(kind, hostile, base), tmp_path))
        squeezed = text.replace(" ", "")
        assert HOSTILE.replace(" ", "") in squeezed, kind


@pytest.mark.parametrize("name", NAMES[::6])
def test_every_kind_of_case_fits_on_paper(name, base, reasoner):
    assessment = assess(library.read(name, base).case, reasoner)
    for kind in ("report", "leaflet", "letter"):
        assert made(kind, assessment, base).startswith(b"%PDF-")


@pytest.mark.parametrize("form", ["pdf", "leaflet-pdf"])
def test_without_the_extra_it_says_which_to_install(form, tmp_path):
    """The package is made impossible to import in a process of its own."""
    out = tmp_path / "out.pdf"
    code = (
        "import sys; sys.modules['typst'] = None; import cli; "
        f"sys.argv = ['spinepath', 'assess', 'scar-c025', '-f', {form!r}, '-o', {str(out)!r}]; cli.main()"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "pip install 'spinepath[pdf]'" in result.stderr
    assert "Traceback" not in result.stderr
    assert not out.exists()
