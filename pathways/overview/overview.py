"""A cohort in numbers, from its counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pathways import standing, status
from pathways.cohort.mapping import MARK
from pathways.overview.groups import TITLES, words
from pathways.overview.tally import FLAGS, STEPS, key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathways.overview.tally import Tally
    from rules.rulebase import RuleBase


@dataclass(frozen=True)
class Group:
    """One group of cases: its size, how many are emergencies, and how often each cause comes first."""

    kind: str
    name: str
    rows: int
    emergencies: int
    first: dict[str, int]


@dataclass(frozen=True)
class Overview:
    """A cohort in numbers. Rules without a column rest on facts that the table does not have."""

    rows: int
    emergencies: int
    synthetic: int  # cases that are marked as synthetic
    first: dict[str, int]  # cause (empty: none in view) -> cases where it comes first
    standings: dict[str, dict[str, int]]  # cause -> standing -> cases
    flags: dict[str, dict[str, int]]  # red flag -> present, unknown, absent -> cases
    statuses: dict[str, dict[str, int]]  # pathway -> status -> cases
    steps: dict[str, dict[int, int]]  # pathway -> step of the plan -> cases
    flow: dict[tuple[str, ...], int]  # the kind of pathway at each of the first steps -> cases
    fired: dict[str, int]  # rule -> cases
    without_column: list[str]
    groups: list[Group] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)  # fact -> cases in which it is known, if that was counted
    missing: dict[str, tuple[int, int]] = field(default_factory=dict)  # fact -> cases that lack it most, or among most

    @property
    def never(self) -> list[str]:
        """The rules that could fire on these columns and never did."""
        return [name for name, count in self.fired.items() if not count]


def overview(counts: Tally, base: RuleBase) -> Overview:
    """Return a cohort in numbers."""
    rules = [name for name in base.conditions if not name.startswith(("finding.", "red_flag."))]
    with_column = {name for name in rules if key("rule", name) in counts}
    first = _under(counts, "first")
    return Overview(
        rows=counts["rows"],
        emergencies=counts["emergency"],
        synthetic=counts[MARK],
        first=dict(sorted(first.items(), key=lambda item: (-item[1], item[0]))),
        standings={name: {word: counts[key("cause", name, word)] for word in standing.ORDER} for name in base.causes},
        flags={name: {word: counts[key("red_flag", name, word)] for word in FLAGS} for name in base.red_flags},
        statuses={name: {word: counts[key("pathway", name, word)] for word in status.ORDER} for name in base.pathways},
        steps={name: {step: counts[key("step", name, step)] for step in range(1, STEPS + 1)} for name in base.pathways},
        flow={tuple(name.split("|")): count for name, count in sorted(_under(counts, "flow").items())},
        fired={name: counts[key("rule", name)] for name in rules if name in with_column},
        without_column=[name for name in rules if name not in with_column],
        groups=list(_groups(counts)),
        known=_under(counts, "known"),
        missing=_missing(counts),
    )


def _missing(counts: Tally) -> dict[str, tuple[int, int]]:
    """Return the facts that were found missing, those first that most cases lack."""
    first, others = (_under(counts, "missing", place) for place in ("first", "next"))
    found = {fact: (first.get(fact, 0), others.get(fact, 0)) for fact in {**first, **others} if fact}
    return dict(sorted(found.items(), key=lambda item: (-sum(item[1]), item[0])))


def _under(counts: Tally, *before: str) -> dict[str, int]:
    """Return the counts whose keys begin with these words, by the rest of their keys."""
    prefix = key(*before, "")
    return {name.removeprefix(prefix): count for name, count in counts.items() if name.startswith(prefix)}


def _groups(counts: Tally) -> Iterator[Group]:
    for kind in TITLES:
        for name in words(kind):
            first = _under(counts, "group", kind, name, "first")
            if first:
                yield Group(kind, name, sum(first.values()), counts[key("group", kind, name, "emergency")], first)
