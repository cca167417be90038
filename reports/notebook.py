"""The report inside a notebook: the page in a frame of its own, so that its style and the notebook's stay apart."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pathways import showing
from pathways.assess import default_base
from reports import documents

if TYPE_CHECKING:
    from pathways.assessment import Assessment


def framed(assessment: Assessment) -> str:
    """Return the HTML report in a frame; a plain summary if another rule base than the built-in one made it."""
    base = default_base()
    if assessment.rule_base.sha256 != base.sha256:
        return showing.summary(assessment)
    title = escape(f"Spinepath assessment of {assessment.case_id}", quote=True)
    page = escape(documents.html(assessment, base), quote=True)
    return f'<iframe title="{title}" srcdoc="{page}" style="width: 100%; height: 42rem; border: 0"></iframe>'
