"""What a site lays over the knowledge besides whole documents: single rules for a cause or pathway, and an off list.

A document of an overlay replaces the one with its id, or is new. A document with `extend: ID` adds to a cause, pathway
or checklist; a rule with the id of an existing one replaces that one. `off.yaml` holds `off: [ids]`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, Field

from rules.documents import (
    Argument,
    Contraindication,
    CriterionItem,
    Document,
    Evidence,
    Grade,
    Harm,
    Indication,
    Preparation,
    Prerequisite,
    RuleId,
    TellApart,
    Text,
)
from rules.language import All, AnyOf, AtLeast, Compare, Condition, Not
from rules.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from rules.rulebase import RuleBase

D = TypeVar("D", bound=BaseModel)
KINDS = {
    "causes": "cause",
    "pathways": "pathway",
    "red_flags": "red_flag",
    "criteria": "criteria",
    "disagreements": "disagreement",
}


class Off(Document):
    """The ids that a site switches off."""

    off: Annotated[list[Text], Field(min_length=1)]


class CauseExtension(Document):
    """More for a cause that is there."""

    extend: RuleId
    arguments: list[Argument] = []
    confused_with: list[TellApart] = []


class PathwayExtension(Document):
    """More for a pathway that is there."""

    extend: RuleId
    indications: list[Indication] = []
    prerequisites: list[Prerequisite] = []
    contraindications: list[Contraindication] = []
    prepare: list[Preparation] = []
    evidence: list[Evidence] = []
    harms: list[Harm] = []
    grades: list[Grade] = []


class CriteriaExtension(Document):
    """More for a checklist that is there."""

    extend: RuleId
    items: list[CriterionItem] = []


EXTENSIONS: dict[str, type[Document]] = {
    "causes": CauseExtension,
    "pathways": PathwayExtension,
    "criteria": CriteriaExtension,
}


def extended(document: D, extension: BaseModel) -> D:
    """Return a document with the lists of an extension added; entries with the same id are replaced in place."""
    changed: dict[str, list[Any]] = {}
    for name in type(extension).model_fields:
        more = getattr(extension, name)
        if isinstance(more, list) and more:
            by_id = {entry.id: entry for entry in more if hasattr(entry, "id")}
            kept = [by_id.pop(getattr(entry, "id", ""), entry) for entry in getattr(document, name)]
            changed[name] = kept + [entry for entry in more if getattr(entry, "id", "") in by_id or not by_id]
    return document.model_copy(update=changed)


def resolve(base: RuleBase, written: str) -> tuple[str, str]:
    """Return (canonical id, problem) for an id on the off list; one of the two is empty.

    A rule goes by its own id; anything else by KIND.ID, or by ID alone where only one kind has it.
    """
    rules = set(rule_ids(base))
    if written in rules:
        return written, ""
    named = {f"{word}.{name}": name for kind, word in KINDS.items() for name in getattr(base, kind)}
    if written in named:
        return written, ""
    found = [canonical for canonical, name in named.items() if name == written]
    if len(found) == 1:
        return found[0], ""
    if found:
        return "", f"{written} names several things; write {' or '.join(found)}"
    if written.removeprefix("finding.") in base.findings:
        return "", f"{written} is a finding: other rules rest on it, so it can be replaced but not switched off"
    return "", f"unknown id {written}{nearest(written, {*rules, *named, *named.values()})}"


def rule_ids(base: RuleBase) -> list[str]:
    """Return the ids of all rules inside causes, pathways and checklists."""
    return [
        *(rule.id for cause in base.causes.values() for rule in cause.arguments),
        *(rule.id for pathway in base.pathways.values() for rule in pathway.rules),
        *(item.id for criteria in base.criteria.values() for item in criteria.items),
    ]


def switched_off(base: RuleBase, names: Collection[str]) -> RuleBase:
    """Return the rule base without what these canonical ids name, and without what can then never be true.

    A condition on a red flag or cause that is gone is left out of alternatives; where nothing else is left, its rule
    goes too and is named in `switched_off` as well.
    """
    if not names:
        return base
    gone = {name for name in names if name.startswith(("cause.", "red_flag."))}
    conditions: dict[str, Condition] = {}
    follow: set[str] = set()
    for rule, condition in base.conditions.items():
        left = without(condition, gone)
        if left is None:
            follow.add(rule)
        elif rule not in names:
            conditions[rule] = left
    off = {*names, *follow}
    causes = _left(base.causes, "cause", off, arguments=off)
    pathways = _left(
        base.pathways, "pathway", off, indications=off, prerequisites=off, contraindications=off, prepare=off
    )
    about = {name.split(".", 1)[1] for name in off if name.startswith(("cause.", "pathway."))}
    flags = _left(base.red_flags, "red_flag", off, points_to=about)
    causes = {n: c.model_copy(update={"confused_with": [o for o in c.confused_with if o.cause not in about]}) for n, c in causes.items()}
    owned = _owned(causes, pathways)
    return replace(
        base,
        red_flags=flags,
        causes=causes,
        pathways=pathways,
        criteria=_left(base.criteria, "criteria", off, items=off, about=about),
        disagreements=_left(base.disagreements, "disagreement", off, about=about),
        vocabulary={name: fact for name, fact in base.vocabulary.items() if name not in gone},
        conditions=conditions,
        switched_off=tuple(sorted(off)),
    )
