"""Settled or open: could any completion of the unknown facts still change a conclusion?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways.explain.answers import Settledness
from pathways.explain.names import Conclusion, Subject, conclusion, conclusions
from pathways.explain.reach import Reach, T
from pathways.explain.rulebook import deciding, rests_on
from pathways.explain.singles import Singles
from pathways.explain.variants import LADDERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pathways.assessment import Assessment
    from pathways.case import Case
    from rules.inference import Reasoner
    from rules.language import Value

BOUND = "bound"


def settled(
    about: Case | Assessment | Mapping[str, Value],
    names: str | list[str] | None = None,
    reasoner: Reasoner | None = None,
) -> list[Settledness]:
    """Return, for each conclusion named (or all), whether it is settled; open ones name the facts that matter.

    "Settled" is only said when it is shown: by a bound that looks at each rule by itself. A conclusion may be settled
    and not shown to be; `exact` asks a solver. Raises QuestionError for an unknown name.
    """
    subject = Subject(about, reasoner)
    wanted = [names] if isinstance(names, str) else names
    asked = conclusions(subject.base) if wanted is None else [conclusion(name, subject.base) for name in wanted]
    return judge(subject, asked)


def judge(subject: Subject, asked: list[Conclusion], singles: Singles | None = None) -> list[Settledness]:
    """Return settled or open for conclusions of a judged case."""
    reach = Reach(subject.base, subject.facts)
    singles = singles or Singles(subject, unknown_only=True)
    return [_one(subject, one, reach, singles) for one in asked]


def _one(subject: Subject, asked: Conclusion, reach: Reach, singles: Singles) -> Settledness:
    outcome = subject.outcome(asked)
    could = reach.outcomes(asked.kind, asked.id) - {outcome}
    ladder = LADDERS[asked.kind]
    facts = _open_facts(subject, asked, reach) if could else []
    return Settledness(
        kind=asked.kind,
        id=asked.id,
        title=asked.title,
        outcome=outcome,
        settled=not could,
        could_be=sorted(could, key=ladder.index, reverse=True),
        facts=facts,
        alone=[fact for fact in singles.movers(asked) if fact in facts] if could else [],
        shown_by=BOUND if not could else "",
    )


def _open_facts(subject: Subject, asked: Conclusion, reach: Reach) -> list[str]:
    """Return the unknown facts behind the rules that may still turn out either way."""
    base = subject.base
    undecided = [rule_id for rule_id in deciding(base, asked.kind, asked.id) if _either(reach.rule(rule_id))]
    behind = rests_on(base, undecided)
    return [name for name in base.vocabulary if name in behind and name not in subject.facts]


def _either(truths: int) -> bool:
    return bool(truths & T) and truths != T
