"""Putting conclusions into words: sentences with the patient's own values, the facts behind them, the sources."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pathways import assessment as out
from pathways import standing as weighing
from rules.engines.kleene import Truth
from rules.support import Grounds

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from pathways.standing import Standing
    from pathways.status import Status
    from rules.documents import Argument, Cause, Cites, Criteria, CriterionItem, RedFlag, Rule
    from rules.inference import Inference, Reasoner
    from rules.language import Value
    from rules.rulebase import RuleBase

T = TypeVar("T")
PRESENT: dict[Truth, Literal["present", "absent", "unknown"]] = {True: "present", False: "absent", None: "unknown"}
MET: dict[Truth, Literal["met", "unmet", "unknown"]] = {True: "met", False: "unmet", None: "unknown"}
SLOT = re.compile(r"\{([a-z0-9_.]+)\}")


def in_words(value: Value) -> str:
    """Return a value as it reads in a sentence."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, (int, float)) else str(value).replace("_", " ")


def filled_in(name: str, value: Value | None, base: RuleBase) -> str:
    """Return a value as it fills a slot of a sentence; months as roughly as one says them."""
    if value is None:
        return "an unknown number of"
    if name in base.vocabulary and base.vocabulary[name].unit == "months" and isinstance(value, (int, float)):
        return in_words(round(value, 1 if value >= 0.1 else 2))
    return in_words(value)


