"""Lints on conditions: rules that are dead, doubled, contradictory or never count, and alternatives that are dead."""

from __future__ import annotations

from itertools import combinations
from math import comb, log10
from typing import TYPE_CHECKING, Any

from rules.language import AnyOf, AtLeast, Compare, Not
from rules.overlay import tree_ids
from rules.problems import Problem
from rules.reasoning import Reasoning, canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.documents import Argument, Cause, Pathway, Rule, Weights
    from rules.language import Condition
    from rules.places import Places
    from rules.rulebase import RuleBase

Found = tuple[str, Problem]
WAYS = 500  # ways to reach a count that are too many


def found(base: RuleBase, places: Places) -> Iterator[Found]:
    """Yield (code, problem) for the conditions of a rule base."""
    reasoning = Reasoning(base.vocabulary, base.conditions)
    for name, document, key in conditions(base):
        condition = base.conditions[name]
        file, line = places.of(document, (key,))
        if not reasoning.possible(condition):
            yield "K301", Problem(name, "can never fire: its comparisons exclude each other", file, line)
        for part in inner(condition):
            if isinstance(part, AtLeast) and comb(len(part.parts), part.count) > WAYS:
                ways = comb(len(part.parts), part.count)
                says = f"{part.count} of {len(part.parts)} can be reached in {ways} ways; make findings of parts of it"
                yield "K306", Problem(name, says, file, line)
            if isinstance(part, (AnyOf, AtLeast)):
                for number, way in enumerate(part.parts, 1):
                    if not reasoning.possible(way):
                        says = f"the alternative {number} of {len(part.parts)} can never be true"
                        yield "K305", Problem(name, says, file, line)
    for cause in base.causes.values():
        yield from _doubled(cause.arguments, base, places)
        yield from _opposed(cause, base, places)
        yield from _uncounted(cause, base, places, reasoning)
    for pathway in base.pathways.values():
        for rules in (pathway.indications, pathway.prerequisites, pathway.contraindications, pathway.prepare):
            yield from _doubled(rules, base, places)
        yield from _indicated_against(pathway, base, places)


def conditions(base: RuleBase) -> Iterator[tuple[str, Any, str]]:
    """Yield (name, part of a document, key of the condition in it) for every condition of a rule base."""
    for name, finding in base.findings.items():
        yield f"finding.{name}", finding, "when"
    for name, flag in base.red_flags.items():
        yield f"red_flag.{name}", flag, "when"
    for cause in base.causes.values():
        gate, *_ = tree_ids("causes", cause)
        if cause.considered_when is not None:
            yield gate, cause, "considered_when"
        for number, prior in enumerate(cause.prior):
            if prior.when is not None:
                yield f"{cause.id}.prior.{number}", prior, "when"
        for argument in cause.arguments:
            yield argument.id, argument, "when"
    for pathway in base.pathways.values():
        for rule in pathway.rules:
            yield rule.id, rule, "when"
    for criteria in base.criteria.values():
        for item in criteria.items:
            yield item.id, item, "when"
    for name, disagreement in base.disagreements.items():
        yield f"disagreement.{name}", disagreement, "shown_when"


def inner(condition: Condition) -> Iterator[Condition]:
    """Yield every condition inside a condition, and itself."""
    yield condition
    if not isinstance(condition, Compare):
        for part in (condition.part,) if isinstance(condition, Not) else condition.parts:
            yield from inner(part)


def _doubled(rules: Sequence[Rule], base: RuleBase, places: Places) -> Iterator[Found]:
    """Yield rules of one kind and direction with the same condition."""
    seen: dict[object, str] = {}
    for rule in rules:
        way = getattr(rule, "direction", "") or getattr(rule, "recommend", "") or getattr(rule, "kind", "")
        key = (way, getattr(rule, "do", "") or getattr(rule, "needs", ""), canonical(base.conditions[rule.id]))
        if key in seen:
            yield "K302", Problem(rule.id, f"says the same as {seen[key]}", *places.of(rule, ("when",)))
        seen.setdefault(key, rule.id)


def _opposed(cause: Cause, base: RuleBase, places: Places) -> Iterator[Found]:
    """Yield pairs of arguments that draw opposite conclusions from one condition."""
    sides: dict[object, tuple[bool, str]] = {}
    for argument in cause.arguments:
        pro = argument.direction in ("for", "confirms")
        other_pro, other = sides.setdefault(canonical(base.conditions[argument.id]), (pro, argument.id))
        if other_pro != pro:
            says = f"argues {argument.direction} on the very condition on which {other} argues the other way"
            yield "K303", Problem(argument.id, says, *places.of(argument, ("when",)))


def _indicated_against(pathway: Pathway, base: RuleBase, places: Places) -> Iterator[Found]:
    reasons = {canonical(base.conditions[rule.id]): rule.id for rule in pathway.indications}
    for rule in pathway.contraindications:
        other = reasons.get(canonical(base.conditions[rule.id]))
        if other:
            yield "K303", Problem(rule.id, f"is a reason against where {other} is one for", *places.of(rule, ("when",)))


def _uncounted(cause: Cause, base: RuleBase, places: Places, reasoning: Reasoning) -> Iterator[Found]:
    """Yield arguments that never count: a wider one of the same group, at least as strong, fires with them."""
    for pair in combinations(cause.arguments, 2):
        one, two = pair
        if not one.group or (one.group, one.direction) != (two.group, two.direction):
            continue
        for narrow, wide in (pair, pair[::-1]):
            if strength(narrow, base.weights) <= strength(wide, base.weights) and reasoning.implies(
                base.conditions[narrow.id], base.conditions[wide.id]
            ):
                says = f"never counts: {wide.id} of the same group fires whenever it does, and is as strong"
                yield "K304", Problem(narrow.id, says, *places.of(narrow, ("when",)))
                break


def strength(argument: Argument, weights: Weights) -> float:
    """Return how much an argument shifts, in hundredths of log10 odds, without its sign."""
    if argument.lr is not None:
        return abs(100 * log10(argument.lr))
    word = argument.for_ or argument.against
    return weights.strengths[word].value if word else 1000
