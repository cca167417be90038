"""How much each value of a fact speaks for each cause, taken from the arguments of the knowledge.

Every fact that is drawn becomes a variable with cells: yes and no; the values of a choice; the stretches of a number
between the thresholds of the arguments; for an imaging finding with levels, absent or where it is. An argument with
likelihood ratio LR gives LR to the cells that make it true: in full where any of several facts will do, its k-th root
to each where k facts must hold together (so that all together have LR). Facts about the operation and the months since
are drawn before the cause and take no part. Of several arguments that speak of a cell the strongest counts.

An argument against makes its cells rarer in the same way. In a conjunction it leaves the cells alone that speak for the
cause: "leg pain that coughing does not change" makes painless coughing rarer in a herniation, not leg pain.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, floor
from typing import TYPE_CHECKING

from pathways.standing import log_odds, points
from pathways.synth.histories import BEFORE, is_history
from pathways.synth.tables import inlined, wants_true
from rules.language import All, AnyOf, AtLeast, Compare, Condition, compare
from rules.regions import comparisons
from rules.vocabulary import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathways.synth.assumptions import Assumptions
    from rules.documents import Cause
    from rules.language import Value
    from rules.rulebase import RuleBase

DECISIVE = 200  # hundredths of log10: what confirms or excludes has a likelihood ratio of 100, or its reciprocal
GATE = 200  # what a cause cannot be without
WHERE = ("index", "adjacent_above", "adjacent_below", "remote")
Region = tuple[str, frozenset[int], int]  # variable, cells, hundredths of log10


@dataclass
class Variable:
    """A fact to draw, its cells, and how much each cell speaks for each cause (hundredths of log10)."""

    fact: str
    kind: str  # yes_no, choice, number or levels
    cells: tuple[Value, ...]  # for a number, one value inside each stretch
    cuts: tuple[float, ...] = ()  # for a number, where one stretch ends and the next begins
    for_: dict[str, dict[int, int]] = field(default_factory=dict)
    against: dict[str, dict[int, int]] = field(default_factory=dict)

    def speaks(self, cause: str, cell: int) -> int:
        """Return how much a cell speaks for a cause, in hundredths of log10."""
        return self.for_.get(cause, {}).get(cell, 0) + self.against.get(cause, {}).get(cell, 0)


class Signs:
    """The variables of a rule base, and which facts the arguments of each cause rest on."""

    def __init__(self, base: RuleBase, assumed: Assumptions) -> None:
        """Gather the arguments of every cause."""
        self.base = base
        self.variables = {v.fact: v for v in _variables(base, assumed)}
        self.asked_for: dict[str, set[str]] = {}
        for cause in base.causes.values():
            for region in self._arguments(cause, for_=True):
                self._note(cause.id, region)
            for region in self._arguments(cause, for_=False):
                self._note(cause.id, region)

    def _arguments(self, cause: Cause, *, for_: bool) -> Iterator[Region]:
        for condition, strength in _weighed(cause, self.base):
            if (strength > 0) == for_:
                yield from self._regions(cause.id, inlined(condition, self.base.conditions), strength)

    def _note(self, cause: str, region: Region) -> None:
        name, cells, strength = region
        variable = self.variables[name]
        self.asked_for.setdefault(cause, set()).add(name)
        noted = (variable.for_ if strength > 0 else variable.against).setdefault(cause, {})
        for cell in cells:
            noted[cell] = max(noted.get(cell, 0), strength) if strength > 0 else min(noted.get(cell, 0), strength)

    def _regions(self, cause: str, condition: Condition, strength: int) -> Iterator[Region]:
        """Yield the cells that make a condition true, with each one's part of its strength."""
        if isinstance(condition, Compare):
            if found := self._cells(condition):
                yield found[0], found[1], strength
        elif isinstance(condition, AnyOf):
            for part in condition.parts:
                yield from self._regions(cause, part, strength)
        elif isinstance(condition, AtLeast):
            for part in condition.parts:
                yield from self._regions(cause, part, round(strength / condition.count))
        elif isinstance(condition, All):
            yield from self._together(cause, condition, strength)

    def _together(self, cause: str, condition: All, strength: int) -> Iterator[Region]:
        cells: dict[str, frozenset[int]] = {}
        nested: list[Condition] = []
        for part in condition.parts:
            found = self._cells(part) if isinstance(part, Compare) else None
            if found:
                cells[found[0]] = cells.get(found[0], found[1]) & found[1]
            elif not isinstance(part, Compare):
                nested.append(part)
        groups: list[list[Region]] = [[(name, inside, strength)] for name, inside in cells.items()]
        groups += [inner for part in nested if (inner := list(self._regions(cause, part, strength)))]
        if strength < 0:
            groups = [group for group in groups if not all(self._favors(cause, region) for region in group)] or groups
        for group in groups:
            for name, inside, part_of in group:
                yield name, inside, round(part_of / len(groups))

    def _favors(self, cause: str, region: Region) -> bool:
        speaks = self.variables[region[0]].for_.get(cause, {})
        return all(speaks.get(cell, 0) > 0 for cell in region[1])

    def _cells(self, test: Compare) -> tuple[str, frozenset[int]] | None:
        """Return the variable of a comparison and the cells that make it true; None for what is not drawn here."""
        name, _, place = test.fact.rpartition(".")
        variable = self.variables.get(test.fact)
        if variable and variable.kind != "levels":
            inside = (n for n, value in enumerate(variable.cells) if compare(value, test.op, test.value))
            return variable.fact, frozenset(inside)
        wanted = wants_true(test)
        if variable:
            return variable.fact, frozenset(n for n in range(len(variable.cells)) if (n > 0) == wanted)
        if place in PLACES and name in self.variables:
            at = {n for n, where in enumerate(("", *WHERE)) if where and where.startswith(place)}
            return name, frozenset(at if wanted else {n for n in range(len(WHERE) + 1) if n not in at})
        return None


