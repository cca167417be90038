"""OpenFisca-core: each fact an input variable of a person, each rule a variable with a formula, all cases as arrays.

An unknown yes, no or choice is -1, an unknown number is NaN: neither equals or exceeds anything. Findings need no
strata: a formula asks for the variables it rests on. Calculated in batches, so that results stay in the cache.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from openfisca_core.entities import Entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from rules.inference import DENIED
from rules.language import All, AtLeast, Compare
from tests.benchmarks.rivals.rules_given import concludes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rules.language import Condition
    from tests.benchmarks.rivals.rules_given import RulesGiven

DISTRIBUTION = "openfisca-core"
BATCH = 10_000
MONTH = "2026-01"
NUMBERS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
Array = np.ndarray[Any, Any]


class Engine:
    """A tax and benefit system whose benefits are the rules."""

    def __init__(self, rules: RulesGiven) -> None:
        """Define the variables."""
        self.rules = rules
        person = Entity("case", "cases", "A case", "")
        self.system = TaxBenefitSystem([person])
        self.named = [pair for stratum in rules.whole for pair in stratum]
        self.variables = {name: f"r{number}" for number, (name, _) in enumerate(self.named)}
        self.stated = [fact for fact in rules.short if not concludes(fact)]
        about = {"entity": person, "definition_period": DateUnit.MONTH}
        for fact in self.stated:
            number = rules.is_number(fact)
            kind = {"value_type": float if number else int, "default_value": float("nan") if number else -1}
            self.system.add_variable(type(rules.short[fact], (Variable,), {**about, **kind, "label": fact}))
        for name, condition in self.named:
            formula = {"value_type": bool, "formula": self._formula(condition), "label": name}
            self.system.add_variable(type(self.variables[name], (Variable,), {**about, **formula}))
        self.batches: list[dict[str, Array]] = []
        self.found: list[dict[str, Array]] = []

    def prepare(self, cases: Path, standings: Path, rows: int) -> None:
        """Take the first rows of a cohort as arrays."""
        frame = pl.concat([pl.read_parquet(path, n_rows=rows) for path in (cases, standings)], how="horizontal")
        arrays = {fact: self._array(frame, fact) for fact in self.stated if fact in frame.columns}
        self.batches = [
            {self.rules.short[fact]: array[at : at + BATCH] for fact, array in arrays.items()}
            for at in range(0, frame.height, BATCH)
        ]

    def run(self) -> None:
        """Calculate every rule."""
        self.found = [self._calculate(batch) for batch in self.batches]

    def answers(self, most: int) -> list[set[str]]:
        """Return what the first cases fired."""
        found: list[set[str]] = []
        for batch in self.found:
            rows = min(most - len(found), len(next(iter(batch.values()))))
            found += [{name for name, held in batch.items() if held[row]} for row in range(rows)]
        return found

    def _calculate(self, batch: dict[str, Array]) -> dict[str, Array]:
        rows = len(next(iter(batch.values())))
        simulation = SimulationBuilder().build_default_simulation(self.system, rows)
        for name, array in batch.items():
            simulation.set_input(name, MONTH, array)
        return {name: simulation.calculate(variable, MONTH) for name, variable in self.variables.items()}

    def _array(self, frame: pl.DataFrame, fact: str) -> Array:
        if self.rules.is_number(fact):
            return frame[fact].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        codes = frame[fact]
        if self.rules.vocabulary[fact].type == "choice":
            codes = codes.cast(pl.Enum(self.rules.vocabulary[fact].values)).to_physical()
        return codes.cast(pl.Int32).fill_null(-1).to_numpy()

    def _formula(self, condition: Condition) -> Callable[[Any, Any], Array]:
        def formula(case: Any, period: Any) -> Array:
            return self._evaluated(condition, lambda variable: case(variable, period))

        return formula

    def _evaluated(self, condition: Condition, read: Callable[[str], Array]) -> Array:
        if isinstance(condition, Compare):
            return self._compared(condition, read)
        parts = [self._evaluated(part, read) for part in condition.parts]  # type: ignore[union-attr]
        if isinstance(condition, AtLeast):
            return np.sum(parts, axis=0) >= condition.count
        return (np.logical_and if isinstance(condition, All) else np.logical_or).reduce(parts)

    def _compared(self, leaf: Compare, read: Callable[[str], Array]) -> Array:
        fact = self.rules.vocabulary[leaf.fact]
        if concludes(fact.id):
            (wanted,) = self.rules.values(leaf)
            return read(self.variables[fact.id if wanted else DENIED + fact.id])
        array = read(self.rules.short[fact.id])
        if self.rules.is_number(fact.id):
            return NUMBERS[leaf.op](array, leaf.value)
        codes = [fact.values.index(str(v)) if fact.type == "choice" else int(v) for v in self.rules.values(leaf)]
        held = np.zeros(len(array), dtype=bool)
        for code in codes:
            held |= array == code
        return held
