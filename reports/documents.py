"""The reports that are documents, made with Jinja2: one self-contained HTML page, and Markdown."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pathways.explain.answers import plain
from reports import words
from rules.wording import in_words

if TYPE_CHECKING:
    from pathways.assessment import Assessment, Citation
    from rules.rulebase import RuleBase

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """Return the Jinja2 environment: HTML is escaped, an unknown name is an error."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: bool(name) and ".html" in str(name),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {"outcome": words.outcome, "plain": plain, "short": words.short, "capitalize_first": _capitalized}
    env.filters |= {"link": words.link, "value": _value, "anchor": _anchor, "lower_first": words.lower_first}
    env.globals |= {
        "STANDING": words.STANDING,
        "STATUS": words.STATUS,
        "URGENCY": words.URGENCY,
        "DIRECTION": words.DIRECTION,
        "AUDIENCE": words.AUDIENCE,
        "LIMITS": words.LIMITS,
    }
    return env


def html(assessment: Assessment, base: RuleBase, *, criteria: bool = True, explain: bool = True) -> str:
    """Return the report as one HTML page that needs no network; `explain` adds pictures, why not and what if."""
    from reports.explained import explained

    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    script = (TEMPLATES / "whatif.js").read_text(encoding="utf-8")
    found = explained(assessment, base) if explain else None
    sources = {source.key: source for source in (*(found.sources if found else ()), *cited(assessment))}
    return _render(
        "report.html.jinja",
        assessment,
        base,
        style=style,
        script=script,
        criteria=criteria,
        e=found,
        sources=[sources[key] for key in sorted(sources)],
    )


def markdown(assessment: Assessment, base: RuleBase, *, criteria: bool = True) -> str:
    """Return the report as Markdown."""
    return _render("report.md.jinja", assessment, base, criteria=criteria)


def _render(template: str, assessment: Assessment, base: RuleBase, **more: Any) -> str:
    more.setdefault("sources", cited(assessment))
    return (
        environment()
        .get_template(template)
        .render(
            a=assessment,
            paragraph=words.paragraph(assessment),
            leading=words.leading(assessment),
            active=words.active(assessment),
            titles={p.id: p.title for p in assessment.pathways}
            | {c.id: c.title for c in assessment.causes}
            | {f.id: f.title for f in assessment.red_flags},
            asked_first=[m for m in assessment.missing if m.key_red_flag],
            rules=shown_rules(assessment, base),
            **more,
        )
    )


def cited(assessment: Assessment) -> list[Citation]:
    """Return every source that the report cites, once, by key."""
    found: dict[str, Citation] = {}
    for flag in assessment.present_red_flags:
        found |= {s.key: s for s in flag.sources}
    for cause in words.leading(assessment):
        found |= {s.key: s for s in cause.prior.sources}
        for argument in cause.arguments:
            found |= {s.key: s for s in argument.sources}
    for pathway in assessment.pathways:
        if pathway.status != "not_indicated":
            for reason in (*pathway.reasons, *pathway.cautions, *pathway.prepare):
                found |= {s.key: s for s in reason.sources}
            for line in (*pathway.evidence, *pathway.harms, *pathway.grades):
                found |= {s.key: s for s in line.sources}
    for item in assessment.disagreements:
        for position in item.positions:
            found |= {s.key: s for s in position.sources}
    for criteria in assessment.criteria:
        found |= {s.key: s for s in criteria.sources}
    return [found[key] for key in sorted(found)]


def shown_rules(assessment: Assessment, base: RuleBase) -> list[tuple[str, str]]:
    """Return (rule id, condition in words) for every rule that the report shows as fired."""
    ids = [f"red_flag.{flag.id}" for flag in assessment.present_red_flags]
    for cause in words.leading(assessment):
        ids += [argument.rule for argument in cause.arguments]
    for pathway in assessment.pathways:
        if pathway.status != "not_indicated":
            ids += [r.rule for r in (*pathway.reasons, *pathway.cautions, *pathway.prepare)]
            ids += [r.rule for r in pathway.waits_for]
    ids += [f"finding.{name}" for name, truth in assessment.findings.items() if truth]
    return [(name, in_words(base.conditions[name], base.vocabulary)) for name in dict.fromkeys(ids)]


def _value(value: object) -> str:
    return "yes" if value is True else "no" if value is False else str(value)


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _anchor(name: str) -> str:
    return name.replace(".", "-")
