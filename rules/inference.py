"""Running the rule base over the facts of one case, by the reference engine and durable-rules side by side.

Two passes: first findings, red flags and arguments; then, once the standings of the causes are facts too, what rests on
them (pathways, criteria, disagreements). Both engines must agree on every rule, or there is an error and no result.

A rule none of whose facts is known is unknown; the reference evaluates only the rules that a case touches.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from rules.engines import kleene, production
from rules.language import facts_in, normal
from rules.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rules.engines.kleene import Truth
    from rules.language import Condition, Value
    from rules.rulebase import RuleBase

Rules = list[tuple[str, "Condition"]]
DENIED = "not "


class EnginesDisagreeError(RuntimeError):
    """durable-rules and the reference gave different answers: a defect, never a report."""


@dataclass
class Inference:
    """What was inferred: the facts with findings and red flags, the truth of every rule, and what fired in order.

    `touched` names the rules and findings that rest on at least one known fact, directly or through a finding;
    `written` holds the facts as durable-rules takes them.
    """

    facts: dict[str, Value]
    truths: dict[str, Truth]
    trace: list[str] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    written: dict[str, str] = field(default_factory=dict, repr=False)


class Reasoner:
    """A rule base made ready for single cases. Build once, use for many."""

    def __init__(self, base: RuleBase, plans: list[production.Plan] | None = None) -> None:
        """Compile the rule base; durable-rules is used where it can be imported. Plans made before may be given."""
        self.base = base
        self._plans = plans
        self.unavailable = production.unavailable()
        self.strata: list[Rules] = [*_finding_strata(base), _judgements(base)]
        self.decisions: Rules = _decisions(base)
        self._all: list[Rules] = [*self.strata, self.decisions]
        self._nothing_known: dict[str, Truth] = {name: None for rules in self._all for name, _ in rules}
        self._readers = [_readers(rules) for rules in self._all]
        self._concludes = [any(_is_fact(name) for name, _ in rules) for rules in self._all]
        self.memory = Memory(base.conditions, _owners(base))

    def __reduce__(self) -> tuple[type[Reasoner], tuple[RuleBase, list[production.Plan] | None]]:
        """Go to another process as what it was made from; durable-rules' networks are registered anew there."""
        return Reasoner, (self.base, None if self.unavailable else self.plans)

    @property
    def engines(self) -> list[str]:
        """The engines that run for every case."""
        return [kleene.NAME] if self.unavailable else [production.NAME, kleene.NAME]

    @cached_property
    def networks(self) -> list[production.Network]:
        """The durable-rules network of each stratum."""
        return [production.Network(planned) for planned in self.plans]

    @cached_property
    def plans(self) -> list[production.Plan]:
        """The plan of each stratum's network."""
        return self._plans or [_plan(rules) for rules in self._all]

    def judge(self, facts: Mapping[str, Value]) -> Inference:
        """Infer findings, red flags, gates, priors and arguments."""
        inference = Inference(dict(facts), dict(self._nothing_known), written=production.written(facts))
        touched: list[str] = [*facts]  # every name that is known or rests on something known
        for number in range(len(self.strata)):
            touched += self._run(number, touched, inference)
        return inference

    def decide(self, inference: Inference, standings: Mapping[str, Value]) -> Inference:
        """Go on to pathways, criteria and disagreements, with the standings of the causes known."""
        inference.facts.update(standings)
        inference.written.update(production.written(standings))
        self._run(len(self.strata), [*inference.facts, *inference.touched], inference)
        return inference

    def _run(self, number: int, touched: Iterable[str], inference: Inference) -> list[str]:
        """Run a stratum; return the facts that it may have concluded. What was touched says which rules may know."""
        rules, facts, truths = self._all[number], inference.facts, inference.truths
        waiting: set[int] = set()
        waiting.update(*filter(None, map(self._readers[number].get, touched)))
        evaluated = [rules[at] for at in sorted(waiting)]
        for name, condition in evaluated:
            truths[name] = kleene.truth(condition, facts)
        inference.touched.update([name for name, _ in evaluated])
        fired = [name for name, _ in evaluated if truths[name]]
        new = [name for name, _ in evaluated if _is_fact(name)] if self._concludes[number] else []
        concluded = {name: truth for name in new if (truth := truths[name]) is not None}
        fired += [DENIED + name for name, truth in concluded.items() if not truth]
        if not self.unavailable:
            order = self.networks[number].fire(inference.written)
            if set(fired) != set(order):
                self._disagree(set(fired), set(order))
            fired = order
        inference.trace.extend(name for name in fired if not name.startswith(DENIED))
        fresh = {name: known for name, known in concluded.items() if name not in facts}
        facts.update(fresh)
        inference.written.update(production.written(fresh))
        return new

    def _disagree(self, reference: set[str], fired: set[str]) -> None:
        only_reference, only_production = sorted(reference - fired), sorted(fired - reference)
        message = f"the engines disagree: only the reference {only_reference}, only durable-rules {only_production}"
        raise EnginesDisagreeError(message)


def _is_fact(name: str) -> bool:
    return name.startswith(("finding.", "red_flag."))


def _readers(rules: Rules) -> dict[str, list[int]]:
    """Return for each fact the places of the rules that name it."""
    readers: dict[str, list[int]] = {}
    for at, (_, condition) in enumerate(rules):
        for fact in set(facts_in(condition)):
            readers.setdefault(fact, []).append(at)
    return readers


def _owners(base: RuleBase) -> dict[str, list[str]]:
    """Return the rules of each cause, pathway and checklist."""
    owners: dict[str, list[str]] = {}
    for cause in base.causes.values():
        priors = [f"{cause.id}.prior.{number}" for number in range(len(cause.prior))]
        owners[cause.id] = [f"{cause.id}.considered_when", *priors, *(a.id for a in cause.arguments)]
    for pathway in base.pathways.values():
        owners[pathway.id] = [rule.id for rule in pathway.rules]
    for criteria in base.criteria.values():
        owners[criteria.id] = [item.id for item in criteria.items]
    return owners


def _plan(rules: Rules) -> production.Plan:
    denials = [(DENIED + name, normal(condition, truth=False)) for name, condition in rules if _is_fact(name)]
    return production.plan([*rules, *denials])


def _finding_strata(base: RuleBase) -> list[Rules]:
    """Return the findings in strata: each rests only on facts and on findings of earlier strata."""
    depth: dict[str, int] = {}
    strata: list[Rules] = []
    for name in base.findings:
        key = f"finding.{name}"
        condition = base.conditions[key]
        depth[key] = 1 + max((depth[fact] for fact in facts_in(condition) if fact in depth), default=-1)
        while len(strata) <= depth[key]:
            strata.append([])
        strata[depth[key]].append((key, condition))
    return strata


def _take(base: RuleBase, names: Iterable[str]) -> Rules:
    return [(name, base.conditions[name]) for name in names if name in base.conditions]


def _judgements(base: RuleBase) -> Rules:
    names = [f"red_flag.{name}" for name in base.red_flags]
    for cause in base.causes.values():
        names.append(f"{cause.id}.considered_when")
        names.extend(f"{cause.id}.prior.{number}" for number in range(len(cause.prior)))
        names.extend(argument.id for argument in cause.arguments)
    return _take(base, names)


def _decisions(base: RuleBase) -> Rules:
    names: list[str] = []
    for pathway in base.pathways.values():
        names.extend(rule.id for rule in pathway.rules)
    for criteria in base.criteria.values():
        names.extend(item.id for item in criteria.items)
    names.extend(f"disagreement.{name}" for name in base.disagreements)
    return _take(base, names)
