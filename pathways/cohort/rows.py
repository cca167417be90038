"""The conclusions for one case in the columns of a table, from the other two engines: the answer to compare with."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pathways import status
from pathways.standing import LEADING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pathways.judged import Judged
    from rules.rulebase import RuleBase

TOP = 3  # causes that have a column of their own
MISSING, MOST_MISSING = "missing_", 5  # columns of the most valuable missing facts
FLAG = {True: "present", None: "unknown", False: "absent"}


def row_of(judged: Judged, columns: Iterable[str]) -> dict[str, Any]:
    """Return the columns of a result for one case, and whatever else is known of it that has no column."""
    truths, base = judged.inference.truths, judged.base
    row: dict[str, Any] = {"emergency": judged.emergency}
    row |= {f"red_flag.{name}": FLAG[truths[f"red_flag.{name}"]] for name in base.red_flags}
    for name in base.findings:
        row[f"finding.{name}"] = truths[f"finding.{name}"] is True
        row[f"no.{name}"] = truths[f"finding.{name}"] is False
    row |= {column: truths[name] is True for name, column in _rules(base)}
    row |= _causes(judged) | _pathways(judged)
    wanted = {name: row.pop(name) for name in columns}
    return wanted | {name: value for name, value in row.items() if value not in (False, "unknown")}


def missing_of(judged: Judged) -> dict[str, Any]:
    """Return the columns of what is missing for one case."""
    from pathways import inquiry

    found = [missing.fact for missing in inquiry.missing(judged)[:MOST_MISSING]]
    return {f"{MISSING}{n}": found[n - 1] if len(found) >= n else None for n in range(1, MOST_MISSING + 1)}


@lru_cache(maxsize=8)
def _rules(base: RuleBase) -> list[tuple[str, str]]:
    """Return every rule that concludes no fact, with its column."""
    return [(name, f"rule.{name}") for name in base.conditions if not name.startswith(("finding.", "red_flag."))]


def _causes(judged: Judged) -> dict[str, Any]:
    ranked = [name for name in judged.ranked_causes() if judged.standings[name].name in LEADING]
    found: dict[str, Any] = {f"cause_{n}": ranked[n - 1] if len(ranked) >= n else None for n in range(1, TOP + 1)}
    for name, result in judged.standings.items():
        found |= {f"cause.{name}": result.name, f"score.{name}": result.score}
    return found


def _pathways(judged: Judged) -> dict[str, Any]:
    pathways = judged.base.pathways
    found: dict[str, Any] = {}
    for name, result in judged.statuses.items():
        found[f"pathway.{name}"] = result.name
        found[f"step.{name}"] = 0
        found |= {f"waits.{rule.id}": rule.id in result.waits_for for rule in pathways[name].prerequisites}
    for number, step in enumerate(status.plan(pathways.values(), judged.statuses), 1):
        found |= {f"step.{name}": number for name in step.pathways}
    return found


def same(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Return the columns in which two results differ."""
    return [name for name in one if one[name] != other.get(name)]
