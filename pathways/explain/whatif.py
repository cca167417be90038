"""What if: a case with some facts changed, before and after side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways.assess import assess_facts
from pathways.consistency import impossible
from pathways.explain.answers import Changed, WhatIf
from pathways.explain.compare import differences
from pathways.explain.links import applied, followed
from pathways.explain.names import Subject, checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pathways.assessment import Assessment
    from pathways.case import Case
    from rules.inference import Reasoner
    from rules.language import Value
    from rules.rulebase import RuleBase


def whatif(
    about: Case | Assessment | Mapping[str, Value],
    changes: Mapping[str, object],
    reasoner: Reasoner | None = None,
) -> WhatIf:
    """Return what would be otherwise if some facts were otherwise; "unknown" (or None) takes a fact away.

    What a change implies is changed with it (a finding at a level is a finding); what it contradicts is said. Raises
    QuestionError for unknown facts and values that a fact cannot have.
    """
    subject = Subject(about, reasoner)
    wanted = {name: checked(name, value, subject.base) for name, value in changes.items()}
    change = followed(subject.base, subject.facts, wanted)
    facts = applied(subject.facts, change)
    before = assess_facts(subject.facts, subject.reasoner, case_id=subject.case_id)
    after = assess_facts(facts, subject.reasoner, case_id=subject.case_id)
    return WhatIf(
        case_id=subject.case_id,
        changes=_changes(subject, wanted, change),
        contradictions=_contradictions(subject.base, subject.facts, facts),
        comparison=differences(before, after),
    )


def _changes(subject: Subject, wanted: Mapping[str, Value | None], change: Mapping[str, Value | None]) -> list[Changed]:
    """Return each change asked for with what follows from it; what several imply together is told with the last."""
    told = set(wanted)
    found = []
    for name, value in wanted.items():
        alone = followed(subject.base, subject.facts, {name: value})
        last = name == list(wanted)[-1]
        follows = {
            other: after
            for other, after in change.items()
            if other not in told and (last or alone.get(other, ...) == after)
        }
        told |= set(follows)
        found.append(
            Changed(
                fact=name,
                question=subject.base.vocabulary[name].ask,
                before=subject.facts.get(name),
                after=value,
                follows=follows,
            )
        )
    return found


def _contradictions(base: RuleBase, before: Mapping[str, Value], after: Mapping[str, Value]) -> list[str]:
    known = {str(problem) for problem in impossible(before, base)}
    return [str(problem) for problem in impossible(after, base) if str(problem) not in known]
