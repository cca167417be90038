"""Which rules fire on which cases: what the library exercises, and what it never does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pathways import library
from pathways.facts import project
from pathways.judged import Judged
from rules.lookup import rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pathways.facts import Facts
    from rules.inference import Reasoner
    from rules.lookup import Entry
    from rules.places import Places
    from rules.rulebase import RuleBase


@dataclass(frozen=True)
class Share:
    """So many of so many rules fired."""

    fired: int
    total: int

    @property
    def percent(self) -> float:
        """The share in percent."""
        return 100 * self.fired / self.total if self.total else 100.0


@dataclass(frozen=True)
class Coverage:
    """For every rule, by the name of its condition, the cases on which it fired."""

    cases: tuple[str, ...]
    rules: tuple[Entry, ...]
    fired: dict[str, tuple[str, ...]]

    @property
    def never(self) -> list[Entry]:
        """The rules that fired on no case."""
        return [entry for entry in self.rules if not self.fired[entry.id]]

    @property
    def overall(self) -> Share:
        """The share of all rules."""
        return self._share(self.rules)

    def by_kind(self) -> dict[str, Share]:
        """Return the share of each kind of rule."""
        kinds = dict.fromkeys(entry.kind for entry in self.rules)
        return {kind: self._share(entry for entry in self.rules if entry.kind == kind) for kind in kinds}

    def by_file(self, places: Places) -> dict[str, Share]:
        """Return the share of each knowledge file, the least covered first."""
        total: Counter[str] = Counter()
        fired: Counter[str] = Counter()
        for entry in self.rules:
            file, _ = places.of(entry.part)
            total[file] += 1
            fired[file] += bool(self.fired[entry.id])
        shares = {file: Share(fired[file], total[file]) for file in total}
        return dict(sorted(shares.items(), key=lambda item: (item[1].percent, item[0])))

    def only(self, names: Iterable[str]) -> Coverage:
        """Return the coverage by these cases alone."""
        kept = set(names)
        fired = {rule: tuple(name for name in cases if name in kept) for rule, cases in self.fired.items()}
        return Coverage(tuple(name for name in self.cases if name in kept), self.rules, fired)

    def _share(self, entries: Iterable[Entry]) -> Share:
        truths = [bool(self.fired[entry.id]) for entry in entries]
        return Share(sum(truths), len(truths))


def library_cases(base: RuleBase) -> Iterator[tuple[str, Facts]]:
    """Yield (name, flat facts) of every published case."""
    return _facts(library.names(), base)


def constructed_cases(base: RuleBase) -> Iterator[tuple[str, Facts]]:
    """Yield (name, flat facts) of every case constructed for teaching."""
    return _facts(library.constructed_names(), base)


def _facts(names: Iterable[str], base: RuleBase) -> Iterator[tuple[str, Facts]]:
    for name in names:
        yield name, project(library.read(name, base).case, base)


def coverage(reasoner: Reasoner, cases: Iterable[tuple[str, Facts]]) -> Coverage:
    """Return which rules fire on which cases."""
    known = tuple(rules(reasoner.base))
    fired: dict[str, list[str]] = {entry.id: [] for entry in known}
    names = []
    for name, facts in cases:
        names.append(name)
        truths = Judged(reasoner, facts).inference.truths
        for rule, cases_of_rule in fired.items():
            if truths[rule]:
                cases_of_rule.append(name)
    return Coverage(tuple(names), known, {rule: tuple(found) for rule, found in fired.items()})
