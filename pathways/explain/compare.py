"""Two assessments side by side (two cases, two times, two rule bases): what differs, and which rules make it so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from pathways.assess import assess, default_reasoner
from pathways.assessment import Assessment
from pathways.explain.answers import Changed, Comparison, Moved, RuleMove, StepMove
from pathways.explain.variants import LADDERS
from pathways.standing import LEADING
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathways.assessment import CauseResult, PathwayResult
    from pathways.case import Case
    from rules.inference import Reasoner

Rules = dict[str, tuple["bool | None", str]]  # rule -> (its truth, its sentence)


def compare(
    before: Case | Assessment,
    after: Case | Assessment,
    reasoner: Reasoner | None = None,
    reasoner_after: Reasoner | None = None,
) -> Comparison:
    """Return what differs between two assessments, or two cases assessed by the same or by different rules."""
    reasoner = reasoner or default_reasoner()
    first = before if isinstance(before, Assessment) else assess(before, reasoner)
    second = after if isinstance(after, Assessment) else assess(after, reasoner_after or reasoner)
    return differences(first, second)


def read_assessment(text: str, name: str = "assessment") -> Assessment:
    """Read an assessment from its JSON. Raises CaseError if the text is none."""
    try:
        content = json.loads(text)
        return Assessment.model_validate({"schema_": content.pop("schema"), **content})
    except (ValueError, KeyError, AttributeError, TypeError, ValidationError, RecursionError) as error:
        message = f"not a Spinepath assessment in JSON ({type(error).__name__}: {str(error).splitlines()[0]})"
        raise CaseError(f"{name} cannot be compared", [Problem("", message)]) from None


def differences(before: Assessment, after: Assessment) -> Comparison:
    """Return what differs between two assessments."""
    moved = [*_flags(before, after), *_causes(before, after), *_pathways(before, after), *_criteria(before, after)]
    facts = _facts(before, after)
    return Comparison(
        before=before.case_id,
        after=after.case_id,
        rule_bases=_rule_bases(before, after),
        facts=facts,
        moved=moved,
        plan=_plan(before, after),
        note=_note(before, after, facts, moved),
    )


def _rule_bases(before: Assessment, after: Assessment) -> list[str]:
    if before.rule_base == after.rule_base:
        return []
    return [
        f"{base.version} ({base.sha256[:12]}){', overlay ' + ', '.join(base.overlays) if base.overlays else ''}"
        for base in (before.rule_base, after.rule_base)
    ]


def _note(before: Assessment, after: Assessment, facts: list[Changed], moved: list[Moved]) -> str:
    if before.rule_base != after.rule_base:
        cause = "The rules differ" + (" and so do the facts." if facts else "; the facts are the same.")
        return cause if moved else f"{cause} Nothing moved."
    if not facts:
        return "The facts and the rules are the same."
    return "" if moved else "The facts differ, but no conclusion moved."


def _facts(before: Assessment, after: Assessment) -> list[Changed]:
    labels = {**after.fact_labels, **before.fact_labels}
    names = sorted({*before.facts, *after.facts})
    return [
        Changed(fact=name, question=labels[name], before=before.facts.get(name), after=after.facts.get(name))
        for name in names
        if before.facts.get(name) != after.facts.get(name)
    ]


def _flags(before: Assessment, after: Assessment) -> Iterator[Moved]:
    then = {flag.id: flag for flag in before.red_flags}
    now = {flag.id: flag for flag in after.red_flags}
    truths = {"present": True, "absent": False, "unknown": None}
    for name, flag in {**then, **now}.items():
        was, is_ = (side[name].status if name in side else "unknown" for side in (then, now))
        if was != is_:
            shown = now.get(name) if is_ == "present" else then.get(name, flag)
            because = shown.because if shown else flag.because
            move = RuleMove(rule=f"red_flag.{name}", before=truths[was], after=truths[is_], because=because)
            yield Moved(kind="red_flag", id=name, title=flag.title, before=was, after=is_, rules=[move])


def _causes(before: Assessment, after: Assessment) -> list[Moved]:
    then = {cause.id: cause for cause in before.causes}
    now = {cause.id: cause for cause in after.causes}
    found = []
    for name in {**now, **then}:
        one, other = then.get(name), now.get(name)
        shown = other or one
        was = one.standing if one else "not among the causes"
        is_ = other.standing if other else "not among the causes"
        scores = (one.score if one else None, other.score if other else None)
        in_view = was in LEADING or is_ in LEADING
        if shown and (was != is_ or (in_view and scores[0] != scores[1])):
            rules = _moves(_of_cause(one), _of_cause(other))
            found.append(
                Moved(
                    kind="cause",
                    id=name,
                    title=shown.title,
                    before=was,
                    after=is_,
                    score_before=scores[0],
                    score_after=scores[1],
                    rules=rules,
                )
            )
    return sorted(found, key=lambda m: (m.before == m.after, -_rise(m)))


def _rise(moved: Moved) -> int:
    """Return how far a conclusion moved, up or down."""
    ladder = LADDERS[moved.kind]
    if moved.before not in ladder or moved.after not in ladder:
        return 0
    return abs(ladder.index(moved.after) - ladder.index(moved.before))


def _of_cause(cause: CauseResult | None) -> Rules:
    if cause is None:
        return {}
    rules: Rules = {argument.rule: (True, argument.because) for argument in cause.arguments}
    rules |= {argument.rule: (None, argument.because) for argument in cause.unknown}
    if cause.considered is False:
        rules[f"{cause.id}.considered_when"] = (False, cause.note)
    else:
        rules[f"{cause.id}.considered_when"] = (cause.considered, "It can be considered here.")
    rules[f"prior of {cause.prior.share:.1%}"] = (True, cause.prior.because)
    return rules


def _pathways(before: Assessment, after: Assessment) -> list[Moved]:
    then = {pathway.id: pathway for pathway in before.pathways}
    now = {pathway.id: pathway for pathway in after.pathways}
    found = []
    for name in {**now, **then}:
        one, other = then.get(name), now.get(name)
        shown = other or one
        was = one.status if one else "not among the pathways"
        is_ = other.status if other else "not among the pathways"
        if shown and was != is_:
            rules = _moves(_of_pathway(one), _of_pathway(other))
            found.append(Moved(kind="pathway", id=name, title=shown.title, before=was, after=is_, rules=rules))
    return sorted(found, key=lambda m: -_rise(m))


def _of_pathway(pathway: PathwayResult | None) -> Rules:
    if pathway is None:
        return {}
    rules: Rules = {reason.rule: (True, reason.because) for reason in (*pathway.reasons, *pathway.cautions)}
    rules |= {rule.rule: (None, rule.because) for rule in pathway.open}
    rules |= {rule.rule: (None if rule.facts else False, f"First: {rule.text}") for rule in pathway.waits_for}
    if pathway.held_by_emergency:
        rules["red flags"] = (True, "An emergency holds everything elective.")
    return rules


def _moves(before: Rules, after: Rules) -> list[RuleMove]:
    """Return the rules with another truth: those that became or ceased to be true first."""
    found = []
    for rule in {**after, **before}:
        was, is_ = before.get(rule, (False, ""))[0], after.get(rule, (False, ""))[0]
        if was != is_:
            because = (after if rule in after else before)[rule][1]
            found.append(RuleMove(rule=rule, before=was, after=is_, because=because))
    return sorted(found, key=lambda move: True not in (move.before, move.after))


def _criteria(before: Assessment, after: Assessment) -> Iterator[Moved]:
    then = {criteria.id: criteria for criteria in before.criteria}
    words = {"met": True, "unmet": False, "unknown": None}
    for criteria in after.criteria:
        if criteria.id not in then:
            continue
        was = {item.id: item.status for item in then[criteria.id].items}
        rules = [
            RuleMove(rule=item.id, before=words[was[item.id]], after=words[item.status], because=item.says)
            for item in criteria.items
            if item.id in was and was[item.id] != item.status
        ]
        if rules:
            counts = [f"{c.met} met, {c.unmet} unmet, {c.unknown} unknown" for c in (then[criteria.id], criteria)]
            yield Moved(
                kind="criteria", id=criteria.id, title=criteria.title, before=counts[0], after=counts[1], rules=rules
            )


def _plan(before: Assessment, after: Assessment) -> list[StepMove]:
    """Return every pathway of either plan with its step before and after, in the order of the plan after."""
    then = {name: step.step for step in before.plan for name in step.pathways}
    now = {name: step.step for step in after.plan for name in step.pathways}
    titles = {pathway.id: pathway.title for pathway in (*before.pathways, *after.pathways)}
    return [
        StepMove(pathway=name, title=titles[name], before=then.get(name), after=now.get(name))
        for name in {**now, **then}
    ]
