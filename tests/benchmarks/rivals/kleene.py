"""The reference: the tree of each condition, evaluated in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.engines.kleene import truth
from rules.inference import DENIED
from tests.benchmarks.rivals.rules_given import ByCase, concludes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.language import Value

DISTRIBUTION = ""  # our own


class Engine(ByCase):
    """The rules as they are."""

    def fire(self, number: int, facts: Mapping[str, Value]) -> list[str]:
        """Return the rules of a stratum that are true, and `not NAME` for findings that are false."""
        found = []
        for name, condition in self.rules.strata[number]:
            holds = truth(condition, facts)
            if holds:
                found.append(name)
            elif holds is False and concludes(name):
                found.append(DENIED + name)
        return found
