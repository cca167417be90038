"""What the page of a report says beyond the assessment: pictures, why and why not, settled or open, what if."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pathways.explain import why, whynot
from pathways.explain.answers import plain
from pathways.explain.asking import ask
from pathways.explain.course import follow
from pathways.explain.graph import draw
from pathways.explain.levers import levers
from pathways.explain.names import CONCLUDED, Subject, conclusions, reference
from pathways.explain.settled import judge
from pathways.explain.singles import Singles
from pathways.explain.testing import shortened
from reports import words
from reports.chart import chart
from reports.picture import in_words, picture

if TYPE_CHECKING:
    from pathways.assessment import Assessment, Citation
    from pathways.explain.answers import Course, Lever, Moved, Questions, Settledness, Why, WhyNot
    from pathways.explain.names import Conclusion
    from rules.rulebase import RuleBase

ASKED = 3  # questions and tests told with their answers
PAIRS = 2  # facts that may differ together in a why not on the page
RULES = 2  # rules told for what moves


@dataclass(frozen=True)
class Explained:
    """Everything that the page explains, by kind and id of the conclusion where that applies."""

    picture: str
    picture_words: list[tuple[str, str, list[str], list[str]]]
    chart: str
    course: Course
    why: dict[tuple[str, str], Why]
    why_not: list[WhyNot]
    settled: dict[tuple[str, str], Settledness]
    questions: Questions
    levers: list[Lever]
    levers_json: str
    sources: list[Citation]


def explained(assessment: Assessment, base: RuleBase) -> Explained | None:
    """Explain an assessment for its page; None where other rules made it."""
    if assessment.rule_base.sha256 != base.sha256:
        return None
    subject = Subject(assessment, reference(base))
    singles = Singles(subject)
    asked = conclusions(base)
    drawn = [one for one in asked if subject.outcome(one) in CONCLUDED[one.kind]]
    open_ones = [one for one in asked if one not in drawn and one.kind != "red_flag"]
    told = [f"cause.{one.id}" for one in drawn if one.kind == "cause"]
    graph, course, found = draw(subject), follow(subject), levers(subject, singles)
    told_why = {(one.kind, one.id): why.explain(subject, one, told if one.kind == "pathway" else ()) for one in drawn}
    return Explained(
        picture=picture(graph, anchors=_anchors(assessment)),
        picture_words=in_words(graph),
        chart=chart(course),
        course=course,
        why=told_why,
        why_not=[_nearest(subject, one, singles) for one in open_ones],
        settled={(one.kind, one.id): one for one in judge(subject, asked, singles)},
        questions=ask(subject, ASKED, singles),
        levers=found,
        levers_json=_json(found),
        sources=[source for answer in told_why.values() for source in answer.chain.cited()],
    )


def _nearest(subject: Subject, asked: Conclusion, singles: Singles) -> WhyNot:
    """Return why not, with the nearest rule alone, shortened."""
    answer = whynot.explain(subject, asked, PAIRS, singles, most=1)
    nearest = [one.model_copy(update={"test": shortened(one.test, one.truth)}) for one in answer.needed]
    return answer.model_copy(update={"needed": nearest})


def _anchors(assessment: Assessment) -> set[str]:
    """Return the places of the page that the picture may lead to."""
    found = {"flags", *(f"cause-{cause.id}" for cause in words.leading(assessment))}
    found |= {f"pathway-{pathway.id}" for pathway in assessment.pathways}
    return found | {f"rule-finding-{name}" for name, truth in assessment.findings.items() if truth}


def _json(found: list[Lever]) -> str:
    """Return the answers to single changes as JSON that is safe inside a script element."""
    content = [
        {
            "fact": lever.fact,
            "question": lever.question,
            "now": plain(lever.now),
            "answers": [
                {"label": outcome.label, "moved": [_moved(moved) for moved in outcome.moved if _matters(moved)]}
                for outcome in lever.outcomes
            ],
        }
        for lever in found
    ]
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _matters(moved: Moved) -> bool:
    return {moved.before, moved.after} != {"not_indicated", "contraindicated"}


def _moved(moved: Moved) -> dict[str, Any]:
    name = words.STANDING | words.STATUS
    return {
        "kind": moved.kind.replace("_", " "),
        "title": moved.title,
        "before": name.get(moved.before, moved.before),
        "after": name.get(moved.after, moved.after),
        "look": moved.after,
        "by": [f"{rule.because} ({'no longer true' if not rule.after else rule.rule})" for rule in moved.rules[:RULES]],
    }
