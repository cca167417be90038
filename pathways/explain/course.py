"""The course of the reasoning: how causes rise and fall as history, examination, imaging and tests come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways.explain.answers import Course, Line, Stage
from pathways.explain.names import Subject
from pathways.explain.variants import LADDERS, Variants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pathways.assessment import Assessment
    from pathways.case import Case
    from rules.inference import Reasoner
    from rules.language import Value
    from rules.rulebase import RuleBase

STAGES = ("history", "examination", "imaging", "tests and procedures")
PROCEDURES = ("labs", "emg", "vessels", "blocks", "discography", "outcomes")
LINES = 6
IN_VIEW = ("possible", "probable", "confirmed")


def course(about: Case | Assessment | Mapping[str, Value], reasoner: Reasoner | None = None) -> Course:
    """Return how each cause that comes into view stands at every stage; stages that add nothing are left out."""
    return follow(Subject(about, reasoner))


def follow(subject: Subject) -> Course:
    """Return the course of a case."""
    base, facts = subject.base, subject.facts
    stage_of = {name: stage(name, base) for name in facts}
    stages = [name for name in STAGES if name in stage_of.values()]
    everywhere = (1 << len(stages)) - 1
    changes: dict[str, dict[Value | None, int]] = {
        name: {value: everywhere & -(1 << stages.index(stage_of[name]))} for name, value in facts.items()
    }
    judged = Variants(base, {}, len(stages), changes)
    lines = [_line(judged, name, stages) for name in base.causes]
    seen = [line for line in lines if any(at.outcome in IN_VIEW for at in line.stages)]
    return Course(
        stages=stages,
        counts=[list(stage_of.values()).count(name) for name in stages],
        flags=[_flags(judged, number) for number in range(len(stages))],
        lines=sorted(seen, key=_rank)[:LINES],
    )


def stage(fact: str, base: RuleBase) -> str:
    """Return the stage at which a fact becomes known."""
    section = base.vocabulary[fact].section
    if section == "exam":
        return STAGES[1]
    if section in base.catalogue.modalities:
        return STAGES[2]
    return STAGES[3] if section in PROCEDURES else STAGES[0]


def _line(judged: Variants, name: str, stages: list[str]) -> Line:
    outcomes, scores = judged.standing(name), judged.scores(name)
    return Line(
        id=name,
        title=judged.base.causes[name].title,
        stages=[
            Stage(
                stage=label,
                outcome=next(outcome for outcome, where in outcomes.items() if where >> number & 1),
                score=next(score for score, where in scores.items() if where >> number & 1),
            )
            for number, label in enumerate(stages)
        ],
    )


def _rank(line: Line) -> tuple[int, int, str]:
    ladder = LADDERS["cause"]
    last = line.stages[-1]
    return -ladder.index(last.outcome), -last.score, line.id


def _flags(judged: Variants, number: int) -> list[str]:
    """Return the red flags that are present at a stage."""
    return [name for name in judged.base.red_flags if judged.truth(f"red_flag.{name}")[0] >> number & 1]
