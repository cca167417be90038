"""Paper: the report and the short pages as tagged PDF (PDF/UA-1), by Typst. No network, the same bytes every time.

The templates are Typst files that read their text as JSON, so no text of a case or rule can be taken for markup.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
from typing import TYPE_CHECKING, Any

from pathways.telling import in_words
from reports import words
from reports.documents import TEMPLATES, cited, shown_rules
from reports.leaflet import leaflet
from reports.letter import letter
from rules.problems import Problem, SpinepathError

if TYPE_CHECKING:
    from pathways.assessment import Assessment
    from reports.pages import Page
    from rules.rulebase import RuleBase

STANDARD = "ua-1"
MISSING = "PDF needs the package `typst`: install it with `pip install 'spinepath[pdf]'` (or `pip install typst`)"


class MissingExtraError(SpinepathError):
    """An optional package is not installed."""


def report_pdf(assessment: Assessment, base: RuleBase) -> bytes:
    """Return the full report as PDF. Raises MissingExtraError without the typst package."""
    return _compile("report.typ", _report(assessment, base))


def leaflet_pdf(assessment: Assessment, base: RuleBase) -> bytes:
    """Return the patient leaflet as PDF. Raises MissingExtraError without the typst package."""
    return _page(leaflet(assessment, base), "leaflet")


def letter_pdf(assessment: Assessment) -> bytes:
    """Return the letter to the referring doctor as PDF. Raises MissingExtraError without the typst package."""
    return _page(letter(assessment), "letter")


def _page(page: Page, kind: str) -> bytes:
    return _compile("page.typ", dataclasses.asdict(page) | {"kind": kind})


def _compile(template: str, data: dict[str, Any]) -> bytes:
    try:
        typst: Any = importlib.import_module("typst")
    except ImportError:
        raise MissingExtraError("no PDF can be made", [Problem("", MISSING)]) from None
    made: bytes = typst.compile(
        (TEMPLATES / template).read_bytes(),
        root=TEMPLATES,
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=STANDARD,
    )
    return made


def _report(assessment: Assessment, base: RuleBase) -> dict[str, Any]:
    """Return everything that report.typ shows."""
    data = assessment.data()
    leading = [cause.id for cause in words.leading(assessment)]
    shown = [
        pathway.id
        for pathway in assessment.pathways
        if pathway.status != "not_indicated" and (pathway.status != "contraindicated" or pathway.reasons)
    ]
    return data | {
        "title": f"Persistent pain after spine surgery: assessment of {assessment.case_id}",
        "audience": f"{words.AUDIENCE} Decision support, not clinically validated.",
        "paragraph": words.paragraph(assessment),
        "leading": [cause for cause in data["causes"] if cause["id"] in leading],
        "quiet": _quiet(assessment),
        "shown": [pathway for pathway in data["pathways"] if pathway["id"] in shown],
        "rest": [pathway.title for pathway in assessment.pathways if pathway.id not in shown],
        "titles": {pathway.id: pathway.title for pathway in assessment.pathways}
        | {cause.id: cause.title for cause in assessment.causes}
        | {flag.id: flag.title for flag in assessment.red_flags},
        "stated": [
            [name, in_words(value), assessment.fact_labels[name]]
            for name, value in assessment.facts.items()
            if value is not False or not (name.startswith(("index.", "surgery.")) or name.count(".") > 1)
        ],
        "rules_shown": shown_rules(assessment, base),
        "sources_shown": [[s.key, s.cite, words.link(s)] for s in cited(assessment)],
        "limits": words.LIMITS,
        "words": {"standing": words.STANDING, "status": words.STATUS, "urgency": words.URGENCY},
        "foot": words.provenance(assessment),
    }


def _quiet(assessment: Assessment) -> list[list[str]]:
    """Return the standings with nothing in view, each with the causes that have it."""
    groups = []
    for name in ("nothing_to_say", "unlikely", "excluded"):
        titles = [cause.title for cause in assessment.causes if cause.standing == name]
        if titles:
            groups.append([words.STANDING[name].capitalize(), "; ".join(titles)])
    return groups
