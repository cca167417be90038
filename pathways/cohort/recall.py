"""Reading nested cases by what was met before: the same operations, studies, treatments or blocks say the same facts.

Each list of a case is read once, as in a case file, and what it says is remembered for all cases that have the same.
Months differ from case to case, but beside the numbers themselves only their order counts: a list is remembered with
ranks in their place. Whatever is unusual or wrong is left to the reading of case files, which also tells what is wrong.
"""

from __future__ import annotations

import marshal
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pathways.case import CASE_ID as CASE_ID_PATTERN
from pathways.parts import MONTHS
from pathways.reading import LISTS, asked, build_facts
from pathways.values import Values, is_plain, tidy
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.language import Value
    from rules.rulebase import RuleBase

Facts = dict[str, "Value"]
Entries = list[dict[str, Any]]
MOST = 10_000  # lists of a kind that are remembered
NEUTRAL_ID = re.compile(CASE_ID_PATTERN)
WHEN, SINCE = "months_ago", "months_since_"
SOME: dict[str, Any] = {"surgery": [{}]}  # an operation of which nothing is known
MAPPING = frozenset((dict,))
FORMAT = 2  # of marshal: the last in which the same content is always the same bytes


class Told(NamedTuple):
    """What a list says: facts, and which facts are the months of which rank."""

    facts: Facts
    months: tuple[tuple[str, int], ...] = ()


NOTHING = Told({})


class Recall:
    """Remembers what the lists of nested cases say."""

    def __init__(self, base: RuleBase) -> None:
        """Remember nothing yet."""
        self._base = base
        self._asked = asked(base)
        self._problems: list[Problem] = []
        self._values = Values(base.vocabulary, self._problems)
        self._surgery = lru_cache(MOST)(self._read_surgery)
        self._imaging = lru_cache(MOST)(self._read_imaging)
        self._others = lru_cache(MOST)(self._read_others)

    def read(self, content: dict[str, Any]) -> tuple[Facts, list[Facts]] | None:
        """Return what a case says: all that stands outside its lists, and then what each list says, not to be changed.

        None if it must be read as a case file. Facts that cannot be true together are not looked for across lists.
        """
        own = self._sections(content)
        if own is None or not _is_neutral(content.get("case_id")):
            return None
        told = self._lists(content, own)
        return None if told is None else (own, told)

    def _sections(self, content: dict[str, Any]) -> Facts | None:
        """Return the facts outside the lists; None if anything is wrong."""
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
        return None if self._problems else own

    def _lists(self, content: dict[str, Any], own: Facts) -> list[Facts] | None:
        """Return what each list says, and add the months to the case's own facts; None if anything is wrong."""
        surgery, imaging = _entries(content.get("surgery")), _entries(content.get("imaging"))
        lumbar = content["person"].get("lumbar_vertebrae") if "person" in content else None
        if surgery is None or imaging is None or (lumbar is not None and lumbar.__class__ is not int):
            return None
        months = _months([*surgery, *imaging])
        if months is None:
            return None
        surgery, imaging = _ranked(surgery, months), _ranked(imaging, months)
        found = [self._surgery(marshal.dumps(surgery, FORMAT), lumbar), NOTHING, NOTHING, NOTHING]
        if imaging:
            where = [(entry.get("levels"), entry.get(WHEN)) for entry in surgery]
            pain = own.get("pain.side"), own.get("pain.root")
            found[1] = self._imaging(marshal.dumps((where, imaging, pain), FORMAT), lumbar)
        for number, name in enumerate(LISTS[2:], 2):
            if content.get(name) is not None:
                found[number] = self._others(name, marshal.dumps(content[name], FORMAT))
        facts = []
        for told in found:
            if told is None:
                return None
            for name, rank in told.months:
                own[name] = months[rank]
            facts.append(told.facts)
        return facts

    def _read_surgery(self, written: bytes, lumbar: int | None) -> Told | None:
        return self._told({"surgery": marshal.loads(written)}, lumbar, ("surgery", "index"))

    def _read_imaging(self, written: bytes, lumbar: int | None) -> Told | None:
        """Read studies, which depend on the levels and times of the operations, and on where the pain is."""
        where, imaging, (side, root) = marshal.loads(written)
        surgery = [{"levels": levels, WHEN: months} for levels, months in where]
        content = {"surgery": surgery, "imaging": imaging, "pain": {"side": side, "root": root}}
        return self._told(content, lumbar, tuple(self._base.catalogue.modalities))

    def _read_others(self, name: str, written: bytes) -> Told | None:
        return self._told({**SOME, name: marshal.loads(written)}, None, (name,))

    def _told(self, content: dict[str, Any], lumbar: int | None, sections: Sequence[str]) -> Told | None:
        """Return what part of a case says in some sections, months as ranks; None if anything is wrong with it."""
        try:
            _, own, shared = build_facts({**content, "person": {"lumbar_vertebrae": lumbar}}, self._base)
        except CaseError:
            return None
        facts, months = {}, []
        for name, value in {**own, **shared}.items():
            section, _, last = name.partition(".")
            if (last == WHEN and section in sections) or (section.startswith(SINCE) and "surgery" in sections):
                months.append((name, int(value)))
            elif section in sections:
                facts[name] = value
        return Told(facts, tuple(months))


def _is_neutral(case_id: object) -> bool:
    return case_id is None or (isinstance(case_id, str) and NEUTRAL_ID.fullmatch(case_id) is not None)


def _entries(value: object) -> Entries | None:
    """Return the entries of a list; None if it is written in another way."""
    if value is None:
        return []
    return value if isinstance(value, list) and MAPPING.issuperset(map(type, value)) else None


def _months(entries: Entries) -> list[int | float] | None:
    """Return all that is said of how many months ago something was, in order; None if that must be interpreted."""
    found = set()
    for entry in entries:
        months = entry.get(WHEN)
        if months is not None:
            if months.__class__ not in (int, float) or MONTHS.problem_with(months):
                return None
            found.add(tidy(months))
    return sorted(found)


def _ranked(entries: Entries, months: list[int | float]) -> Entries:
    """Return entries with ranks in place of months."""
    if not months:
        return entries
    return [
        {**entry, WHEN: months.index(tidy(entry[WHEN]))} if entry.get(WHEN) is not None else entry for entry in entries
    ]
