"""What differs between two rule bases: rules, documents, sources and facts that were added, removed or changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, is_dataclass
from typing import TYPE_CHECKING, Any, Literal

from rules.lookup import entries
from rules.overlay import ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.lookup import Entry
    from rules.rulebase import RuleBase

RULE_LISTS = {"arguments", *ENTRIES["pathways"], "items"}
How = Literal["added", "removed", "changed"]


@dataclass(frozen=True)
class Field:
    """One part of a document that differs: its name, and what stood there before and stands there now."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """One thing that was added, removed or changed, and in what."""

    how: How
    kind: str
    id: str
    title: str
    fields: tuple[Field, ...] = ()


def changes(old: RuleBase, new: RuleBase) -> list[Change]:
    """Return every difference, by kind and id; rules count by themselves, not as part of their cause or pathway."""
    then, now = _named(old), _named(new)
    found = []
    for name in {**then, **now}:
        before, after = then.get(name), now.get(name)
        if before and after:
            fields = tuple(_fields(_plain(before.part), _plain(after.part)))
            if fields:
                found.append(Change("changed", after.kind, after.id, after.title, fields))
        elif before:
            found.append(Change("removed", before.kind, before.id, before.title))
        elif after:
            found.append(Change("added", after.kind, after.id, after.title))
    weights = tuple(_fields(_flat(old.weights.model_dump()), _flat(new.weights.model_dump())))
    if weights:
        found.append(Change("changed", "weights", "weights", "The numbers behind standings and questions", weights))
    order = {kind: number for number, kind in enumerate(dict.fromkeys(entry.kind for entry in now.values()))}
    return sorted(found, key=lambda change: (order.get(change.kind, 99), change.id))


def _named(base: RuleBase) -> dict[str, Entry]:
    return {entry.id: entry for entry in entries(base)}


def _plain(part: Any) -> dict[str, Any]:
    """Return a document as plain data, without the rules inside it."""
    if is_dataclass(part) and not isinstance(part, type):
        return asdict(part)
    data: dict[str, Any] = part.model_dump(by_alias=True)
    return {name: value for name, value in data.items() if name not in RULE_LISTS}


def _fields(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Field]:
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            yield Field(name, before.get(name), after.get(name))


def _flat(data: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in data.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat
