"""Remembering what was made for a rule, or for all rules of a cause or pathway, when the same facts were known.

Most rules rest on a handful of facts, so most of what is told about a case was told before in the same words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from rules.language import Condition, facts_in

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from rules.language import Value

T = TypeVar("T")
LIMIT = 20_000


class Memory:
    """Keeps what was made, by name and by the values of the facts that it rests on; emptied when it grows large."""

    def __init__(self, trees: Mapping[str, Condition], owners: Mapping[str, Iterable[str]]) -> None:
        """Take the condition of every rule, and the rules of every owner."""
        self._trees = trees
        self._owners = owners
        self._rests_on: dict[str, tuple[str, ...]] = {}
        self._kept: dict[Hashable, Any] = {}
        self._cases = 0
        self._facts: Mapping[str, Value] = {}
        self._values: dict[str, tuple[Value | None, ...]] = {}

    def next_case(self) -> None:
        """Say that another case begins. The first is only told: a program that tells one has nothing to remember."""
        self._cases += 1

    def recall(self, name: str, facts: Mapping[str, Value], make: Callable[[], T], *more: Hashable) -> T:
        """Return what `make` returns, made anew only if these facts (and `more`) were not met before."""
        if name and self._cases < 2:
            return make()
        key = (name, more, self._known(name, facts))
        if key in self._kept:
            kept: T = self._kept[key]
            return kept
        if len(self._kept) >= LIMIT:
            self._kept.clear()
        made = self._kept[key] = make()
        return made

    def _known(self, name: str, facts: Mapping[str, Value]) -> tuple[Value | None, ...]:
        """Return the values of the facts that a name rests on; worked out once for the facts of one case."""
        if not name:
            return ()
        if facts is not self._facts:
            self._facts, self._values = facts, {}
        values = self._values.get(name)
        if values is None:
            values = self._values[name] = tuple(map(facts.get, self.rests_on(name)))
        return values

    def rests_on(self, name: str) -> tuple[str, ...]:
        """Return the facts that a rule, or all rules of an owner, rest on, findings followed down."""
        found = self._rests_on.get(name)
        if found is None:
            names: dict[str, None] = {}
            for rule in self._owners.get(name, (name,)):
                if rule in self._trees:
                    for fact in facts_in(self._trees[rule]):
                        names.update(dict.fromkeys(self.rests_on(fact) if fact in self._trees else (fact,)))
            found = self._rests_on[name] = tuple(sorted(names))
        return found
