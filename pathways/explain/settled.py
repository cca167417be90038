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

BOUND, FACT, SOLVER = "bound", "one fact", "solver"


def settled(
    about: Case | Assessment | Mapping[str, Value],
    names: str | list[str] | None = None,
    reasoner: Reasoner | None = None,
    *,
    exact: bool = False,
) -> list[Settledness]:
    """Return, for each conclusion named (or all), whether it is settled; open ones name the facts that matter.

    "Settled" is only said when it is shown. The bound that shows it looks at each rule by itself and may leave open
    what is settled; `exact` asks the Z3 solver about what is not shown either way. Raises QuestionError for an unknown
    name, and MissingExtraError where `exact` is asked for without Z3.
    """
    subject = Subject(about, reasoner)
    wanted = [names] if isinstance(names, str) else names
    asked = conclusions(subject.base) if wanted is None else [conclusion(name, subject.base) for name in wanted]
    return judge(subject, asked, exact=exact)


def judge(
    subject: Subject, asked: list[Conclusion], singles: Singles | None = None, *, exact: bool = False
) -> list[Settledness]:
    """Return settled or open for conclusions of a judged case."""
    reach = Reach(subject.base, subject.facts)
    singles = singles or Singles(subject, unknown_only=True)
    found = [_one(subject, one, reach, singles) for one in asked]
    if not exact:
        return found
    return [_solved(subject, one, answer) for one, answer in zip(asked, found, strict=True)]


def _one(subject: Subject, asked: Conclusion, reach: Reach, singles: Singles) -> Settledness:
    outcome = subject.outcome(asked)
    could = reach.outcomes(asked.kind, asked.id) - {outcome}
    facts = _open_facts(subject, asked, reach) if could else []
    alone = [fact for fact in singles.movers(asked) if fact in facts] if could else []
    return Settledness(
        kind=asked.kind,
        id=asked.id,
        title=asked.title,
        outcome=outcome,
        settled=not could,
        could_be=sorted(could, key=LADDERS[asked.kind].index, reverse=True),
        facts=facts,
        alone=alone,
        together={},
        shown_by=FACT if alone else "" if could else BOUND,
    )


def _solved(subject: Subject, asked: Conclusion, answer: Settledness) -> Settledness:
    """Ask the solver where neither the bound nor a single fact has shown it."""
    from pathways.explain.exact import exactly

    if answer.shown_by:
        return answer
    decided = exactly(subject, asked)
    if decided is True:
        return answer.model_copy(
            update={"settled": True, "could_be": [], "facts": [], "together": {}, "shown_by": SOLVER}
        )
    return answer.model_copy(update={"together": decided, "shown_by": SOLVER}) if decided else answer


def _open_facts(subject: Subject, asked: Conclusion, reach: Reach) -> list[str]:
    """Return the unknown facts behind the rules that may still turn out either way."""
    base = subject.base
    undecided = [rule_id for rule_id in deciding(base, asked.kind, asked.id) if _either(reach.rule(rule_id))]
    behind = rests_on(base, undecided)
    return [name for name in base.vocabulary if name in behind and name not in subject.facts]


def _either(truths: int) -> bool:
    return bool(truths & T) and truths != T
