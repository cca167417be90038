"""durable-rules: forward chaining over one case, with a trace of what fired in which order.

Everything that durable-rules needs of its caller is in this module (measured on 2.0.28):
- Conditions arrive in normal form: a rule matches on what is known, so a negation needs its own comparison.
- One flat message a case and ruleset, holding only facts that a comparison there may be true of: a fact that is no, in
  rules that all want yes, can make nothing match. `assert_fact` fires every match, where a posted event would be
  consumed by the first.
- The matcher's stack holds 64 nodes: rules are split over several rulesets so that no case can overflow it, and a
  wide or long condition is cut into auxiliary ones that fire before it.
- One permanent session emptied by `retract_fact`: deleting a session in which nothing fired crashes the library.
- Its C functions are used directly: the Host of the Python layer starts threads and costs four times as much.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from rules.language import All, AnyOf, AtLeast, Compare, Condition, facts_in, normal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rules.language import Value

NAME = "durable-rules"
MEND = 'CPPFLAGS="-DPyEval_CallObject=PyObject_CallObject" pip install --force-reinstall --no-cache-dir durable-rules'
STACK = 56  # of the 64 nodes that the matcher's stack holds
WIDEST = 20  # alternatives in one pattern before it is cut
LONGEST = 24  # comparisons and connectives in one pattern; the library takes 32
OPERATORS = {">=": "$gte", "<=": "$lte", ">": "$gt", "<": "$lt", "!=": "$neq"}
WRITTEN = {True: "true", False: "false"}
_text = json.JSONEncoder(ensure_ascii=False).encode
_numbers = count()


def unavailable() -> str:
    """Return why durable-rules cannot be used here, in one line with the way to mend it, or an empty string."""
    try:
        import durable_rules_engine  # noqa: F401 - a C module that may not import
    except ImportError as error:
        reason = str(error).split(":")[-1].strip()
        return f"durable-rules cannot be imported ({reason}); the reference engine runs alone. To mend: {MEND}"
    return ""


@dataclass
class Plan:
    """Rules of one stratum as texts for durable-rules: pure data, so that it can be kept between runs.

    `passes` holds the rulesets of each pass; auxiliary rules fire first.
    """

    names: list[str] = field(default_factory=list)
    auxiliary: set[int] = field(default_factory=set)
    passes: list[list[Ruleset]] = field(default_factory=list)


class Ruleset(NamedTuple):
    """Rules as JSON text, and the facts that they are told.

    Of facts that are only asked whether they are a word, or yes or no, `matching` holds the answers that matter, as
    `written`. Of the `others`, every value is told.
    """

    text: str
    matching: tuple[str, ...]
    others: tuple[str, ...]


def plan(rules: Iterable[tuple[str, Condition]]) -> Plan:
    """Plan a network from (rule id, condition in any form) in the order in which they are to fire."""
    return _Planning().of((name, normal(condition)) for name, condition in rules)


class _Planning:
    """Lays rules out in passes: a rule comes after the auxiliary ones that were cut off it."""

    def __init__(self) -> None:
        self.plan = Plan()
        self.passes: list[list[tuple[str, Condition]]] = []
        self.depth: dict[str, int] = {}

    def of(self, rules: Iterable[tuple[str, Condition]]) -> Plan:
        for name, condition in rules:
            self._place(name, condition)
        self.plan.passes = [_rulesets(rules_of_pass) for rules_of_pass in self.passes]
        return self.plan

    def _place(self, name: str, condition: Condition) -> None:
        """Put a rule into the first pass that it can fire in, and its auxiliary conditions into earlier ones."""
        parts: list[Condition] = []
        whole = _narrow(_plain(condition), parts)
        depth = 0
        key_of: dict[int, str] = {}
        for number, part in enumerate(parts):
            inner = _rename(part, key_of)
            at = 1 + max((self.depth[f] for f in facts_in(inner) if f in self.depth), default=-1)
            key_of[number] = key = self._add(f"~{name}.{number}", inner, at)
            self.plan.auxiliary.add(int(key[1:]))
            self.depth[key] = at
            depth = max(depth, at + 1)
        self._add(name, _rename(whole, key_of), depth)

    def _add(self, name: str, condition: Condition, depth: int) -> str:
        key = f"r{len(self.plan.names)}"
        self.plan.names.append(name)
        while len(self.passes) <= depth:
            self.passes.append([])
        self.passes[depth].append((key, condition))
        return key


class Network:
    """A planned stratum, registered with durable-rules and ready to fire on the facts of a case."""

    def __init__(self, planned: Plan) -> None:
        """Register the rulesets of a plan."""
        import durable_rules_engine as engine

        self._engine = engine
        self._names, self._auxiliary = planned.names, planned.auxiliary
        self._passes = [_Pass(engine, rulesets) for rulesets in planned.passes]
        self._case = 0

    def fire(self, facts: Mapping[str, str]) -> list[str]:
        """Return the ids of the rules that are definitely true, in the order of firing.

        The facts come as `written` returns them.
        """
        self._case += 1
        known = dict(facts)
        end = f'"id":"{self._case}","sid":"0"}}'
        fired: list[str] = []
        for rulesets in self._passes:
            derived: dict[str, str] = {}
            for handle, message in rulesets.messages(known):
                for number in _matches(self._engine, handle, f"{{{message}{end}"):
                    if number in self._auxiliary:
                        derived[f"r{number}"] = f'"r{number}":true,'
                    else:
                        fired.append(self._names[number])
            known.update(derived)
        return fired


class _Pass:
    """The rulesets that fire side by side, and which of them each fact is told."""

    def __init__(self, engine: Any, rulesets: Iterable[Ruleset]) -> None:
        self._handles: list[Any] = []
        self._told_part: dict[str, list[int]] = {}  # by a fact with its value
        self._told_fact: dict[str, list[int]] = {}
        for at, (text, matching, others) in enumerate(rulesets):
            self._handles.append(engine.create_ruleset(f"spinepath{next(_numbers)}", text))
            for part in matching:
                self._told_part.setdefault(part, []).append(at)
            for fact in others:
                self._told_fact.setdefault(fact, []).append(at)

    def messages(self, known: Mapping[str, str]) -> Iterator[tuple[Any, str]]:
        """Yield each ruleset that something is told, and what; in order, whatever order the facts have."""
        messages: list[list[str]] = [[] for _ in self._handles]
        for part in sorted(self._told_part.keys() & known.values()):
            for at in self._told_part[part]:
                messages[at].append(part)
        for fact in sorted(self._told_fact.keys() & known.keys()):
            for at in self._told_fact[fact]:
                messages[at].append(known[fact])
        for handle, message in zip(self._handles, messages, strict=True):
            if message:
                yield handle, "".join(message)


def written(facts: Mapping[str, Value]) -> dict[str, str]:
    """Return each fact as a part of a message for durable-rules, so that it is written once for all rulesets."""
    return {name: _part(name, value) for name, value in facts.items()}


def _part(name: str, value: object) -> str:
    return f'"{name}":{WRITTEN[value] if isinstance(value, bool) else _text(value)},'


def _matches(engine: Any, handle: Any, text: str) -> list[int]:
    result, state = engine.assert_fact(handle, text)
    if result == 1:  # nothing matched, nothing is kept
        return []
    if result:
        error = f"durable-rules refused a case with code {result}"
        raise RuntimeError(error)
    matched: dict[int, None] = {}
    started = engine.start_action_for_state(handle, state)
    action = started and started[1]
    while action:  # such as {"r12":{...}}: one firing for each way to be satisfied
        matched[int(action[3 : action.index('"', 3)])] = None
        action = engine.complete_and_start_action(handle, state)
    engine.retract_fact(handle, text)
    return list(matched)


def _rulesets(rules: list[tuple[str, Condition]]) -> list[Ruleset]:
    """Write the rules of a pass as rulesets, split so that no case can overflow the matcher's stack."""
    made: list[Ruleset] = []
    part: dict[str, Condition] = {}
    trie: dict[Any, Any] = {}
    for key, condition in rules:
        _grow(trie, condition)
        if part and _peak(trie) > STACK:
            made.append(_ruleset(part))
            part, trie = {}, {}
            _grow(trie, condition)
        part[key] = condition
    return [*made, _ruleset(part)] if part else made


