"""How often each cell of a variable is seen in patients with each cause, from base rates and what the cells speak for.

For yes or no and for imaging findings, "no" is the cell that all others are counted against, and sensitivity and false
positive rate have exactly the ratio that the knowledge gives: rate with the cause = LR x base rate. The base rate is
lowered, where need be, until no cause shows the finding in more than nine of ten. Where only the absence speaks, the
rate of "no" is LR x its base rate; where both speak, the mean of the two is taken. Choices and numbers have no such
cell: their cells are weighed by LR and brought back to a sum of one.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from pathways.synth.histories import share_below

if TYPE_CHECKING:
    from pathways.synth.assumptions import Assumptions
    from pathways.synth.signs import Variable

MOST = 0.9
OFTEN = 0.5  # from this base rate on, "yes" is what others are counted against
CEILING = 0.97


def usual(variable: Variable, assumed: Assumptions) -> list[float]:
    """Return the shares of the cells in patients whose cause says nothing of them."""
    if variable.kind == "choice":
        return assumed.shares(variable.fact, tuple(str(value) for value in variable.cells))
    if variable.kind == "number":
        spread = assumed.spread(variable.fact)
        at = spread.at if spread else [0.0] * 6
        ends = [0.0, *(share_below(at, cut) for cut in variable.cuts), 1.0]
        return [high - low for low, high in pairwise(ends)]
    rate = assumed.concordant if variable.fact.endswith(".concordant") else assumed.rate(variable.fact)
    if variable.kind == "yes_no":
        return [1 - rate, rate]
    return [1 - rate, *(rate * assumed.places[str(where)] for where in variable.cells[1:])]


def rates(variable: Variable, causes: list[str], assumed: Assumptions) -> list[list[float]]:
    """Return for each cause the shares of the cells, adding up to one."""
    base = usual(variable, assumed)
    ratios = [[10 ** (variable.speaks(cause, cell) / 100) for cell in range(len(base))] for cause in causes]
    if variable.kind in ("choice", "number"):
        return [_normalized([b * r for b, r in zip(base, row, strict=True)]) for row in ratios]
    reference = 1 if variable.kind == "yes_no" and base[1] >= OFTEN else 0
    others = [cell for cell in range(len(base)) if cell != reference]
    most = max(sum(base[cell] * row[cell] for cell in others) for row in ratios)
    lowered = min(1.0, MOST / most)
    return [_against_reference(base, row, reference, others, lowered) for row in ratios]


def _against_reference(
    base: list[float], ratios: list[float], reference: int, others: list[int], lowered: float
) -> list[float]:
    shown = {cell: base[cell] * lowered for cell in others}
    total = sum(shown.values())
    with_cause = {cell: share * ratios[cell] for cell, share in shown.items()}
    wanted = sum(with_cause.values())
    if ratios[reference] != 1:
        from_absence = max(1 - ratios[reference] * (1 - total), 1 - CEILING)
        wanted = (wanted + from_absence) / 2 if any(ratios[cell] != 1 for cell in others) else from_absence
    wanted = min(wanted, CEILING)
    scale = wanted / sum(with_cause.values())
    shares = [0.0] * len(base)
    for cell, share in with_cause.items():
        shares[cell] = share * scale
    shares[reference] = 1 - sum(shares)
    return shares


def _normalized(shares: list[float]) -> list[float]:
    total = sum(shares)
    return [share / total for share in shares]
