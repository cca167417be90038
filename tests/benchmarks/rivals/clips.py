"""CLIPS: one template a stratum with a slot a fact, and one fact a case and stratum.

Of the ways that were tried (a relation a fact with `or` or with `not` of `and`; one test a rule; this one) this is the
quickest: the plain comparisons of a rule are constraints on slots, which the pattern network shares between rules, and
only what is nested goes into a `test`. What fires is gathered in a global, which is twice as quick as calling Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import clips

from rules.language import All, AtLeast, Compare, facts_in
from tests.benchmarks.rivals.rules_given import ByCase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.language import Condition, Value
    from tests.benchmarks.rivals.rules_given import RulesGiven

DISTRIBUTION = "clipspy"
SYMBOLS = {True: clips.Symbol("yes"), False: clips.Symbol("no")}


class Engine(ByCase):
    """An environment with every rule."""

    def __init__(self, rules: RulesGiven) -> None:
        """Build templates and rules."""
        super().__init__(rules)
        self.environment = clips.Environment()
        self.environment.build("(defglobal ?*fired* = (create$))")
        self.names: list[str] = []
        for number in range(len(rules.strata)):
            slots = " ".join(f"(slot {rules.short[fact]})" for fact in rules.used[number])
            self.environment.build(f"(deftemplate case{number} {slots})")
            for name, condition in rules.whole[number]:
                told = f"(bind ?*fired* ?*fired* {len(self.names)})"
                self.environment.build(f"(defrule r{len(self.names)} {self._left(number, condition)} => {told})")
                self.names.append(name)
        self.templates = [self.environment.find_template(f"case{number}") for number in range(len(rules.strata))]

    def fire(self, number: int, facts: Mapping[str, Value]) -> list[str]:
        """Assert the facts of a case that a stratum names, and run."""
        self.environment.reset()  # empties the global as well
        short = self.rules.short
        slots = {short[fact]: _given(facts[fact]) for fact in self.rules.used[number] if fact in facts}
        self.templates[number].assert_fact(**slots)
        self.environment.run()
        return [self.names[at] for at in self.environment.eval("?*fired*")]

    def _left(self, number: int, condition: Condition) -> str:
        """Write the left side of a rule."""
        parts = condition.parts if isinstance(condition, All) else (condition,)
        plain = [part for part in parts if isinstance(part, Compare)]
        nested = [part for part in parts if not isinstance(part, Compare)]
        bound = {fact for part in nested for fact in facts_in(part)}
        slots = []
        for fact in sorted({part.fact for part in plain} | bound):
            name = self.rules.short[fact]
            limits = "".join(f"&:{self._test(part)}" for part in plain if part.fact == fact)
            simple = [part for part in plain if part.fact == fact and not self.rules.is_number(fact)]
            values = self.rules.values(simple[0]) if simple else []
            if len(values) == 1 and limits.count("&:") == 1 and fact not in bound:
                slots.append(f"({name} {_literal(values[0])})")
            else:
                slots.append(f"({name} ?{name}{limits})")
        tests = "".join(f" (test {self._test(part)})" for part in nested)
        return f"(case{number} {' '.join(slots)}){tests}"

    def _test(self, condition: Condition) -> str:
        if isinstance(condition, Compare):
            return self._compared(condition)
        parts = [self._test(part) for part in condition.parts]
        if isinstance(condition, AtLeast):
            counted = " ".join(f"(if {part} then 1 else 0)" for part in parts)
            return f"(>= (+ 0 {counted}) {condition.count})"
        return f"({'and' if isinstance(condition, All) else 'or'} {' '.join(parts)})" if len(parts) > 1 else parts[0]

    def _compared(self, leaf: Compare) -> str:
        name = f"?{self.rules.short[leaf.fact]}"
        if self.rules.is_number(leaf.fact):
            return f"(and (neq {name} nil) ({leaf.op} {name} {leaf.value}))"
        wanted = [f"(eq {name} {_literal(value)})" for value in self.rules.values(leaf)] or ["(eq 0 1)"]
        return wanted[0] if len(wanted) == 1 else f"(or {' '.join(wanted)})"


def _given(value: Value) -> object:
    return SYMBOLS[value] if isinstance(value, bool) else value


def _literal(value: Value) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else f'"{value}"'
