"""Every form of an assessment that is a document: which function makes it, and what it is written as."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathways.assessment import Assessment
    from rules.rulebase import RuleBase


def document(assessment: Assessment, base: RuleBase, form: str, suffix: str = "") -> str | bytes:
    """Return an assessment as html, md, json, note, letter, leaflet, pdf or leaflet-pdf.

    A letter and a leaflet come as HTML, plain text or PDF by the suffix of the file they go to (such as `.txt`);
    without one a letter is text and a leaflet is HTML. PDF is bytes, the rest is text.
    Raises MissingExtraError for PDF without the typst package.
    """
    if form == "json":
        return assessment.json_text()
    if form in ("html", "md"):
        from reports import documents

        return (documents.html if form == "html" else documents.markdown)(assessment, base)
    if form == "pdf":
        from reports import pdf

        return pdf.report_pdf(assessment, base)
    if form == "letter":
        return _letter(assessment, suffix)
    if form in ("leaflet", "leaflet-pdf"):
        return _leaflet(assessment, base, ".pdf" if form == "leaflet-pdf" else suffix)
    from reports import readers

    return readers.note(assessment)


def _letter(assessment: Assessment, suffix: str) -> str | bytes:
    if suffix == ".pdf":
        from reports import pdf

        return pdf.letter_pdf(assessment)
    from reports import readers

    return (readers.letter_html if suffix in (".html", ".htm") else readers.letter_text)(assessment)


def _leaflet(assessment: Assessment, base: RuleBase, suffix: str) -> str | bytes:
    if suffix == ".pdf":
        from reports import pdf

        return pdf.leaflet_pdf(assessment, base)
    from reports import readers

    return (readers.leaflet_text if suffix in (".txt", ".text", ".md") else readers.leaflet_html)(assessment, base)
