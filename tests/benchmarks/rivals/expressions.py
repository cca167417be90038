"""Conditions as text in the infix languages of zen-engine and rule-engine, which look alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.language import All, AtLeast, Compare

if TYPE_CHECKING:
    from rules.language import Condition, Value
    from tests.benchmarks.rivals.rules_given import RulesGiven


def text(condition: Condition, rules: RulesGiven) -> str:
    """Write a condition in normal form; a fact that is unknown is null."""
    if isinstance(condition, Compare):
        return _compared(condition, rules)
    parts = [text(part, rules) for part in condition.parts]  # type: ignore[union-attr]
    if isinstance(condition, AtLeast):
        counted = " + ".join(f"(({part}) ? 1 : 0)" for part in parts)
        return f"({counted} >= {condition.count})"
    return "(" + (" and " if isinstance(condition, All) else " or ").join(parts) + ")"


def _compared(leaf: Compare, rules: RulesGiven) -> str:
    name = rules.short[leaf.fact]
    if rules.is_number(leaf.fact):
        return f"({name} != null and {name} {leaf.op} {leaf.value})"
    wanted = [_literal(value) for value in rules.values(leaf)]
    if len(wanted) == 1:
        return f"{name} == {wanted[0]}"
    return f"{name} in [{', '.join(wanted)}]" if wanted else "false"


def _literal(value: Value) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else f"'{value}'"
