"""The reference engine: three-valued evaluation of conditions, exactly as the language defines it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.language import COMPARISONS, All, AnyOf, AtLeast, Compare, Condition, Not, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

Truth = bool | None
NAME = "kleene-reference"


def truth(condition: Condition, facts: Mapping[str, Value]) -> Truth:
    """Return True, False or None (unknown) for a condition over known facts; an absent fact is unknown."""
    kind = condition.__class__
    if kind is Compare:
        value = facts.get(condition.fact)  # type: ignore[union-attr]
        return None if value is None else COMPARISONS[condition.op](value, condition.value)  # type: ignore[union-attr]
    if kind is All:
        result: Truth = True
        for part in condition.parts:  # type: ignore[union-attr]
            t = truth(part, facts)
            if t is False:
                return False
            if t is None:
                result = None
        return result
    if kind is AnyOf:
        result = False
        for part in condition.parts:  # type: ignore[union-attr]
            t = truth(part, facts)
            if t is True:
                return True
            if t is None:
                result = None
        return result
    if kind is Not:
        t = truth(condition.part, facts)  # type: ignore[union-attr]
        return None if t is None else not t
    return _count_truth(condition, facts)  # type: ignore[arg-type]


def _count_truth(condition: AtLeast, facts: Mapping[str, Value]) -> Truth:
    truths = [truth(part, facts) for part in condition.parts]
    if truths.count(True) >= condition.count:
        return True
    return False if len(truths) - truths.count(False) < condition.count else None
