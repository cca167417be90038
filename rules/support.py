"""Which facts a truth rests on: the leaves that make a condition true or false, and those that leave it unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.engines.kleene import truth
from rules.language import All, AnyOf, AtLeast, Compare, Condition, Not, compare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.language import Value


class Grounds:
    """Finds the grounds of truths for the facts of one case; findings are followed down to what was stated."""

    def __init__(self, trees: Mapping[str, Condition], facts: Mapping[str, Value]) -> None:
        """Take the condition of every rule by id, and all facts with what was inferred."""
        self.trees = trees
        self.facts = facts
        self._behind: dict[str, dict[str, Value]] = {}
        self._lacking: dict[str, tuple[str, ...]] = {}

    def behind(self, rule_id: str) -> dict[str, Value]:
        """Return the stated facts that make a rule true or false; empty while it is unknown."""
        found = self._behind.get(rule_id)
        if found is None:
            condition = self.trees[rule_id]
            holds = truth(condition, self.facts)
            found = {} if holds is None else self._support(condition, holds)
            self._behind[rule_id] = found
        return found

    def lacking(self, rule_id: str) -> tuple[str, ...]:
        """Return the unknown facts that keep a rule unknown, in the order of reading; empty once it is known."""
        found = self._lacking.get(rule_id)
        if found is None:
            unknown: dict[str, None] = {}
            if self._open(self.trees[rule_id], unknown) is not None:
                unknown = {}
            found = self._lacking[rule_id] = tuple(unknown)
        return found

    def _support(self, condition: Condition, holds: bool) -> dict[str, Value]:
        if isinstance(condition, Compare):
            below = self.behind(condition.fact) if condition.fact in self.trees else None
            return below or {condition.fact: self.facts[condition.fact]}
        if isinstance(condition, Not):
            return self._support(condition.part, not holds)
        every = isinstance(condition, All if holds else AnyOf)
        found: dict[str, Value] = {}
        for part in condition.parts:
            if every or truth(part, self.facts) is holds:
                found.update(self._support(part, holds))
        return found

    def _open(self, condition: Condition, unknown: dict[str, None]) -> bool | None:
        """Return the truth of a condition; where it is unknown, add what it lacks to `unknown`."""
        if isinstance(condition, Compare):
            value = self.facts.get(condition.fact)
            if value is not None:
                return compare(value, condition.op, condition.value)
            below = self.lacking(condition.fact) if condition.fact in self.trees else ()
            unknown.update(dict.fromkeys(below or (condition.fact,)))
            return None
        if isinstance(condition, Not):
            inner = self._open(condition.part, unknown)
            return None if inner is None else not inner
        return self._open_parts(condition, unknown)

    def _open_parts(self, condition: All | AnyOf | AtLeast, unknown: dict[str, None]) -> bool | None:
        lacked: dict[str, None] = {}
        yes = no = 0
        for part in condition.parts:
            holds = self._open(part, lacked)
            yes += holds is True
            no += holds is False
        count = len(condition.parts)
        needed = count if isinstance(condition, All) else 1 if isinstance(condition, AnyOf) else condition.count
        if yes >= needed:
            return True
        if count - no < needed:
            return False
        unknown.update(lacked)
        return None


def support(condition: Condition, facts: Mapping[str, Value], trees: Mapping[str, Condition]) -> dict[str, Value]:
    """Return the facts that make a condition true or false, findings followed down to what was stated."""
    return Grounds({**trees, "": condition}, facts).behind("")


def unknown_facts(condition: Condition, facts: Mapping[str, Value], trees: Mapping[str, Condition]) -> dict[str, None]:
    """Return (as ordered keys) the unknown facts that keep a condition unknown, findings followed down."""
    return dict.fromkeys(Grounds({**trees, "": condition}, facts).lacking(""))
