"""The condition language: comparisons of one fact, joined by all, any, not and a count.

A condition is written in YAML and read by every engine:

    {exam.slr_positive: yes}                          one fact
    {months_since_surgery: {at_least: 12, below: 24}}  numbers: at_least, at_most, above, below
    {pain.side: {one_of: [left, right]}}               choices; ordered ones also take at_least and at_most
    {all: [...]}  {any: [...]}  {not: {...}}           several facts in one mapping mean all of them
    {at_least: 2, of: [...]}                           a count of conditions

Truth is Kleene's: a comparison of an unknown fact is unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rules.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rules.vocabulary import Fact

Value = bool | int | float | str

NUMBER_TESTS = {"at_least": ">=", "at_most": "<=", "above": ">", "below": "<"}
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "in": lambda value, values: value in values,
    "not in": lambda value, values: value not in values,
}
NEGATED = {"==": "!=", "!=": "==", ">=": "<", "<": ">=", "<=": ">", ">": "<=", "in": "not in", "not in": "in"}


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of one fact with a value: `==`, `!=`, `>=`, `<=`, `>`, `<`, `in` or `not in`."""

    fact: str
    op: str
    value: Value | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is true; false when any part is false."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when any part is true; false when every part is false."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when the part is known false."""

    part: Condition


@dataclass(frozen=True, slots=True)
class AtLeast:
    """True when at least `count` of the parts are true; false when that can no longer be reached."""

    count: int
    parts: tuple[Condition, ...]


Condition = Compare | All | AnyOf | Not | AtLeast


class ConditionError(ValueError):
    """A condition that does not follow the language; the message says what would."""


def parse(raw: object, facts: Mapping[str, Fact]) -> Condition:
    """Turn a condition as written into its tree.

    Raises ConditionError with every problem in it, one a line.
    """
    problems: list[str] = []
    condition = _parse(raw, facts, problems)
    if problems or condition is None:
        raise ConditionError("\n".join(problems) or "an empty condition")
    return condition


def _parse(raw: object, facts: Mapping[str, Fact], problems: list[str]) -> Condition | None:
    if not isinstance(raw, dict) or not raw:
        problems.append(f"a condition is a mapping such as {{fact: yes}}, not {raw!r}")
        return None
    if "of" in raw:
        return _parse_count(raw, facts, problems)
    parts = [_parse_entry(key, value, facts, problems) for key, value in raw.items()]
    whole = [part for part in parts if part is not None]
    if not whole:
        return None
    return whole[0] if len(whole) == 1 else All(tuple(whole))


def _parse_entry(key: object, value: object, facts: Mapping[str, Fact], problems: list[str]) -> Condition | None:
    if key in ("all", "any"):
        parts = _parse_list(str(key), value, facts, problems)
        if not parts:
            return None
        if len(parts) == 1:
            return parts[0]
        return All(parts) if key == "all" else AnyOf(parts)
    if key == "not":
        part = _parse(value, facts, problems)
        return None if part is None else Not(part)
    return _parse_fact(str(key), value, facts, problems)


def _parse_list(name: str, value: object, facts: Mapping[str, Fact], problems: list[str]) -> tuple[Condition, ...]:
    if not isinstance(value, list) or not value:
        problems.append(f"{name}: takes a list of conditions")
        return ()
    parsed = (_parse(item, facts, problems) for item in value)
    return tuple(part for part in parsed if part is not None)


def _parse_count(raw: dict[Any, Any], facts: Mapping[str, Fact], problems: list[str]) -> Condition | None:
    if set(raw) != {"at_least", "of"}:
        problems.append("a count is written {at_least: N, of: [conditions]}")
        return None
    parts = _parse_list("of", raw["of"], facts, problems)
    count = raw["at_least"]
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= max(len(parts), 1):
        problems.append(f"at_least: a whole number from 1 to {len(parts)}, not {count!r}")
        return None
    return AtLeast(count, parts) if parts else None


def _parse_fact(name: str, test: object, facts: Mapping[str, Fact], problems: list[str]) -> Condition | None:
    fact = facts.get(name)
    if fact is None:
        problems.append(f"unknown fact {name}{nearest(name, facts)}")
        return None
    if isinstance(test, dict):
        return _parse_tests(fact, test, problems)
    problem = fact.problem_with(test)
    if problem:
        problems.append(f"{name}: {problem}")
        return None
    if fact.type == "number":
        problems.append(f"{name}: a number is compared with at_least, at_most, above or below, not {test!r}")
        return None
    return Compare(name, "==", test)  # type: ignore[arg-type]


def _parse_tests(fact: Fact, tests: dict[Any, Any], problems: list[str]) -> Condition | None:
    parts: list[Condition] = []
    for word, value in tests.items():
        part = _parse_test(fact, str(word), value, problems)
        if part is not None:
            parts.append(part)
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _parse_test(fact: Fact, word: str, value: object, problems: list[str]) -> Condition | None:
    if word == "one_of" and fact.type == "choice" and isinstance(value, list) and value:
        wrong = [item for item in value if item not in fact.values]
        if not wrong:
            return Compare(fact.id, "in", tuple(value))
        problems.append(f"{fact.id}: {wrong[0]!r} is not one of {', '.join(fact.values)}")
        return None
    if word in NUMBER_TESTS and fact.type == "number":
        problem = fact.problem_with(value)
        if not problem:
            return Compare(fact.id, NUMBER_TESTS[word], value)  # type: ignore[arg-type]
        problems.append(f"{fact.id}: {problem}")
        return None
    if word in ("at_least", "at_most") and fact.ordered and value in fact.values:
        at = fact.values.index(str(value))
        chosen = fact.values[at:] if word == "at_least" else fact.values[: at + 1]
        return Compare(fact.id, "in", tuple(chosen))
    problems.append(f"{fact.id}: cannot be compared with {{{word}: {value!r}}}; it is {fact.describe()}")
    return None


def facts_in(condition: Condition) -> Iterator[str]:
    """Yield the facts that a condition names, in the order of reading (with repeats)."""
    if isinstance(condition, Compare):
        yield condition.fact
    elif isinstance(condition, Not):
        yield from facts_in(condition.part)
    else:
        for part in condition.parts:
            yield from facts_in(part)


def asked_by(conditions: Iterable[Condition]) -> set[str]:
    """Return every fact that some condition names."""
    return {fact for condition in conditions for fact in facts_in(condition)}


def normal(condition: Condition, truth: bool = True) -> Condition:
    """Return the condition (or, with truth=False, its negation) with negation pushed into the comparisons.

    In Kleene's logic this changes no truth value, known or unknown.
    """
    if isinstance(condition, Compare):
        return condition if truth else Compare(condition.fact, NEGATED[condition.op], condition.value)
    if isinstance(condition, Not):
        return normal(condition.part, not truth)
    parts = tuple(normal(part, truth) for part in condition.parts)
    if isinstance(condition, AtLeast):
        return AtLeast(condition.count if truth else len(parts) - condition.count + 1, parts)
    same = isinstance(condition, All) == truth
    return All(parts) if same else AnyOf(parts)


def compare(value: Any, op: str, other: Any) -> bool:
    """Compare a known value: the one meaning of each operator for the engines written in Python."""
    return bool(COMPARISONS[op](value, other))
