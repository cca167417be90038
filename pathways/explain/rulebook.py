"""Every rule by its id: whose it is, what part it plays, what it says and on what it rests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pathways.judged import HOLDING
from pathways.status import NOT_HELD
from rules.language import facts_in, normal
from rules.regions import Regions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rules.documents import Based, Cause, Cites, Pathway
    from rules.language import Condition
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
        because = f"It is not considered otherwise: {cause.not_considered_because}"
        yield Entry(
            f"{cause.id}.considered_when", "cause", cause.id, "considered when", "", because, "expert judgement"
        )
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


@lru_cache(maxsize=20_000)
def normal_of(base: RuleBase, rule_id: str, sign: bool) -> Condition:
    """Return a rule, or (with sign=False) its negation, with negation pushed into the comparisons."""
    return normal(base.conditions[rule_id], sign)


@lru_cache(maxsize=8)
def _closures(base: RuleBase) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    return {}


def rests_on(base: RuleBase, rule_ids: Sequence[str]) -> frozenset[str]:
    """Return the facts that rules rest on, findings, red flags and standings followed down to what a case states."""
    return _joined(base, rule_ids)[0]


def rules_behind(base: RuleBase, rule_ids: Sequence[str]) -> frozenset[str]:
    """Return the rules that rules rest on, themselves among them."""
    return _joined(base, rule_ids)[1]


def _joined(base: RuleBase, rule_ids: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    kept = _closures(base)
    found = [_behind(base, rule_id, kept) for rule_id in rule_ids]
    return frozenset().union(*(facts for facts, _ in found)), frozenset().union(*(rules for _, rules in found))


def _behind(
    base: RuleBase, rule_id: str, kept: dict[str, tuple[frozenset[str], frozenset[str]]]
) -> tuple[frozenset[str], frozenset[str]]:
    found = kept.get(rule_id)
    if found is None:
        facts: set[str] = set()
        below: list[str] = []
        for fact in facts_in(base.conditions[rule_id]):
            if fact in base.conditions:
                below.append(fact)
            elif fact.startswith("cause.") and fact[6:] in base.causes:
                below.extend(rules_of(base, "cause", fact[6:]))
            else:
                facts.add(fact)
        more, rules = _joined(base, dict.fromkeys(below))
        found = kept[rule_id] = (more | facts, rules | {rule_id})
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


def deciding(base: RuleBase, kind: str, name: str) -> list[str]:
    """Return the rules that decide a conclusion, with the red flags that hold a pathway in an emergency."""
    ids = rules_of(base, kind, name)
    if kind == "pathway" and base.pathways[name].kind not in NOT_HELD:
        ids += [f"red_flag.{flag}" for flag, about in base.red_flags.items() if about.urgency in HOLDING]
    return ids


@lru_cache(maxsize=1000)
def regions_behind(base: RuleBase, kind: str, name: str) -> Regions:
    """Return the regions of facts that the rules behind a conclusion tell apart."""
    behind = rules_behind(base, deciding(base, kind, name))
    return Regions(base.vocabulary, [base.conditions[rule_id] for rule_id in sorted(behind)])
