"""Many variants of one case at once: every truth is two whole numbers, whose bit i speaks of variant i.

Kleene's connectives are then bitwise operations, and a thousand variants cost little more than one. What if, why not
and what to ask next are answered by it. It gives the reference engine's answers (a property test holds it to that).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.language import All, AnyOf, AtLeast, Compare, Condition, Not, compare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.language import Value

Truths = tuple[int, int]  # (where it is true, where it is false); unknown elsewhere
Changes = dict[str, dict["Value | None", int]]  # fact -> value (None: made unknown) -> where


class Worlds:
    """The variants of a case. Rules are evaluated when they are asked for, each once."""

    def __init__(
        self, conditions: Mapping[str, Condition], facts: Mapping[str, Value], count: int, changes: Changes
    ) -> None:
        """Take every rule, the facts of the case, how many variants there are, and which facts differ where."""
        self.conditions = conditions
        self.stated = facts
        self.changes = changes
        self.everywhere = (1 << count) - 1
        self._truths: dict[str, Truths] = {}
        self._values: dict[str, list[tuple[Value, int]]] = {}

    def truth(self, rule_id: str) -> Truths:
        """Return where a rule is true and where it is false."""
        found = self._truths.get(rule_id)
        if found is None:
            found = self._truths[rule_id] = self.evaluate(self.conditions[rule_id])
        return found

    def values(self, fact: str) -> list[tuple[Value, int]]:
        """Return the known values of a fact, each with where it has it."""
        found = self._values.get(fact)
        if found is None:
            found = self._values[fact] = self._find(fact)
        return found

    def evaluate(self, condition: Condition) -> Truths:
        """Return where a condition is true and where it is false."""
        if isinstance(condition, Compare):
            return self._compare(condition)
        if isinstance(condition, All):
            true, false = self.everywhere, 0
            for part in condition.parts:
                t, f = self.evaluate(part)
                true &= t
                false |= f
                if false == self.everywhere:
                    break
            return true, false
        if isinstance(condition, AnyOf):
            true, false = 0, self.everywhere
            for part in condition.parts:
                t, f = self.evaluate(part)
                true |= t
                false &= f
                if true == self.everywhere:
                    break
            return true, false
        if isinstance(condition, Not):
            true, false = self.evaluate(condition.part)
            return false, true
        return self._count(condition)

    def _compare(self, condition: Compare) -> Truths:
        true = false = 0
        for value, where in self.values(condition.fact):
            if compare(value, condition.op, condition.value):
                true |= where
            else:
                false |= where
        return true, false

    def _count(self, condition: AtLeast) -> Truths:
        parts = [self.evaluate(part) for part in condition.parts]
        true = self._reached(condition.count, [t for t, _ in parts])
        false = self._reached(len(parts) - condition.count + 1, [f for _, f in parts])
        return true, false

    def _reached(self, count: int, parts: list[int]) -> int:
        """Return where at least `count` of the parts hold."""
        reached = [self.everywhere] + [0] * count
        for part in parts:
            for n in range(count, 0, -1):
                reached[n] |= reached[n - 1] & part
        return reached[count]

    def _find(self, fact: str) -> list[tuple[Value, int]]:
        changed = self.changes.get(fact, {})
        rest = self.everywhere
        found: dict[Value, int] = {}
        for value, where in changed.items():
            rest &= ~where
            if value is not None and where:
                found[value] = where
        if fact in self.stated:
            value = self.stated[fact]
            if rest:
                found[value] = found.get(value, 0) | rest
            return list(found.items())
        rest = self.everywhere
        for where in found.values():
            rest &= ~where
        for value, where in self.inferred(fact):
            if where & rest:
                found[value] = found.get(value, 0) | where & rest
        return list(found.items())

    def inferred(self, fact: str) -> list[tuple[Value, int]]:
        """Return the values of a fact that rules conclude (findings, red flags); a subclass may know more."""
        if fact not in self.conditions:
            return []
        true, false = self.truth(fact)
        return [(True, true), (False, false)]
