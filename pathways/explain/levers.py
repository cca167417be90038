"""The most influential facts of a case: what each other value would move, worked out ahead for a page to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways.explain.answers import Lever
from pathways.explain.asking import outcomes
from pathways.explain.singles import Single, Singles

if TYPE_CHECKING:
    from pathways.explain.names import Subject

MOST = 12
KNOWN = 7  # at most so many facts that are known; the rest are unknown ones
ANSWERS = 4
MOVED = 12


def levers(subject: Subject, singles: Singles | None = None, most: int = MOST) -> list[Lever]:
    """Return the facts that could move the conclusions most, known ones first, with what each value would move."""
    singles = singles or Singles(subject)
    moves: dict[str, int] = {}
    by_fact: dict[str, list[Single]] = {}
    for single in singles.singles:
        by_fact.setdefault(single.fact, []).append(single)
        distance = sum(shift.distance for shift in singles.shifts[single.number])
        moves[single.fact] = max(moves.get(single.fact, 0), distance)
    ranked = _distinct(sorted((fact for fact in moves if moves[fact]), key=lambda fact: (-moves[fact], fact)))
    known = [fact for fact in ranked if fact in subject.facts][:KNOWN]
    unknown = [fact for fact in ranked if fact not in subject.facts][: most - len(known)]
    return [_lever(subject, singles, fact, by_fact[fact]) for fact in (*known, *unknown)]


def _distinct(facts: list[str]) -> list[str]:
    """Keep the first fact of each finding, of operations, and of times: the others say the same in other words."""
    seen: set[str] = set()
    kept = []
    for fact in facts:
        first, _, rest = fact.partition(".")
        root = "months" if first.startswith("months_since") else f"{first}.{rest.partition('.')[0]}"
        root = root.replace("index.", "surgery.")
        if root not in seen:
            seen.add(root)
            kept.append(fact)
    return kept


def _lever(subject: Subject, singles: Singles, fact: str, answers: list[Single]) -> Lever:
    found = outcomes(subject, singles, answers, MOVED)
    telling = sorted(found, key=lambda outcome: -outcome.movement)[:ANSWERS]
    return Lever(
        fact=fact,
        question=subject.base.vocabulary[fact].ask,
        now=subject.facts.get(fact),
        outcomes=[outcome for outcome in found if outcome in telling],
    )
