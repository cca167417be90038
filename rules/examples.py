"""Running the examples that stand beside the rules: each fires on one fragment and stays silent on another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.engines.kleene import truth
from rules.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rules.documents import CriterionItem, Rule
    from rules.language import Value
    from rules.places import Places
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


def examples(base: RuleBase) -> Iterator[tuple[str, Rule | CriterionItem]]:
    """Yield (name of its condition, rule) for every rule of the base that has examples."""
    for name, finding in base.findings.items():
        yield f"finding.{name}", finding
    for name, flag in base.red_flags.items():
        yield f"red_flag.{name}", flag
    for cause in base.causes.values():
        yield from ((argument.id, argument) for argument in cause.arguments)
    for pathway in base.pathways.values():
        yield from ((rule.id, rule) for rule in pathway.rules)
    for criteria in base.criteria.values():
        yield from ((item.id, item) for item in criteria.items)


def failing(base: RuleBase, places: Places | None = None) -> list[Problem]:
    """Return a problem for each example that does not do what it says."""
    problems = []
    for rule_id, rule in examples(base):
        condition = base.conditions[rule_id]
        for key, facts in (("fires_on", rule.fires_on), ("silent_on", rule.silent_on)):
            if not _are_facts(base, facts):  # which loading has told
                continue
            fires = truth(condition, derive(base, facts)) is True
            if fires != (key == "fires_on"):
                says = f"{'fires' if fires else 'does not fire'} on its {key} {facts}"
                problems.append(Problem(rule_id, says, *(places.of(rule, (key,)) if places else ("", None))))
    return problems


def _are_facts(base: RuleBase, facts: Mapping[str, Value] | None) -> bool:
    """Does the vocabulary know every name, and allow every value?"""
    known = base.vocabulary
    return facts is not None and all(n in known and not known[n].problem_with(v) for n, v in facts.items())
