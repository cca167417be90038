"""Two rule bases on the same cohort: whose conclusions change, from what to what, and by which rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from pathways.overview.groups import PREFIX
from pathways.overview.tally import PLACES
from rules.language import facts_in
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.rulebase import RuleBase

KEYS = ("file", "row", "case_id")
KINDS = ("red_flag", "cause", "pathway")
BEFORE, AFTER = "before:", "after:"
EXAMPLES = 5
EMERGENCY = "emergency"  # it holds pathways back, whatever their own rules say


@dataclass(frozen=True)
class Why:
    """A rule behind a change, and in how many of the changed cases it behaves how.

    Gained: it fires now and did not. Lost: it no longer fires. Edited: it fires as before, but says something else.
    """

    rule: str
    gained: int
    lost: int
    edited: int


@dataclass(frozen=True)
class Moved:
    """One conclusion that changes: in how many cases, from what to what, by which rules, and in which rows first."""

    kind: str
    id: str
    cases: int
    moves: dict[tuple[str, str], int]
    why: list[Why]
    examples: list[int]


@dataclass(frozen=True)
class Changes:
    """What another rule base makes of a cohort."""

    cases: int
    changed: int  # cases in which any conclusion changes
    first_cause: dict[tuple[str, str], int]  # the first cause before and after, where it changes -> cases
    moved: list[Moved]  # most cases first
    groups: dict[tuple[str, str], tuple[int, int]]  # (kind, name) of a group -> cases changed, cases
    added: list[str]  # conclusions that only the second rule base has
    removed: list[str]


def changes(before: pl.LazyFrame, after: pl.LazyFrame, old: RuleBase, new: RuleBase) -> Changes:
    """Compare two tables of results for the same cases in the same order.

    Raises CaseError if they are not results for the same cases.
    """
    then, now = (set(frame.collect_schema().names()) for frame in (before, after))
    both = _side_by_side(before, after, then, now)
    conclusions = [name for name in sorted(then & now) if name.startswith(tuple(f"{kind}." for kind in KINDS))]
    counted = both.select(
        pl.len().alias("cases"),
        pl.any_horizontal([_differs(name) for name in conclusions]).sum().alias("changed"),
        *(_differs(name).sum().alias(name) for name in conclusions),
    )
    totals = counted.collect(engine="streaming").row(0, named=True)
    moved = [_moved(name, both, old, new, then, now) for name in conclusions if totals[name]]
    return Changes(
        cases=totals["cases"],
        changed=totals["changed"],
        first_cause=_moves(PLACES[0], both),
        moved=sorted(moved, key=lambda one: (KINDS.index(one.kind), -one.cases, one.id)),
        groups=_groups(both, conclusions, then & now),
        added=[name for name in sorted(now - then) if name.startswith(tuple(f"{kind}." for kind in KINDS))],
        removed=[name for name in sorted(then - now) if name.startswith(tuple(f"{kind}." for kind in KINDS))],
    )


def _side_by_side(before: pl.LazyFrame, after: pl.LazyFrame, then: set[str], now: set[str]) -> pl.LazyFrame:
    sizes = [frame.select(pl.len()).collect(engine="streaming").item() for frame in (before, after)]
    both = pl.concat(
        [before.select(pl.all().name.prefix(BEFORE)), after.select(pl.all().name.prefix(AFTER))], how="horizontal"
    )
    keys = [name for name in KEYS if name in then & now]
    same = sizes[0] == sizes[1]
    if same and keys:
        pairs = [pl.col(BEFORE + name).eq_missing(pl.col(AFTER + name)).all().alias(name) for name in keys]
        same = all(both.select(pairs).collect(engine="streaming").row(0))
    if not same:
        message = f"{sizes[0]:,} and {sizes[1]:,} rows: two results for the same cases in the same order are wanted"
        raise CaseError("the results cannot be compared", [Problem("", message)])
    return both


def _differs(name: str) -> pl.Expr:
    one, other = (pl.col(side + name).cast(pl.String) for side in (BEFORE, AFTER))
    return one.ne_missing(other)


def _moves(name: str, both: pl.LazyFrame) -> dict[tuple[str, str], int]:
    pair = [pl.col(side + name).cast(pl.String).fill_null("").alias(side) for side in (BEFORE, AFTER)]
    counted = both.filter(_differs(name)).group_by(pair).agg(pl.len().alias("count")).collect(engine="streaming")
    ordered = counted.sort(["count", BEFORE, AFTER], descending=[True, False, False])
    return {(one, other): count for one, other, count in ordered.iter_rows()}


def _moved(name: str, both: pl.LazyFrame, old: RuleBase, new: RuleBase, then: set[str], now: set[str]) -> Moved:
    kind, _, identity = name.partition(".")
    where = both.with_row_index("at").filter(_differs(name))
    rules = list(dict.fromkeys([*_rules(kind, identity, old), *_rules(kind, identity, new)]))
    sums: list[pl.Expr] = []
    for rule in rules:
        was, is_ = (_fires(rule, side, columns) for side, columns in ((BEFORE, then), (AFTER, now)))
        sums.append((~was & is_).sum().alias(f"gained:{rule}"))
        sums.append((was & ~is_).sum().alias(f"lost:{rule}"))
        sums.append((was & is_).sum().alias(f"kept:{rule}"))
    counted = where.select(pl.len().alias("cases"), *sums).collect(engine="streaming").row(0, named=True)
    edited = {rule for rule in rules if _document(rule, kind, identity, old) != _document(rule, kind, identity, new)}
    why = [
        Why(rule, counted[f"gained:{rule}"], counted[f"lost:{rule}"], counted[f"kept:{rule}"] if rule in edited else 0)
        for rule in rules
    ]
    why = sorted((one for one in why if one.gained or one.lost or one.edited), key=lambda one: -_weight(one))
    number = pl.col(f"{BEFORE}row") if "row" in then else pl.col("at") + 1
    examples = where.select(number).head(EXAMPLES).collect(engine="streaming").to_series().to_list()
    return Moved(kind, identity, counted["cases"], _moves(name, both), why, examples)


def _weight(why: Why) -> int:
    return why.gained + why.lost + why.edited


def _fires(rule: str, side: str, columns: set[str]) -> pl.Expr:
    """Return where a rule fires; for findings, red flags and an emergency, where they are true."""
    if rule == EMERGENCY:
        return pl.col(side + EMERGENCY)
    kind = rule.partition(".")[0]
    name = rule if kind in ("finding", "red_flag") else f"rule.{rule}"
    if name not in columns:
        return pl.lit(value=False)
    return pl.col(side + name) == "present" if kind == "red_flag" else pl.col(side + name)


def _rules(kind: str, identity: str, base: RuleBase) -> Iterator[str]:
    """Yield the rules that a conclusion rests on, and the findings that these name."""
    own: list[str] = []
    if kind == "cause" and identity in base.causes:
        cause = base.causes[identity]
        own = [f"{identity}.considered_when", *(f"{identity}.prior.{number}" for number in range(len(cause.prior)))]
        own += [argument.id for argument in cause.arguments]
    elif kind == "pathway" and identity in base.pathways:
        own = [rule.id for rule in base.pathways[identity].rules]
        yield EMERGENCY
    elif kind == "red_flag" and identity in base.red_flags:
        own = [f"red_flag.{identity}"]
    own = [rule for rule in own if rule in base.conditions]
    yield from own
    for rule in own:
        yield from (name for name in facts_in(base.conditions[rule]) if name.startswith("finding."))


def _document(rule: str, kind: str, identity: str, base: RuleBase) -> Any:
    """Return what a rule says that bears on conclusions, to see whether it was edited."""
    if kind == "cause" and identity in base.causes:
        for argument in base.causes[identity].arguments:
            if argument.id == rule:
                return argument.direction, argument.strength, argument.lr, argument.group
        for number, prior in enumerate(base.causes[identity].prior):
            if rule == f"{identity}.prior.{number}":
                return prior.share
    if kind == "pathway" and identity in base.pathways:
        for found in base.pathways[identity].rules:
            if found.id == rule:
                return type(found).__name__, getattr(found, "recommend", None), getattr(found, "kind", None)
    return None


def _groups(both: pl.LazyFrame, conclusions: list[str], columns: set[str]) -> dict[tuple[str, str], tuple[int, int]]:
    changed = pl.any_horizontal([_differs(name) for name in conclusions]).sum().alias("changed")
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for column in sorted(name for name in columns if name.startswith(PREFIX)):
        by = pl.col(BEFORE + column).alias("group")
        counted = both.group_by(by).agg(changed, pl.len().alias("cases")).sort("group").collect(engine="streaming")
        for name, part, cases in counted.iter_rows():
            found[column.removeprefix(PREFIX), str(name)] = (part, cases)
    return found
