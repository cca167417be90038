"""How well the results of a cohort agree with a known diagnosis, in a few lines for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways.overview.agreement import agreement
from rules.problems import CaseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathways.overview.agreement import Agreement
    from pathways.overview.intervals import Kappa, Share
    from pathways.overview.tally import Tally
    from rules.rulebase import RuleBase

WIDTH = 44


def as_text(counts: Tally, base: RuleBase, column: str) -> str:
    """Return the agreement of results with the labels in a column, or why there is nothing to compare."""
    try:
        found = agreement(counts, base, column)
    except CaseError as error:
        return f"{column} was not compared: {'; '.join(problem.message for problem in error.problems)}"
    return "\n".join(
        [
            f"agreement with {column} ({found.labeled:,} labeled cases; 95 % intervals in brackets):",
            *_lines(found, base),
        ]
    )


def _lines(found: Agreement, base: RuleBase) -> Iterator[str]:
    yield f"  it is the first cause in {_share(found.first)}, among the first three in {_share(found.three)}"
    if found.kappa and found.weighted:
        yield f"  kappa {_kappa(found.kappa)}; weighted, half for the same family, {_kappa(found.weighted)}"
    yield f"  {'by cause: stands probable or confirmed':<{WIDTH + 2}}  {'sensitivity':<23} {'specificity':<23}   cases"
    for cause in sorted(found.causes, key=lambda item: -item.labeled):
        right, not_wrong = _share(cause.sensitivity), _share(cause.specificity)
        yield f"    {base.causes[cause.cause].title[:WIDTH]:<{WIDTH}}  {right:<23} {not_wrong:<23} {cause.labeled:>7,}"
    if found.unlabeled or found.strange:
        yield f"  not compared: {found.unlabeled:,} without a label, {found.strange:,} with one that is no cause here"


def _share(share: Share) -> str:
    if share.value is None:
        return "-"
    return f"{100 * share.value:.1f} % ({100 * share.low:.1f} to {100 * share.high:.1f})"


def _kappa(kappa: Kappa) -> str:
    return f"{kappa.value:.2f} ({kappa.low:.2f} to {kappa.high:.2f})"
