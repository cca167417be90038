"""Running the examples that stand beside the rules: each fires on one fragment and stays silent on another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rules.engines.kleene import truth
from rules.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rules.language import Value
    from rules.rulebase import RuleBase


def derive(base: RuleBase, facts: Mapping[str, Value]) -> dict[str, Value]:
    """Return the facts with every finding and red flag added that is known true or known false.

    A finding that the facts already state keeps the stated value.
    """
    known = dict(facts)
    for kind, names in (("finding", base.findings), ("red_flag", base.red_flags)):
        for name in names:
            key = f"{kind}.{name}"
            value = truth(base.conditions[key], known)
            if value is not None:
                known.setdefault(key, value)
    return known


def examples(base: RuleBase) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield (rule id, fires_on, silent_on) for every rule of the base."""
    for name, finding in base.findings.items():
        yield f"finding.{name}", finding.fires_on, finding.silent_on
    for name, flag in base.red_flags.items():
        yield f"red_flag.{name}", flag.fires_on, flag.silent_on
    for cause in base.causes.values():
        for argument in cause.arguments:
            yield argument.id, argument.fires_on, argument.silent_on
    for pathway in base.pathways.values():
        for rule in pathway.rules:
            yield rule.id, rule.fires_on, rule.silent_on
    for criteria in base.criteria.values():
        for item in criteria.items:
            yield item.id, item.fires_on, item.silent_on


def failing(base: RuleBase) -> list[Problem]:
    """Return a problem for each example that does not do what it says."""
    problems = []
    for rule_id, fires_on, silent_on in examples(base):
        condition = base.conditions[rule_id]
        if truth(condition, derive(base, fires_on)) is not True:
            problems.append(Problem(rule_id, f"does not fire on its fires_on {fires_on}"))
        if truth(condition, derive(base, silent_on)) is True:
            problems.append(Problem(rule_id, f"fires on its silent_on {silent_on}"))
    return problems
