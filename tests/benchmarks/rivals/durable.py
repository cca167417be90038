"""durable-rules: one network a stratum, as the product builds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.engines import production
from tests.benchmarks.rivals.rules_given import ByCase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.language import Value
    from tests.benchmarks.rivals.rules_given import RulesGiven

DISTRIBUTION = "durable-rules"


class Engine(ByCase):
    """One network a stratum."""

    def __init__(self, rules: RulesGiven) -> None:
        """Build the networks."""
        super().__init__(rules)
        self.networks = [production.network(stratum) for stratum in rules.whole]

    def fire(self, number: int, facts: Mapping[str, Value]) -> list[str]:
        """Return what the network of a stratum fires."""
        return self.networks[number].fire(production.written(facts))
