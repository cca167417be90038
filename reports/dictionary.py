"""The data dictionary: every fact with question, type, unit, range and code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rules.rulebase import RuleBase
    from rules.vocabulary import Fact


def entries(base: RuleBase, *, everything: bool = False) -> list[Fact]:
    """Return the facts that a case or a table states; with everything, also findings, red flags and standings."""
    origins = ("asked", "derived") if not everything else ("asked", "derived", "finding", "red_flag", "standing")
    return [fact for fact in base.vocabulary.values() if fact.origin in origins]


def as_json(facts: list[Fact]) -> str:
    """Return the dictionary as JSON, one object a fact."""
    return json.dumps([_entry(fact) for fact in facts], indent=1, ensure_ascii=False) + "\n"


def _entry(fact: Fact) -> dict[str, Any]:
    entry: dict[str, Any] = {"fact": fact.id, "question": fact.ask, "type": fact.type}
    if fact.unit:
        entry["unit"] = fact.unit
    if fact.type == "number":
        entry |= {"min": fact.min, "max": fact.max}
    if fact.values:
        entry |= {"values": list(fact.values), "ordered": fact.ordered}
    if fact.code:
        entry["code"] = fact.code
    return entry | {"origin": fact.origin, "burden": fact.burden, "key_red_flag": fact.key_red_flag}


def as_rows(facts: list[Fact]) -> list[tuple[str, str, str, str]]:
    """Return (fact, question, type in words, code) for tables."""
    return [(f.id, f.ask, f.describe(), " ".join(f"{k}:{v}" for k, v in f.code.items())) for f in facts]


def as_markdown(facts: list[Fact]) -> str:
    """Return the dictionary as a Markdown table."""
    rows = "".join(f"| `{fact}` | {ask} | {kind} | {code} |\n" for fact, ask, kind, code in as_rows(facts))
    return f"| fact | question | type | code |\n|---|---|---|---|\n{rows}"


def as_header(facts: list[Fact]) -> str:
    """Return the first line of a table of cases: a case id, and a column for each fact."""
    return ",".join(["case_id", *(fact.id for fact in facts)]) + "\n"
