"""assess(case) -> Assessment: the one way from a case to a result."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING

from pathways import inquiry, standing, status
from pathways.assessment import SCHEMA_VERSION, Assessment, PlanStep, RuleBaseInfo
from pathways.facts import project
from pathways.telling import Telling
from rules.inference import Reasoner
from rules.rulebase import RuleBase, load
from rules.support import Grounds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pathways.case import Case
    from rules.inference import Inference
    from rules.language import Value

VERSION = "0.1.0"
HOLDING = ("immediate", "same_day")


@cache
def default_base() -> RuleBase:
    """Return the knowledge that comes with the package (read once)."""
    return load()


@cache
def default_reasoner() -> Reasoner:
    """Return both engines over that knowledge (made ready once)."""
    return Reasoner(default_base())


class Judged:
    """The conclusions for one case, before they are told: inference, standings and statuses."""

    def __init__(self, reasoner: Reasoner, facts: Mapping[str, Value]) -> None:
        """Infer, weigh and decide for the facts of one case."""
        base = reasoner.base
        self.base = base
        self.reasoner = reasoner
        self.inference: Inference = reasoner.judge(facts)
        truths = self.inference.truths
        self.standings = {name: standing.stand(cause, truths, base.weights) for name, cause in base.causes.items()}
        known = {name: standing.standing_fact(result) for name, result in self.standings.items()}
        reasoner.decide(self.inference, {f"cause.{name}": value for name, value in known.items() if value is not None})
        self.emergency = any(
            truths[f"red_flag.{name}"] and flag.urgency in HOLDING for name, flag in base.red_flags.items()
        )
        self.statuses = {
            name: status.status_of(pathway, truths, emergency=self.emergency) for name, pathway in base.pathways.items()
        }

    @cached_property
    def grounds(self) -> Grounds:
        """What every truth rests on, and what every unknown lacks."""
        return Grounds(self.base.conditions, self.inference.facts)

    def ranked_causes(self) -> list[str]:
        """Return the causes, best standing first, then by score, then by name."""

        def key(name: str) -> tuple[int, int, str]:
            result = self.standings[name]
            return standing.ORDER.index(result.name), -result.score, name

        return sorted(self.standings, key=key)

    def ranked_pathways(self) -> list[str]:
        """Return the pathways, most pressing status first, then by stage, then by name."""

        def key(name: str) -> tuple[int, int, str]:
            return status.ORDER.index(self.statuses[name].name), self.base.pathways[name].stage, name

        return sorted(self.statuses, key=key)


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
