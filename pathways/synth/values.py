"""The value of each fact given the cause, and whether it is known, as expressions over the rows being drawn."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import polars as pl

from pathways.synth import chance
from pathways.synth.causes import CAUSE
from pathways.synth.rates import rates, usual
from pathways.synth.tables import spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pathways.synth.assumptions import Assumptions
    from pathways.synth.signs import Signs, Variable
    from rules.rulebase import RuleBase

HAS = "_has."  # anything of a section is known
COMPLETE = "_complete."  # the report says that it is complete
BITS, UPPER, LOWER, VALUE = "_bits.", "_upper.", "_lower.", "_value."
AT = "_at."  # where an imaging finding is: the number of its cell
SIZE_IS_GIVEN = 0.5  # how often a report gives a size, the age of the study or contrast
ROOT_IS_COMPARED = 0.6  # how often a finding is compared with the symptomatic root


class Values:
    """Draws facts, section by section."""

    def __init__(self, base: RuleBase, assumed: Assumptions, signs: Signs, causes: list[str], seed: int) -> None:
        """Take the knowledge, what is assumed beside it, and the names of the causes by number."""
        self.base = base
        self.assumed = assumed
        self.signs = signs
        self.causes = causes
        self.seed = seed
        self.sections: dict[str, list[str]] = {section: [] for section in assumed.known}
        for name in signs.variables:
            self.sections[base.vocabulary[name].section].append(name)

    def blocks(self) -> Iterator[pl.Expr]:
        """Yield which sections anything is known of, and which reports are complete."""
        for section, facts in self.sections.items():
            known = self.assumed.known[section]
            bits = chance.draw(self.seed, f"block:{section}")
            yield (chance.upper(bits) < self._asked(known.block, facts)).alias(HAS + section)
            if section in self.base.catalogue.modalities:
                yield (chance.lower(bits) < chance.threshold(known.complete)).alias(COMPLETE + section)

    def facts(self, most: int = 40) -> Iterator[list[list[pl.Expr]]]:
        """Yield so many facts at a time, in steps: columns to add one after the other, and the columns to keep."""
        for names in self.sections.values():
            for at in range(0, len(names), most):
                yield self._steps([self.signs.variables[name] for name in names[at : at + most]])

    def _steps(self, some: list[Variable]) -> list[list[pl.Expr]]:
        names = [variable.fact for variable in some]
        bits = [chance.draw(self.seed, name).alias(BITS + name) for name in names]
        halves = [chance.upper(pl.col(BITS + name)).alias(UPPER + name) for name in names]
        halves += [chance.lower(pl.col(BITS + name)).alias(LOWER + name) for name in names]
        cells = [self._cell(variable).alias(AT + variable.fact) for variable in some]
        shares = [self._share(v).alias(UPPER + v.fact) for v in some if v.kind == "number"]
        values = [self._value(variable).alias(VALUE + variable.fact) for variable in some]
        kept = [pl.when(self._known(name)).then(pl.col(VALUE + name)).alias(name) for name in names]
        kept += [pl.col(AT + v.fact) for v in some if v.kind == "levels"]
        return [bits, halves, cells, shares, values, kept]

    def _cell(self, variable: Variable) -> pl.Expr:
        """Return the number of the cell that is drawn."""
        half, shares = pl.col(UPPER + variable.fact), rates(variable, self.causes, self.assumed)
        ends = ([sum(row[: cell + 1]) for row in shares] for cell in range(len(variable.cells) - 1))
        beyond = [(half >= self._thresholds(end)).cast(pl.UInt8) for end in ends]
        return reduce(add, beyond, pl.lit(0, pl.UInt8))

    def _share(self, variable: Variable) -> pl.Expr:
        """Return where a number lies in the plain spread: as far along in its cell as in the spread of the cause."""
        share = chance.uniform(pl.col(UPPER + variable.fact))
        if not variable.cuts:
            return share
        plain, slopes, starts = usual(variable, self.assumed), [], []
        for row in rates(variable, self.causes, self.assumed):
            for cell, width in enumerate(row):
                slopes.append(plain[cell] / width if width else 0.0)
                starts.append(sum(plain[:cell]) - sum(row[:cell]) * slopes[-1])
        at = pl.col(CAUSE) * len(plain) + pl.col(AT + variable.fact)
        return (share * pl.lit(pl.Series(slopes)).gather(at) + pl.lit(pl.Series(starts)).gather(at)).clip(0, 1)

    def _value(self, variable: Variable) -> pl.Expr:
        cell = pl.col(AT + variable.fact)
        if variable.kind in ("yes_no", "levels"):
            return cell > 0
        if variable.kind == "choice":
            return pl.lit(pl.Series([str(value) for value in variable.cells])).gather(cell.cast(pl.UInt32))
        how = self.assumed.spread(variable.fact)
        return pl.lit(None, pl.Float64) if how is None else spread(how.at, pl.col(UPPER + variable.fact), how.step)

    def _known(self, name: str) -> pl.Expr:
        half = pl.col(LOWER + name)
        section = self.base.vocabulary[name].section
        has, known = pl.col(HAS + section), self.assumed.known[section]
        if section not in self.base.catalogue.modalities:
            return has & (half < self._asked(self.assumed.known_share(name, section), [name]))
        entry = self.base.catalogue.findings[section].get(name.split(".", 1)[1])
        if entry is None or entry.get("type") == "number":
            often = ROOT_IS_COMPARED if name.endswith(".concordant") else SIZE_IS_GIVEN
            return has & (half < chance.threshold(often))
        listed = pl.col(COMPLETE + section)
        mentioned = half < self._asked(known.absent, [name])
        absent = mentioned | listed if entry.get("assumed", True) else mentioned
        return has & pl.when(pl.col(VALUE + name)).then(listed | (half < chance.threshold(known.shown))).otherwise(
            absent
        )

    def _asked(self, share: float, facts: Iterable[str]) -> pl.Expr:
        """Return how often something is known: more often where the arguments of the true cause ask for it."""
        wanted = set(facts)
        more = share + (1 - share) * self.assumed.directed
        asked_for = self.signs.asked_for
        return self._thresholds([more if wanted & asked_for.get(name, set()) else share for name in self.causes])

    def _thresholds(self, shares: list[float]) -> pl.Expr:
        """Return the thresholds of these shares (one for each cause) by the cause of the row."""
        ends = [chance.threshold(share) for share in shares]
        if len(set(ends)) == 1:
            return pl.lit(ends[0], pl.UInt32)
        return pl.lit(pl.Series(ends, dtype=pl.UInt32)).gather(pl.col(CAUSE))
