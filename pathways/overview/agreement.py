"""Agreement of a cohort's results with a known diagnosis, from its counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pathways import standing
from pathways.overview.groups import TITLES, words
from pathways.overview.intervals import Difference, Kappa, Share, kappa
from pathways.overview.tally import key
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathways.overview.tally import Tally
    from rules.rulebase import RuleBase

LIKELY = ("confirmed", "probable")
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
    """How well one cause is recognized. Positive: it stands probable or confirmed; `first` and `three`: by its rank."""

    cause: str
    labeled: int
    sensitivity: Share
    specificity: Share
    first: Share
    three: Share


@dataclass(frozen=True)
class GroupAgreement:
    """Agreement in one group of cases, and how the share of first causes differs from all other labeled cases."""

    kind: str
    name: str
    first: Share
    three: Share
    difference: Difference


@dataclass(frozen=True)
class Agreement:
    """Results against labels."""

    column: str
    labeled: int
    unlabeled: int
    strange: int  # cases whose label is no cause of the rule base
    first: Share
    three: Share
    causes: list[Accuracy]
    confusion: dict[tuple[str, str], int]  # (label, first cause; empty: none in view) -> cases
    standings: dict[str, Share]  # standing -> how often a cause that stands so is the label
    kappa: Kappa | None
    weighted: Kappa | None
    groups: list[GroupAgreement] = field(default_factory=list)


def agreement(counts: Tally, base: RuleBase, column: str) -> Agreement:
    """Compare results with labels that were counted. Raises CaseError if no label is a cause."""
    confusion = {}
    for true in base.causes:
        for said in (*base.causes, ""):
            if counts[key("label", "pair", true, said)]:
                confusion[true, said] = counts[key("label", "pair", true, said)]
    labeled = sum(confusion.values())
    if not labeled:
        message = f"no value is a cause; a label is an id such as {next(iter(base.causes))}, or a title"
        raise CaseError("the labels cannot be used", [Problem(column, message)])
    families = {name: cause.family for name, cause in base.causes.items()}

    def weight(one: str, other: str) -> float:
        return 1.0 if one == other else SAME_FAMILY if families.get(one) == families.get(other) else 0.0

    causes = [_accuracy(name, counts, confusion, labeled) for name in base.causes]
    return Agreement(
        column=column,
        labeled=labeled,
        unlabeled=counts[key("label", "none")],
        strange=counts[key("label", "strange")],
        first=Share(sum(item.first.part for item in causes), labeled),
        three=Share(sum(item.three.part for item in causes), labeled),
        causes=[item for item in causes if item.labeled],
        confusion=confusion,
        standings={word: _standing(word, counts, base) for word in standing.ORDER},
        kappa=kappa(confusion),
        weighted=kappa(confusion, weight),
        groups=list(_groups(counts)),
    )


def _accuracy(name: str, counts: Tally, confusion: dict[tuple[str, str], int], cases: int) -> Accuracy:
    labeled = sum(count for (true, _), count in confusion.items() if true == name)
    right = sum(counts[key("label", "right", name, word)] for word in LIKELY)
    positive = sum(counts[key("label", "stands", name, word)] for word in LIKELY)
    return Accuracy(
        cause=name,
        labeled=labeled,
        sensitivity=Share(right, labeled),
        specificity=Share(cases - labeled - (positive - right), cases - labeled),
        first=Share(confusion.get((name, name), 0), labeled),
        three=Share(counts[key("label", "three", name)], labeled),
    )


def _standing(word: str, counts: Tally, base: RuleBase) -> Share:
    right = sum(counts[key("label", "right", name, word)] for name in base.causes)
    return Share(right, sum(counts[key("label", "stands", name, word)] for name in base.causes))


def _groups(counts: Tally) -> Iterator[GroupAgreement]:
    for kind in TITLES:
        names = [name for name in words(kind) if counts[key("label", "group", kind, name, "all")]]
        found = {
            name: [counts[key("label", "group", kind, name, what)] for what in ("first", "three", "all")]
            for name in names
        }
        first, _, cases = (sum(row[number] for row in found.values()) for number in range(3))
        for name, (right, three, count) in found.items():
            others = Share(first - right, cases - count)
            yield GroupAgreement(
                kind, name, Share(right, count), Share(three, count), Difference(Share(right, count), others)
            )
