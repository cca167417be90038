"""Reading nested cases by what was met before: the same operations, studies, treatments or blocks say the same facts.

A case with lists that are new is read as a case file is, and what its lists say is remembered for all cases that have
one of them, too. Months differ from case to case, but beside the numbers themselves only their order counts: a list is
remembered with ranks in their place. Whatever is unusual or wrong is read as a case file is, which tells what is wrong.
"""

from __future__ import annotations

import marshal
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from pathways.case import CASE_ID as CASE_ID_PATTERN
from pathways.parts import MONTHS
from pathways.reading import LISTS, asked, build_facts
from pathways.values import Values, is_plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rules.language import Value
    from rules.problems import Problem
    from rules.rulebase import RuleBase

Facts = dict[str, "Value"]
Entries = list[dict[str, Any]]
MOST = 20_000  # lists that are remembered
TRIAL = 10_000  # cases
NEUTRAL_ID = re.compile(CASE_ID_PATTERN)
WHEN = "months_ago"
MAPPING = frozenset((dict,))
FORMAT = 2  # of marshal: the last in which the same content is always the same bytes


class Told(NamedTuple):
    """What a list says: facts, which others are the months of which rank, and what the kinds of operations say."""

    facts: Facts
    months: tuple[tuple[str, int], ...]
    kinds: Facts


class Lists(NamedTuple):
    """The lists of a case as they are remembered, by which of LISTS it is, and the months that stand as ranks there."""

    keys: dict[int, bytes]
    months: list[Any]


class Recall:
    """Reads nested cases, and remembers what their lists say."""

    def __init__(self, base: RuleBase) -> None:
        """Remember nothing yet."""
        self._base = base
        self._asked = asked(base)
        self._problems: list[Problem] = []
        self._values = Values(base.vocabulary, self._problems)
        self._memory: dict[bytes, Told] = {}
        self._list_of = dict(_list_of(base))
        self._cases = self._recalled = 0

    def read(self, content: dict[str, Any], name: str) -> tuple[Facts, list[Facts]]:
        """Return a case's own facts, and those it has alike with other cases, which are not to be changed.

        Raises CaseError with every problem found; but facts of different lists that cannot be true together are not
        always found.
        """
        own = self._sections(content) if self._pays() else None
        lists = self._lists(content, own) if own is not None else None
        self._cases += 1
        if own is not None and lists is not None:
            told = {number: self._memory.get(key) for number, key in lists.keys.items()}
            if None not in told.values():
                self._recalled += 1
                return own, _recalled(told, lists.months, own)  # type: ignore[arg-type]
        _, own, shared = build_facts(content, self._base, name=name)
        if lists is not None:
            self._remember(lists, own, shared)
        return own, [shared]

    def _pays(self) -> bool:
        """Are there enough cases whose lists were all met before? To look for them costs a third of what each saves."""
        return self._cases < TRIAL or self._recalled > self._cases // 4

    def _sections(self, content: dict[str, Any]) -> Facts | None:
        """Return the facts outside the lists; None if anything is wrong or unusual."""
        self._problems.clear()
        own: Facts = {}
        for name, value in content.items():
            known = self._asked.get(name)
            if known is None:
                if name not in LISTS and name != "case_id":
                    return None
                continue
            if value.__class__ is not dict:
                return None
            for key, written in value.items():
                fact = known.get(key)
                if fact is None:
                    return None
                meant = written if is_plain(fact, written) else self._values.read(fact, written, "")
                if meant is not None:
                    own[fact.id] = meant
        return None if self._problems or not _is_neutral(content.get("case_id")) else own

    def _lists(self, content: dict[str, Any], own: Facts) -> Lists | None:
        """Return the lists of a case; None if anything is unusual."""
        surgery, imaging = _entries(content.get("surgery")), _entries(content.get("imaging"))
        if surgery is None or imaging is None:
            return None
        operated, seen = self._when(surgery), self._when(imaging)
        if self._problems:
            return None
        months = sorted({ago for ago in (*operated, *seen) if ago is not None})
        surgery, lumbar = _ranked(surgery, operated, months), own.get("person.lumbar_vertebrae")
        keys = {0: marshal.dumps((surgery, lumbar), FORMAT)}
        if imaging:  # is judged by where the operations and the pain were
            where = [(entry.get("levels"), entry.get(WHEN)) for entry in surgery]
            pain = own.get("pain.side"), own.get("pain.root")
            keys[1] = marshal.dumps((_ranked(imaging, seen, months), where, pain, lumbar), FORMAT)
        for number, name in enumerate(LISTS[2:], 2):
            if content.get(name) is not None:
                keys[number] = marshal.dumps((name, content[name]), FORMAT)
        return Lists(keys, months)

    def _when(self, entries: Entries) -> list[Any]:
        """Return how many months ago each was; None where that is not known."""
        return [self._values.read(MONTHS, entry.get(WHEN), "") for entry in entries]

    def _remember(self, lists: Lists, own: Facts, shared: Facts) -> None:
        """Remember what the lists of a case without problems say."""
        facts: dict[int, Facts] = {number: {} for number in lists.keys}
        months: dict[int, list[tuple[str, int]]] = {number: [] for number in lists.keys}
        for name, value in own.items():
            number, is_when = self._list_of.get(name, (-1, False))
            if is_when:
                months[number].append((name, lists.months.index(value)))
            elif number in facts:
                facts[number][name] = value
        for number, key in lists.keys.items():
            if len(self._memory) >= MOST:
                del self._memory[next(iter(self._memory))]
            self._memory[key] = Told(facts[number], tuple(months[number]), shared if number == 0 else {})


def _list_of(base: RuleBase) -> Iterable[tuple[str, tuple[int, bool]]]:
    """Yield which of LISTS says a fact, and whether the fact is how many months ago something was."""
    sections = {"surgery": 0, "index": 0, **dict.fromkeys(base.catalogue.modalities, 1), "treatments": 2, "blocks": 3}
    for name in base.vocabulary:
        section, _, last = name.partition(".")
        if section in sections:
            yield name, (sections[section], last == WHEN)
        elif section.startswith("months_since_"):
            yield name, (0, True)


def _recalled(told: dict[int, Told], months: list[Any], own: Facts) -> list[Facts]:
    """Return what lists say that were met before, and add the months to the case's own facts."""
    facts: list[Facts] = [told[0].kinds, {}, {}, {}, {}]
    for number, one in told.items():
        for name, rank in one.months:
            own[name] = months[rank]
        facts[number + 1] = one.facts
    return facts


def _is_neutral(case_id: object) -> bool:
    return case_id is None or (isinstance(case_id, str) and NEUTRAL_ID.fullmatch(case_id) is not None)


def _entries(value: object) -> Entries | None:
    """Return the entries of a list; None if it is written in another way."""
    if value is None:
        return []
    return value if isinstance(value, list) and MAPPING.issuperset(map(type, value)) else None


def _ranked(entries: Entries, when: list[Any], months: list[Any]) -> Entries:
    """Return entries with ranks in place of months."""
    if not months:
        return entries
    return [
        entry if ago is None else {**entry, WHEN: months.index(ago)} for entry, ago in zip(entries, when, strict=True)
    ]
