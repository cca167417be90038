"""Agreement of a cohort's results with a known diagnosis in a column of labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from pathways import standing
from pathways.overview.groups import PREFIX
from pathways.overview.intervals import Difference, Kappa, Share, kappa
from rules.problems import CaseError, Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.rulebase import RuleBase

LABEL = "label"
LIKELY = ("confirmed", "probable")
LEADING = (*LIKELY, "possible")
PLACES = ("cause_1", "cause_2", "cause_3")
SAME_FAMILY = 0.5
COHEN = (
    "Cohen's kappa between the label and the first cause: causes have no order, so only the same cause agrees. Cases "
    "with no cause in view count as a category of their own."
)
WEIGHTED = (
    "Weighted kappa (Cohen 1968): another cause of the same family counts as half an agreement, since it leads to "
    "similar tests and pathways."
)


@dataclass(frozen=True)
class Accuracy:
    """How well one cause is recognized. Positive: it stands probable or better; `first` and `three`: by its rank."""

    cause: str
    labeled: int
    sensitivity: Share
    specificity: Share
    first: Share
    three: Share


@dataclass(frozen=True)
class GroupAgreement:
    """Agreement in one group of cases, and how it differs from all other cases with a label."""

    kind: str
    name: str
    first: Share
    three: Share
    difference: Difference


@dataclass
class Agreement:
    """Results against labels."""

    column: str
    labeled: int
    unlabeled: int
    strange: int  # cases whose label is no cause of the rule base
    first: Share
    three: Share
    causes: list[Accuracy]
    confusion: dict[tuple[str, str], int]  # (label, first cause; empty: none) -> cases
    standings: dict[str, Share]  # standing -> how often a cause that stands so is the label
    first_standings: dict[str, Share]  # the same for the first cause of each case
    kappa: Kappa | None
    weighted: Kappa | None
    groups: list[GroupAgreement] = field(default_factory=list)


def agreement(results: pl.LazyFrame, base: RuleBase, column: str) -> Agreement:
    """Compare results with the labels in a column: ids of causes, or their titles.

    Raises CaseError if there is no such column, or no label in it is a cause.
    """
    columns = results.collect_schema().names()
    if column not in columns:
        kept = [name for name in columns if "." not in name]
        raise CaseError("the labels cannot be used", [Problem(column, f"there is no such column{nearest(column, kept)}")])
    label, all_labels = _labels(base, column)
    totals = results.select(
        pl.len().alias("rows"), label.is_not_null().sum().alias("labeled"), pl.col(column).is_null().sum().alias("none")
    )
    rows, labeled, none = totals.collect(engine="streaming").row(0)
    if not labeled:
        message = f"no value is a cause; a label is an id such as {next(iter(base.causes))}, or a title"
        raise CaseError("the labels cannot be used", [Problem(column, message)])
    known = results.with_columns(label.alias(LABEL)).filter(pl.col(LABEL).is_not_null())
    confusion = _confusion(known)
    counted = known.select(_counters(list(base.causes))).collect(engine="streaming").row(0, named=True)
    families = {name: cause.family for name, cause in base.causes.items()}

    def weight(one: str, other: str) -> float:
        return 1.0 if one == other else SAME_FAMILY if families[one] == families.get(other) else 0.0

    return Agreement(
        column=column,
        labeled=labeled,
        unlabeled=none,
        strange=rows - labeled - none,
        first=Share(counted["first"], labeled),
        three=Share(counted["three"], labeled),
        causes=[_accuracy(name, counted, labeled) for name in base.causes if counted[f"{name}.labeled"]],
        confusion=confusion,
        standings={
            word: Share(
                sum(counted[f"{name}.{word}.right"] for name in base.causes),
                sum(counted[f"{name}.{word}"] for name in base.causes),
            )
            for word in standing.ORDER
        },
        first_standings=_first_standings(known, list(base.causes)),
        kappa=kappa(confusion),
        weighted=kappa(confusion, weight),
        groups=[group for name in columns if name.startswith(PREFIX) for group in _groups(known, name)],
    )


def _labels(base: RuleBase, column: str) -> tuple[pl.Expr, list[str]]:
    """Return the label as the id of a cause, null where it is none."""
    words = {name: name for name in base.causes} | {cause.title.lower(): name for name, cause in base.causes.items()}
    text = pl.col(column).cast(pl.String).str.strip_chars().str.to_lowercase()
    kind = pl.Enum(list(base.causes))
    return text.replace_strict(words, default=None, return_dtype=kind), list(words)


def _counters(causes: list[str]) -> Iterator[pl.Expr]:
    label = pl.col(LABEL).cast(pl.String)
    ranked = [(pl.col(place).cast(pl.String) == label).fill_null(value=False) for place in PLACES]
    yield ranked[0].sum().alias("first")
    yield pl.any_horizontal(ranked).sum().alias("three")
    for name in causes:
        mine, stands = pl.col(LABEL) == name, pl.col(f"cause.{name}")
        yield mine.sum().alias(f"{name}.labeled")
        yield (mine & ranked[0]).sum().alias(f"{name}.first")
        yield (mine & pl.any_horizontal(ranked)).sum().alias(f"{name}.three")
        for word in standing.ORDER:
            yield (stands == word).sum().alias(f"{name}.{word}")
            yield (mine & (stands == word)).sum().alias(f"{name}.{word}.right")


def _accuracy(name: str, counted: dict[str, int], cases: int) -> Accuracy:
    labeled = counted[f"{name}.labeled"]
    right = sum(counted[f"{name}.{word}.right"] for word in LIKELY)
    positive = sum(counted[f"{name}.{word}"] for word in LIKELY)
    return Accuracy(
        cause=name,
        labeled=labeled,
        sensitivity=Share(right, labeled),
        specificity=Share(cases - labeled - (positive - right), cases - labeled),
        first=Share(counted[f"{name}.first"], labeled),
        three=Share(counted[f"{name}.three"], labeled),
    )


def _confusion(known: pl.LazyFrame) -> dict[tuple[str, str], int]:
    pair = (pl.col(LABEL).cast(pl.String), pl.col("cause_1").cast(pl.String).fill_null("").alias("said"))
    counted = known.group_by(pair).agg(pl.len().alias("count")).collect(engine="streaming")
    return {(label, said): count for label, said, count in counted.sort(LABEL, "said").iter_rows()}


def _first_standings(known: pl.LazyFrame, causes: list[str]) -> dict[str, Share]:
    """Count how often the first cause is the label, by how it stands."""
    first = pl.col("cause_1").cast(pl.String)
    stands = pl.coalesce([pl.when(first == name).then(pl.col(f"cause.{name}").cast(pl.String)) for name in causes])
    right = (first == pl.col(LABEL).cast(pl.String)).sum()
    counted = known.group_by(stands.alias("stands")).agg(right.alias("right"), pl.len().alias("count"))
    found = {word: Share(part, whole) for word, part, whole in counted.collect(engine="streaming").iter_rows()}
    return {word: found.get(word, Share(0, 0)) for word in LEADING}


def _groups(known: pl.LazyFrame, column: str) -> Iterator[GroupAgreement]:
    label = pl.col(LABEL).cast(pl.String)
    ranked = [(pl.col(place).cast(pl.String) == label).fill_null(value=False) for place in PLACES]
    sums = (ranked[0].sum().alias("first"), pl.any_horizontal(ranked).sum().alias("three"), pl.len().alias("count"))
    counted = known.group_by(pl.col(column).alias("group")).agg(sums).collect(engine="streaming").sort("group")
    right, cases = counted["first"].sum(), counted["count"].sum()
    for name, first, three, count in counted.iter_rows():
        difference = Difference(Share(first, count), Share(right - first, cases - count))
        yield GroupAgreement(
            column.removeprefix(PREFIX), str(name), Share(first, count), Share(three, count), difference
        )
