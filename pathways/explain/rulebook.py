"""Every rule by its id: whose it is, what part it plays, what it says and on what it rests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rules.language import facts_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.documents import Based, Cause, Cites, Pathway
    from rules.rulebase import RuleBase


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule as an answer needs it. `role` is argument, indication, gate ...; `weight` is strength, urgency or kind."""

    id: str
    owner_kind: str
    owner: str
    role: str
    weight: str
    because: str
    basis: str
    sources: tuple[Cites, ...] = ()
    says: str = ""


@lru_cache(maxsize=8)
def rulebook(base: RuleBase) -> dict[str, Entry]:
    """Return every rule of a rule base by id, criteria and disagreements left out."""
    found: list[Entry] = []
    for name, finding in base.findings.items():
        found.append(_based(f"finding.{name}", "finding", name, "finding", "", finding, finding.title))
    for name, flag in base.red_flags.items():
        found.append(_based(f"red_flag.{name}", "red_flag", name, "red flag", flag.urgency, flag, flag.action))
    for cause in base.causes.values():
        found.extend(_of_cause(cause))
    for pathway in base.pathways.values():
        found.extend(_of_pathway(pathway))
    return {entry.id: entry for entry in found}


def _based(rule_id: str, kind: str, owner: str, role: str, weight: str, rule: Based, says: str = "") -> Entry:
    return Entry(rule_id, kind, owner, role, weight, rule.because, rule.basis, tuple(rule.sources), says)


def _of_cause(cause: Cause) -> Iterator[Entry]:
    if cause.considered_when is not None:
        because = f"Without it: {cause.not_considered_because}"
        yield Entry(f"{cause.id}.considered_when", "cause", cause.id, "considered when", "", because, "expert judgement")
    for number, prior in enumerate(cause.prior):
        if prior.when is not None:
            share = f"{prior.share:.1%}"
            name = f"{cause.id}.prior.{number}"
            yield Entry(name, "cause", cause.id, "prior", share, prior.because, prior.basis, tuple(prior.sources))
    for argument in cause.arguments:
        weight = argument.direction if argument.strength == "decisive" else f"{argument.direction}, {argument.strength}"
        yield _based(argument.id, "cause", cause.id, "argument", weight, argument)


def _of_pathway(pathway: Pathway) -> Iterator[Entry]:
    for indication in pathway.indications:
        yield _based(indication.id, "pathway", pathway.id, "indication", indication.recommend, indication)
    for first in pathway.prerequisites:
        yield _based(first.id, "pathway", pathway.id, "prerequisite", "", first, first.needs)
    for against in pathway.contraindications:
        yield _based(against.id, "pathway", pathway.id, "contraindication", against.kind, against, against.until)
    for item in pathway.prepare:
        yield _based(item.id, "pathway", pathway.id, "preparation", "", item, item.do)


@lru_cache(maxsize=8)
def _closures(base: RuleBase) -> dict[str, frozenset[str]]:
    return {}


def rests_on(base: RuleBase, rule_ids: Sequence[str]) -> frozenset[str]:
    """Return the facts that rules rest on, findings, red flags and standings followed down to what a case states."""
    kept = _closures(base)
    return frozenset().union(*(_rests(base, rule_id, kept) for rule_id in rule_ids))


def _rests(base: RuleBase, rule_id: str, kept: dict[str, frozenset[str]]) -> frozenset[str]:
    found = kept.get(rule_id)
    if found is None:
        below: set[str] = set()
        for fact in facts_in(base.conditions[rule_id]):
            if fact in base.conditions:
                below |= _rests(base, fact, kept)
            elif fact.startswith("cause.") and fact[6:] in base.causes:
                below |= rests_on(base, rules_of(base, "cause", fact[6:]))
            else:
                below.add(fact)
        found = kept[rule_id] = frozenset(below)
    return found


def rules_of(base: RuleBase, kind: str, name: str) -> list[str]:
    """Return the rules that decide a conclusion directly, in the order of the knowledge."""
    if kind == "cause":
        cause = base.causes[name]
        ids = [f"{name}.considered_when", *(f"{name}.prior.{n}" for n in range(len(cause.prior)))]
        ids += [argument.id for argument in cause.arguments]
        return [rule_id for rule_id in ids if rule_id in base.conditions]
    if kind == "pathway":
        pathway = base.pathways[name]
        parts = (*pathway.indications, *pathway.prerequisites, *pathway.contraindications)
        return [rule.id for rule in parts]
    return [name if kind == "rule" else f"{kind}.{name}"]
