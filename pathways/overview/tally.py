"""Counting a cohort's results: flat counts that can be written as JSON and added up over parts of a table.

A key is its words joined by `|`:

    rows   emergency   synthetic
    cause|ID|STANDING   red_flag|ID|STATE   pathway|ID|STATUS   step|PATHWAY|NUMBER   rule|RULE
    first|CAUSE                    cases in which this cause comes first (empty: none in view)
    flow|KIND|KIND|...             the kind of the first pathway of each of the first steps (empty: no such step)
    group|KIND|NAME|first|CAUSE    the same within a group        group|KIND|NAME|emergency
    known|FACT                     cases in which a fact is known
    missing|first|FACT             cases in which it is the most valuable missing fact; missing|next|...: of the next
    label|pair|LABEL|CAUSE         cases with this label and this first cause
    label|three|LABEL              of them, those with the label among the first three
    label|stands|CAUSE|STANDING    among the cases with a label, and  label|right|...  where it is the label
    label|group|KIND|NAME|first, |three, |all
    label|none   label|strange     cases without a label, or with one that is no cause
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from pathways import standing, status
from pathways.cohort.mapping import MARK
from pathways.overview.groups import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rules.rulebase import RuleBase

Tally = Counter[str]
STEPS = 4  # how far into the plan the flow is followed
FLAGS = ("present", "unknown", "absent")
PLACES = ("cause_1", "cause_2", "cause_3")
LABEL = "_label"
MISSING = "missing_"  # the columns of the most valuable missing facts


def key(*words: object) -> str:
    """Return the key of a count."""
    return "|".join(str(word) for word in words)


def tally(results: pl.LazyFrame, base: RuleBase, label: str | None = None) -> Tally:
    """Count results, with the groups that have a column, and against the labels in a column if one is named."""
    columns = set(results.collect_schema().names())
    counts = _sums(results, _conclusions(base, columns))
    counts.update(_first(results, []))
    counts.update(_flow(results, base, columns))
    for number, column in enumerate(sorted(name for name in columns if name.startswith(MISSING))):
        for (fact,), sums in _grouped(results.select(column), [pl.col(column)]):
            counts[key("missing", "next" if number else "first", fact)] += sums["all"]
    if MARK in columns:
        counts[MARK] = results.select(_marked().sum()).collect(engine="streaming").item()
    for column in sorted(columns):
        if column.startswith(PREFIX):
            counts.update(_first(results, [column]))
    if label is not None:
        counts.update(_labels(results, base, label, columns))
    return counts


def merged(tallies: Iterable[Mapping[str, int]]) -> Tally:
    """Add up the counts of the parts of a table. Counts of 0 stay: they tell of rules that never fired."""
    counts: Tally = Counter()
    for one in tallies:
        counts.update(one)
    return counts


def known(facts: pl.DataFrame) -> Tally:
    """Count in how many cases each fact is known."""
    return Counter({key("known", name): facts.height - facts[name].null_count() for name in facts.columns})


def _sums(frame: pl.LazyFrame, counters: Iterable[pl.Expr]) -> Tally:
    return Counter(frame.select(counters).collect(engine="streaming").row(0, named=True))


def _conclusions(base: RuleBase, columns: set[str]) -> Iterator[pl.Expr]:
    yield pl.len().cast(pl.Int64).alias("rows")
    yield pl.col("emergency").sum().cast(pl.Int64)
    words = (("cause", standing.ORDER), ("red_flag", FLAGS), ("pathway", status.ORDER), ("step", range(1, STEPS + 1)))
    for kind, values in words:
        for column in sorted(name for name in columns if name.startswith(f"{kind}.")):
            name = column.removeprefix(f"{kind}.")
            yield from ((pl.col(column) == value).sum().alias(key(kind, name, value)) for value in values)
    for name in base.conditions:
        if f"rule.{name}" in columns:
            yield pl.col(f"rule.{name}").sum().alias(key("rule", name))


def _grouped(frame: pl.LazyFrame, by: list[pl.Expr], **sums: pl.Expr) -> Iterator[tuple[list[str], dict[str, int]]]:
    """Yield the counts of each group with its names; nothing is the empty name."""
    names = [expr.alias(f"by.{number}") for number, expr in enumerate(by)]
    totals = [expr.alias(name) for name, expr in {"all": pl.len(), **sums}.items()]
    counted = frame.group_by(names).agg(totals).collect(engine="streaming")
    for row in counted.iter_rows(named=True):
        group = [row.pop(f"by.{number}") for number in range(len(by))]
        yield ["" if name is None else str(name) for name in group], row


def _first(results: pl.LazyFrame, columns: list[str]) -> Tally:
    counts: Tally = Counter()
    by = [*(pl.col(column) for column in columns), pl.col(PLACES[0])]
    for (*group, cause), sums in _grouped(results, by, emergency=pl.col("emergency").sum()):
        before = ["group", columns[0].removeprefix(PREFIX), *group] if columns else []
        counts[key(*before, "first", cause)] += sums["all"]
        if columns:
            counts[key(*before, "emergency")] += sums["emergency"]
    return counts


def _flow(results: pl.LazyFrame, base: RuleBase, columns: set[str]) -> Tally:
    by_stage = sorted(base.pathways.values(), key=lambda pathway: (pathway.stage, pathway.id))
    there = [pathway for pathway in by_stage if f"step.{pathway.id}" in columns]
    if not there:
        return Counter()
    ranks = [len(there) - at for at in range(len(there))]  # the first pathway of a step has the largest
    kind_of = {str(rank): pathway.kind for rank, pathway in zip(ranks, there, strict=True)}
    steps = []
    for step in range(1, STEPS + 1):
        mine = [
            (pl.col(f"step.{pathway.id}") == step).cast(pl.UInt8) * pl.lit(rank, dtype=pl.UInt8)
            for rank, pathway in zip(ranks, there, strict=True)
        ]
        steps.append(pl.max_horizontal(mine).alias(f"first.{step}"))
    counts: Tally = Counter()
    for ranked, sums in _grouped(results.select(steps), [pl.col(f"first.{step}") for step in range(1, STEPS + 1)]):
        counts[key("flow", *(kind_of.get(rank, "") for rank in ranked))] += sums["all"]
    return counts


def _labels(results: pl.LazyFrame, base: RuleBase, column: str, columns: set[str]) -> Tally:
    kind = results.collect_schema()[PLACES[0]]
    ids = list(kind.categories) if isinstance(kind, pl.Enum) else list(base.causes)  # results in text have no Enum
    label = label_number(base, ids, column)
    given = pl.col(column).is_not_null()
    counts = _sums(
        results,
        [
            (~given).sum().cast(pl.Int64).alias(key("label", "none")),
            (given & label.is_null()).sum().cast(pl.Int64).alias(key("label", "strange")),
        ],
    )
    labeled = results.with_columns(label.alias(LABEL)).filter(pl.col(LABEL).is_not_null())
    said = [pl.col(name).cast(pl.Enum(ids), strict=False).to_physical() for name in PLACES]
    ranked = [(number == pl.col(LABEL)).fill_null(value=False) for number in said]
    three = pl.any_horizontal(ranked).sum()
    for (true, first), sums in _grouped(labeled, [pl.col(LABEL), pl.col(PLACES[0])], three=three):
        counts[key("label", "pair", ids[int(true)], first)] += sums["all"]
        counts[key("label", "three", ids[int(true)])] += sums["three"]
    counts.update(_sums(labeled, _standings(ids, columns)))
    for name in sorted(columns):
        if name.startswith(PREFIX):
            for (group,), sums in _grouped(labeled, [pl.col(name)], first=ranked[0].sum(), three=three):
                for what, count in sums.items():
                    counts[key("label", "group", name.removeprefix(PREFIX), group, what)] += count
    return counts


def _standings(ids: list[str], columns: set[str]) -> Iterator[pl.Expr]:
    for number, cause in enumerate(ids):
        if f"cause.{cause}" in columns:
            mine = pl.col(LABEL) == number
            for word in standing.ORDER:
                stands = pl.col(f"cause.{cause}") == word
                yield stands.sum().cast(pl.Int64).alias(key("label", "stands", cause, word))
                yield (stands & mine).sum().cast(pl.Int64).alias(key("label", "right", cause, word))


def label_number(base: RuleBase, ids: list[str], column: str) -> pl.Expr:
    """Return which of these causes a label names, by its id or its title, as a number; null where it is neither.

    The words are the categories of an Enum, ids first and then titles in the same order, so that their number says
    which cause is meant. (A table of replacements would do the same, but not on a table larger than memory.)
    """
    words = list(ids)
    for number, name in enumerate(ids):
        title = base.causes[name].title.lower() if name in base.causes else ""
        words.append(f"|{number}" if not title or title in words else title)
    text = pl.col(column).cast(pl.String).str.strip_chars().str.to_lowercase()
    return text.cast(pl.Enum(words), strict=False).to_physical() % len(ids)


def _marked() -> pl.Expr:
    """Return which rows are marked as synthetic: true, however a table writes it."""
    return pl.col(MARK).cast(pl.String).str.to_lowercase().is_in(["true", "yes", "1"]).cast(pl.Int64)
