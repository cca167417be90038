"""Simple reasoning about conditions by intervals and choices: can it be true, does it imply another, is it the same?

Findings and red flags are followed down to the facts they rest on. Facts are taken as independent of each other, so
"cannot be true" is certain, and "can be true" is not (`spinepath rules prove` knows more of what excludes what).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from rules.language import All, AnyOf, AtLeast, Compare, Condition, Not, compare, normal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.language import Value
    from rules.vocabulary import Fact, Vocabulary

PATIENCE = 20_000  # steps after which a condition counts as one that can be true


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers that a fact may still have."""

    low: float = -inf
    high: float = inf
    above: bool = False  # is low itself excluded?
    below: bool = False  # is high itself excluded?

    def narrowed(self, op: str, value: float) -> Interval | None:
        """Return what is left after a comparison, or None if nothing is."""
        low, high, above, below = self.low, self.high, self.above, self.below
        if op in (">=", ">", "==") and (value, op == ">") > (low, above):
            low, above = value, op == ">"
        if op in ("<=", "<", "==") and (value, op != "<") < (high, not below):
            high, below = value, op == "<"
        empty = low > high or (low == high and (above or below))
        return None if empty else Interval(low, high, above, below)


Domain = Interval | frozenset["Value"]


class Reasoning:
    """Answers for the conditions of one rule base."""

    def __init__(self, vocabulary: Vocabulary, trees: Mapping[str, Condition]) -> None:
        """Take the facts, and the condition of every rule (for findings and red flags)."""
        self.vocabulary = vocabulary
        self.trees = trees
        self._normal: dict[tuple[str, bool], Condition] = {}

    def possible(self, condition: Condition) -> bool:
        """Can some facts make the condition true?"""
        return _Search(self).run((self.followed(condition),))

    def implies(self, first: Condition, second: Condition) -> bool:
        """Is the second true whenever the first is?"""
        return not _Search(self).run((self.followed(first), self.followed(normal(second, truth=False))))

    def domain(self, name: str) -> Domain:
        """Return the values that a fact may have."""
        fact = self.vocabulary[name]
        if fact.type == "number":
            return Interval(-inf if fact.min is None else fact.min, inf if fact.max is None else fact.max)
        return _choices(fact)

    def followed(self, condition: Condition) -> Condition:
        """Return the condition in normal form with findings and red flags replaced by what they rest on."""
        plain = normal(condition)
        if isinstance(plain, Compare):
            if plain.fact not in self.trees or not isinstance(plain.value, bool):
                return plain
            key = (plain.fact, plain.value == (plain.op == "=="))
            if key not in self._normal:
                self._normal[key] = self.followed(normal(self.trees[plain.fact], truth=key[1]))
            return self._normal[key]
        parts = tuple(self.followed(part) for part in plain.parts)  # type: ignore[union-attr]
        return AtLeast(plain.count, parts) if isinstance(plain, AtLeast) else type(plain)(parts)  # type: ignore[arg-type]


class _Search:
    """A search for facts that make conditions true, with the patience for so many steps."""

    def __init__(self, reasoning: Reasoning) -> None:
        self.reasoning = reasoning
        self.steps = 0

    def run(self, goals: tuple[Condition, ...], known: Mapping[str, Domain] | None = None) -> bool:
        """Can all goals be true at once, given what facts may still be?"""
        known = dict(known or {})
        open_: list[AnyOf | AtLeast] = []
        waiting = list(goals)
        while waiting:
            goal = waiting.pop()
            self.steps += 1
            if isinstance(goal, Compare):
                left = _narrowed(known.get(goal.fact, self.reasoning.domain(goal.fact)), goal)
                if left is None:
                    return False
                known[goal.fact] = left
            elif isinstance(goal, All):
                waiting.extend(goal.parts)
            else:
                open_.append(goal)  # type: ignore[arg-type]
        if not open_ or self.steps > PATIENCE:
            return True
        first, *rest = sorted(open_, key=lambda goal: len(goal.parts))
        return any(self.run((*way, *rest), known) for way in _ways(first))


def _ways(goal: AnyOf | AtLeast) -> list[tuple[Condition, ...]]:
    """Return the ways to satisfy alternatives: the first part, or without it the others."""
    if isinstance(goal, AnyOf):
        return [(part,) for part in goal.parts]
    count, parts = goal.count, goal.parts
    if count == 1:
        return [(part,) for part in parts]
    ways: list[tuple[Condition, ...]] = [(parts[0], AtLeast(count - 1, parts[1:]))]
    return [*ways, (AtLeast(count, parts[1:]),)] if count < len(parts) else ways


def _choices(fact: Fact) -> frozenset[Value]:
    return frozenset(fact.values) if fact.type == "choice" else frozenset((True, False))


def _narrowed(domain: Domain, leaf: Compare) -> Domain | None:
    if isinstance(domain, Interval):
        return domain.narrowed(leaf.op, leaf.value)  # type: ignore[arg-type]
    return frozenset(value for value in domain if compare(value, leaf.op, leaf.value)) or None


def canonical(condition: Condition) -> Condition:
    """Return the condition in one form for all that differ in order, nesting or repetition only."""
    return _canonical(normal(condition))


def _canonical(condition: Condition) -> Condition:
    if isinstance(condition, Compare):
        if condition.op == "!=" and isinstance(condition.value, bool):
            return Compare(condition.fact, "==", not condition.value)
        if isinstance(condition.value, tuple) and len(condition.value) == 1:
            return Compare(condition.fact, "==" if condition.op == "in" else "!=", condition.value[0])
        if isinstance(condition.value, tuple):
            return Compare(condition.fact, condition.op, tuple(sorted(condition.value)))
        return condition
    assert not isinstance(condition, Not)  # normal form has none
    parts = [_canonical(part) for part in condition.parts]
    if isinstance(condition, AtLeast):
        return AtLeast(condition.count, tuple(sorted(parts, key=repr)))
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, type(condition)) else (part,))]
    once = tuple(sorted(dict.fromkeys(flat), key=repr))
    return once[0] if len(once) == 1 else type(condition)(once)