class Telling:
    """Tells the conclusions of one case."""

    def __init__(self, reasoner: Reasoner, inference: Inference, grounds: Grounds) -> None:
        """Take the reasoner, what was inferred, and the grounds of it."""
        self.base: RuleBase = reasoner.base
        self.facts = inference.facts
        self.truths = inference.truths
        self.grounds = grounds
        self.memory = reasoner.memory

    def findings(self) -> dict[str, bool]:
        """Return the findings that are known."""
        known = {name: self.truths[f"finding.{name}"] for name in self.base.findings}
        return {name: truth for name, truth in known.items() if truth is not None}

    def labels(self, facts: Iterable[str]) -> dict[str, str]:
        """Return the question of each stated fact."""
        return {name: self.base.vocabulary[name].ask for name in facts}

    def sentence(self, text: str) -> str:
        """Fill the slots of a sentence with the patient's values."""

        def fill(match: re.Match[str]) -> str:
            return filled_in(match.group(1), self.facts.get(match.group(1)), self.base)

        filled = SLOT.sub(fill, text)
        return filled[:1].upper() + filled[1:]

    def behind(self, rule_id: str) -> dict[str, Value]:
        """Return the stated facts that a rule's truth rests on."""
        return self.grounds.behind(rule_id)

    def lacking(self, rule_id: str) -> list[str]:
        """Return the unknown facts that keep a rule unknown."""
        return list(self.grounds.lacking(rule_id))

    def citations(self, cites: Iterable[Cites]) -> list[out.Citation]:
        """Return citations in full."""
        return [self.memory.recall("", {}, partial(self._citation, cite), cite.key, cite.for_) for cite in cites]

    def _citation(self, cite: Cites) -> out.Citation:
        source = self.base.sources[cite.key]
        return out.Citation(
            key=cite.key,
            cite=source.cite,
            shows=cite.for_,
            opened=source.opened,
            doi=source.doi,
            pmid=source.pmid,
            url=source.url or (f"https://www.ncbi.nlm.nih.gov/pmc/articles/{source.pmcid}/" if source.pmcid else None),
        )

    def _recall(self, name: str, make: Callable[[], T], *more: Hashable) -> T:
        """Return what `make` returns; remembered for the same known facts of a rule or owner."""
        return self.memory.recall(name, self.facts, make, *more)

    def red_flags(self) -> list[out.RedFlagResult]:
        """Tell the emergency signs: present ones first, by urgency, then unknown, then absent."""
        results = [
            self._recall(f"red_flag.{name}", partial(self._red_flag, flag))
            for name, flag in self.base.red_flags.items()
        ]
        status, urgency = ("present", "unknown", "absent"), ("immediate", "same_day", "within_days")
        return sorted(results, key=lambda r: (status.index(r.status), urgency.index(r.urgency)))

    def _red_flag(self, flag: RedFlag) -> out.RedFlagResult:
        key = f"red_flag.{flag.id}"
        return out.RedFlagResult(
            id=flag.id,
            title=flag.title,
            status=PRESENT[self.truths[key]],
            urgency=flag.urgency,
            action=flag.action,
            because=self.sentence(flag.because),
            in_plain_words=flag.in_plain_words,
            accuracy=flag.accuracy,
            basis=flag.basis,
            facts=self.behind(key),
            unknown_facts=self.lacking(key),
            points_to=list(flag.points_to),
            sources=self.citations(flag.sources),
        )

    def cause(self, name: str, standing: Standing) -> out.CauseResult:
        """Tell where a cause stands and why."""
        return self._recall(name, lambda: self._cause(name, standing), "cause")

    def _cause(self, name: str, standing: Standing) -> out.CauseResult:
        cause = self.base.causes[name]
        order = ("confirms", "excludes", "for", "against")
        fired = [self._argument(a, standing) for a in cause.arguments if self.truths[a.id]]
        fired.sort(key=lambda a: (order.index(a.direction), -abs(a.points), a.rule))
        not_considered = standing.considered is False
        unknown = (
            [] if not_considered else [self._open_argument(a) for a in cause.arguments if self.truths[a.id] is None]
        )
        return out.CauseResult(
            id=name,
            title=cause.title,
            family=cause.family,
            standing=standing.name,
            score=standing.score,
            prior=self._prior(standing),
            considered=standing.considered,
            note=self._note(cause, standing),
            conflict=standing.conflict,
            summary=cause.summary,
            in_plain_words=cause.in_plain_words,
            codes=dict(cause.codes),
            arguments=fired,
            unknown=unknown,
            confirm_by=list(cause.confirm_by),
            next_test=cause.next_test,
            confused_with=[out.TellApart(cause=other.cause, by=other.by) for other in cause.confused_with],
        )

    def _note(self, cause: Cause, standing: Standing) -> str:
        if standing.considered is False:
            return cause.not_considered_because
        if standing.conflict:
            return "One finding confirms this cause and another excludes it: a conflict to resolve."
        if standing.considered is None:
            return "It is not known whether this cause can be considered: " + ", ".join(
                self.lacking(f"{cause.id}.considered_when")
            )
        return ""

    def _prior(self, standing: Standing) -> out.PriorResult:
        prior = standing.prior
        return out.PriorResult(
            share=prior.share,
            points=weighing.log_odds(prior.share),
            because=prior.because,
            basis=prior.basis,
            sources=self.citations(prior.sources),
        )

    def _argument(self, argument: Argument, standing: Standing) -> out.ArgumentResult:
        return out.ArgumentResult(
            rule=argument.id,
            direction=argument.direction,
            strength=argument.strength,
            lr=argument.lr,
            points=weighing.points(argument, self.base.weights),
            counted=argument.id in standing.counted,
            basis=argument.basis,
            because=self.sentence(argument.because),
            facts=self.behind(argument.id),
            sources=self.citations(argument.sources),
        )

    def _open_argument(self, argument: Argument) -> out.OpenArgument:
        def make() -> out.OpenArgument:
            return out.OpenArgument(
                rule=argument.id,
                direction=argument.direction,
                strength=argument.strength,
                because=self.sentence(argument.because),
                facts=self.lacking(argument.id),
            )

        return self._recall(argument.id, make, "open")

    def pathway(self, name: str, status: Status) -> out.PathwayResult:
        """Tell the status of a pathway and why."""
        return self._recall(name, lambda: self._pathway(name, status), status)

    def _pathway(self, name: str, status: Status) -> out.PathwayResult:
        pathway = self.base.pathways[name]
        reasons = [self._reason(r, kind=r.recommend) for r in pathway.indications if self.truths[r.id]]
        cautions = [self._reason(r, text=r.until, kind=r.kind) for r in pathway.contraindications if self.truths[r.id]]
        prepare = [self._reason(r, text=r.do) for r in pathway.prepare if self.truths[r.id]]
        waits = [r for r in pathway.prerequisites if r.id in status.waits_for]
        unknown: list[tuple[Rule, str, str]] = [
            (r, "", f"indication:{r.recommend}") for r in pathway.indications if self.truths[r.id] is None
        ]
        unknown += [
            (r, r.until, f"contraindication:{r.kind}") for r in pathway.contraindications if self.truths[r.id] is None
        ]
        cited = {c.key: c for line in (*reasons, *cautions, *prepare) for c in line.sources}
        return out.PathwayResult(
            id=name,
            title=pathway.title,
            kind=pathway.kind,
            stage=pathway.stage,
            status=status.name,
            held_by_emergency=status.held,
            summary=pathway.summary,
            in_plain_words=pathway.in_plain_words,
            reasons=reasons,
            cautions=cautions,
            prepare=prepare,
            waits_for=[self._open(r, r.needs, "prerequisite") for r in waits],
            open=[self._open(rule, text, kind) for rule, text, kind in unknown],
            evidence=self._lines(f"{name}/evidence", pathway.evidence),
            harms=self._lines(f"{name}/harms", pathway.harms),
            grades=self._lines(f"{name}/grades", pathway.grades),
            success=pathway.success,
            judge_after=pathway.judge_after,
            if_success=pathway.if_success,
            if_failure=pathway.if_failure,
            gate=pathway.gate,
            sources=list(cited.values()),
        )

    def _reason(self, rule: Rule, *, text: str = "", kind: str = "") -> out.Reason:
        return out.Reason(
            rule=rule.id,
            because=self.sentence(rule.because),
            basis=rule.basis,
            facts=self.behind(rule.id),
            sources=self.citations(rule.sources),
            text=text,
            kind=kind,
        )

    def _open(self, rule: Rule, text: str, kind: str) -> out.OpenRule:
        def make() -> out.OpenRule:
            because = self.sentence(rule.because)
            return out.OpenRule(rule=rule.id, because=because, facts=self.lacking(rule.id), text=text, kind=kind)

        return self._recall(rule.id, make, "open")

    def _lines(self, key: str, lines: Iterable[Any]) -> list[out.EvidenceLine]:
        return self.memory.recall("", {}, lambda: [self._line(line) for line in lines], key)

    def _line(self, line: Any) -> out.EvidenceLine:
        says = line.says if hasattr(line, "says") else f"{line.by}: {line.grade}"
        direction = getattr(line, "direction", "")
        return out.EvidenceLine(says=says, direction=direction, sources=self.citations(line.sources))

    def gate(self, pathways: Iterable[str]) -> str:
        """Return the gates of a step in one line."""
        named = [self.base.pathways[name] for name in pathways]
        if len(named) == 1:
            return named[0].gate
        return " ".join(f"{pathway.title}: {pathway.gate}" for pathway in named)

    def criteria(self) -> list[out.CriteriaResult]:
        """Tell every official checklist, line by line."""
        return [self._recall(name, partial(self._criteria, item)) for name, item in self.base.criteria.items()]

    def _criteria(self, criteria: Criteria) -> out.CriteriaResult:
        items = [self._criterion(item) for item in criteria.items]
        counts = {word: sum(item.status == word for item in items) for word in MET.values()}
        return out.CriteriaResult(
            id=criteria.id,
            title=criteria.title,
            issuer=criteria.issuer,
            number=criteria.number,
            date=criteria.date,
            country=criteria.country,
            about=list(criteria.about),
            note=criteria.note,
            items=items,
            sources=self.citations(criteria.sources),
            **counts,
        )

    def _criterion(self, item: CriterionItem) -> out.CriterionResult:
        return out.CriterionResult(
            id=item.id,
            says=item.says,
            status=MET[self.truths[item.id]],
            facts=self.behind(item.id),
            unknown_facts=self.lacking(item.id),
        )

    def disagreements(self) -> list[out.DisagreementResult]:
        """Tell the questions on which sources differ and that matter here."""
        return [
            out.DisagreementResult(
                id=name,
                question=item.question,
                about=list(item.about),
                default=item.default,
                because=item.because,
                positions=[
                    out.PositionResult(says=position.says, sources=self.citations(position.sources))
                    for position in item.positions
                ],
            )
            for name, item in self.base.disagreements.items()
            if self.truths[f"disagreement.{name}"]
        ]
