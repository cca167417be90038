"""Where the causes stand, as expressions over the columns of arguments: the same sums as in `pathways.standing`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pathways import standing
from rules.engines.columnar import all_of, any_of
from rules.inference import DENIED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from rules.documents import Argument, Cause, Weights

STANDING = pl.Enum(standing.ORDER)
SCORE = pl.Int16()
TOP = 3
LEADING: tuple[standing.StandingName, ...] = ("confirmed", "probable", "possible")


def present(names: Iterable[str], bits: AbstractSet[str]) -> pl.Expr | None:
    """Return where any of these columns of bits is true; None where none of them exists."""
    found = [pl.col(name) for name in names if name in bits]
    return any_of(found) if found else None


def first_true(choices: Iterable[tuple[pl.Expr | None, pl.Expr]], otherwise: pl.Expr) -> pl.Expr:
    """Return the value beside the first condition that is true. Conditions that cannot be true are None."""
    chain = pl
    for condition, value in choices:
        if condition is not None:
            chain = chain.when(condition).then(value)  # type: ignore[assignment]
    return otherwise if chain is pl else chain.otherwise(otherwise)  # type: ignore[attr-defined]


def score(cause: Cause, weights: Weights, bits: AbstractSet[str]) -> pl.Expr:
    """Return the score of a cause: its prior, and the strongest true argument of each group."""
    total = _prior(cause, bits)
    for arguments in _groups(cause).values():
        by_points: dict[int, list[str]] = {}
        for argument in arguments:
            by_points.setdefault(standing.points(argument, weights), []).append(argument.id)
        strongest_first = sorted(by_points, key=lambda points: -abs(points))
        choices = [(present(by_points[points], bits), _points(points)) for points in strongest_first]
        if any(condition is not None for condition, _ in choices):
            total = total + first_true(choices, _points(0))
    return total.alias(f"score.{cause.id}")


def _points(number: int) -> pl.Expr:
    return pl.lit(number, dtype=SCORE)


def _prior(cause: Cause, bits: AbstractSet[str]) -> pl.Expr:
    """Return the points of the first prior whose condition is true; one without a condition always is."""
    choices: list[tuple[pl.Expr | None, pl.Expr]] = []
    for number, prior in enumerate(cause.prior):
        points = _points(standing.log_odds(prior.share))
        if prior.when is None:
            return first_true(choices, points)
        choices.append((present([f"{cause.id}.prior.{number}"], bits), points))
    return first_true(choices, _points(standing.log_odds(cause.prior[-1].share)))


def _groups(cause: Cause) -> dict[tuple[str, str], list[Argument]]:
    groups: dict[tuple[str, str], list[Argument]] = {}
    for argument in cause.arguments:
        if argument.direction in ("for", "against"):
            groups.setdefault((argument.direction, argument.group or argument.id), []).append(argument)
    return groups


def stands(cause: Cause, weights: Weights, bits: AbstractSet[str]) -> pl.Expr:
    """Return the standing of a cause; it rests on the column of its score."""
    told = {
        way: present([a.id for a in cause.arguments if a.direction == way], bits)
        for way in ("for", "against", "confirms", "excludes")
    }
    total = pl.col(f"score.{cause.id}")
    probable, possible = (total >= weights.standings[name].value for name in ("probable", "possible"))
    choices = [
        (present([f"{DENIED}{cause.id}.considered_when"], bits), "excluded"),
        (_both(told["confirms"], told["excludes"]), "possible"),
        (told["confirms"], "confirmed"),
        (told["excludes"], "excluded"),
        (_both(told["for"], probable), "probable"),
        (_both(told["for"], possible), "possible"),
        (told["for"], "unlikely"),
        (told["against"], "unlikely"),
    ]
    chosen = [(condition, pl.lit(name, dtype=STANDING)) for condition, name in choices]
    return first_true(chosen, pl.lit("nothing_to_say", dtype=STANDING)).alias(f"cause.{cause.id}")


def _both(one: pl.Expr | None, other: pl.Expr | None) -> pl.Expr | None:
    return None if one is None or other is None else all_of([one, other])


def top_causes(causes: Sequence[Cause], weights: Weights) -> list[list[pl.Expr]]:
    """Return the stages that add `cause_1` to `cause_3`: the best causes that something speaks for, in their ranking.

    Ranking and name go into one whole number a cause, so that the best is the largest; the next is the largest below.
    """
    names = sorted(cause.id for cause in causes)
    span = 1 + 2 * max(_furthest(cause, weights) for cause in causes)
    keys = [f"key.{name}" for name in names]
    stages = [[_key(name, at, span, len(names)).alias(keys[at]) for at, name in enumerate(names)]]
    for place in range(1, TOP + 1):
        below = [pl.col(key) if place == 1 else _below(key, f"best.{place - 1}") for key in keys]
        stages.append([pl.max_horizontal(below).alias(f"best.{place}")])
    named = pl.Enum(names)
    return [*stages, [_named(place, len(names), named) for place in range(1, TOP + 1)]]


def _furthest(cause: Cause, weights: Weights) -> int:
    """Return how far from zero a score can be."""
    priors = max(abs(standing.log_odds(prior.share)) for prior in cause.prior)
    return priors + sum(abs(standing.points(argument, weights)) for argument in cause.arguments)


def _key(name: str, at: int, span: int, count: int) -> pl.Expr:
    """Return a number that is larger for what ranks before; nothing speaks for the cause where it is negative."""
    standing_column = pl.col(f"cause.{name}")
    last = span // 2 * count + (count - 1 - at)
    places = [
        (standing_column == word, _whole(span * (len(LEADING) - n) * count + last)) for n, word in enumerate(LEADING, 1)
    ]
    return first_true(places, _whole(-2 * span * count)) + pl.col(f"score.{name}").cast(pl.Int32) * count


def _whole(number: int) -> pl.Expr:
    return pl.lit(number, dtype=pl.Int32)


def _below(key: str, best: str) -> pl.Expr:
    return pl.when(pl.col(key) < pl.col(best)).then(pl.col(key)).otherwise(_whole(-1))


def _named(place: int, count: int, named: pl.Enum) -> pl.Expr:
    best = pl.col(f"best.{place}")
    at = (count - 1 - best % count).cast(pl.UInt8)
    return pl.when(best >= 0).then(at.cat.to(named)).alias(f"cause_{place}")
