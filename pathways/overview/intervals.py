"""Shares with their 95 % confidence intervals, and chance-corrected agreement. Plain formulas, each with its source."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Z = 1.959963984540054  # of the normal distribution, for 95 %


@dataclass(frozen=True)
class Share:
    """So many of so many, with Wilson's 95 % interval (Wilson 1927). Of none there is no share."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share, from 0 to 1."""
        return self.part / self.whole if self.whole else None

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return self._end(-1)

    @property
    def high(self) -> float:
        """The upper end of the interval."""
        return self._end(1)

    def _end(self, sign: int) -> float:
        n = self.whole
        if not n:
            return 0.0 if sign < 0 else 1.0
        if sign < 0 and not self.part:
            return 0.0
        if sign > 0 and self.part == n:
            return 1.0
        p = self.part / n
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        return min(max(middle + sign * half, 0.0), 1.0)


@dataclass(frozen=True)
class Difference:
    """The difference of two shares, with Newcombe's 95 % interval from the Wilson intervals (Newcombe 1998)."""

    one: Share
    other: Share

    @property
    def value(self) -> float | None:
        """The first share less the second."""
        if self.one.value is None or self.other.value is None:
            return None
        return self.one.value - self.other.value

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        p, q = self.one.value or 0.0, self.other.value or 0.0
        return p - q - sqrt((p - self.one.low) ** 2 + (self.other.high - q) ** 2)

    @property
    def high(self) -> float:
        """The upper end of the interval."""
        p, q = self.one.value or 0.0, self.other.value or 0.0
        return p - q + sqrt((self.one.high - p) ** 2 + (q - self.other.low) ** 2)


@dataclass(frozen=True)
class Kappa:
    """Chance-corrected agreement with its 95 % interval (Cohen 1968; variance by Fleiss, Cohen and Everitt 1969)."""

    value: float
    low: float
    high: float
    observed: float
    expected: float


def kappa(counts: Mapping[tuple[str, str], int], weight: Callable[[str, str], float] | None = None) -> Kappa | None:
    """Return kappa of a table of (one, other) to count; `weight` gives agreement from 0 to 1, else only equals agree.

    None where it is not defined: no cases, or everything in one category.
    """
    agree = weight or (lambda one, other: float(one == other))
    n = sum(counts.values())
    if not n:
        return None
    rows: dict[str, float] = {}
    columns: dict[str, float] = {}
    for (one, other), count in counts.items():
        rows[one] = rows.get(one, 0) + count / n
        columns[other] = columns.get(other, 0) + count / n
    by_row = {one: sum(share * agree(one, other) for other, share in columns.items()) for one in rows}
    by_column = {other: sum(share * agree(one, other) for one, share in rows.items()) for other in columns}
    observed = sum(count / n * agree(one, other) for (one, other), count in counts.items())
    expected = sum(rows[one] * by_row[one] for one in rows)
    if expected >= 1 - 1e-12:
        return None
    value = (observed - expected) / (1 - expected)
    spread = sum(
        count / n * (agree(one, other) - (by_row[one] + by_column[other]) * (1 - value)) ** 2
        for (one, other), count in counts.items()
    )
    variance = (spread - (value - expected * (1 - value)) ** 2) / (n * (1 - expected) ** 2)
    half = Z * sqrt(max(variance, 0.0))
    return Kappa(value, max(value - half, -1.0), min(value + half, 1.0), observed, expected)
