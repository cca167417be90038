"""The forms for other readers through the command line, as real processes."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CASE = "infection-c047"


def spinepath(*arguments, text=True):
    command = [sys.executable, str(ROOT / "cli.py"), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=text, check=False)


@pytest.mark.parametrize(
    ("form", "suffix", "opening"),
    [
        ("note", ".txt", b"PAIN AFTER LUMBAR SURGERY"),
        ("letter", ".txt", b"Pain after lumbar surgery: summary"),
        ("letter", ".html", b"<!doctype html>"),
        ("letter", ".pdf", b"%PDF-"),
        ("leaflet", ".html", b"<!doctype html>"),
        ("leaflet", ".txt", b"Pain after a back operation"),
        ("leaflet", ".pdf", b"%PDF-"),
        ("leaflet-pdf", ".pdf", b"%PDF-"),
        ("pdf", ".pdf", b"%PDF-"),
    ],
)
def test_each_form_goes_to_a_file(form, suffix, opening, tmp_path):
    if opening == b"%PDF-":
        pytest.importorskip("typst")
    out = tmp_path / f"made{suffix}"
    result = spinepath("assess", CASE, "--format", form, "-o", out)
    assert result.returncode == 0, result.stderr
    assert out.read_bytes().startswith(opening)


@pytest.mark.parametrize(("form", "opening"), [("letter", "Pain after"), ("leaflet", "<!doctype"), ("note", "PAIN")])
def test_without_a_file_a_letter_is_text_and_a_leaflet_is_a_page(form, opening):
    assert spinepath("assess", CASE, "--format", form).stdout.startswith(opening)


def test_a_pdf_may_be_piped():
    pytest.importorskip("typst")
    result = spinepath("assess", CASE, "--format", "leaflet-pdf", text=False)
    assert result.returncode == 0
    assert result.stdout.startswith(b"%PDF-")
    assert result.stdout.rstrip().endswith(b"%%EOF")


def test_an_unknown_form_is_refused_with_those_there_are():
    result = spinepath("assess", CASE, "--format", "leaflets")
    assert result.returncode == 2
    assert "leaflet" in result.stderr


def test_a_folder_that_is_not_there_is_named():
    result = spinepath("assess", CASE, "--format", "leaflet", "-o", "/nowhere/at/all.html")
    assert result.returncode == 2
    assert "/nowhere/at/all.html" in result.stderr
    assert "Traceback" not in result.stderr
