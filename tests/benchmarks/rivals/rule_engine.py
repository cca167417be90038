"""rule-engine: one rule a condition.

Unknown facts are given as null: a name that is missing makes the library look for names like it, at 70 times the cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import rule_engine

from tests.benchmarks.rivals.expressions import text
from tests.benchmarks.rivals.rules_given import ByCase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.language import Value
    from tests.benchmarks.rivals.rules_given import RulesGiven

DISTRIBUTION = "rule-engine"


class Engine(ByCase):
    """One rule a condition."""

    def __init__(self, rules: RulesGiven) -> None:
        """Parse the rules."""
        super().__init__(rules)
        context = rule_engine.Context(default_value=None)
        self.parsed = [
            [(name, rule_engine.Rule(text(condition, rules), context=context)) for name, condition in stratum]
            for stratum in rules.whole
        ]

    def fire(self, number: int, facts: Mapping[str, Value]) -> list[str]:
        """Match every rule of a stratum."""
        short = self.rules.short
        known = {short[fact]: facts.get(fact) for fact in self.rules.used[number]}
        return [name for name, rule in self.parsed[number] if rule.matches(known)]
