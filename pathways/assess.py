"""assess(case) -> Assessment: the one way from a case to a result."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pathways import inquiry, status
from pathways.assessment import SCHEMA_VERSION, Assessment, PlanStep, RuleBaseInfo
from pathways.facts import project
from pathways.judged import Judged
from pathways.telling import Telling
from rules.inference import Reasoner
from rules.rulebase import RuleBase, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pathways.case import Case
    from rules.language import Value

VERSION = "0.1.0"


@cache
def default_base() -> RuleBase:
    """Return the knowledge that comes with the package (read once)."""
    return load()


@cache
def default_reasoner() -> Reasoner:
    """Return both engines over that knowledge (made ready once)."""
    return Reasoner(default_base())


def judge(facts: Mapping[str, Value], reasoner: Reasoner | None = None) -> Judged:
    """Judge flat facts: conclusions without their telling."""
    return Judged(reasoner or default_reasoner(), facts)


def assess(case: Case, reasoner: Reasoner | None = None) -> Assessment:
    """Assess one case. Deterministic: the same case and rule base give the same bytes.

    Raises EnginesDisagreeError if durable-rules and the reference differ.
    """
    reasoner = reasoner or default_reasoner()
    facts = project(case, reasoner.base)
    content = case.model_dump(exclude_defaults=True)
    return assess_facts(facts, reasoner, case_id=case.case_id, content=content)


def assess_facts(
    facts: Mapping[str, Value],
    reasoner: Reasoner | None = None,
    *,
    case_id: str = "case",
    content: object = None,
) -> Assessment:
    """Assess flat facts, such as a row of a table."""
    reasoner = reasoner or default_reasoner()
    judged = Judged(reasoner, facts)
    reasoner.memory.next_case()
    base = reasoner.base
    telling = Telling(reasoner, judged.inference, judged.grounds)
    steps = status.plan(base.pathways.values(), judged.statuses)
    return Assessment(
        schema_=SCHEMA_VERSION,
        case_id=case_id,
        package_version=VERSION,
        rule_base=RuleBaseInfo(
            version=base.version,
            sha256=base.sha256,
            overlays=list(base.overlays),
            switched_off=list(base.switched_off),
        ),
        engines=reasoner.engines,
        engine_note=reasoner.unavailable,
        facts=dict(facts),
        findings=telling.findings(),
        red_flags=telling.red_flags(),
        causes=[telling.cause(name, judged.standings[name]) for name in judged.ranked_causes()],
        pathways=[telling.pathway(name, judged.statuses[name]) for name in judged.ranked_pathways()],
        plan=[
            PlanStep(step=number, pathways=list(step.pathways), when=step.when, gate=telling.gate(step.pathways))
            for number, step in enumerate(steps, 1)
        ],
        missing=inquiry.missing(judged),
        criteria=telling.criteria(),
        disagreements=telling.disagreements(),
        trace=judged.inference.trace,
        fact_labels=telling.labels(facts),
        case=content if isinstance(content, dict) else {},
    )
