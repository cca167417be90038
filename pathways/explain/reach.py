"""Which truths, standings and statuses are still within reach, whatever the unknown facts turn out to be.

A sound bound: every condition and every cause is taken by itself, as if the same unknown fact could differ from place
to place. What is out of reach here is impossible for every completion, in part or whole; what is within reach may not
be. Truths are sets, written as the sum of T, F and U.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pathways.explain.variants import LADDERS
from pathways.judged import HOLDING
from pathways.standing import log_odds, points
from pathways.status import NOT_HELD
from rules.language import All, AtLeast, Compare, Not, compare

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rules.documents import Argument, Cause
    from rules.language import Condition, Value
    from rules.rulebase import RuleBase

T, F, U = 1, 2, 4
OF_TRUTH = {True: T, False: F, None: U}
TRUTHS = {truth: frozenset(n for n in (T, F, U) if truth & n) for truth in range(8)}


class Reach:
    """What can still come of the facts of one case."""

    def __init__(self, base: RuleBase, facts: Mapping[str, Value]) -> None:
        """Take the rule base and the stated facts."""
        self.base = base
        self.facts = facts
        self._rules: dict[str, int] = {}
        self._standings: dict[str, frozenset[str]] = {}

    def rule(self, rule_id: str) -> int:
        """Return the truths within reach of a rule."""
        found = self._rules.get(rule_id)
        if found is None:
            found = self._rules[rule_id] = self._condition(self.base.conditions[rule_id])
        return found

    def _condition(self, condition: Condition) -> int:
        if isinstance(condition, Compare):
            return self._compare(condition)
        if isinstance(condition, Not):
            inner = self._condition(condition.part)
            return (inner & U) | (T if inner & F else 0) | (F if inner & T else 0)
        parts = [self._condition(part) for part in condition.parts]
        if isinstance(condition, AtLeast):
            return _counted(parts, condition.count)
        return _counted(parts, len(parts) if isinstance(condition, All) else 1)

    def _compare(self, condition: Compare) -> int:
        fact = condition.fact
        value = self.facts.get(fact)
        if value is not None:
            return OF_TRUTH[compare(value, condition.op, condition.value)]
        kind, _, name = fact.partition(".")
        if fact in self.base.conditions:
            found = self.rule(fact)
            if compare(True, condition.op, condition.value):
                return found
            return (found & U) | (T if found & F else 0) | (F if found & T else 0)
        if kind == "cause" and name in self.base.causes:
            known = {s: compare(s, condition.op, condition.value) for s in self.standing(name) if s != "nothing_to_say"}
            silent = U if "nothing_to_say" in self.standing(name) else 0
            return silent | (T if True in known.values() else 0) | (F if False in known.values() else 0)
        return self._open(condition)

    def _open(self, condition: Compare) -> int:
        """Return the truths within reach of a comparison of an unknown fact."""
        about = self.base.vocabulary[condition.fact]
        if about.type == "yes_no":
            possible = [False] if self._ruled_out(condition.fact) else [True, False]
            truths = {compare(value, condition.op, condition.value) for value in possible}
        elif about.type == "choice":
            truths = {compare(value, condition.op, condition.value) for value in about.values}
        else:
            truths = {True, False}
        return U | (T if True in truths else 0) | (F if False in truths else 0)

    def _ruled_out(self, fact: str) -> bool:
        """Tell whether an unknown fact cannot be true because of what is known."""
        about = self.base.vocabulary[fact]
        if about.needs and self.facts.get(about.needs) is False:
            return True
        return any(self.facts.get(other) is True for other in (*about.conflicts, *self._excluded_by.get(fact, ())))

    @cached_property
    def _excluded_by(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, about in self.base.vocabulary.items():
            for other in about.conflicts:
                found.setdefault(other, []).append(name)
        return found

    def standing(self, name: str) -> frozenset[str]:
        """Return the standings within reach of a cause."""
        found = self._standings.get(name)
        if found is None:
            found = self._standings[name] = frozenset(self._stand(self.base.causes[name]))
        return found

    def _stand(self, cause: Cause) -> Iterable[str]:
        gate = f"{cause.id}.considered_when"
        considered = self.rule(gate) if gate in self.base.conditions else T
        if considered & F:
            yield "excluded"
        if considered == F:
            return
        said = {direction: [0, 0] for direction in ("for", "against", "confirms", "excludes")}
        for argument in cause.arguments:
            truth = self.rule(argument.id)
            said[argument.direction][0] |= truth & T
            said[argument.direction][1] |= truth == T
        can = {direction: bool(may) for direction, (may, _) in said.items()}
        must = {direction: bool(sure) for direction, (_, sure) in said.items()}
        if can["confirms"] and can["excludes"]:
            yield "possible"
        if can["confirms"] and not must["excludes"]:
            yield "confirmed"
        if can["excludes"] and not must["confirms"]:
            yield "excluded"
        if must["confirms"] or must["excludes"]:
            return
        if not must["for"]:
            if not must["against"]:
                yield "nothing_to_say"
            if can["against"]:
                yield "unlikely"
        if can["for"]:
            yield from self._weighed(cause)

    def _weighed(self, cause: Cause) -> Iterable[str]:
        """Yield the standings that the score may give."""
        low, high = self.scores(cause)
        limits = self.base.weights.standings
        probable, possible = limits["probable"].value, limits["possible"].value
        if high >= probable:
            yield "probable"
        if high >= possible and low < probable:
            yield "possible"
        if low < possible:
            yield "unlikely"

    def scores(self, cause: Cause) -> tuple[int, int]:
        """Return the lowest and the highest score within reach of a cause."""
        priors = self._priors(cause)
        low, high = min(priors), max(priors)
        groups: dict[tuple[str, str], list[Argument]] = {}
        for argument in cause.arguments:
            groups.setdefault((argument.direction, argument.group or argument.id), []).append(argument)
        for (direction, _), arguments in groups.items():
            weighed = [(abs(points(a, self.base.weights)), self.rule(a.id)) for a in arguments]
            least = max((value for value, truth in weighed if truth == T), default=0)
            most = max((value for value, truth in weighed if truth & T), default=0)
            if direction == "for":
                low, high = low + least, high + most
            elif direction == "against":
                low, high = low - most, high - least
        return low, high

    def _priors(self, cause: Cause) -> list[int]:
        found = []
        for number, prior in enumerate(cause.prior):
            truth = self.rule(f"{cause.id}.prior.{number}") if prior.when is not None else T
            if truth & T:
                found.append(log_odds(prior.share))
            if truth == T:
                break
        return found

    @cached_property
    def emergency(self) -> int:
        """Whether an emergency holds everything elective: the truths (T, F) within reach."""
        truths = [self.rule(f"red_flag.{n}") for n, flag in self.base.red_flags.items() if flag.urgency in HOLDING]
        return (T if any(t & T for t in truths) else 0) | (F if all(t != T for t in truths) else 0)

    def status(self, name: str) -> frozenset[str]:
        """Return the statuses within reach of a pathway."""
        return frozenset(self._statuses(name))

    def _statuses(self, name: str) -> Iterable[str]:
        pathway = self.base.pathways[name]
        absolute = [self.rule(r.id) for r in pathway.contraindications if r.kind == "absolute"]
        relative = [self.rule(r.id) for r in pathway.contraindications if r.kind != "absolute"]
        said = {
            word: [self.rule(r.id) for r in pathway.indications if r.recommend == word]
            for word in ("urgent", "now", "consider")
        }
        if any(t & T for t in absolute):
            yield "contraindicated"
        if T in absolute:
            return
        if any(t & T for t in said["urgent"]):
            yield "urgent"
        if T in said["urgent"]:
            return
        indicated = said["now"] + said["consider"]
        if T not in indicated:
            yield "not_indicated"
        if not any(t & T for t in indicated):
            return
        emergency = self.emergency if pathway.kind not in NOT_HELD else F
        if emergency & T:
            yield "next"
        if not emergency & F:
            return
        now = any(t & T for t in said["now"])
        if any(t & T for t in relative) or (T not in said["now"] and any(t & T for t in said["consider"])):
            yield "to_be_considered"
        if now and T not in relative:
            first = [self.rule(r.id) for r in pathway.prerequisites]
            if any(t != T for t in first):
                yield "next"
            if all(t & T for t in first):
                yield "recommended_now"

    def outcomes(self, kind: str, name: str) -> frozenset[str]:
        """Return the outcomes within reach of any conclusion."""
        if kind == "cause":
            return self.standing(name)
        if kind == "pathway":
            return self.status(name)
        no, unknown, yes = LADDERS[kind]
        truth = self.rule(name if kind == "rule" else f"{kind}.{name}")
        return frozenset({F: no, U: unknown, T: yes}[n] for n in TRUTHS[truth])


def _counted(parts: list[int], needed: int) -> int:
    """Return the truths within reach of `at least needed of the parts`."""
    may = sum(1 for part in parts if part & T)
    sure = sum(1 for part in parts if part == T)
    may_not = sum(1 for part in parts if part & F)
    sure_not = sum(1 for part in parts if part == F)
    spare = len(parts) - needed
    found = (T if may >= needed else 0) | (F if may_not > spare else 0)
    unsure = any(part & U for part in parts)
    return found | (U if unsure and sure < needed and sure_not <= spare else 0)
