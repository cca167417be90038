"""Conditions in words, for rules shown to a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.language import All, AnyOf, AtLeast, Compare, Condition, Not

if TYPE_CHECKING:
    from rules.vocabulary import Vocabulary

OPERATORS = {
    "==": "is",
    "!=": "is not",
    ">=": "is at least",
    "<=": "is at most",
    ">": "is above",
    "<": "is below",
    "in": "is one of",
    "not in": "is none of",
}


def in_words(condition: Condition, vocabulary: Vocabulary) -> str:
    """Return a condition as one readable line, such as `ct.screw_lucency is yes AND person.age is at least 12`."""
    if isinstance(condition, Compare):
        return compared(condition, vocabulary)
    if isinstance(condition, Not):
        return f"NOT ({in_words(condition.part, vocabulary)})"
    parts = [_part(part, vocabulary) for part in condition.parts]
    if isinstance(condition, AtLeast):
        return f"at least {condition.count} of: " + "; ".join(parts)
    return (" AND " if isinstance(condition, All) else " OR ").join(parts)


def _part(condition: Condition, vocabulary: Vocabulary) -> str:
    text = in_words(condition, vocabulary)
    return f"({text})" if isinstance(condition, (All, AnyOf, AtLeast)) else text


def compared(condition: Compare, vocabulary: Vocabulary) -> str:
    """Return one comparison as a reader would say it."""
    value = condition.value
    if isinstance(value, tuple):
        shown = ", ".join(value)
    elif isinstance(value, bool):
        shown = "yes" if value else "no"
    else:
        shown = str(value)
    fact = vocabulary.get(condition.fact)
    if fact and condition.op == ">=" and condition.value == fact.min:
        return f"{condition.fact} is known"
    unit = f" {fact.unit}" if fact and fact.unit and fact.type == "number" else ""
    return f"{condition.fact} {OPERATORS[condition.op]} {shown}{unit}"
