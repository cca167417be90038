"""The statuses of the pathways, what they wait for and the steps of the plan, as in `pathways.status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pathways import status
from pathways.cohort.scores import any_rule
from rules.engines.program import FALSE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rules.documents import Pathway
    from rules.engines.columnar import Bits
    from rules.engines.program import Program, Register

STATUS, STEP = pl.Enum(status.ORDER), pl.UInt8()


def decides(pathway: Pathway, emergency: Register, bits: Bits) -> Register:
    """Return the status of a pathway."""
    program = bits.program
    urgent, now, consider = (
        any_rule(bits, [rule.id for rule in pathway.indications if rule.recommend == way])
        for way in ("urgent", "now", "consider")
    )
    absolute, relative = (
        any_rule(bits, [rule.id for rule in pathway.contraindications if rule.kind == kind])
        for kind in ("absolute", "relative")
    )
    indicated = program.any_of([now, consider])
    held = FALSE if pathway.kind in status.NOT_HELD else program.all_of([indicated, emergency])
    recommended = program.all_of([now, program.negate(relative)])
    ready = program.all_of(bits.holds(rule.id) for rule in pathway.prerequisites)
    choices: list[tuple[Register, status.StatusName]] = [
        (absolute, "contraindicated"),
        (urgent, "urgent"),
        (held, "next"),
        (program.all_of([recommended, ready]), "recommended_now"),
        (recommended, "next"),
        (indicated, "to_be_considered"),
    ]
    named = [(mask, program.constant(name, STATUS)) for mask, name in choices]
    return program.first_true(named, program.constant("not_indicated", STATUS))


def waits(pathway: Pathway, decided: Register, emergency: Register, bits: Bits) -> dict[str, Register]:
    """Return for each prerequisite where the pathway waits for it: next, not held back, and it is not fulfilled."""
    program = bits.program
    waiting = program.equal(decided, program.constant("next", STATUS))
    if pathway.kind not in status.NOT_HELD:
        waiting = program.all_of([waiting, program.negate(emergency)])
    return {rule.id: program.all_of([waiting, program.negate(bits.holds(rule.id))]) for rule in pathway.prerequisites}


def plan(pathways: Sequence[Pathway], decided: Mapping[str, Register], program: Program) -> dict[str, Register]:
    """Return the number of each pathway's step in the plan, 0 where it is not in it."""
    zero, one = program.constant(0, STEP), program.constant(1, STEP)
    steps: dict[str, list[tuple[Register, Register]]] = {pathway.id: [] for pathway in pathways}
    number = zero
    for when, names in _groups(pathways):
        there = {name: program.equal(decided[name], program.constant(when, STATUS)) for name in names}
        number = program.add(number, program.choose(program.any_of(there.values()), one, zero))
        for name, mask in there.items():
            steps[name].append((mask, number))
    return {name: program.first_true(choices, zero) for name, choices in steps.items()}


def _groups(pathways: Iterable[Pathway]) -> Iterable[tuple[status.StatusName, list[str]]]:
    """Return the pathways that would share a step, in the order of the plan; urgent ones all do."""
    by_stage = sorted(pathways, key=lambda pathway: (pathway.stage, pathway.id))
    groups: dict[tuple[status.StatusName, int], list[str]] = {}
    for when in status.WHEN:
        for pathway in by_stage:
            groups.setdefault((when, 0 if when == "urgent" else pathway.stage), []).append(pathway.id)
    return [(when, names) for (when, _), names in groups.items()]
