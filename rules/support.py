"""Which facts a truth rests on: the leaves that make a condition true or false, and those that leave it unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.engines.kleene import truth
from rules.language import All, Compare, Condition, normal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.language import Value


def support(condition: Condition, facts: Mapping[str, Value], trees: Mapping[str, Condition]) -> dict[str, Value]:
    """Return the facts that make a condition true or false, findings followed down to what was stated.

    Findings that the facts state without a condition of their own are returned as they are.
    """
    holds = truth(condition, facts)
    if holds is None:
        return {}
    return _leaves(normal(condition, holds), facts, trees)


def _leaves(condition: Condition, facts: Mapping[str, Value], trees: Mapping[str, Condition]) -> dict[str, Value]:
    if isinstance(condition, Compare):
        tree = trees.get(condition.fact)
        below = support(tree, facts, trees) if tree is not None else {}
        return below or {condition.fact: facts[condition.fact]}
    found: dict[str, Value] = {}
    for part in condition.parts:  # type: ignore[union-attr]
        if isinstance(condition, All) or truth(part, facts):
            found.update(_leaves(part, facts, trees))
    return found


def unknown_facts(condition: Condition, facts: Mapping[str, Value], trees: Mapping[str, Condition]) -> dict[str, None]:
    """Return (as ordered keys) the unknown facts that keep a condition unknown, findings followed down."""
    if truth(condition, facts) is not None:
        return {}
    return _open(normal(condition), facts, trees)


def _open(condition: Condition, facts: Mapping[str, Value], trees: Mapping[str, Condition]) -> dict[str, None]:
    if isinstance(condition, Compare):
        tree = trees.get(condition.fact)
        if tree is not None:
            below = unknown_facts(tree, facts, trees)
            return below or {condition.fact: None}
        return {condition.fact: None}
    found: dict[str, None] = {}
    for part in condition.parts:  # type: ignore[union-attr]
        if truth(part, facts) is None:
            found.update(_open(part, facts, trees))
    return found
