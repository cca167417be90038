"""Why: the chain from the facts of a patient through findings and rules to a conclusion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways.explain.answers import Step, Why, plain
from pathways.explain.names import CONCLUDED, Conclusion, Subject, conclusion
from pathways.explain.rulebook import Entry, rulebook
from pathways.standing import log_odds, points
from rules.engines.kleene import truth
from rules.language import All, AnyOf, Compare, Not

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pathways.assessment import Assessment
    from pathways.case import Case
    from pathways.standing import Standing
    from rules.documents import Argument
    from rules.inference import Reasoner
    from rules.language import Condition, Value

DIRECTIONS = ("confirms", "excludes", "for", "against")
DONE = {True: "done first", False: "not done yet", None: "not known whether done"}
SAYS = {"for": "argues for", "against": "argues against", "confirms": "confirms", "excludes": "excludes"}


def why(about: Case | Assessment | Mapping[str, Value], name: str, reasoner: Reasoner | None = None) -> Why:
    """Return why a conclusion is as it is: its rules, their reasons and sources, findings, and the patient's facts.

    `name` is a cause, pathway, red flag, finding or rule. Raises QuestionError for an unknown one, with the nearest.
    """
    subject = Subject(about, reasoner)
    return explain(subject, conclusion(name, subject.base))


def explain(subject: Subject, asked: Conclusion, told: Iterable[str] = ()) -> Why:
    """Return why a conclusion of a judged case is as it is; what was told elsewhere (`cause.X`) is only named."""
    outcome = subject.outcome(asked)
    return Why(
        conclusion=asked.id,
        kind=asked.kind,
        title=asked.title,
        outcome=outcome,
        concluded=outcome in CONCLUDED[asked.kind],
        chain=Chains(subject, told).of(asked),
    )


class Chains:
    """Builds chains for one case. What was told once is only named the next time."""

    def __init__(self, subject: Subject, told: Iterable[str] = ()) -> None:
        """Take the case that is asked about, and what was told elsewhere."""
        self.subject = subject
        self.base = subject.base
        self.judged = subject.judged
        self.facts = self.judged.inference.facts
        self.truths = self.judged.inference.truths
        self.book = rulebook(self.base)
        self._told = set(told)

    def of(self, asked: Conclusion) -> Step:
        """Return the chain of one conclusion."""
        if asked.kind == "cause":
            return self._cause(asked.id)
        if asked.kind == "pathway":
            return self._pathway(asked)
        return self._rule(asked.rule_id)

    def _cause(self, name: str) -> Step:
        cause, standing = self.base.causes[name], self.judged.standings[name]
        says = f"{plain(standing.name)}, score {standing.score:+d}"
        if f"cause.{name}" in self._told:
            return Step(kind="cause", id=name, title=cause.title, says=says)
        self._told.add(f"cause.{name}")
        fired = [argument for argument in cause.arguments if self.truths[argument.id]]
        fired.sort(key=lambda a: (DIRECTIONS.index(a.direction), -abs(points(a, self.base.weights)), a.id))
        steps = [self._argument(argument, standing) for argument in fired]
        return Step(
            kind="cause",
            id=name,
            title=cause.title,
            says=says,
            because=self._note(name, standing),
            below=[*self._gate(name, standing), *steps, self._prior(name, standing)],
        )

    def _note(self, name: str, standing: Standing) -> str:
        if standing.considered is False:
            return self.base.causes[name].not_considered_because
        if standing.conflict:
            return "One finding confirms it and another excludes it: a conflict to resolve."
        return "" if standing.counted else "No argument about it is known to be true."

    def _gate(self, name: str, standing: Standing) -> Iterator[Step]:
        rule_id = f"{name}.considered_when"
        if rule_id in self.base.conditions and standing.considered is not None:
            says = "considered" if standing.considered else "not considered"
            below = self._grounds(self.base.conditions[rule_id], standing.considered)
            yield Step(kind="gate", id=rule_id, title="Considered when", says=says, below=below)

    def _argument(self, argument: Argument, standing: Standing) -> Step:
        ratio = f", likelihood ratio {argument.lr:g}" if argument.lr else ""
        counted = argument.id in standing.counted
        rest = "" if counted else "; a stronger one of its group counts instead"
        return self._rule(
            argument.id, f"{SAYS[argument.direction]} ({argument.strength}{ratio}{rest})", counted=counted
        )

    def _prior(self, name: str, standing: Standing) -> Step:
        prior, cause = standing.prior, self.base.causes[name]
        rule_id = f"{name}.prior.{cause.prior.index(prior)}"
        tree = self.base.conditions.get(rule_id)
        return Step(
            kind="prior",
            id=rule_id,
            title="How common it is before any argument",
            says=f"a share of {prior.share:.1%}, {log_odds(prior.share):+d} points",
            because=self.subject.telling.sentence(prior.because),
            basis=prior.basis,
            sources=self.subject.telling.citations(prior.sources),
            below=self._grounds(tree, True) if tree is not None else [],
        )

    def _pathway(self, asked: Conclusion) -> Step:
        pathway, status = self.base.pathways[asked.id], self.judged.statuses[asked.id]
        cautions = [rule for rule in pathway.contraindications if self.truths[rule.id]]
        absolute = [self._rule(rule.id, "absolute contraindication") for rule in cautions if rule.kind == "absolute"]
        relative = [self._rule(rule.id, "relative contraindication") for rule in cautions if rule.kind == "relative"]
        for_it = [self._rule(r.id, f"indication ({r.recommend})") for r in pathway.indications if self.truths[r.id]]
        first = [self._rule(rule.id, f"{DONE[self.truths[rule.id]]}: {rule.needs}") for rule in pathway.prerequisites]
        holding = []
        if status.held:
            flags = [f"red_flag.{name}" for name in self.base.red_flags if self.truths[f"red_flag.{name}"]]
            holding = [self._rule(flag, "holds everything elective") for flag in flags]
        return Step(
            kind="pathway",
            id=asked.id,
            title=asked.title,
            says=plain(status.name),
            because="" if for_it else "None of its indications is known to be true.",
            below=[*holding, *absolute, *for_it, *relative, *first],
        )

    def _rule(self, rule_id: str, says: str = "", *, counted: bool = True) -> Step:
        entry = self.book[rule_id]
        holds = self.truths[rule_id]
        known = rule_id in self._told and entry.role in ("finding", "red flag")
        self._told.add(rule_id)
        return Step(
            kind=entry.role,
            id=rule_id,
            title=_title(entry),
            says=says or {True: "yes", False: "no", None: "unknown"}[holds],
            because=self.subject.telling.sentence(entry.because) if holds else "",
            basis=entry.basis,
            sources=self.subject.telling.citations(entry.sources) if holds else [],
            counted=counted,
            below=[] if known or holds is None else self._grounds(self.base.conditions[rule_id], holds),
        )

    def _grounds(self, condition: Condition, holds: bool) -> list[Step]:
        """Return the facts and findings, one step down, that make a condition true or false."""
        steps: dict[str, Step] = {}
        for leaf in grounds(condition, holds, self.facts):
            if leaf.fact not in steps:
                steps[leaf.fact] = self._leaf(leaf.fact)
        return list(steps.values())

    def _leaf(self, fact: str) -> Step:
        kind, _, name = fact.partition(".")
        if fact in self.base.conditions and self.truths[fact] is not None:
            return self._rule(fact)
        if kind == "cause" and name in self.base.causes:
            return self._cause(name)
        ask = self.base.vocabulary[fact].ask
        return Step(kind="fact", id=fact, title=ask, says=plain(self.facts[fact]))


def _title(entry: Entry) -> str:
    return entry.says if entry.role in ("finding", "prerequisite") else entry.role.capitalize()


def grounds(condition: Condition, holds: bool, facts: Mapping[str, Value]) -> Iterator[Compare]:
    """Yield the comparisons that make a condition true (or, with holds=False, false)."""
    if isinstance(condition, Compare):
        yield condition
    elif isinstance(condition, Not):
        yield from grounds(condition.part, not holds, facts)
    else:
        every = isinstance(condition, All if holds else AnyOf)
        for part in condition.parts:
            if every or truth(part, facts) is holds:
                yield from grounds(part, holds, facts)
