"""Which columns of a table are facts: by their own names, or by a mapping that renames and recodes foreign ones.

Such a file says:

    columns:
      age_years: person.age                                   # renamed
      op: {fact: surgery.fusion, values: {PLF: yes, DISC: no, "?": unknown}}
      crp_mg_dl: {fact: labs.crp, factor: 10}                 # another unit: value * factor + add
      patient_code: case_id
    keep: [site]
    drop: [visit]
    unknown: ["-9", NK]                                       # more words for unknown, in every column
    blank_not_done: yes                                       # `no` and 0 of what was not done count as unknown
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pathways.cohort.screening import identifying_name, kind_of, masked
from rules.problems import CaseError, Problem, nearest
from rules.yamlfile import YamlFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from rules.vocabulary import Vocabulary

CASE_ID = "case_id"
MARK = "synthetic"  # the column that marks drawn cases; it goes with them wherever they go
BLANK = "blank_not_done"
KEYS = ("columns", "keep", "drop", "unknown", BLANK)
LARGEST = 1e12  # no unit differs by more from another
COLUMN_KEYS = ("fact", "values", "factor", "add")
OURS = ("row", "file", CASE_ID, "emergency", "plan", "waits_for", "fired")
OURS_BEGIN = (
    "red_flag.",
    "finding.",
    "no.",
    "cause.",
    "cause_",
    "score.",
    "pathway.",
    "step.",
    "waits.",
    "rule.",
    "missing_",
)
SHOWN = 12
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Reading:
    """How a column is read: as which fact, with which values put for others, and how numbers are converted."""

    fact: str
    values: dict[str, Any] = field(default_factory=dict)
    factor: float = 1.0
    add: float = 0.0

    @property
    def converts(self) -> bool:
        """Are numbers converted?"""
        return (self.factor, self.add) != (1.0, 0.0)


@dataclass(frozen=True)
class Mapping:
    """What a mapping file says."""

    columns: dict[str, Reading] = field(default_factory=dict)
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    blank_not_done: bool = False


def read_mapping(path: Path, vocabulary: Vocabulary) -> Mapping:
    """Read a mapping file. Raises CaseError with every problem found."""
    try:
        file = YamlFile(path.read_text(encoding="utf-8-sig"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path} cannot be read", [Problem("", str(error))]) from None
    problems = list(file.problems)
    content = file.data if isinstance(file.data, dict) else {}
    if not problems and not content:
        *others, last = (f"`{key}:`" for key in KEYS)
        problems.append(Problem("", f"a mapping file is a mapping with {', '.join(others)} or {last}"))
    for key in content:
        if key not in KEYS:
            problems.append(Problem(key, f"unknown key{nearest(key, KEYS) or '; known are ' + ', '.join(KEYS)}"))
    columns = {}
    for name, entry in _mapping(content.get("columns"), "columns", problems).items():
        reading = _reading(name, entry, vocabulary, problems)
        if reading is not None:
            columns[str(name)] = reading
    keep, drop, unknown = (_strings(content.get(key), key, problems) for key in ("keep", "drop", "unknown"))
    blank = content.get(BLANK, False)
    if not isinstance(blank, bool):
        problems.append(Problem(BLANK, "yes or no is wanted"))
    if problems:
        found = [Problem(p.place, p.message, str(path), p.line) for p in problems]
        raise CaseError(f"{path} cannot be used", found)
    return Mapping(columns, keep, drop, unknown, blank_not_done=blank is True)


def _mapping(value: object, place: str, problems: list[Problem]) -> dict[str, Any]:
    if value is None or isinstance(value, dict):
        return value or {}
    problems.append(Problem(place, "a mapping is wanted"))
    return {}


def _strings(value: object, place: str, problems: list[Problem]) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        problems.append(Problem(place, "a list is wanted"))
        return ()
    return tuple(str(item) for item in value)


def _reading(name: str, entry: object, vocabulary: Vocabulary, problems: list[Problem]) -> Reading | None:
    place = f"columns.{name}"
    content = {"fact": entry} if isinstance(entry, str) else _mapping(entry, place, problems)
    for key in content:
        if key not in COLUMN_KEYS:
            problems.append(Problem(f"{place}.{key}", f"unknown key; known are {', '.join(COLUMN_KEYS)}"))
    target = str(content.get("fact", ""))
    if target != CASE_ID and not _is_stated(target, vocabulary):
        problems.append(Problem(place, f"{target or 'nothing'} is not a fact{nearest(target, stated(vocabulary))}"))
        return None
    values = {_key(word): value for word, value in _mapping(content.get("values"), place, problems).items()}
    numbers = {}
    for key, usual in (("factor", 1.0), ("add", 0.0)):
        number = content.get(key, usual)
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not abs(number) < LARGEST:
            problems.append(Problem(f"{place}.{key}", "a number is wanted"))
        else:
            numbers[key] = float(number)
    if target in vocabulary:
        for word, value in values.items():
            problem = None if value in (None, UNKNOWN) else vocabulary[target].problem_with(value)
            if problem:
                problems.append(Problem(f"{place}.values.{word}", problem))
    return Reading(target, {w: None if v == UNKNOWN else v for w, v in values.items()}, **numbers)


def _key(word: object) -> str:
    """Return a value as it is looked up: YAML reads a bare yes or no as a truth."""
    return {True: "yes", False: "no"}[word] if isinstance(word, bool) else str(word).strip().lower().removesuffix(".0")


def stated(vocabulary: Vocabulary) -> list[str]:
    """Return the facts that a table may state."""
    return [name for name in vocabulary if _is_stated(name, vocabulary)]


def _is_stated(name: str, vocabulary: Vocabulary) -> bool:
    return name in vocabulary and vocabulary[name].origin in ("asked", "derived")


@dataclass(frozen=True)
class Columns:
    """What is done with each column of a table."""

    readings: dict[str, Reading]
    case_id: str | None
    kept: tuple[str, ...]
    dropped: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    blank_not_done: bool = False


def sort_columns(
    names: Sequence[str], vocabulary: Vocabulary, mapping: Mapping, keep: Iterable[str], drop: Iterable[str]
) -> Columns:
    """Say of each column of a table whether it is a fact, the case id, kept or dropped.

    Raises CaseError for columns that are none of these, with the nearest facts.
    """
    kept, dropped = {*keep, *mapping.keep}, {*drop, *mapping.drop}
    readings: dict[str, Reading] = {}
    read_as: dict[str, str] = {}
    problems, strange = [], []
    case_id = None
    for name in names:
        reading = mapping.columns.get(name) or Reading(name)
        if name in dropped:
            continue
        if reading.fact == CASE_ID:
            if case_id is not None:
                problems.append(Problem(_short(name), f"both this column and {case_id} are the case id"))
            case_id = name
        elif _is_stated(reading.fact, vocabulary):
            other = read_as.setdefault(reading.fact, name)
            if other != name:
                problems.append(Problem(name, f"both this column and {other} are {reading.fact}"))
            readings[name] = reading
        elif name in kept:
            problems.extend(_kept_problems(name))
        else:
            strange.append(name)
    if any(map(kind_of, strange)):
        message = "the first line looks like a case and not like names of columns: is the header missing?"
        problems.append(Problem("", message))
        problems += [Problem(masked(name), "not a fact") for name in strange[:SHOWN]]
    else:
        problems += [Problem(_short(name), _refused(name, vocabulary)) for name in strange[:SHOWN]]
    if len(strange) > SHOWN:
        problems.append(Problem("", f"and {len(strange) - SHOWN:,} more columns"))
    if problems:
        raise CaseError(f"{len(strange) or len(problems)} of {len(names):,} columns cannot be used", problems)
    return Columns(
        readings,
        case_id,
        tuple(name for name in names if name in kept and name not in dropped and name != CASE_ID),
        tuple(name for name in names if name in dropped),
        mapping.unknown,
        mapping.blank_not_done,
    )


def strangers(names: Iterable[str], vocabulary: Vocabulary, mapping: Mapping) -> list[str]:
    """Return the columns that are neither facts nor the case id."""
    targets = {name: mapping.columns[name].fact if name in mapping.columns else name for name in names}
    return [name for name, fact in targets.items() if fact != CASE_ID and not _is_stated(fact, vocabulary)]


def _kept_problems(name: str) -> list[Problem]:
    if identifying_name(name):
        return [Problem(name, "a column of this name may identify patients and is not kept; drop it")]
    if name in OURS or name.startswith(OURS_BEGIN):
        return [Problem(name, "the result has a column of this name; rename it")]
    return []


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:57]}..."


def _refused(name: str, vocabulary: Vocabulary) -> str:
    if identifying_name(name):
        return "may identify patients: drop it (--drop)"
    if name in vocabulary:
        return "this is worked out by Spinepath and not entered: drop it (--drop)"
    return f"not a fact{nearest(_short(name), stated(vocabulary))}; name it in --keep or --drop, or map it (--mapping)"
