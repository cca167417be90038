"""An assessment in a notebook: the report in a frame, or a plain summary where reports were never imported."""

import html
import re
import subprocess
import sys
from pathlib import Path

from pathways import library, showing
from pathways.assess import assess
from reports import documents

ROOT = Path(__file__).resolve().parents[2]
NAME = "infection-c047"


def test_the_frame_holds_the_very_page(base, reasoner):
    assessment = assess(library.read(NAME, base).case, reasoner)
    shown = assessment._repr_html_()
    inside = re.fullmatch(r'<iframe [^>]*srcdoc="([^"]*)"[^>]*></iframe>', shown, re.DOTALL)
    assert html.unescape(inside.group(1)) == documents.html(assessment, base)


def test_an_assessment_by_another_rule_base_gets_the_summary(base, reasoner):
    assessment = assess(library.read(NAME, base).case, reasoner)
    info = assessment.rule_base.model_copy(update={"sha256": "0" * 64})
    other = assessment.model_copy(update={"rule_base": info})
    assert other._repr_html_() == showing.summary(other)


def test_without_reports_there_is_a_plain_summary_that_opens_with_the_red_flags():
    code = (
        "import sys; from pathways import library; from pathways.assess import assess, default_base; "
        f"a = assess(library.read({NAME!r}, default_base()).case); "
        "a = a.model_copy(update={'case_id': '<b>'}); "
        "assert 'reports' not in sys.modules; print(a._repr_html_())"
    )
    made = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert made.index("Red flags") < made.index("Causes") < made.index("Plan")
    assert "&lt;b&gt;" in made
    assert "not clinically validated" in made
    assert "<iframe" not in made
