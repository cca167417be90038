"""Groups that a cohort is looked at by: kind of operation, how many operations, age band, time since the operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection

PREFIX = "group."
UNKNOWN = "not known"
OPERATIONS = {  # the first that the index operation was
    "fusion": "index.fusion",
    "motion-preserving implant": ("index.dynamic", "index.disc_replacement"),
    "discectomy": "index.discectomy",
    "decompression": "index.decompression",
}
BANDS = {
    "age": ("person.age", (40, 55, 70), " years"),
    "operations": ("surgery.count", (2, 3), ""),
    "since": ("months_since_surgery", (3, 12, 60), " months"),
}
TITLES = {
    "operation": "Kind of the index operation",
    "operations": "Number of lumbar operations",
    "age": "Age",
    "since": "Time since the index operation",
}
WORDS = {
    "age": ["under 40 years", "40 to 54 years", "55 to 69 years", "70 years or more", UNKNOWN],
    "operations": ["one", "two", "three or more", UNKNOWN],
    "since": ["under 3 months", "3 to 11 months", "1 to 4 years", "5 years or more", UNKNOWN],
    "operation": [*OPERATIONS, "another operation", UNKNOWN],
}


def group_columns(columns: Collection[str]) -> list[pl.Expr]:
    """Return the columns `group.NAME` that can be made of a table with these columns of facts."""
    found = []
    kinds = [name for names in OPERATIONS.values() for name in ([names] if isinstance(names, str) else names)]
    if any(name in columns for name in kinds):
        found.append(_operation(columns).alias(f"{PREFIX}operation"))
    for name, (fact, cuts, _) in BANDS.items():
        if fact in columns:
            found.append(_band(fact, cuts, WORDS[name]).alias(f"{PREFIX}{name}"))
    return found


def _operation(columns: Collection[str]) -> pl.Expr:
    kind = pl.Enum(WORDS["operation"])
    unclear = pl.lit(value=False)
    found = pl.lit(None, dtype=kind)
    for word, names in OPERATIONS.items():
        there = [name for name in ([names] if isinstance(names, str) else names) if name in columns]
        yes = pl.any_horizontal([pl.col(name).fill_null(value=False) for name in there] or [pl.lit(value=False)])
        unclear = unclear | (pl.any_horizontal([pl.col(name).is_null() for name in there]) if there else True)
        word_or_unknown = pl.when(unclear & ~yes).then(pl.lit(UNKNOWN, dtype=kind)) if False else None
        del word_or_unknown
        found = pl.when(found.is_null() & yes).then(pl.lit(word, dtype=kind)).otherwise(found)
    rest = pl.when(unclear).then(pl.lit(UNKNOWN, dtype=kind)).otherwise(pl.lit("another operation", dtype=kind))
    return pl.when(found.is_null()).then(rest).otherwise(found)


def _band(fact: str, cuts: tuple[int, ...], words: list[str]) -> pl.Expr:
    kind = pl.Enum(words)
    found = pl.lit(words[len(cuts)], dtype=kind)
    for cut, word in reversed(list(zip(cuts, words, strict=False))):
        found = pl.when(pl.col(fact) < cut).then(pl.lit(word, dtype=kind)).otherwise(found)
    return pl.when(pl.col(fact).is_null()).then(pl.lit(UNKNOWN, dtype=kind)).otherwise(found)
