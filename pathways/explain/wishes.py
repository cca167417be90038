"""Which single facts could help to bring a conclusion about: the candidates for the search of `flips`.

From the conditions alone, with a lower bound of how many facts each part still lacks, so that parts out of reach are
not searched. Nothing that could help within the budget is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways.explain.rulebook import deciding, normal_of, rules_of
from rules.engines.kleene import truth
from rules.language import All, AnyOf, AtLeast, Compare, Not, compare
from rules.vocabulary import STANDINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.documents import Cause
    from rules.language import Condition, Value
    from rules.regions import Regions
    from rules.rulebase import RuleBase

NEVER = 99
UP = ("possible", "probable", "confirmed")
DOWN = ("unlikely", "excluded")


class Wishes:
    """Gathers the values of facts that could move conclusions of one case."""

    def __init__(self, base: RuleBase, facts: Mapping[str, Value], inferred: Mapping[str, Value], budget: int) -> None:
        """Take the stated facts, all facts with what was inferred, and how many facts may differ at most."""
        self.base = base
        self.facts = facts
        self.inferred = inferred
        self.budget = budget
        self.leaves: list[tuple[Compare, bool]] = []
        self._seen: set[tuple[str, str]] = set()
        self._needs: dict[tuple[int, bool], int] = {}  # by the id() of a condition that normal_of keeps

    def values(self, regions: Regions) -> dict[str, tuple[Value, ...]]:
        """Return the values worth trying of each fact, as far as the regions tell them apart.

        A study is never undone: that would take knowledge away and change nothing about the patient.
        """
        wanted: dict[str, dict[Value, None]] = {}
        for leaf, hold in self.leaves:
            now = self.facts.get(leaf.fact)
            for value in regions.values(leaf.fact, now):
                undone = value is False and leaf.fact.endswith(".done")
                if value != now and not undone and compare(value, leaf.op, leaf.value) is hold:
                    wanted.setdefault(leaf.fact, {})[value] = None
        return {fact: tuple(values) for fact, values in wanted.items()}

    def rule(self, rule_id: str, wish: bool) -> None:
        """Wish that a rule becomes true, or (with False) that it is no longer true."""
        self._once(rule_id, self._normal(rule_id, True), "true" if wish else "not true")

    def not_false(self, rule_id: str) -> None:
        """Wish that a rule is no longer false."""
        self._once(rule_id, self._normal(rule_id, False), "not false")

    def cause(self, name: str, up: bool) -> None:
        """Wish that a cause stands higher (or lower)."""
        key = (f"cause.{name}", "up" if up else "down")
        if key in self._seen:
            return
        self._seen.add(key)
        cause = self.base.causes[name]
        for argument in cause.arguments:
            helps = (argument.direction in ("for", "confirms")) is up
            self.rule(argument.id, helps)
        self._prior(cause)
        gate = f"{name}.considered_when"
        if gate in self.base.conditions:
            if up:
                self.not_false(gate)
            else:
                self._once(gate, self._normal(gate, False), "false")

    def _prior(self, cause: Cause) -> None:
        if len({prior.share for prior in cause.prior}) > 1:
            for number, prior in enumerate(cause.prior):
                if prior.when is not None:
                    self.rule(f"{cause.id}.prior.{number}", True)
                    self.rule(f"{cause.id}.prior.{number}", False)

    def pathway(self, name: str) -> None:
        """Wish that a pathway is taken, or taken earlier."""
        pathway = self.base.pathways[name]
        for rule in (*pathway.indications, *pathway.prerequisites):
            self.rule(rule.id, True)
        for rule in pathway.contraindications:
            self.rule(rule.id, False)
        for rule_id in deciding(self.base, "pathway", name):
            if rule_id.startswith("red_flag."):
                self.rule(rule_id, False)

    def _once(self, rule_id: str, condition: Condition, wish: str) -> None:
        if (rule_id, wish) not in self._seen:
            self._seen.add((rule_id, wish))
            if wish in ("true", "false"):
                self._make(condition)
            else:
                self._break(condition)

    def _make(self, condition: Condition) -> None:
        """Wish a normal condition true."""
        if self._to_make(condition) > self.budget or truth(condition, self.inferred):
            return
        if isinstance(condition, Compare):
            self._leaf(condition, True)
        else:
            for part in _parts(condition):
                self._make(part)

    def _break(self, condition: Condition) -> None:
        """Wish a normal condition no longer true."""
        if not truth(condition, self.inferred) or self._to_break(condition) > self.budget:
            return
        if isinstance(condition, Compare):
            self._leaf(condition, False)
        else:
            for part in _parts(condition):
                self._break(part)

    def _normal(self, rule_id: str, sign: bool) -> Condition:
        return normal_of(self.base, rule_id, sign)

    def _leaf(self, leaf: Compare, hold: bool) -> None:
        kind, _, name = leaf.fact.partition(".")
        if self._derived(leaf.fact):
            sign = _says(leaf)
            tree = self._normal(leaf.fact, sign)
            wish = "true" if sign else "false"
            self._once(leaf.fact, tree, wish if hold else f"not {wish}")
        elif kind == "cause" and name in self.base.causes:
            allowed = [standing for standing in STANDINGS if compare(standing, leaf.op, leaf.value)]
            for up in _directions(allowed):
                self.cause(name, up is hold)
        else:
            self.leaves.append((leaf, hold))

    def _derived(self, fact: str) -> bool:
        return fact in self.base.conditions and fact not in self.facts

    def _to_make(self, condition: Condition) -> int:
        """Return a lower bound of how many facts must change for a condition to be true."""
        key = (id(condition), True)
        found = self._needs.get(key)
        if found is None:
            found = self._needs[key] = 0 if truth(condition, self.inferred) else self._lacking(condition)
        return found

    def _lacking(self, condition: Condition) -> int:
        if isinstance(condition, Compare):
            if self._derived(condition.fact):
                return self._to_make(self._normal(condition.fact, _says(condition)))
            return 0 if condition.fact.endswith(".done") else 1  # a study comes with its finding
        needs = sorted(self._to_make(part) for part in _parts(condition))
        roots = self._roots(condition) if isinstance(condition, All) else 0
        return max(needs[_needed(condition) - 1], roots)

    def _roots(self, condition: All) -> int:
        """Count the facts that plain parts lack, facts that may change together once."""
        roots = set()
        for part in condition.parts:
            if isinstance(part, Compare) and not truth(part, self.inferred):
                first, _, rest = part.fact.partition(".")
                if first in self.base.causes or first in ("finding", "red_flag", "cause") or rest == "done":
                    continue
                together = first in ("surgery", "index") or first.startswith("months_since")
                roots.add("surgery" if together else f"{first}.{rest.partition('.')[0]}")
        return len(roots)

    def _to_break(self, condition: Condition) -> int:
        """Return a lower bound of how many facts must change for a condition to be no longer true."""
        if not truth(condition, self.inferred):
            return 0
        key = (id(condition), False)
        found = self._needs.get(key)
        if found is None:
            found = self._needs[key] = self._holding(condition)
        return found

    def _holding(self, condition: Condition) -> int:
        if isinstance(condition, Compare):
            if self._derived(condition.fact):
                return self._to_break(self._normal(condition.fact, _says(condition)))
            return 1
        holding = sorted(self._to_break(part) for part in _parts(condition) if truth(part, self.inferred))
        return holding[len(holding) - _needed(condition)]


def _parts(condition: Condition) -> tuple[Condition, ...]:
    """Return the parts of a normal condition; there is no Not in one."""
    return () if isinstance(condition, (Compare, Not)) else condition.parts


def _needed(condition: Condition) -> int:
    """Return how many parts have to be true."""
    if isinstance(condition, AtLeast):
        return condition.count
    return 1 if isinstance(condition, AnyOf) else len(_parts(condition))


def _says(leaf: Compare) -> bool:
    """Return whether a comparison of a yes/no fact asks for yes."""
    return compare(True, leaf.op, leaf.value)


def _directions(allowed: list[str]) -> list[bool]:
    """Return whether a cause has to rise (True) or fall (False), or perhaps either, for one of these standings."""
    up = "confirmed" in allowed or set(allowed) <= set(UP)
    down = "excluded" in allowed or set(allowed) <= set(DOWN)
    return [True] if up and not down else [False] if down and not up else [True, False]


def wish(wishes: Wishes, kind: str, name: str) -> None:
    """Wish for a conclusion: a cause to stand higher, a pathway to be taken, anything else to be true."""
    if kind == "cause":
        wishes.cause(name, True)
    elif kind == "pathway":
        wishes.pathway(name)
    else:
        for rule_id in rules_of(wishes.base, kind, name):
            wishes.rule(rule_id, True)
