"""The same assessment for other readers: a note for the record, a letter to the referring doctor, a patient leaflet."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports import words
from reports.documents import TEMPLATES, environment
from reports.leaflet import leaflet
from reports.letter import letter

if TYPE_CHECKING:
    from pathways.assessment import Assessment
    from reports.pages import Page
    from rules.rulebase import RuleBase

WIDTH = 80
NOTE_LINES = 60  # a printed page
HANGING = re.compile(r" *(?:[-+!?x>]{1,2} |\d+\. )?")
MARKS = {"for": "+", "against": "-", "confirms": "++", "excludes": "--"}


@dataclass(frozen=True)
class Detail:
    """How much a note tells."""

    causes: int
    arguments: int
    tests: bool
    steps: int
    questions: int
    flags: int


# From the fullest to the barest: the first that fits on a page is taken.
DETAILS = (
    Detail(4, 3, True, 8, 6, 9),
    Detail(3, 2, True, 6, 4, 9),
    Detail(3, 2, False, 5, 3, 6),
    Detail(2, 1, False, 4, 2, 4),
    Detail(1, 1, False, 2, 1, 3),
)


def note(assessment: Assessment) -> str:
    """Return a plain-text note of one page, to paste into a record."""
    told = ""
    for detail in DETAILS:
        told = _note(assessment, detail)
        if told.count("\n") <= NOTE_LINES:
            break
    return told


def _note(assessment: Assessment, detail: Detail) -> str:
    titles = {pathway.id: words.lower_first(pathway.title) for pathway in assessment.pathways}
    found = words.leading(assessment)
    flags = assessment.present_red_flags
    others = [words.lower_first(cause.title) for cause in found[detail.causes :]][:6]
    ask = [missing.question for missing in assessment.missing if missing.key_red_flag]
    text = (
        environment()
        .get_template("note.txt.jinja")
        .render(
            a=assessment,
            summary=words.who(assessment),
            flags=flags[: detail.flags],
            ask=" ".join([*ask[: detail.questions], *(["..."] if len(ask) > detail.questions else [])]),
            causes=found[: detail.causes],
            other_causes=words.joined(others),
            steps=[
                {"when": step.when, "what": words.joined([titles[name] for name in step.pathways])}
                for step in assessment.plan[: detail.steps]
            ],
            refused=[p for p in assessment.pathways if p.status == "contraindicated" and p.reasons and p.cautions][:2],
            questions=[m.question for m in assessment.missing if not m.key_red_flag][: detail.questions],
            foot=words.provenance(assessment),
            detail=detail,
            MARKS=MARKS,
        )
    )
    return fold(text)


def letter_text(assessment: Assessment) -> str:
    """Return the letter to the referring doctor as plain text."""
    return _text(letter(assessment))


def letter_html(assessment: Assessment) -> str:
    """Return the letter to the referring doctor as an HTML page."""
    return _html(letter(assessment), "letter")


def leaflet_text(assessment: Assessment, base: RuleBase) -> str:
    """Return the patient leaflet as plain text."""
    return _text(leaflet(assessment, base))


def leaflet_html(assessment: Assessment, base: RuleBase) -> str:
    """Return the patient leaflet as an HTML page."""
    return _html(leaflet(assessment, base), "leaflet")


def _text(page: Page) -> str:
    return fold(environment().get_template("page.txt.jinja").render(page=page))


def _html(page: Page, kind: str) -> str:
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    return environment().get_template("page.html.jinja").render(page=page, kind=kind, style=style)


def fold(text: str, width: int = WIDTH) -> str:
    """Fold long lines, indented under their bullet, and leave no two empty lines in a row."""
    lines: list[str] = []
    for line in text.splitlines():
        if not line.strip():
            if lines and lines[-1]:
                lines.append("")
            continue
        found = HANGING.match(line)
        indent = " " * (found.end() if found else 0)
        lines += textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).rstrip() + "\n"
