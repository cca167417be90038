"""Many variants of one case, judged at once: the same standings and statuses as `Judged` gives one by one."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pathways.explain.links import followed
from pathways.judged import HOLDING
from pathways.standing import log_odds, points
from pathways.status import NOT_HELD
from rules.engines.worlds import Worlds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rules.documents import Argument, Cause
    from rules.language import Value
    from rules.rulebase import RuleBase

Outcomes = dict[str, int]  # outcome -> where
LADDERS: dict[str, tuple[str, ...]] = {
    "cause": ("excluded", "unlikely", "nothing_to_say", "possible", "probable", "confirmed"),
    "pathway": ("contraindicated", "not_indicated", "to_be_considered", "next", "recommended_now", "urgent"),
    "red_flag": ("absent", "unknown", "present"),
    "finding": ("no", "unknown", "yes"),
    "rule": ("no", "unknown", "yes"),
}


class Variants(Worlds):
    """Variants of the facts of one case, with standings and statuses."""

    def __init__(
        self, base: RuleBase, facts: Mapping[str, Value], count: int, changes: dict[str, dict[Value | None, int]]
    ) -> None:
        """Take the rule base, the facts of the case, how many variants there are, and which facts differ where."""
        super().__init__(base.conditions, facts, count, changes)
        self.base = base
        self._standings: dict[str, Outcomes] = {}

    def outcomes(self, kind: str, name: str) -> Outcomes:
        """Return every outcome that a conclusion has in some variant, with where."""
        if kind == "cause":
            return self.standing(name)
        if kind == "pathway":
            return self.status(name)
        true, false = self.truth(name if kind == "rule" else f"{kind}.{name}")
        no, unknown, yes = LADDERS[kind]
        found = {no: false, unknown: self.everywhere & ~(true | false), yes: true}
        return {outcome: where for outcome, where in found.items() if where}

    def inferred(self, fact: str) -> list[tuple[Value, int]]:
        """Return the values of findings and red flags, and the standings of the causes as facts."""
        kind, _, name = fact.partition(".")
        if kind != "cause" or name not in self.base.causes:
            return super().inferred(fact)
        return [(value, where) for value, where in self.standing(name).items() if value != "nothing_to_say"]

    def standing(self, name: str) -> Outcomes:
        """Return where each standing of a cause holds."""
        found = self._standings.get(name)
        if found is None:
            found = self._standings[name] = self._stand(self.base.causes[name])
        return found

    def scores(self, name: str) -> dict[int, int]:
        """Return where each score of a cause holds."""
        cause = self.base.causes[name]
        scores = self._prior(cause)
        for group in groups(cause.arguments):
            scores = _plus(scores, self._best(group))
        return scores

    def _prior(self, cause: Cause) -> dict[int, int]:
        rest = self.everywhere
        scores: dict[int, int] = {}
        for number, prior in enumerate(cause.prior):
            where = rest & self.truth(f"{cause.id}.prior.{number}")[0] if prior.when is not None else rest
            if where:
                score = log_odds(prior.share)
                scores[score] = scores.get(score, 0) | where
            rest &= ~where
        return scores

    def _best(self, group: Sequence[Argument]) -> list[tuple[int, int]]:
        """Return (points, where) for the strongest argument of a group that is true."""
        weighed = sorted(((points(a, self.base.weights), a.id) for a in group), key=lambda p: -abs(p[0]))
        taken, best = 0, []
        for value, rule_id in weighed:
            where = self.truth(rule_id)[0] & ~taken
            taken |= where
            if where and value:
                best.append((value, where))
        return best

    def _stand(self, cause: Cause) -> Outcomes:
        said = dict.fromkeys(("for", "against", "confirms", "excludes"), 0)
        for argument in cause.arguments:
            said[argument.direction] |= self.truth(argument.id)[0]
        out = 0
        if cause.considered_when is not None:
            out = self.truth(f"{cause.id}.considered_when")[1]
        rest = self.everywhere & ~out
        confirms, excludes = said["confirms"] & rest, said["excludes"] & rest
        conflict = confirms & excludes
        silent = rest & ~(said["for"] | said["against"] | confirms | excludes)
        weighed = rest & ~(confirms | excludes | silent) & said["for"]
        limits = self.base.weights.standings
        probable = possible = 0
        if weighed:
            for score, where in self.scores(cause.id).items():
                if score >= limits["probable"].value:
                    probable |= where & weighed
                elif score >= limits["possible"].value:
                    possible |= where & weighed
        found = {
            "confirmed": confirms & ~conflict,
            "probable": probable,
            "possible": possible | conflict,
            "nothing_to_say": silent,
            "unlikely": rest & ~(confirms | excludes | silent | probable | possible),
            "excluded": out | (excludes & ~conflict),
        }
        return {name: where for name, where in found.items() if where}

    @cached_property
    def emergency(self) -> int:
        """Where a red flag is present that holds everything elective."""
        where = 0
        for name, flag in self.base.red_flags.items():
            if flag.urgency in HOLDING:
                where |= self.truth(f"red_flag.{name}")[0]
        return where

    def reached(self, kind: str, name: str, wanted: Sequence[str], *, emergency: bool) -> list[int]:
        """Return where each wanted outcome holds; a pathway that a new emergency only holds back is not reached.

        `emergency` says whether there is one in the case as it is.
        """
        outcomes = self.outcomes(kind, name)
        masks = [outcomes.get(outcome, 0) for outcome in wanted]
        if kind == "pathway" and not emergency and self.base.pathways[name].kind not in NOT_HELD:
            held = self.emergency & outcomes.get("next", 0)
            masks = [mask & ~held for mask in masks]
        return masks

    def status(self, name: str) -> Outcomes:
        """Return where each status of a pathway holds."""
        pathway = self.base.pathways[name]
        absolute = relative = 0
        for rule in pathway.contraindications:
            if rule.kind == "absolute":
                absolute |= self.truth(rule.id)[0]
            else:
                relative |= self.truth(rule.id)[0]
        said = dict.fromkeys(("urgent", "now", "consider"), 0)
        for indication in pathway.indications:
            said[indication.recommend] |= self.truth(indication.id)[0]
        free = self.everywhere & ~absolute
        urgent = said["urgent"] & free
        rest = free & ~urgent
        indicated = (said["now"] | said["consider"]) & rest
        held = indicated & self.emergency if pathway.kind not in NOT_HELD else 0
        ready = self.everywhere
        for prerequisite in pathway.prerequisites:
            ready &= self.truth(prerequisite.id)[0]
        now = indicated & ~held & said["now"] & ~relative
        found = {
            "urgent": urgent,
            "recommended_now": now & ready,
            "next": held | (now & ~ready),
            "to_be_considered": indicated & ~held & ~now,
            "contraindicated": absolute,
            "not_indicated": rest & ~indicated,
        }
        return {outcome: where for outcome, where in found.items() if where}


def groups(arguments: Sequence[Argument]) -> list[list[Argument]]:
    """Return the arguments in groups of which only the strongest counts."""
    found: dict[tuple[str, str], list[Argument]] = {}
    for argument in arguments:
        found.setdefault((argument.direction, argument.group or argument.id), []).append(argument)
    return list(found.values())


def _plus(scores: dict[int, int], added: list[tuple[int, int]]) -> dict[int, int]:
    """Add points to the scores where they apply."""
    if not added:
        return scores
    summed: dict[int, int] = {}
    for score, where in scores.items():
        rest = where
        for value, there in added:
            both = rest & there
            if both:
                summed[score + value] = summed.get(score + value, 0) | both
                rest &= ~both
        if rest:
            summed[score] = summed.get(score, 0) | rest
    return summed


def variants(
    base: RuleBase, facts: Mapping[str, Value], changes: Sequence[Mapping[str, Value | None]], *, follow: bool = True
) -> Variants:
    """Judge the facts as they are (variant 0), and once for each set of changes (variants 1, 2, ...).

    What follows from a change is added to it, unless `follow` says that it is in there already.
    """
    gathered: dict[str, dict[Value | None, int]] = {}
    for number, change in enumerate(changes, 1):
        whole = followed(base, facts, change) if follow else change
        for fact, value in whole.items():
            where = gathered.setdefault(fact, {})
            where[value] = where.get(value, 0) | 1 << number
    return Variants(base, facts, len(changes) + 1, gathered)


def bits(mask: int) -> Iterator[int]:
    """Yield the numbers of the variants in a mask, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
