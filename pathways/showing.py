"""How an assessment shows itself in a notebook. `reports` registers its page here, so nothing is imported upward."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pathways.assessment import Assessment

html_renderer: Callable[[Assessment], str] | None = None


def html(assessment: Assessment) -> str:
    """Return what a notebook shows: the registered page, or a plain summary."""
    return html_renderer(assessment) if html_renderer else summary(assessment)


def summary(assessment: Assessment) -> str:
    """Return the red flags, the causes in view and the plan as plain HTML."""
    titles = {pathway.id: pathway.title for pathway in assessment.pathways}
    flags = [f"{flag.title}: {flag.action}" for flag in assessment.present_red_flags]
    causes = [
        f"{cause.title}: {cause.standing}"
        for cause in assessment.causes
        if cause.standing in ("confirmed", "probable", "possible")
    ]
    plan = [f"{', '.join(titles[name] for name in step.pathways)} ({step.when})" for step in assessment.plan]
    parts = (
        _list("Red flags", flags, "None is recorded; that does not exclude an emergency."),
        _list("Causes", causes, "Nothing known so far argues for a particular cause."),
        _list("Plan", plan, "No pathway is indicated by what is known."),
    )
    title = escape(f"Spinepath assessment of {assessment.case_id}")
    return f"<div><h3>{title}</h3>{''.join(parts)}<p>Decision support, not clinically validated.</p></div>"


def _list(heading: str, lines: list[str], otherwise: str) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h4>{heading}</h4>" + (f"<ul>{items}</ul>" if items else f"<p>{escape(otherwise)}</p>")