def _ruleset(rules: Mapping[str, Condition]) -> Ruleset:
    text = json.dumps({key: {"all": [{"m": _pattern(c)}]} for key, c in rules.items()}, ensure_ascii=False)
    compares = {compare for condition in rules.values() for path in _paths(condition) for compare in path}
    others = {compare.fact for compare in compares if not _asks_a_word(compare)}
    matching = {_part(compare.fact, compare.value) for compare in compares if compare.fact not in others}
    return Ruleset(text, tuple(sorted(matching)), tuple(sorted(others)))


def _asks_a_word(compare: Compare) -> bool:
    return compare.op == "==" and isinstance(compare.value, (bool, str))


def _grow(trie: dict[Any, Any], condition: Condition) -> None:
    for path in _paths(condition):
        node = trie
        for leaf in path:
            node = node.setdefault(leaf, {})


def _peak(trie: dict[Any, Any]) -> int:
    """Return the most nodes that one message can put on the matcher's stack.

    Of the comparisons of one fact with equals, a message can match one.
    """
    equals: set[str] = set()
    size = 0
    for leaf in trie:
        if leaf.op == "==":
            equals.add(leaf.fact)
        else:
            size += 1
    size += len(equals)
    return max([size, *(size - 1 + _peak(inner) for inner in trie.values() if inner)])


