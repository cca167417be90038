"""Variants of a case by changing single facts, each written `FACT=VALUE` (`unknown` takes a fact away)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pathways.case import Case
from pathways.consistency import contradictions
from pathways.facts import project
from pathways.values import Values
from rules.problems import CaseError, Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.language import Value
    from rules.rulebase import RuleBase
    from rules.vocabulary import Fact

OF_OPERATION = {
    "months_since_surgery": "months_ago",
    "index.instrumented": "instrumented",
    "index.interbody": "interbody",
    "index.minimally_invasive": "minimally_invasive",
    "index.unilateral": "unilateral",
}
LISTED = {"treatments": ("tried", "weeks", "response"), "blocks": ("done", "count", "relief_percent")}


def flipped(case: Case, changes: Sequence[str], base: RuleBase) -> Case:
    """Return the case with the changes made.

    Raises CaseError for an unknown fact or value, for a change that changes nothing, and for one that makes the case
    contradict itself.
    """
    if not changes:
        return case
    problems: list[Problem] = []
    content = case.model_dump()
    before = project(case, base)
    for change in changes:
        _change(content, before, change, base, problems)
    if not problems:
        try:
            changed = Case.model_validate(content)
        except ValidationError as error:
            problems += [Problem(", ".join(changes), item["msg"]) for item in error.errors()]
        else:
            problems += contradictions(changed, base)
    if problems:
        raise CaseError(f"the variant {', '.join(changes)} cannot be made", problems)
    return changed


def _change(
    content: dict[str, Any], before: dict[str, Value], change: str, base: RuleBase, problems: list[Problem]
) -> None:
    name, equals, written = (part.strip() for part in change.partition("="))
    fact = base.vocabulary.get(name)
    if fact is None:
        problems.append(Problem(name, f"unknown fact{nearest(name, base.vocabulary)}"))
    elif not equals or not written:
        problems.append(Problem(name, f"a change is written FACT=VALUE, such as {name}=yes"))
    elif not _changeable(fact, base):
        problems.append(Problem(name, f"this is worked out by Spinepath{_instead(name, base)}"))
    else:
        found = len(problems)
        value = Values(base.vocabulary, problems).read(fact, written, name)
        if len(problems) > found:
            return
        if before.get(name) == value:
            problems.append(Problem(name, f"the case already says {written}"))
            return
        _put(content, fact, value, base)


def _changeable(fact: Fact, base: RuleBase) -> bool:
    return fact.id in OF_OPERATION or (fact.origin == "asked" and fact.section in _sections(base))


def _sections(base: RuleBase) -> set[str]:
    return {*base.catalogue.sections, *base.catalogue.modalities, *LISTED}


def _instead(name: str, base: RuleBase) -> str:
    whole = ".".join(name.split(".")[:2])
    return f"; change {whole} instead" if whole != name and whole in base.vocabulary else " and cannot be changed"


def _put(content: dict[str, Any], fact: Fact, value: Value | None, base: RuleBase) -> None:
    parts = fact.id.split(".")
    if fact.id in OF_OPERATION:
        content["surgery"][-1][OF_OPERATION[fact.id]] = value
    elif fact.section in base.catalogue.modalities:
        _put_shown(content["imaging"], fact.section, parts[1], value)
    elif fact.section in LISTED and len(parts) == 3:
        _put_listed(content[fact.section], parts[1], parts[2], value)
    elif value is None:
        content["facts"].pop(fact.id, None)
    else:
        content["facts"][fact.id] = value


def _put_shown(studies: list[dict[str, Any]], modality: str, finding: str, value: Value | None) -> None:
    for study in studies:
        if study["modality"] == modality:
            study["findings"].pop(finding, None)
    if value is None:
        return
    shown = {"present": value} if isinstance(value, bool) else {"size": value}
    for study in reversed(studies):
        if study["modality"] == modality and study["done"]:
            study["findings"][finding] = shown
            return
    studies.append({"modality": modality, "findings": {finding: shown}})


def _put_listed(entries: list[dict[str, Any]], kind: str, key: str, value: Value | None) -> None:
    """Set what is said of one kind of treatment or block; several entries of that kind become one."""
    merged: dict[str, Any] = {"kind": kind}
    for entry in entries:
        if entry["kind"] == kind:
            merged |= {name: said for name, said in entry.items() if said is not None}
    entries[:] = [entry for entry in entries if entry["kind"] != kind]
    if key in ("tried", "done"):
        if value is not None:
            entries.append(merged | {key: True} if value else {"kind": kind, key: False})
    else:
        entries.append(merged | {key: value})
