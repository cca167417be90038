"""From arguments to where a cause stands. Each step is a sum, a maximum or a comparison, so a table can do the same."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from rules.documents import Argument, Cause, Prior, Weights
    from rules.engines.kleene import Truth

StandingName = Literal["confirmed", "probable", "possible", "unlikely", "excluded", "nothing_to_say"]
ORDER: tuple[StandingName, ...] = (
    "confirmed",
    "probable",
    "possible",
    "nothing_to_say",
    "unlikely",
    "excluded",
)


LEADING: tuple[StandingName, ...] = ("confirmed", "probable", "possible")  # something speaks for it


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a cause stands, the score behind it (hundredths of log10 odds), and the arguments that counted."""

    name: StandingName
    score: int
    prior: Prior
    considered: Truth
    counted: frozenset[str]
    conflict: bool


def log_odds(share: float) -> int:
    """Return the odds of a share as hundredths of log10, a whole number."""
    return round(100 * math.log10(share / (1 - share)))


def points(argument: Argument, weights: Weights) -> int:
    """Return what an argument adds (for) or takes (against), in hundredths of log10 odds."""
    if argument.lr is not None:
        return round(100 * math.log10(argument.lr))
    if argument.for_:
        return weights.strengths[argument.for_].value
    return -weights.strengths[argument.against].value if argument.against else 0


def prior_of(cause: Cause, truths: Mapping[str, Truth]) -> Prior:
    """Return the first prior whose condition is true; the last has none."""
    for number, prior in enumerate(cause.prior):
        if truths.get(f"{cause.id}.prior.{number}", True):
            return prior
    return cause.prior[-1]


def stand(cause: Cause, truths: Mapping[str, Truth], weights: Weights) -> Standing:
    """Weigh the arguments of a cause that are true."""
    prior = prior_of(cause, truths)
    considered = truths.get(f"{cause.id}.considered_when", True)
    fired = [argument for argument in cause.arguments if truths[argument.id]]
    best: dict[tuple[str, str], Argument] = {}
    for argument in fired:
        key = (argument.direction, argument.group or argument.id)
        if key not in best or abs(points(argument, weights)) > abs(points(best[key], weights)):
            best[key] = argument
    score = log_odds(prior.share) + sum(points(argument, weights) for argument in best.values())
    directions = {argument.direction for argument in fired}
    name = _name(directions, score, considered, weights)
    counted = frozenset(argument.id for argument in best.values())
    return Standing(name, score, prior, considered, counted, {"confirms", "excludes"} <= directions)


def _name(directions: AbstractSet[str], score: int, considered: Truth, weights: Weights) -> StandingName:
    if considered is False:
        return "excluded"
    if {"confirms", "excludes"} <= directions:
        return "possible"
    if "confirms" in directions:
        return "confirmed"
    if "excludes" in directions:
        return "excluded"
    if not directions:
        return "nothing_to_say"
    if "for" not in directions:
        return "unlikely"
    if score >= weights.standings["probable"].value:
        return "probable"
    return "possible" if score >= weights.standings["possible"].value else "unlikely"


def standing_fact(standing: Standing) -> str | None:
    """Return the standing as a fact for later rules; unknown (None) while there is nothing to say."""
    return None if standing.name == "nothing_to_say" else standing.name
