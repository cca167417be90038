"""Why not: what keeps a conclusion from being drawn, and the smallest sets of facts that would have to differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways.explain.answers import Needed, WhyNot
from pathways.explain.flips import LARGEST, Found, Search
from pathways.explain.names import CONCLUDED, Conclusion, Subject, conclusion
from pathways.explain.rulebook import Entry, rulebook, rules_of
from pathways.explain.testing import lacking, tested
from pathways.explain.variants import LADDERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pathways.assessment import Assessment
    from pathways.case import Case
    from pathways.explain.singles import Singles
    from rules.inference import Reasoner
    from rules.language import Value
    from rules.rulebase import RuleBase

NEXT = {
    "cause": ("possible", "probable", "confirmed"),
    "pathway": ("to_be_considered", "next", "recommended_now", "urgent"),
}
CONFIRMED = "confirmed"
ORDER = {"urgent": 0, "now": 1, "consider": 2}


def whynot(about: Case | Assessment | Mapping[str, Value], name: str, reasoner: Reasoner | None = None) -> WhyNot:
    """Return why something is not concluded, or not more strongly, and what would have to differ.

    Raises QuestionError for an unknown name, with the nearest.
    """
    subject = Subject(about, reasoner)
    return explain(subject, conclusion(name, subject.base))


def explain(
    subject: Subject,
    asked: Conclusion,
    largest: int = LARGEST,
    singles: Singles | None = None,
    most: int | None = None,
) -> WhyNot:
    """Return why a conclusion of a judged case is not drawn; at most `largest` facts may differ.

    Single facts judged before, for many conclusions at once, make it quicker; so do fewer rules told (`most`).
    """
    outcome = subject.outcome(asked)
    wanted = wanted_outcomes(asked.kind, outcome)
    if wanted == (CONFIRMED,) and not _confirmable(subject.base, asked):
        wanted = ()
    found = Found([], [], largest)
    if wanted:
        found = Search(subject, asked, wanted, largest, thorough=singles is None).run(singles)
    return WhyNot(
        conclusion=asked.id,
        kind=asked.kind,
        title=asked.title,
        outcome=outcome,
        wanted=list(wanted),
        concluded=outcome in CONCLUDED[asked.kind],
        note=_note(subject, asked, found, largest),
        needed=_needed(subject, asked, most) if wanted else [],
        smallest=found.smallest,
        learnable=found.learnable,
        searched=found.searched,
    )


def wanted_outcomes(kind: str, outcome: str) -> tuple[str, ...]:
    """Return the outcomes that would be more than the present one: the next step up, or beyond."""
    ladder = LADDERS[kind]
    steps = NEXT.get(kind, (ladder[-1],))
    above = [step for step in steps if ladder.index(step) > ladder.index(outcome)]
    return ladder[ladder.index(above[0]) :] if above else ()


def _confirmable(base: RuleBase, asked: Conclusion) -> bool:
    return asked.kind != "cause" or any(rule.direction == "confirms" for rule in base.causes[asked.id].arguments)


def _note(subject: Subject, asked: Conclusion, found: Found, largest: int) -> str:
    outcome = subject.outcome(asked)
    if asked.kind == "cause" and subject.judged.standings[asked.id].considered is False:
        return subject.base.causes[asked.id].not_considered_because
    if asked.kind == "pathway" and subject.judged.statuses[asked.id].held:
        return "It is held until the emergency is dealt with."
    if outcome == LADDERS[asked.kind][-1]:
        return "Nothing stands higher."
    if asked.kind == "cause" and outcome == "probable" and not _confirmable(subject.base, asked):
        return "No rule can confirm this cause: probable is as high as it can stand."
    if found.smallest:
        return ""
    more = f"More than {found.searched} fact{'s' * (found.searched != 1)} would have to differ"
    return f"{more}." if found.searched >= largest else f"{more}; sets of up to {largest} were tried in part."


def _needed(subject: Subject, asked: Conclusion, most: int | None) -> list[Needed]:
    """Return the rules that would have to be otherwise, nearest first."""
    base, facts, book = subject.base, subject.judged.inference.facts, rulebook(subject.base)
    outcome = subject.outcome(asked)
    found: list[tuple[tuple[int, int, int, int], str, str]] = []
    for number, (rule_id, wanted) in enumerate(_otherwise(subject, asked)):
        lacks = lacking(base.conditions[rule_id], facts, base) if wanted == "true" else 1
        entry = book[rule_id]
        found.append(((_rank(entry, outcome), lacks, ORDER.get(entry.weight, 0), number), rule_id, wanted))
    return [_told(subject, rule_id, wanted, place[1]) for place, rule_id, wanted in sorted(found)[:most]]


def _told(subject: Subject, rule_id: str, wanted: str, lacks: int) -> Needed:
    entry, base, inference = rulebook(subject.base)[rule_id], subject.base, subject.judged.inference
    return Needed(
        rule=rule_id,
        role=f"{entry.role} ({entry.weight})" if entry.weight else entry.role,
        because=subject.telling.sentence(entry.because),
        truth=inference.truths[rule_id],
        wanted=wanted,
        lacks=lacks,
        test=tested(base.conditions[rule_id], inference.facts, base),
    )


def _rank(entry: Entry, outcome: str) -> int:
    """Return what comes first: what forbids it, then what would bring it about, then what would bring it forward."""
    if entry.role == "contraindication":
        in_the_way = entry.weight == "absolute" or outcome == "to_be_considered"
        return 1 if in_the_way else 4
    return {"considered when": 0, "red flag": 1, "indication": 2, "argument": 2}.get(entry.role, 3)


def _otherwise(subject: Subject, asked: Conclusion) -> Iterator[tuple[str, str]]:
    """Yield (rule, what would have to be) for the rules that stand in the way or are lacking."""
    truths, book = subject.judged.inference.truths, rulebook(subject.base)
    for rule_id in rules_of(subject.base, asked.kind, asked.id):
        entry, truth = book[rule_id], truths[rule_id]
        if entry.role == "prior":
            continue
        against = entry.role == "contraindication" or entry.weight.startswith(("against", "excludes"))
        if against and truth:
            yield rule_id, "not true"
        elif entry.role == "considered when":
            if truth is False:
                yield rule_id, "not false"
        elif not against and not truth:
            yield rule_id, "true"
