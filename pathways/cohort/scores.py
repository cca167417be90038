"""Where the causes stand, as steps of a program: the same sums and comparisons as in `pathways.standing`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pathways import standing
from pathways.cohort.rows import TOP
from rules.engines.program import FALSE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rules.documents import Argument, Cause, Weights
    from rules.engines.columnar import Bits
    from rules.engines.program import Program, Register

STANDING = pl.Enum(standing.ORDER)
SCORE = pl.Int16()
STEP = 8000  # more than two scores can differ; twice it and a score still fit into the type
LOWEST = -(1 << 15)


def any_rule(bits: Bits, rules: Iterable[str]) -> Register:
    """Return where any of these rules is true."""
    return bits.program.any_of(bits.holds(rule) for rule in rules)


def score(cause: Cause, weights: Weights, bits: Bits) -> Register:
    """Return the score of a cause: its prior, and the strongest true argument of each group."""
    program = bits.program
    total = _prior(cause, bits)
    for arguments in _groups(cause).values():
        by_points: dict[int, list[str]] = {}
        for argument in arguments:
            by_points.setdefault(standing.points(argument, weights), []).append(argument.id)
        strongest_first = sorted(by_points, key=lambda points: -abs(points))
        choices = [(any_rule(bits, by_points[points]), program.constant(points, SCORE)) for points in strongest_first]
        if any(mask != FALSE for mask, _ in choices):
            total = program.add(total, program.first_true(choices, program.constant(0, SCORE)))
    return total


def _prior(cause: Cause, bits: Bits) -> Register:
    """Return the points of the first prior whose condition is true; one without a condition always is."""
    choices: list[tuple[Register, Register]] = []
    for number, prior in enumerate(cause.prior):
        points = bits.program.constant(standing.log_odds(prior.share), SCORE)
        if prior.when is None:
            return bits.program.first_true(choices, points)
        choices.append((bits.holds(f"{cause.id}.prior.{number}"), points))
    return bits.program.first_true(choices, choices[-1][1])


def _groups(cause: Cause) -> dict[tuple[str, str], list[Argument]]:
    groups: dict[tuple[str, str], list[Argument]] = {}
    for argument in cause.arguments:
        if argument.direction in ("for", "against"):
            groups.setdefault((argument.direction, argument.group or argument.id), []).append(argument)
    return groups


def stands(cause: Cause, total: Register, weights: Weights, bits: Bits) -> Register:
    """Return the standing of a cause with this score."""
    program = bits.program
    argued, against, confirmed, excluded = (
        any_rule(bits, [argument.id for argument in cause.arguments if argument.direction == way])
        for way in ("for", "against", "confirms", "excludes")
    )
    probable, possible = (
        program.all_of([argued, program.reaches(total, weights.standings[name].value)])
        for name in ("probable", "possible")
    )
    choices: list[tuple[Register, standing.StandingName]] = [
        (bits.holds(f"{cause.id}.considered_when", False), "excluded"),
        (program.all_of([confirmed, excluded]), "possible"),
        (confirmed, "confirmed"),
        (excluded, "excluded"),
        (probable, "probable"),
        (possible, "possible"),
        (program.any_of([argued, against]), "unlikely"),
    ]
    named = [(mask, program.constant(name, STANDING)) for mask, name in choices]
    return program.first_true(named, program.constant("nothing_to_say", STANDING))


def top_causes(standings: dict[str, Register], totals: dict[str, Register], program: Program) -> list[Register]:
    """Return the best causes that something speaks for, in their ranking; null where there are fewer.

    Each cause in the order of the names finds its place among the best so far; a tie leaves the earlier name first.
    """
    names = pl.Enum(sorted(standings))
    ranks = [program.constant(LOWEST, SCORE)] * TOP
    best = [program.constant(None, names)] * TOP
    for name in names.categories:
        rank = _rank(standings[name], totals[name], program)
        before: list[Register] = []
        for kept in ranks:
            before.append(program.any_of([*before[-1:], program.above(rank, kept)]))
        ranks = [_insert(program, before, place, rank, ranks) for place in range(TOP)]
        best = [_insert(program, before, place, program.constant(name, names), best) for place in range(TOP)]
    return best


def _insert(program: Program, before: list[Register], place: int, new: Register, best: list[Register]) -> Register:
    """Return what stands at a place once the new one is put in where it comes before."""
    if place == 0:
        return program.choose(before[0], new, best[0])
    moved = program.choose(before[place - 1], best[place - 1], new)
    return program.choose(before[place], moved, best[place])


def _rank(stands_at: Register, total: Register, program: Program) -> Register:
    """Return a number that is larger for what ranks before: standing, then score; the lowest where nothing speaks."""
    above = [
        (program.equal(stands_at, program.constant(name, STANDING)), program.constant(STEP * (2 - at), SCORE))
        for at, name in enumerate(standing.LEADING)
    ]
    speaks = program.any_of(mask for mask, _ in above)
    ranked = program.add(total, program.first_true(above, program.constant(0, SCORE)))
    return program.choose(speaks, ranked, program.constant(LOWEST, SCORE))


def check_span(causes: Iterable[Cause], weights: Weights) -> None:
    """Raise ValueError if a score could be too large for ranking."""
    for cause in causes:
        priors = max(abs(standing.log_odds(prior.share)) for prior in cause.prior)
        furthest = priors + sum(abs(standing.points(argument, weights)) for argument in cause.arguments)
        if 2 * furthest >= STEP:
            message = f"{cause.id}: scores up to {furthest} are too large to be ranked in a table"
            raise ValueError(message)
