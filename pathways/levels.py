"""Spinal levels: reading them as people write them, and where one lies relative to operated segments."""

from __future__ import annotations

import re
from functools import lru_cache

THORACIC = tuple(f"T{n}" for n in range(1, 13))
WRITTEN = re.compile(r"^([CTLS])(\d{1,2})(?:\s*[-/]\s*([CTLS])?(\d{1,2})|\s*-\s*(?:pelvis|ilium))?$", re.IGNORECASE)
PELVIS = re.compile(r"-\s*(pelvis|ilium)$", re.IGNORECASE)


class LevelError(ValueError):
    """A level that cannot be read, or that this spine does not have."""


@lru_cache
def spine(lumbar: int = 5) -> tuple[str, ...]:
    """Return the vertebrae from T1 to S2 of a spine with so many lumbar vertebrae."""
    return (*THORACIC, *(f"L{n}" for n in range(1, lumbar + 1)), "S1", "S2")


@lru_cache(maxsize=1024)
def vertebrae(written: str, lumbar: int = 5) -> tuple[str, ...]:
    """Read `L4-L5`, `L4/5`, `L4-S1` or `L3`: the vertebrae from the upper to the lower, in order.

    Raises LevelError with what is allowed.
    """
    match = WRITTEN.match(written.strip())
    if not match:
        message = f"{written!r} is not a level; write L4-L5, L4-S1 or L3"
        raise LevelError(message)
    region, number, other_region, other_number = match.groups()
    region = region.upper()
    if region == "C" or (other_region or "").upper() == "C":
        message = f"{written!r} is cervical; Spinepath covers lumbar surgery only"
        raise LevelError(message)
    column = spine(lumbar)
    upper = f"{region}{int(number)}"
    lower = upper if other_number is None else f"{(other_region or region).upper()}{int(other_number)}"
    if PELVIS.search(written.strip()):
        lower = "S1"
    for name in (upper, lower):
        if name not in column:
            message = f"{written!r}: there is no {name} in a spine with {lumbar} lumbar vertebrae"
            raise LevelError(message)
    first, last = column.index(upper), column.index(lower)
    if first > last:
        message = f"{written!r}: write the upper level first"
        raise LevelError(message)
    return column[first : last + 1]


@lru_cache(maxsize=1024)
def segments(written: tuple[str, ...], lumbar: int = 5) -> tuple[str, ...]:
    """Return the motion segments that levels cover, top to bottom: `L4-S1` is L4-L5 and L5-S1."""
    column = spine(lumbar)
    found = set()
    for level in written:
        names = vertebrae(level, lumbar)
        found |= {column.index(name) for name in names[:-1]}
    return tuple(f"{column[i]}-{column[i + 1]}" for i in sorted(found))


@lru_cache(maxsize=1024)
def reaches_pelvis(written: tuple[str, ...]) -> bool:
    """Is a level written as reaching the pelvis?"""
    return any(PELVIS.search(level.strip()) for level in written)


@lru_cache(maxsize=4096)
def places_of(levels: tuple[str, ...], operated: tuple[str, ...], lumbar: int = 5) -> frozenset[str]:
    """Return where any of these levels lies, as `place_of` says."""
    return frozenset(place for level in levels for place in place_of(level, operated, lumbar))


def place_of(level: str, operated: tuple[str, ...], lumbar: int = 5) -> set[str]:
    """Return where a level lies: index, adjacent_above, adjacent_below or remote (a span may lie in several).

    A vertebra counts as index when it bounds an operated segment.
    """
    column = spine(lumbar)
    tops = {column.index(name.split("-")[0]) for name in operated}
    names = vertebrae(level, lumbar)
    if len(names) == 1:
        at = column.index(names[0])
        bounds = tops | {top + 1 for top in tops}
        return {_vertebra_place(at, bounds)}
    return {_segment_place(column.index(name), tops) for name in names[:-1]}


def _segment_place(top: int, operated: set[int]) -> str:
    if top in operated:
        return "index"
    if top + 1 in operated:
        return "adjacent_above"
    return "adjacent_below" if top - 1 in operated else "remote"


def _vertebra_place(at: int, bounds: set[int]) -> str:
    if at in bounds:
        return "index"
    if at + 1 in bounds:
        return "adjacent_above"
    return "adjacent_below" if at - 1 in bounds else "remote"


def root_at(level: str, kind: str, lumbar: int = 5) -> set[str]:
    """Return the roots that a lesion at these segments meets: the exiting or the traversing ones."""
    names = vertebrae(level, lumbar)
    if len(names) == 1:
        return set()
    return set(names[:-1]) if kind == "exiting" else set(names[1:])
