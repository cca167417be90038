"""The reference engine: three-valued evaluation of conditions, exactly as the language defines it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.language import All, AnyOf, AtLeast, Compare, Condition, Not, Value, compare

if TYPE_CHECKING:
    from collections.abc import Mapping

Truth = bool | None
NAME = "kleene-reference"


def truth(condition: Condition, facts: Mapping[str, Value]) -> Truth:
    """Return True, False or None (unknown) for a condition over known facts; an absent fact is unknown."""
    if isinstance(condition, Compare):
        value = facts.get(condition.fact)
        return None if value is None else compare(value, condition.op, condition.value)
    if isinstance(condition, All):
        result: Truth = True
        for part in condition.parts:
            t = truth(part, facts)
            if t is False:
                return False
            if t is None:
                result = None
        return result
    if isinstance(condition, AnyOf):
        result = False
        for part in condition.parts:
            t = truth(part, facts)
            if t is True:
                return True
            if t is None:
                result = None
        return result
    if isinstance(condition, Not):
        t = truth(condition.part, facts)
        return None if t is None else not t
    return _count_truth(condition, facts)


def _count_truth(condition: AtLeast, facts: Mapping[str, Value]) -> Truth:
    truths = [truth(part, facts) for part in condition.parts]
    if truths.count(True) >= condition.count:
        return True
    return False if len(truths) - truths.count(False) < condition.count else None
