"""Drawing the rows of a synthetic cohort: history, cause, facts given the cause, what is known, and what goes together."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import polars as pl

from pathways.synth import assumptions, chance
from pathways.synth.causes import CAUSE, Causes
from pathways.synth.histories import BEFORE, HAS_BELOW, LEVELS_KNOWN, TIMES, histories
from pathways.synth.rates import rates, usual
from pathways.synth.signs import Signs, Variable
from pathways.synth.tables import holds, rounded, spread
from rules.language import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rules.language import Condition, Value
    from rules.rulebase import RuleBase

HAS = "_has."  # anything of a section is known
COMPLETE = "_complete."  # the report says that it is complete
AT = "_at."  # where an imaging finding is: the cell
TEST_IS_KNOWN = 0.95
TEST_NOT_DONE_IS_KNOWN = 0.5
SIZE_IS_GIVEN = 0.5
LEVEL_IS_GIVEN = 0.85
ROOT_IS_COMPARED = 0.6


class Rows:
    """Draws rows for a rule base and a seed. Row i is the same whatever else is drawn."""

    def __init__(self, base: RuleBase, seed: int) -> None:
        """Prepare histories, causes and the rates of every fact."""
        self.base = base
        self.seed = seed
        self.assumed = assumptions.read(base)
        self.signs = Signs(base, self.assumed)
        self.pool = histories(base, self.assumed, seed)
        self.before = [*(name for name in self.pool.columns if not name.startswith("_")), *BEFORE]
        self.causes = Causes(base, self.before)
        self.drawn = [name for name in self.signs.variables if base.vocabulary[name].section in self.assumed.known]
        self.together = assumptions.conditions(self.assumed, base.vocabulary)
        self.modalities = list(base.catalogue.modalities)
        self.columns = [*self._derived(), *self.before, *self.drawn]
        self.columns = [name for name in base.vocabulary if name in set(self.columns)]

    def draw(self, first: int, count: int) -> pl.DataFrame:
        """Return rows as a table of facts with the true cause in the first column; what is unknown is null."""
        frame = self._history(first, count)
        frame = frame.with_columns(self.causes.drawn(frame, self.seed))
        frame = frame.with_columns(self._blocks())
        parts = [frame.select(self._section(names)) for names in self._sections()]
        frame = pl.concat([frame, *parts], how="horizontal")
        for exprs in self._repairs():
            frame = frame.with_columns(exprs)
        named = pl.Series("true_cause", self.causes.names)
        return frame.select(pl.lit(named).gather(pl.col(CAUSE)).alias("true_cause"), *self.columns)

    def _derived(self) -> Iterator[str]:
        for name, variable in self.signs.variables.items():
            if variable.kind == "levels":
                yield from (f"{name}.{place}" for place in ("index", "adjacent_above", "adjacent_below"))
                yield from (f"{name}.{place}" for place in ("adjacent", "remote"))
        yield from (f"{modality}.done" for modality in self.modalities)

    def _history(self, first: int, count: int) -> pl.DataFrame:
        frame = pl.DataFrame([chance.counters(first, count)])
        bits = chance.draw(self.seed, "history")
        at = frame.select((chance.upper(bits).cast(pl.UInt64) * self.pool.height // chance.HALF).cast(pl.UInt32))
        frame = frame.hstack(self.pool[at.to_series()])
        age = self.assumed.spread("person.age")
        share = {name: chance.uniform(chance.upper(chance.draw(self.seed, name))) for name in ("since", *BEFORE)}
        frame = frame.with_columns(
            spread(age.at if age else [18.0] * 5, share["person.age"], 1).alias("person.age"),
            self._sex(share["person.sex"]),
        )
        months = spread(self.assumed.months_since_surgery, share["since"], 0.05)
        months = pl.when(months < 2).then(months).otherwise(rounded(months, 1))
        adult = (pl.col("person.age") - 18) * 12 + 6
        first_gap = pl.col(TIMES[1]).fill_null(0)
        frame = frame.with_columns(pl.max_horizontal(0, pl.min_horizontal(months, adult - first_gap)).alias("_since"))
        return frame.with_columns(rounded(pl.col(name) + pl.col("_since"), 0.05).alias(name) for name in TIMES)

    def _sex(self, share: pl.Expr) -> pl.Expr:
        values = self.base.vocabulary["person.sex"].values
        shares = self.assumed.shares("person.sex", values)
        ends = [sum(shares[: number + 1]) for number in range(len(values))]
        chosen = pl.lit(values[-1])
        for value, end in reversed(list(zip(values[:-1], ends[:-1], strict=True))):
            chosen = pl.when(share < end).then(pl.lit(value)).otherwise(chosen)
        return chosen.alias("person.sex")

    def _by_cause(self, shares: list[float]) -> pl.Expr:
        """Return the thresholds of these shares, one for each cause, by the cause of the row."""
        ends = [chance.threshold(share) for share in shares]
        if len(set(ends)) == 1:
            return pl.lit(ends[0], pl.UInt32)
        return pl.lit(pl.Series(ends, dtype=pl.UInt32)).gather(pl.col(CAUSE))

    def _asked(self, share: float, facts: Iterable[str]) -> list[float]:
        """Return how often something is known by cause: more often where the arguments of the cause ask for it."""
        wanted = set(facts)
        more = share + (1 - share) * self.assumed.directed
        return [more if wanted & self.signs.asked_for.get(name, set()) else share for name in self.causes.names]

    def _blocks(self) -> Iterator[pl.Expr]:
        for section, known in self.assumed.known.items():
            bits = chance.draw(self.seed, f"block:{section}")
            facts = (name for name in self.drawn if self.base.vocabulary[name].section == section)
            has = chance.upper(bits) < self._by_cause(self._asked(known.block, facts))
            yield has.alias(HAS + section)
            if section in self.modalities:
                yield (chance.lower(bits) < chance.threshold(known.complete)).alias(COMPLETE + section)

    def _sections(self) -> Iterator[list[str]]:
        for section in self.assumed.known:
            names = [name for name in self.drawn if self.base.vocabulary[name].section == section]
            yield from (names[at : at + 40] for at in range(0, len(names), 40))

    def _section(self, names: list[str]) -> Iterator[pl.Expr]:
        for name in names:
            variable = self.signs.variables[name]
            bits = chance.draw(self.seed, name)
            value = self._value(variable, chance.upper(bits))
            if variable.kind == "levels":
                yield value.alias(AT + name)
                value = value > 0
            yield pl.when(self._known(name, value, chance.lower(bits))).then(value).alias(name)

    def _value(self, variable: Variable, half: pl.Expr) -> pl.Expr:
        shares = rates(variable, self.causes.names, self.assumed)
        ends = [[sum(row[: cell + 1]) for row in shares] for cell in range(len(variable.cells))]
        if variable.kind == "yes_no":
            return half >= self._by_cause(ends[0])
        if variable.kind == "number":
            return self._number(variable, half, shares)
        cell = reduce(lambda a, b: a + b, ((half >= self._by_cause(end)).cast(pl.UInt8) for end in ends[:-1]))
        if variable.kind == "levels":
            return cell
        return pl.lit(pl.Series([str(value) for value in variable.cells])).gather(cell.cast(pl.UInt32))

    def _number(self, variable: Variable, half: pl.Expr, shares: list[list[float]]) -> pl.Expr:
        how = self.assumed.numbers and self.assumed.spread(variable.fact)
        if not how:
            return pl.lit(None, pl.Float64)
        share = chance.uniform(half)
        if variable.for_ or variable.against:
            share = self._stretched(share, usual(variable, self.assumed), shares)
        return spread(how.at, share, how.step)

    def _stretched(self, share: pl.Expr, plain: list[float], shares: list[list[float]]) -> pl.Expr:
        """Return the share in the plain spread: cell by cell, what the cause's spread has below it."""
        stretched = pl.lit(1.0)
        for cell in reversed(range(len(plain))):
            start = sum(plain[:cell])
            slopes = [plain[cell] / row[cell] if row[cell] else 0.0 for row in shares]
            bases = [start - sum(row[:cell]) * slope for row, slope in zip(shares, slopes, strict=True)]
            value = share * self._constants(slopes) + self._constants(bases)
            end = self._constants([sum(row[: cell + 1]) for row in shares])
            stretched = value if cell == len(plain) - 1 else pl.when(share < end).then(value).otherwise(stretched)
        return stretched

    def _constants(self, values: list[float]) -> pl.Expr:
        return pl.lit(pl.Series(values, dtype=pl.Float64)).gather(pl.col(CAUSE))

    def _known(self, name: str, value: pl.Expr, half: pl.Expr) -> pl.Expr:
        fact = self.base.vocabulary[name]
        has, known = pl.col(HAS + fact.section), self.assumed.known[fact.section]
        if fact.section not in self.modalities:
            return has & (half < self._by_cause(self._asked(self.assumed.known_share(name, fact.section), [name])))
        if fact.type == "number" or name.endswith((".contrast", ".months_ago")):
            return has & (half < chance.threshold(SIZE_IS_GIVEN))
        if name.endswith(".concordant"):
            return has & (half < chance.threshold(ROOT_IS_COMPARED))
        entry = self.base.catalogue.findings[fact.section][name.split(".", 1)[1]]
        mentioned = half < self._by_cause(self._asked(known.absent, [name]))
        listed = pl.col(COMPLETE + fact.section)
        absent = mentioned | listed if entry.get("assumed", True) else mentioned
        return has & pl.when(value).then(listed | (half < chance.threshold(known.shown))).otherwise(absent)

    def _repairs(self) -> Iterator[list[pl.Expr]]:
        """Yield, step by step, the columns that change so that a row holds together."""
        columns = set(self.drawn) | set(self.before)
        yield [self._changed(name, None, ~has) for name, has in self._parents()]
        for condition, values in self.together:
            where = self._holds(condition, columns)
            yield [self._changed(name, value, where) for name, value in values.items() if name in columns]
        for pattern, when in self.assumed.only_where.items():
            where = self._holds(parse(when, self.base.vocabulary), columns)
            yield [self._changed(name, None, ~where) for name in columns if _fits(name, pattern)]
        yield [self._changed(name, None, where) for name, where in self._impossible()]
        yield list(self._limits())
        yield list(self._places())

    def _holds(self, condition: Condition, columns: set[str]) -> pl.Expr:
        found = holds(condition, self.base.conditions, columns)
        return pl.lit(value=False) if found is None else found

    def _changed(self, name: str, value: Value | None, where: pl.Expr) -> pl.Expr:
        if value is None:
            return pl.when(~where).then(pl.col(name)).alias(name)
        given = pl.lit(float(value) if self._is_float(name) else value)
        return pl.when(where & pl.col(name).is_not_null()).then(given).otherwise(pl.col(name)).alias(name)

    def _is_float(self, name: str) -> bool:
        how = self.assumed.spread(name) if self.base.vocabulary[name].type == "number" else None
        return how is not None and how.step < 1

    def _parents(self) -> Iterator[tuple[str, pl.Expr]]:
        """Details of treatments and blocks are known only where these were tried or done."""
        for name in self.drawn:
            section, _, last = name.rpartition(".")
            parent = {"treatments": f"{section}.tried", "blocks": f"{section}.done"}.get(name.split(".")[0])
            if parent and parent != name:
                yield name, pl.col(parent).fill_null(value=False)

    def _impossible(self) -> Iterator[tuple[str, pl.Expr]]:
        """Findings without what they need, and facts together with what they exclude."""
        for name in self.drawn:
            fact = self.base.vocabulary[name]
            unmet = [~pl.col(fact.needs).fill_null(value=True)] if fact.needs else []
            others = [pl.col(other).fill_null(value=False) for other in fact.conflicts if other in self.drawn]
            clash = [pl.col(name).fill_null(value=False) & reduce(or_, others)] if others else []
            if unmet or clash:
                yield name, reduce(or_, [*unmet, *clash])

    def _limits(self) -> Iterator[pl.Expr]:
        since = pl.col(TIMES[0])
        for name in ("course.pain_free_months", "course.symptom_months"):
            yield pl.min_horizontal(pl.col(name), since.floor().cast(pl.Int64)).alias(name).over_null(name)
        tests = pl.min_horizontal("exam.sij_tests_positive", "exam.sij_tests_done")
        yield tests.alias("exam.sij_tests_positive")

    def _places(self) -> Iterator[pl.Expr]:
        return iter(())


def _fits(name: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase

    return fnmatchcase(name, pattern)
