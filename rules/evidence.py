"""How well the rules are backed: by a source that somebody opened, by expert judgement, or by neither."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rules.documents import Argument, Rule
from rules.lookup import rules

if TYPE_CHECKING:
    from rules.rulebase import RuleBase

Backing = Literal["confirmed", "expert judgement", "unconfirmed"]


@dataclass(frozen=True, slots=True)
class Tally:
    """So many rules of each backing."""

    confirmed: int
    judged: int
    unconfirmed: int

    @property
    def total(self) -> int:
        """All rules counted."""
        return self.confirmed + self.judged + self.unconfirmed

    @property
    def percent(self) -> float:
        """The confirmed ones in percent of all."""
        return 100 * self.confirmed / self.total if self.total else 0.0


def backing(rule: Rule, base: RuleBase) -> Backing:
    """Return how a rule is backed. Confirmed: it cites a source that somebody opened, in whole or part."""
    if rule.basis == "expert judgement":
        return "expert judgement"
    opened = any(base.sources[cite.key].opened != "no" for cite in rule.sources if cite.key in base.sources)
    return "confirmed" if opened else "unconfirmed"


def tallies(base: RuleBase) -> dict[str, Tally]:
    """Return the tally of arguments, and of all rules with a basis."""
    based = [entry.part for entry in rules(base) if isinstance(entry.part, Rule)]
    arguments = [rule for rule in based if isinstance(rule, Argument)]
    return {"arguments": _tally(arguments, base), "all rules": _tally(based, base)}


def _tally(based: list[Rule] | list[Argument], base: RuleBase) -> Tally:
    count = Counter(backing(rule, base) for rule in based)
    return Tally(count["confirmed"], count["expert judgement"], count["unconfirmed"])
