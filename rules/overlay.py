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
from rules.language import All, AnyOf, AtLeast, Compare, Condition, Not, normal
from rules.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from rules.places import Places
    from rules.rulebase import RuleBase

D = TypeVar("D", bound=BaseModel)
KINDS = {
    "causes": "cause",
    "pathways": "pathway",
    "red_flags": "red_flag",
    "criteria": "criteria",
    "disagreements": "disagreement",
}
ENTRIES = {
    "causes": ("arguments", "confused_with"),
    "pathways": ("indications", "prerequisites", "contraindications", "prepare"),
    "red_flags": ("points_to",),
    "criteria": ("items", "about"),
    "disagreements": ("about",),
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


def tree_ids(kind: str, document: Any) -> list[str]:
    """Return the names that the conditions of a document have in `RuleBase.conditions`."""
    if kind == "causes":
        gate = [f"{document.id}.considered_when"] if document.considered_when is not None else []
        priors = [f"{document.id}.prior.{n}" for n, prior in enumerate(document.prior) if prior.when is not None]
        return [*gate, *priors, *(argument.id for argument in document.arguments)]
    if kind == "pathways":
        return [rule.id for rule in document.rules]
    if kind == "criteria":
        return [item.id for item in document.items]
    return [f"{'finding' if kind == 'findings' else KINDS[kind]}.{document.id}"]


def rule_ids(base: RuleBase) -> list[str]:
    """Return the ids of all rules inside causes, pathways and checklists."""
    return [
        *(rule.id for cause in base.causes.values() for rule in cause.arguments),
        *(rule.id for pathway in base.pathways.values() for rule in pathway.rules),
        *(item.id for criteria in base.criteria.values() for item in criteria.items),
    ]


def switched_off(base: RuleBase, names: Collection[str], places: Places) -> RuleBase:
    """Return the rule base without what these canonical ids name, and without what can then never be true.

    A condition on a red flag or cause that is gone is left out of alternatives; where nothing else is left, its rule
    goes too and is named in `switched_off` as well.
    """
    if not names:
        return base
    gone = {name for name in names if name.startswith(("cause.", "red_flag."))}
    pruned = {rule: without(condition, gone) for rule, condition in base.conditions.items()}
    off = {*names, *(rule for rule, condition in pruned.items() if condition is None)}
    bare = {name.split(".", 1)[1] for name in names if name.startswith(("cause.", "pathway."))}
    parts: dict[str, Any] = {kind: _left(getattr(base, kind), kind, off, off | bare, places) for kind in KINDS}
    kept = {tree for kind, left in parts.items() for one in left.values() for tree in tree_ids(kind, one)}
    kept.update(f"finding.{name}" for name in base.findings)
    return replace(
        base,
        **parts,
        vocabulary={name: fact for name, fact in base.vocabulary.items() if name not in gone},
        conditions={rule: tree for rule, tree in pruned.items() if tree is not None and rule in kept},
        switched_off=tuple(sorted(off)),
    )


def _left(
    documents: Mapping[str, Any], kind: str, off: Collection[str], names: Collection[str], places: Places
) -> dict[str, Any]:
    """Return the documents that are not off, each without the entries that are."""
    left = {}
    for name, document in documents.items():
        if f"{KINDS[kind]}.{name}" in off:
            continue
        changed = {}
        for field in ENTRIES[kind]:
            entries = getattr(document, field)
            kept = [entry for entry in entries if _name(entry) not in names]
            if len(kept) < len(entries):
                changed[field] = kept
        left[name] = document.model_copy(update=changed) if changed else document
        if changed:
            places.moved(left[name], document)
    return left


def _name(entry: Any) -> str:
    return str(getattr(entry, "id", "") or getattr(entry, "cause", entry))


def without(condition: Condition, gone: Collection[str]) -> Condition | None:
    """Return a condition without its comparisons of facts that are gone; None if it can then never be true."""
    if isinstance(condition, Compare):
        return None if condition.fact in gone else condition
    if isinstance(condition, Not):
        return without(normal(condition), gone)
    parts = tuple(part for part in (without(part, gone) for part in condition.parts) if part is not None)
    if len(parts) == len(condition.parts):
        return type(condition)(*((condition.count, parts) if isinstance(condition, AtLeast) else (parts,)))
    if isinstance(condition, All) or not parts:
        return None
    if isinstance(condition, AnyOf):
        return parts[0] if len(parts) == 1 else AnyOf(parts)
    return AtLeast(condition.count, parts) if condition.count <= len(parts) else None
