"""Lints on safety: every sign that cannot wait is taken up by a pathway for emergencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.engines.kleene import truth
from rules.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.places import Places
    from rules.rulebase import RuleBase

Found = tuple[str, Problem]
CANNOT_WAIT = ("immediate", "same_day")


def found(base: RuleBase, places: Places) -> Iterator[Found]:
    """Yield (code, problem) for red flags that no urgent indication of an emergency pathway fires on."""
    emergencies = [pathway for pathway in base.pathways.values() if pathway.kind == "emergency"]
    urgent = [rule.id for pathway in emergencies for rule in pathway.indications if rule.recommend == "urgent"]
    for name, flag in base.red_flags.items():
        fact = f"red_flag.{name}"
        if flag.urgency in CANNOT_WAIT and not any(truth(base.conditions[rule], {fact: True}) for rule in urgent):
            says = (
                f"acts {flag.urgency.replace('_', ' ')}, but no emergency pathway has an urgent indication {fact}: yes"
            )
            yield "K501", Problem(fact, says, *places.of(flag, ("urgency",)))
