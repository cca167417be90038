"""Telling an assessment: terminal, page, paper, data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways import showing

if TYPE_CHECKING:
    from pathways.assessment import Assessment


def _in_a_notebook(assessment: Assessment) -> str:
    from reports.notebook import framed

    return framed(assessment)


showing.html_renderer = _in_a_notebook
