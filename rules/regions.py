"""The values that rules tell apart: one representative for each region of a fact that no rule divides further."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from math import floor
from typing import TYPE_CHECKING, Any

from rules.language import Compare, Condition, Not

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rules.language import Value
    from rules.rulebase import RuleBase
    from rules.vocabulary import Fact, Vocabulary

Cut = tuple[float, int]  # (t, 0) divides below t from t and above; (t, 1) divides up to t from above t
CUT_AT = {">=": 0, "<": 0, ">": 1, "<=": 1}


class Regions:
    """For every fact that some rules name, the values worth trying."""

    def __init__(self, vocabulary: Vocabulary, conditions: Iterable[Condition]) -> None:
        """Gather the thresholds of the rules."""
        self.vocabulary = vocabulary
        cuts: dict[str, set[Cut]] = {}
        for condition in conditions:
            for leaf in comparisons(condition):
                if leaf.op in CUT_AT and isinstance(leaf.value, (int, float)):
                    cuts.setdefault(leaf.fact, set()).add((leaf.value, CUT_AT[leaf.op]))
        self._cuts = {name: tuple(sorted(found)) for name, found in cuts.items()}

    def values(self, name: str, near: Value | None = None) -> tuple[Value, ...]:
        """Return one value for each region of a fact, in order; each as near as can be to the value given."""
        fact = self.vocabulary[name]
        if fact.type == "yes_no":
            return (True, False)
        if fact.type == "choice":
            return fact.values
        return tuple(value for value, _, _ in self._spans(fact, near))

    def every(self, name: str) -> tuple[Value, ...]:
        """Return one value for each region, those between two whole numbers among them."""
        fact = self.vocabulary[name]
        if fact.type != "number":
            return self.values(name)
        return tuple(value for value, _, _ in self._spans(fact, None, whole=False))

    def words(self, name: str, values: Sequence[Value]) -> str:
        """Return in words the answers for which these values stand, such as `200 mL or more`."""
        fact = self.vocabulary[name]
        if fact.type == "yes_no":
            return " or ".join("yes" if value else "no" for value in values)
        if fact.type == "choice":
            return " or ".join(str(value).replace("_", " ") for value in values)
        spans = list(self._spans(fact, None))
        parts = []
        for run in _runs([n for n, (_, low, high) in enumerate(spans) if any(_within(v, low, high) for v in values)]):
            low = spans[run[0]][1] if run[0] else None
            high = spans[run[-1]][2] if run[-1] < len(spans) - 1 else None
            parts.append(_span_words(low, high, fact.unit))
        return " or ".join(parts)

    def _spans(self, fact: Fact, near: Value | None, *, whole: bool = True) -> Iterator[tuple[Value, Cut, Cut]]:
        """Yield each region of a number as its representative and its two cuts.

        Where every threshold is a whole number, so is every representative, unless `whole` is off.
        """
        at = float(near) if isinstance(near, (int, float)) else None
        cuts = self._cuts.get(fact.id, ())
        step = 1.0 if all(cut[0] == int(cut[0]) for cut in cuts) else 0.1
        least, most = _or(fact.min, float("-inf")), _or(fact.max, float("inf"))
        ends: list[Cut] = [(least, 0), *(c for c in cuts if (least, 0) < c <= (most, 0)), (most, 1)]
        for low, high in pairwise(ends):
            inside = at is not None and _within(at, low, high)
            if inside or not whole or step < 1 or _within(floor(low[0]) + low[1], low, high) or high[0] - low[0] > 1:
                yield plain(_point(low, high, step, at, lowest=low[0] == least)), low, high


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    """Return whole numbers as runs of neighbors."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _span_words(low: Cut | None, high: Cut | None, unit: str) -> str:
    below = "" if high is None else f"up to {high[0]:g}" if high[1] else f"below {high[0]:g}"
    unit = f" {unit}" if unit else ""
    if low is None:
        return f"{below}{unit}" if below else "any value"
    if high is not None and low[0] == high[0]:
        return f"{low[0]:g}{unit}"
    above = f"above {low[0]:g}" if low[1] else f"{low[0]:g}"
    if not below:
        return f"{above}{unit}" if low[1] else f"{above}{unit} or more"
    return f"{'' if low[1] else 'from '}{above}, {below}{unit}"


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _within(number: Any, low: Cut, high: Cut) -> bool:
    return low <= (number, 0) and (number, 1) <= high


def _point(low: Cut, high: Cut, step: float, near: float | None, *, lowest: bool) -> float:
    """Return a value between two cuts: `near` itself, the end nearest to it, or the end at a threshold."""
    between = (low[0] + high[0]) / 2 if low[0] != high[0] else low[0]
    bottom, top = low[0] + step * low[1], high[0] - step * (1 - high[1])
    if (bottom, 0) >= high or bottom == float("-inf"):
        bottom = between
    if (top, 1) <= low or top == float("inf"):
        top = between
    if near is None:
        return top if lowest else bottom
    if _within(near, low, high):
        return near
    return bottom if near <= low[0] else top


def plain(number: float) -> int | float:
    """Return a number without float noise; whole ones as int."""
    rounded = round(number, 4)
    return int(rounded) if rounded == int(rounded) else rounded


def comparisons(condition: Condition) -> Iterator[Compare]:
    """Yield every comparison in a condition."""
    if isinstance(condition, Compare):
        yield condition
    elif isinstance(condition, Not):
        yield from comparisons(condition.part)
    else:
        for part in condition.parts:
            yield from comparisons(part)


@lru_cache(maxsize=8)
def regions(base: RuleBase) -> Regions:
    """Return the regions of a whole rule base, worked out once."""
    return Regions(base.vocabulary, base.conditions.values())
