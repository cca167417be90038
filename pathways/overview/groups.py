"""Groups that a cohort is looked at by: kind and number of operations, age band, time since the operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection

PREFIX = "group."
UNKNOWN = "not known"
OTHER = "another operation"
KINDS = {  # the first that fits the index operation
    "fusion": ("index.fusion",),
    "motion-preserving implant": ("index.dynamic", "index.disc_replacement"),
    "discectomy": ("index.discectomy",),
    "decompression": ("index.decompression",),
}
BANDS = {
    "operations": ("surgery.count", (2, 3), ("one", "two", "three or more")),
    "age": ("person.age", (40, 55, 70), ("under 40 years", "40 to 54 years", "55 to 69 years", "70 years or more")),
    "since": (
        "months_since_surgery",
        (3, 12, 60),
        ("under 3 months", "3 to 11 months", "1 to 4 years", "5 years or more"),
    ),
}
TITLES = {
    "operation": "Kind of the index operation",
    "operations": "Number of lumbar operations",
    "age": "Age",
    "since": "Time since the index operation",
}


def words(name: str) -> list[str]:
    """Return the groups of one kind, in their order."""
    return [*(KINDS if name == "operation" else BANDS[name][2]), *([OTHER] if name == "operation" else []), UNKNOWN]


def group_columns(columns: Collection[str]) -> list[pl.Expr]:
    """Return the columns `group.NAME` that can be made of a table with these columns of facts."""
    found = []
    if any(fact in columns for facts in KINDS.values() for fact in facts):
        found.append(_operation(columns).alias(f"{PREFIX}operation"))
    for name, (fact, cuts, _) in BANDS.items():
        if fact in columns:
            found.append(_band(fact, cuts, words(name)).alias(f"{PREFIX}{name}"))
    return found


def _operation(columns: Collection[str]) -> pl.Expr:
    kind = pl.Enum(words("operation"))
    chosen = pl.lit(OTHER, dtype=kind)
    for word, facts in reversed(KINDS.items()):
        there = [pl.col(fact) for fact in facts if fact in columns]
        is_one = pl.any_horizontal(there) if there else pl.lit(None, dtype=pl.Boolean)
        known = pl.when(is_one).then(pl.lit(word, dtype=kind)).otherwise(chosen)
        chosen = pl.when(is_one.is_null()).then(pl.lit(UNKNOWN, dtype=kind)).otherwise(known)
    return chosen


def _band(fact: str, cuts: tuple[int, ...], names: list[str]) -> pl.Expr:
    kind = pl.Enum(names)
    chosen = pl.lit(names[len(cuts)], dtype=kind)
    for cut, word in reversed(list(zip(cuts, names, strict=False))):
        chosen = pl.when(pl.col(fact) < cut).then(pl.lit(word, dtype=kind)).otherwise(chosen)
    return pl.when(pl.col(fact).is_null()).then(pl.lit(UNKNOWN, dtype=kind)).otherwise(chosen)
