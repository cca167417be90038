"""A cohort's results counted: one pass over the table that `spinepath batch` writes, however long it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from pathways import standing, status
from pathways.overview.groups import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rules.rulebase import RuleBase

STEPS = 4  # how far into the plan the flow is followed
END = ""
FLAGS = ("present", "unknown", "absent")


@dataclass(frozen=True)
class Group:
    """One group of cases: its size, how many are emergencies, and how often each cause comes first."""

    kind: str
    name: str
    rows: int
    emergencies: int
    first: dict[str, int]


@dataclass
class Overview:
    """A cohort in numbers. Rules that have no column rest on facts that the table does not have."""

    rows: int
    emergencies: int
    first: dict[str, int]  # cause (empty: nothing speaks for one) -> cases where it comes first
    standings: dict[str, dict[str, int]]  # cause -> standing -> cases
    flags: dict[str, dict[str, int]]  # red flag -> present, unknown, absent
    statuses: dict[str, dict[str, int]]  # pathway -> status -> cases
    steps: dict[str, dict[int, int]]  # pathway -> step of the plan -> cases
    flow: dict[tuple[str, ...], int]  # the kind of pathway at each of the first steps -> cases
    fired: dict[str, int]  # rule -> cases
    without_column: list[str]
    groups: list[Group] = field(default_factory=list)
    known: dict[str, int] | None = None  # fact -> cases in which it is known

    @property
    def never(self) -> list[str]:
        """The rules that could fire on these columns and never did."""
        return [name for name, count in self.fired.items() if not count]


def overview(results: pl.LazyFrame, base: RuleBase, known: Mapping[str, int] | None = None) -> Overview:
    """Count a table of results. `known` says in how many cases each fact was known, if that was counted."""
    columns = set(results.collect_schema().names())
    counted = results.select(_counters(base, columns)).collect(engine="streaming").row(0, named=True)
    rules = [name for name in base.conditions if not name.startswith(("finding.", "red_flag."))]

    def counts(kind: str, name: str, words: tuple[str, ...]) -> dict[str, int]:
        return {word: counted.get(f"{kind}.{name}={word}", 0) for word in words}

    return Overview(
        rows=counted["rows"],
        emergencies=counted["emergency"],
        first=_first(results),
        standings={name: counts("cause", name, standing.ORDER) for name in base.causes},
        flags={name: counts("red_flag", name, FLAGS) for name in base.red_flags},
        statuses={name: counts("pathway", name, status.ORDER) for name in base.pathways},
        steps={
            name: {step: counted[f"step.{name}={step}"] for step in range(1, STEPS + 1)}
            for name in base.pathways
            if f"step.{name}" in columns
        },
        flow=_flow(results, base),
        fired={name: counted[f"rule.{name}"] for name in rules if f"rule.{name}" in columns},
        without_column=[name for name in rules if f"rule.{name}" not in columns],
        groups=[group for column in sorted(columns) if column.startswith(PREFIX) for group in _groups(results, column)],
        known=None if known is None else dict(known),
    )


def _counters(base: RuleBase, columns: set[str]) -> Iterator[pl.Expr]:
    yield pl.len().alias("rows")
    yield pl.col("emergency").sum()
    for kind, names, words in (
        ("cause", base.causes, standing.ORDER),
        ("red_flag", base.red_flags, FLAGS),
        ("pathway", base.pathways, status.ORDER),
    ):
        for name in names:
            column = f"{kind}.{name}"
            if column in columns:
                yield from ((pl.col(column) == word).sum().alias(f"{column}={word}") for word in words)
    for name in base.pathways:
        column = f"step.{name}"
        if column in columns:
            yield from ((pl.col(column) == step).sum().alias(f"{column}={step}") for step in range(1, STEPS + 1))
    yield from (pl.col(name).sum() for name in sorted(columns) if name.startswith("rule."))


def _first(results: pl.LazyFrame) -> dict[str, int]:
    first = pl.col("cause_1").cast(pl.String).fill_null("")
    counted = results.group_by(first.alias("cause")).agg(pl.len().alias("count")).collect(engine="streaming")
    return dict(counted.sort(["count", "cause"], descending=[True, False]).iter_rows())


def _groups(results: pl.LazyFrame, column: str) -> Iterator[Group]:
    first = pl.col("cause_1").cast(pl.String).fill_null("").alias("cause")
    totals = (pl.len().alias("count"), pl.col("emergency").sum())
    counted = results.group_by(pl.col(column).alias("group"), first).agg(totals).collect(engine="streaming")
    for (name,), part in counted.sort("group", "cause").group_by("group", maintain_order=True):
        causes = dict(part.select("cause", "count").iter_rows())
        yield Group(
            column.removeprefix(PREFIX), str(name), sum(causes.values()), part["emergency"].sum(), causes
        )


def _flow(results: pl.LazyFrame, base: RuleBase) -> dict[tuple[str, ...], int]:
    """Count the ways through the first steps of the plan, each step by the kind of its first pathway."""
    columns = set(results.collect_schema().names())
    by_stage = sorted(base.pathways.values(), key=lambda pathway: (pathway.stage, pathway.id))
    kinds = list(dict.fromkeys(pathway.kind for pathway in by_stage))
    there = [pathway for pathway in by_stage if f"step.{pathway.id}" in columns]
    if not there:
        return {}
    steps = []
    for step in range(1, STEPS + 1):
        places = [
            pl.when(pl.col(f"step.{pathway.id}") == step).then(pl.lit(at, dtype=pl.UInt8))
            for at, pathway in enumerate(there)
        ]
        steps.append(pl.min_horizontal(places).alias(f"at.{step}"))
    named = {at: kinds.index(pathway.kind) for at, pathway in enumerate(there)}
    counted = results.select(steps).group_by(pl.all()).agg(pl.len().alias("count")).collect(engine="streaming")
    flow: dict[tuple[str, ...], int] = {}
    for *at, count in counted.sort(pl.all()).iter_rows():
        way = tuple(END if place is None else kinds[named[place]] for place in at)
        flow[way] = flow.get(way, 0) + count
    return flow