def _paths(condition: Condition) -> list[tuple[Compare, ...]]:
    if isinstance(condition, Compare):
        return [(condition,)]
    if isinstance(condition, AnyOf):
        return [path for part in condition.parts for path in _paths(part)]
    paths: list[tuple[Compare, ...]] = [()]
    for part in condition.parts:  # type: ignore[union-attr]
        paths = [a + b for a in paths for b in _paths(part)]
    return paths


def _pattern(condition: Condition) -> dict[str, Any]:
    if isinstance(condition, Compare):
        if condition.op == "==":
            return {condition.fact: condition.value}
        return {OPERATORS[condition.op]: {condition.fact: condition.value}}
    word = "$and" if isinstance(condition, All) else "$or"
    return {word: [_pattern(part) for part in condition.parts]}  # type: ignore[union-attr]


def _plain(condition: Condition) -> Condition:
    """Write a normal condition with plain comparisons, all and any only."""
    if isinstance(condition, Compare):
        return _plain_compare(condition)
    if isinstance(condition, AtLeast):
        return _plain(_counted(condition.count, condition.parts))
    parts: list[Condition] = []
    for part in condition.parts:  # type: ignore[union-attr]
        inner = _plain(part)
        if isinstance(inner, type(condition)):
            parts.extend(inner.parts)  # type: ignore[union-attr]
        else:
            parts.append(inner)
    parts = list(dict.fromkeys(parts))
    return parts[0] if len(parts) == 1 else type(condition)(tuple(parts))  # type: ignore[arg-type]


def _plain_compare(condition: Compare) -> Condition:
    fact, op, value = condition.fact, condition.op, condition.value
    if isinstance(value, tuple):
        parts = tuple(Compare(fact, "==" if op == "in" else "!=", item) for item in value)
        if len(parts) == 1:
            return parts[0]
        return AnyOf(parts) if op == "in" else All(parts)
    if isinstance(value, bool) and op == "!=":
        return Compare(fact, "==", not value)
    return condition


def _counted(least: int, parts: tuple[Condition, ...]) -> Condition:
    if least == len(parts):
        return All(parts)
    if least == 1:
        return AnyOf(parts)
    return AnyOf((All((parts[0], _counted(least - 1, parts[1:]))), _counted(least, parts[1:])))


def _width(condition: Condition) -> int:
    if isinstance(condition, Compare):
        return 1
    parts: tuple[Condition, ...] = condition.parts  # type: ignore[union-attr]
    widths = [_width(part) for part in parts]
    if isinstance(condition, AnyOf):
        return sum(widths)
    product = 1
    for width in widths:
        product *= width
    return product


def _size(condition: Condition) -> int:
    if isinstance(condition, Compare):
        return 1
    parts: tuple[Condition, ...] = condition.parts  # type: ignore[union-attr]
    return 1 + sum(_size(part) for part in parts)


def _narrow(condition: Condition, auxiliary: list[Condition]) -> Condition:
    """Cut a condition until it is short and has few alternatives; what is cut off goes to `auxiliary`."""
    if isinstance(condition, Compare):
        return condition
    parts = [_narrow(part, auxiliary) for part in condition.parts]  # type: ignore[union-attr]
    kind: Any = type(condition)
    while _width(kind(tuple(parts))) > WIDEST or _size(kind(tuple(parts))) > LONGEST:
        largest = max(range(len(parts)), key=lambda i: (_width(parts[i]), _size(parts[i])))
        if _size(parts[largest]) == 1:  # many plain comparisons: cut off a bunch of them
            auxiliary.append(kind(tuple(parts[:WIDEST])))
            parts = [_cut(auxiliary), *parts[WIDEST:]]
        else:
            auxiliary.append(parts[largest])
            parts[largest] = _cut(auxiliary)
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def _cut(auxiliary: list[Condition]) -> Compare:
    return Compare(f"~{len(auxiliary) - 1}", "==", True)


def _rename(condition: Condition, key_of: Mapping[int, str]) -> Condition:
    """Put the registered names of auxiliary conditions in place of their numbers."""
    if isinstance(condition, Compare):
        if condition.fact.startswith("~"):
            return Compare(key_of[int(condition.fact[1:])], "==", True)
        return condition
    return type(condition)(tuple(_rename(part, key_of) for part in condition.parts))  # type: ignore[union-attr, call-arg, arg-type]


def network(rules: Iterable[tuple[str, Condition]]) -> Network:
    """Build a network from conditions in any form."""
    return Network(plan(rules))
