"""Finding things in a rule base by name: every rule, cause, pathway, red flag, finding, checklist, source and fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rules.documents import (
    Argument,
    Contraindication,
    CriterionItem,
    Document,
    Finding,
    Indication,
    Preparation,
    Prerequisite,
    RedFlag,
    Rule,
)
from rules.language import facts_in
from rules.problems import KnowledgeError, Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rules.rulebase import RuleBase

RULE_KINDS: dict[type[Document], str] = {
    Argument: "argument",
    Indication: "indication",
    Prerequisite: "prerequisite",
    Contraindication: "contraindication",
    Preparation: "preparation",
    CriterionItem: "criterion",
    Finding: "finding",
    RedFlag: "red_flag",
}


@dataclass(frozen=True)
class Entry:
    """One thing that has a name: what kind it is, its full id, what it belongs to, and the document or part itself."""

    kind: str
    id: str
    title: str
    owner: str
    part: Any

    @property
    def tree(self) -> str:
        """The name of its condition in `RuleBase.conditions`, if it has one."""
        return self.id if isinstance(self.part, (Rule, CriterionItem)) or self.kind == "disagreement" else ""


@dataclass(frozen=True)
class Cited:
    """One line that cites a source: who, and what the source shows there."""

    owner: str
    shows: str


def rules(base: RuleBase) -> Iterator[Entry]:
    """Yield every rule: findings, red flags, arguments, rules of pathways, criteria."""
    for name, finding in base.findings.items():
        yield Entry("finding", f"finding.{name}", finding.title, "", finding)
    for name, flag in base.red_flags.items():
        yield Entry("red_flag", f"red_flag.{name}", flag.title, "", flag)
    for cause in base.causes.values():
        for argument in cause.arguments:
            yield Entry("argument", argument.id, argument.because, cause.id, argument)
    for pathway in base.pathways.values():
        for rule in pathway.rules:
            yield Entry(RULE_KINDS[type(rule)], rule.id, rule.because, pathway.id, rule)
    for criteria in base.criteria.values():
        for item in criteria.items:
            yield Entry("criterion", item.id, item.says, criteria.id, item)


def entries(base: RuleBase) -> Iterator[Entry]:
    """Yield everything that has a name, under its full id (`cause.ID`, `red_flag.ID` ...; a rule under its own)."""
    for name, cause in base.causes.items():
        yield Entry("cause", f"cause.{name}", cause.title, "", cause)
    for name, pathway in base.pathways.items():
        yield Entry("pathway", f"pathway.{name}", pathway.title, "", pathway)
    yield from rules(base)
    for name, criteria in base.criteria.items():
        yield Entry("criteria", f"criteria.{name}", criteria.title, "", criteria)
    for name, item in base.disagreements.items():
        yield Entry("disagreement", f"disagreement.{name}", item.question, "", item)
    for key, source in base.sources.items():
        yield Entry("source", f"source.{key}", source.title or source.cite, "", source)
    for fact in base.vocabulary.values():
        if fact.origin in ("asked", "derived"):
            yield Entry("fact", f"fact.{fact.id}", fact.ask, fact.section, fact)


def find(base: RuleBase, name: str) -> list[Entry]:
    """Return what has this name, with or without its kind before it; several kinds may share a short name.

    Raises KnowledgeError with the nearest names if nothing has it.
    """
    known = list(entries(base))
    found = [entry for entry in known if name in (entry.id, short(entry))]
    if found:
        exact = [entry for entry in found if entry.id == name]
        return exact or found
    names = {entry.id for entry in known} | {short(entry) for entry in known}
    raise KnowledgeError(f"nothing is named {name}", [Problem("", f"unknown id {name}{nearest(name, names, 5)}")])


def short(entry: Entry) -> str:
    """Return the name of an entry without its kind."""
    return entry.id.removeprefix(f"{entry.kind}.")


def documents(base: RuleBase) -> Iterator[tuple[str, Document]]:
    """Yield (full id, document) for every document of a rule base but its sources and weights."""
    kinds: dict[str, Mapping[str, Document]] = {
        "finding": base.findings,
        "red_flag": base.red_flags,
        "cause": base.causes,
        "pathway": base.pathways,
        "criteria": base.criteria,
        "disagreement": base.disagreements,
    }
    for kind, found in kinds.items():
        for name, document in found.items():
            yield f"{kind}.{name}", document


def parts(document: Document, owner: str) -> Iterator[tuple[str, Document]]:
    """Yield (full id of it, or of what it is part of; part) for a document and everything in it."""
    yield owner, document
    for name in type(document).model_fields:
        value = getattr(document, name)
        for part in value if isinstance(value, list) else (value,):
            if isinstance(part, Document):
                yield from parts(part, str(getattr(part, "id", "") or owner))


def cited_by(base: RuleBase) -> dict[str, list[Cited]]:
    """Return for every cited source the lines that cite it."""
    found: dict[str, list[Cited]] = {}
    for name, document in documents(base):
        for owner, part in parts(document, name):
            for cite in getattr(part, "sources", ()):
                found.setdefault(cite.key, []).append(Cited(owner, cite.for_))
    return found


def used_by(base: RuleBase) -> dict[str, list[str]]:
    """Return for every fact that a condition names the conditions that do."""
    found: dict[str, list[str]] = {}
    for name, condition in base.conditions.items():
        for fact in dict.fromkeys(facts_in(condition)):
            found.setdefault(fact, []).append(name)
    return found