def _weighed(cause: Cause, base: RuleBase) -> Iterator[tuple[Condition, int]]:
    """Yield the conditions that speak for or against a cause: arguments, what its priors rest on, and its gate."""
    for argument in cause.arguments:
        strength = points(argument, base.weights)
        if argument.direction in ("confirms", "excludes"):
            strength = DECISIVE if argument.confirms else -DECISIVE
        if strength:
            yield base.conditions[argument.id], strength
    usual = log_odds(cause.prior[-1].share)
    for number, prior in enumerate(cause.prior):
        condition = base.conditions.get(f"{cause.id}.prior.{number}")
        if condition is not None and log_odds(prior.share) != usual:
            yield condition, log_odds(prior.share) - usual
    gate = base.conditions.get(f"{cause.id}.considered_when")
    if gate is not None:
        yield gate, GATE


def _variables(base: RuleBase, assumed: Assumptions) -> Iterator[Variable]:
    cuts = _cuts(base, assumed)
    entries = {f"{m}.{name}": entry for m, found in base.catalogue.findings.items() for name, entry in found.items()}
    for name, fact in base.vocabulary.items():
        drawn = fact.origin == "asked" or name.endswith((".contrast", ".concordant"))
        if not drawn or is_history(name) or name in BEFORE or name in assumed.left_out:
            continue
        if entries.get(name, {}).get("levels"):
            yield Variable(name, "levels", ("absent", *WHERE))
        elif fact.type == "yes_no":
            yield Variable(name, "yes_no", (False, True))
        elif fact.type == "choice":
            yield Variable(name, "choice", fact.values)
        elif assumed.spread(name):
            yield _number(name, cuts.get(name, ()), assumed)
    for modality in base.catalogue.modalities:
        name = f"{modality}.months_ago"
        yield _number(name, cuts.get(name, ()), assumed)


def _cuts(base: RuleBase, assumed: Assumptions) -> dict[str, tuple[float, ...]]:
    """Return where the arguments divide each number: halfway between two values that it may have."""
    found: dict[str, set[float]] = {}
    for cause in base.causes.values():
        for condition, _ in _weighed(cause, base):
            for leaf in comparisons(inlined(condition, base.conditions)):
                spread = assumed.spread(leaf.fact) if base.vocabulary[leaf.fact].type == "number" else None
                if spread and isinstance(leaf.value, (int, float)):
                    steps = round(leaf.value / spread.step, 6)
                    at = floor(steps) + 0.5 if leaf.op in (">", "<=") else ceil(steps) - 0.5
                    found.setdefault(leaf.fact, set()).add(at * spread.step)
    return {name: tuple(sorted(cuts)) for name, cuts in found.items()}


def _number(name: str, cuts: tuple[float, ...], assumed: Assumptions) -> Variable:
    spread = assumed.spread(name)
    low, high = (spread.at[0], spread.at[-1]) if spread else (0.0, 0.0)
    step = spread.step if spread else 1
    inside = tuple(cut for cut in cuts if low < cut < high)
    ends = [low, *inside, high]
    middles = tuple(round(round((a + b) / 2 / step) * step, 6) for a, b in pairwise(ends))
    return Variable(name, "number", middles, inside)
