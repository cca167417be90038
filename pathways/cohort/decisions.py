"""The statuses of the pathways, what they wait for and the steps of the plan, as in `pathways.status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pathways import status
from pathways.cohort.scores import first_true, present
from rules.engines.columnar import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from rules.documents import Pathway

STATUS = pl.Enum(status.ORDER)
ACTIVE = tuple(status.WHEN)
EMERGENCY = "emergency"
Choices = list[tuple[pl.Expr | None, status.StatusName]]


def decides(pathway: Pathway, bits: AbstractSet[str]) -> pl.Expr:
    """Return the status of a pathway; it rests on the column `emergency`."""
    chosen = [(condition, pl.lit(name, dtype=STATUS)) for condition, name in _choices(pathway, bits)]
    return first_true(chosen, pl.lit("not_indicated", dtype=STATUS)).alias(f"pathway.{pathway.id}")


def _choices(pathway: Pathway, bits: AbstractSet[str]) -> Choices:
    urgent, now, consider = (
        present([rule.id for rule in pathway.indications if rule.recommend == way], bits)
        for way in ("urgent", "now", "consider")
    )
    absolute, relative = (
        present([rule.id for rule in pathway.contraindications if rule.kind == kind], bits)
        for kind in ("absolute", "relative")
    )
    choices: Choices = [(absolute, "contraindicated"), (urgent, "urgent")]
    if pathway.kind not in status.NOT_HELD:
        indicated = [way for way in (now, consider) if way is not None]
        choices.append((any_of(indicated) & pl.col(EMERGENCY) if indicated else None, "next"))
    if now is not None:
        unmixed = now if relative is None else now & ~relative
        ready = _ready(pathway, bits)
        choices.append((None if ready is None else all_of([unmixed, ready]), "recommended_now"))
        choices.append((unmixed, "next") if pathway.prerequisites else (unmixed, "recommended_now"))
        choices.append((now, "to_be_considered"))
    choices.append((consider, "to_be_considered"))
    return choices


def _ready(pathway: Pathway, bits: AbstractSet[str]) -> pl.Expr | None:
    """Return where every prerequisite is fulfilled; None where there is none, or one that cannot be."""
    names = [rule.id for rule in pathway.prerequisites]
    return all_of([pl.col(name) for name in names]) if names and set(names) <= bits else None


def waits(pathway: Pathway, bits: AbstractSet[str]) -> list[pl.Expr]:
    """Return for each prerequisite where the pathway waits for it: next, not held back, and it is not fulfilled."""
    waiting = pl.col(f"pathway.{pathway.id}") == "next"
    if pathway.kind not in status.NOT_HELD:
        waiting = waiting & ~pl.col(EMERGENCY)
    columns = []
    for rule in pathway.prerequisites:
        open_still = waiting & ~pl.col(rule.id) if rule.id in bits else waiting
        columns.append(open_still.alias(f"waits.{rule.id}"))
    return columns


def plan(pathways: Sequence[Pathway]) -> list[list[pl.Expr]]:
    """Return the stages that add `step.PATHWAY`: the number of its step in the plan, 0 where it is not in it."""
    groups = _groups(pathways)
    there = [
        any_of([pl.col(f"pathway.{name}") == when for name in names]).cast(pl.UInt8).alias(f"group.{at}")
        for at, ((when, _), names) in enumerate(groups.items())
    ]
    counted = [
        pl.sum_horizontal([pl.col(f"group.{before}") for before in range(at + 1)]).cast(pl.UInt8).alias(f"count.{at}")
        for at in range(len(groups))
    ]
    steps = []
    for pathway in pathways:
        mine = [
            (pl.col(f"pathway.{pathway.id}") == when, pl.col(f"count.{at}"))
            for at, ((when, _), names) in enumerate(groups.items())
            if pathway.id in names
        ]
        steps.append(first_true(mine, pl.lit(0, dtype=pl.UInt8)).alias(f"step.{pathway.id}"))
    return [there, counted, steps]


def _groups(pathways: Iterable[Pathway]) -> dict[tuple[str, int], list[str]]:
    """Return the pathways that would share a step, by (status, stage), in the order of the plan; urgent ones all do."""
    by_stage = sorted(pathways, key=lambda pathway: (pathway.stage, pathway.id))
    groups: dict[tuple[str, int], list[str]] = {}
    for when in ACTIVE:
        for pathway in by_stage:
            groups.setdefault((when, 0 if when == "urgent" else pathway.stage), []).append(pathway.id)
    return groups
