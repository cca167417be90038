"""What another rule base concludes of the same cases: whose conclusions move, from what to what, by which rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pathways import library
from pathways.assess import assess_facts
from pathways.explain.compare import differences
from pathways.facts import project
from pathways.judged import Judged
from rules.problems import CaseError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pathways.facts import Facts
    from rules.inference import Reasoner
    from rules.rulebase import RuleBase

# What no report brings up: for what one rule base does not know, a change among these is none.
SILENT = {
    "nothing_to_say",
    "unlikely",
    "excluded",
    "not among the causes",
    "not_indicated",
    "contraindicated",
    "not among the pathways",
    "absent",
    "unknown",
}


@dataclass(frozen=True)
class Shift:
    """One conclusion about one case that is another one by the new rules."""

    case: str
    kind: str
    id: str
    title: str
    before: str
    after: str
    rules: tuple[str, ...]


def shifts(
    old: Reasoner, new: Reasoner, cases: Iterable[tuple[str, Facts, Facts]], changed: Collection[str] = ()
) -> Iterator[Shift]:
    """Yield every conclusion that moves. A case comes as (name, facts as the old base reads it, as the new one does).

    `changed` holds the ids of rules that were edited: they are named where they fire, even if their truth is the same.
    """
    for name, then, now in cases:
        was, is_ = Judged(old, then), Judged(new, now)
        if _conclusions(was) == _conclusions(is_):
            continue
        told = differences(assess_facts(then, old, case_id=name), assess_facts(now, new, case_id=name))
        for moved in told.moved:
            shared = moved.id in _known(moved.kind, was) & _known(moved.kind, is_)
            silent = {moved.before, moved.after} <= SILENT and not shared
            if moved.before != moved.after and not silent:
                telling = [move.rule for move in moved.rules if True in (move.before, move.after)]
                rules = dict.fromkeys(telling or [move.rule for move in moved.rules])
                rules |= dict.fromkeys(_edited(moved.id, changed, was, is_))
                yield Shift(name, moved.kind, moved.id, moved.title, moved.before, moved.after, tuple(rules))


def _known(kind: str, judged: Judged) -> set[str]:
    base = judged.base
    kinds: dict[str, Collection[str]] = {
        "cause": base.causes,
        "pathway": base.pathways,
        "red_flag": base.red_flags,
        "criteria": base.criteria,
    }
    return set(kinds.get(kind, ()))


def _conclusions(judged: Judged) -> dict[str, Any]:
    truths = judged.inference.truths
    found: dict[str, Any] = {f"red_flag.{name}": truths[f"red_flag.{name}"] for name in judged.base.red_flags}
    found |= {f"cause.{name}": result.name for name, result in judged.standings.items()}
    found |= {f"pathway.{name}": result.name for name, result in judged.statuses.items()}
    return found | {item.id: truths[item.id] for criteria in judged.base.criteria.values() for item in criteria.items}


def _edited(owner: str, changed: Collection[str], *sides: Judged) -> list[str]:
    """Return the edited rules of an owner that fire on either side."""
    return [
        rule
        for rule in changed
        if rule.startswith(f"{owner}.") and any(side.inference.truths.get(rule) for side in sides)
    ]


def library_pairs(old: RuleBase, new: RuleBase) -> Iterator[tuple[str, Facts, Facts]]:
    """Yield every library case as both rule bases read it.

    A case that says what one of them knows no word for comes to it without that. Raises CaseError if neither reads it.
    """
    for name in library.names():
        yield name, _read(name, old, new), _read(name, new, old)


def _read(name: str, base: RuleBase, other: RuleBase) -> Facts:
    try:
        return project(library.read(name, base).case, base)
    except CaseError:
        facts = project(library.read(name, other).case, other)
        return {fact: value for fact, value in facts.items() if fact in base.vocabulary}
