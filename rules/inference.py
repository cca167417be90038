"""Running the rule base over the facts of one case, by the reference engine and durable-rules side by side.

Two passes: first findings, red flags and arguments; then, once the standings of the causes are facts too, what rests on
them (pathways, criteria, disagreements). Both engines must agree on every rule, or there is an error and no result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rules.engines import kleene, production
from rules.language import facts_in, normal

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
    """What was inferred: the facts with findings and red flags, the truth of every rule, and what fired in order."""

    facts: dict[str, Value]
    truths: dict[str, Truth] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)


class Reasoner:
    """A rule base made ready for single cases. Build once, use for many."""

    def __init__(self, base: RuleBase) -> None:
        """Compile the rule base; durable-rules is used where it can be imported."""
        self.base = base
        self.unavailable = production.unavailable()
        self.strata = [*_finding_strata(base), _judgements(base)]
        self.decisions = _decisions(base)
        self._networks: list[production.Network] | None = None

    @property
    def engines(self) -> list[str]:
        """The engines that run for every case."""
        return [kleene.NAME] if self.unavailable else [production.NAME, kleene.NAME]

    def judge(self, facts: Mapping[str, Value]) -> Inference:
        """Infer findings, red flags, gates, priors and arguments."""
        inference = Inference(dict(facts))
        for number, stratum in enumerate(self.strata):
            self._run(number, stratum, inference)
        return inference

    def decide(self, inference: Inference, standings: Mapping[str, Value]) -> Inference:
        """Go on to pathways, criteria and disagreements, with the standings of the causes known."""
        inference.facts.update(standings)
        self._run(len(self.strata), self.decisions, inference)
        return inference

    def _run(self, number: int, rules: Rules, inference: Inference) -> None:
        concluded: dict[str, Value] = {}
        fired: set[str] = set()
        for name, condition in rules:
            truth = kleene.truth(condition, inference.facts)
            inference.truths[name] = truth
            if truth:
                fired.add(name)
            if truth is not None and _is_fact(name):
                concluded[name] = truth
                if not truth:
                    fired.add(DENIED + name)
        if self.unavailable:
            inference.trace.extend(name for name, _ in rules if name in fired)
        else:
            order = self._network(number).fire(inference.facts)
            if fired != set(order):
                self._disagree(fired, set(order))
            inference.trace.extend(name for name in order if not name.startswith(DENIED))
        for name, known in concluded.items():
            inference.facts.setdefault(name, known)

    def _network(self, number: int) -> production.Network:
        if self._networks is None:
            self._networks = [_network(rules) for rules in (*self.strata, self.decisions)]
        return self._networks[number]

    def _disagree(self, reference: set[str], fired: set[str]) -> None:
        only_reference, only_production = sorted(reference - fired), sorted(fired - reference)
        message = f"the engines disagree: only the reference {only_reference}, only durable-rules {only_production}"
        raise EnginesDisagreeError(message)


def _is_fact(name: str) -> bool:
    return name.startswith(("finding.", "red_flag."))


def _network(rules: Rules) -> production.Network:
    denials = [(DENIED + name, normal(condition, truth=False)) for name, condition in rules if _is_fact(name)]
    return production.network([*rules, *denials])


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
        rules = (*pathway.indications, *pathway.prerequisites, *pathway.contraindications, *pathway.prepare)
        names.extend(rule.id for rule in rules)
    for criteria in base.criteria.values():
        names.extend(item.id for item in criteria.items)
    names.extend(f"disagreement.{name}" for name in base.disagreements)
    return _take(base, names)
