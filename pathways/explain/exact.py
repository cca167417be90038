"""Settled or open, exactly: the Z3 solver looks for a completion of the unknown facts that changes a conclusion.

Every rule becomes two formulas (where it is true, where it is false), standings and statuses are built from them as
everywhere else. A completion that is found is judged by the rules themselves before it counts; none at all means that
the conclusion is settled.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from pathways.explain.links import applied, followed, possible
from pathways.explain.rulebook import deciding, regions_behind, rests_on
from pathways.explain.variants import LADDERS, Variants, groups
from pathways.judged import HOLDING
from pathways.standing import log_odds, points
from pathways.status import NOT_HELD
from rules.language import All, AnyOf, Compare, Not, compare
from rules.problems import Problem, SpinepathError
from rules.vocabulary import PLACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pathways.explain.names import Conclusion, Subject
    from rules.documents import Cause
    from rules.language import Condition, Value

MISSING = "Z3 is not installed; install it with: pip install 'spinepath[proofs]' (or pip install z3-solver)"
PATIENCE = 20_000  # milliseconds for one conclusion
TRIES = 25  # completions that turn out to contradict the case before the search gives up


class MissingExtraError(SpinepathError):
    """An optional part that is not installed."""


def exactly(subject: Subject, asked: Conclusion) -> dict[str, Value] | bool | None:
    """Return True where a conclusion is settled, or else facts that would change it; None where that was not decided.

    Raises MissingExtraError without Z3.
    """
    return _Formulas(subject, asked).decide()


class _Formulas:
    """The rules behind one conclusion as formulas over the unknown facts."""

    def __init__(self, subject: Subject, asked: Conclusion) -> None:
        try:
            import z3
        except ImportError:
            raise MissingExtraError("exact answers need a solver", [Problem("", MISSING)]) from None
        self.z3: Any = z3
        self.subject, self.base, self.facts, self.asked = subject, subject.base, subject.facts, asked
        self.solver = z3.Solver()
        self.solver.set("timeout", PATIENCE)
        self.symbols: dict[str, dict[Value, Any]] = {}
        self._truths: dict[str, tuple[Any, Any]] = {}
        self._standings: dict[str, dict[str, Any]] = {}
        regions = regions_behind(self.base, asked.kind, asked.id)
        for name in sorted(rests_on(self.base, deciding(self.base, asked.kind, asked.id))):
            if name not in self.facts:
                self.symbols[name] = {value: z3.Bool(f"{name}={value}") for value in regions.every(name)}
        self._constrain()

    def decide(self) -> dict[str, Value] | bool | None:
        """Look for completions that change the outcome until one holds or there is none."""
        outcome = self.subject.outcome(self.asked)
        self.solver.add(self.z3.Not(self._outcomes()[outcome]))
        for _ in range(TRIES):
            answer = self.solver.check()
            if answer == self.z3.unsat:
                return True
            if answer != self.z3.sat:
                return None
            found = self._model()
            if self._changes(found, outcome):
                return self._fewer(found, outcome)
            self._forbid(self._at_odds(found))
        return None

    def _forbid(self, found: Mapping[str, Value]) -> None:
        self.solver.add(self.z3.Not(self.z3.And([self.symbols[name][value] for name, value in found.items()])))

    def _at_odds(self, found: dict[str, Value]) -> dict[str, Value]:
        """Return the fewest facts of a completion that contradict each other or the case, or all of them."""
        if self._consistent(found):
            return found
        for name in list(found):
            rest = {other: value for other, value in found.items() if other != name}
            if not self._consistent(rest):
                found = rest
        return found

    def _consistent(self, found: Mapping[str, Value]) -> bool:
        change = followed(self.base, self.facts, found)
        return not any(name in self.facts for name in change) and possible(self.base, self.facts, change)

    def _model(self) -> dict[str, Value]:
        model = self.solver.model()
        return {
            name: value
            for name, values in self.symbols.items()
            for value, symbol in values.items()
            if self.z3.is_true(model[symbol])
        }

    def _changes(self, found: Mapping[str, Value], outcome: str) -> bool:
        """Judge a completion by the rules themselves."""
        if not self._consistent(found):
            return False
        change = followed(self.base, self.facts, found)
        judged = Variants(self.base, applied(self.facts, change), 1, {})
        return outcome not in judged.outcomes(self.asked.kind, self.asked.id)

    def _fewer(self, found: dict[str, Value], outcome: str) -> dict[str, Value]:
        """Leave out facts that are not needed for the change, until none can be left out."""
        for name in found:
            rest = {other: value for other, value in found.items() if other != name}
            if self._changes(rest, outcome):
                return self._fewer(rest, outcome)
        return found

    def _constrain(self) -> None:
        """Say what cannot be together: two values of a fact, a finding nowhere and somewhere, what facts conflict."""
        add, both = self.solver.add, self._never_both
        for name, values in self.symbols.items():
            for value in values:
                if not self._consistent({name: value}):
                    self._forbid({name: value})
            if len(values) > 1:
                add(self.z3.AtMost(*values.values(), 1))
            fact = self.base.vocabulary[name]
            for other in fact.conflicts:
                both(name, True, other, True)
            if fact.needs:
                both(name, True, fact.needs, False)
            finding, _, place = name.rpartition(".")
            if place in (*PLACES, "concordant"):
                both(name, True, finding, False)
            if place in ("adjacent_above", "adjacent_below"):
                both(name, True, f"{finding}.adjacent", False)
        for name, value in self.facts.items():
            for other in self.base.vocabulary[name].conflicts if value is True else ():
                both(name, True, other, True)

    def _never_both(self, name: str, value: Value, other: str, its: Value) -> None:
        self.solver.add(self.z3.Not(self.z3.And(self._has(name, value), self._has(other, its))))

    def _has(self, name: str, value: Value) -> Any:
        if name in self.facts:
            return self.z3.BoolVal(self.facts[name] == value)
        return self.symbols.get(name, {}).get(value, self.z3.BoolVal(False))

    def _any(self, parts: list[Any]) -> Any:
        return self.z3.Or(parts) if parts else self.z3.BoolVal(False)

    def truth(self, rule_id: str) -> tuple[Any, Any]:
        """Return the formulas for a rule being true and being false."""
        if rule_id not in self._truths:
            self._truths[rule_id] = self._condition(self.base.conditions[rule_id])
        return self._truths[rule_id]

    def _condition(self, condition: Condition) -> tuple[Any, Any]:
        if isinstance(condition, Compare):
            return self._compare(condition)
        if isinstance(condition, Not):
            true, false = self._condition(condition.part)
            return false, true
        parts = [self._condition(part) for part in condition.parts]
        true, false = [t for t, _ in parts], [f for _, f in parts]
        if isinstance(condition, All):
            return self.z3.And(true), self.z3.Or(false)
        if isinstance(condition, AnyOf):
            return self.z3.Or(true), self.z3.And(false)
        spare = len(parts) - condition.count
        return self.z3.AtLeast(*true, condition.count), self.z3.AtLeast(*false, spare + 1)

    def _compare(self, condition: Compare) -> tuple[Any, Any]:
        sides: tuple[list[Any], list[Any]] = ([], [])
        for value, where in self._values(condition.fact):
            sides[0 if compare(value, condition.op, condition.value) else 1].append(where)
        return self._any(sides[0]), self._any(sides[1])

    def _values(self, fact: str) -> list[tuple[Value, Any]]:
        if fact in self.facts:
            return [(self.facts[fact], self.z3.BoolVal(True))]
        kind, _, name = fact.partition(".")
        if fact in self.base.conditions:
            true, false = self.truth(fact)
            return [(True, true), (False, false)]
        if kind == "cause" and name in self.base.causes:
            return [(value, where) for value, where in self.standing(name).items() if value != "nothing_to_say"]
        return list(self.symbols[fact].items())

    def _outcomes(self) -> dict[str, Any]:
        if self.asked.kind == "cause":
            return self.standing(self.asked.id)
        if self.asked.kind == "pathway":
            return self.status(self.asked.id)
        true, false = self.truth(self.asked.rule_id)
        no, unknown, yes = LADDERS[self.asked.kind]
        return {no: false, yes: true, unknown: self.z3.Not(self.z3.Or(true, false))}

    def standing(self, name: str) -> dict[str, Any]:
        """Return the formula of each standing of a cause."""
        if name not in self._standings:
            self._standings[name] = self._stand(self.base.causes[name])
        return self._standings[name]

    def _stand(self, cause: Cause) -> dict[str, Any]:
        z = self.z3
        said = {
            direction: self._any([self.truth(a.id)[0] for a in cause.arguments if a.direction == direction])
            for direction in ("for", "against", "confirms", "excludes")
        }
        gate = f"{cause.id}.considered_when"
        out = self.truth(gate)[1] if gate in self.base.conditions else z.BoolVal(False)
        confirms, excludes = said["confirms"], said["excludes"]
        decided = z.Or(out, confirms, excludes)
        weighed = z.And(z.Not(decided), said["for"])
        score, limits = self._score(cause), self.base.weights.standings
        probable, possible_ = score >= limits["probable"].value, score >= limits["possible"].value
        silent = z.And(z.Not(decided), z.Not(said["for"]), z.Not(said["against"]))
        return {
            "excluded": z.Or(out, z.And(excludes, z.Not(confirms))),
            "confirmed": z.And(z.Not(out), confirms, z.Not(excludes)),
            "probable": z.And(weighed, probable),
            "possible": z.Or(z.And(z.Not(out), confirms, excludes), z.And(weighed, possible_, z.Not(probable))),
            "nothing_to_say": silent,
            "unlikely": z.And(z.Not(decided), z.Not(silent), z.Not(z.And(weighed, possible_))),
        }

    def _score(self, cause: Cause) -> Any:
        z = self.z3
        score = z.IntVal(log_odds(cause.prior[-1].share))
        for number in range(len(cause.prior) - 2, -1, -1):
            when = self.truth(f"{cause.id}.prior.{number}")[0]
            score = z.If(when, log_odds(cause.prior[number].share), score)
        for group in groups(cause.arguments):
            weighed = sorted(((points(a, self.base.weights), a.id) for a in group), key=lambda pair: abs(pair[0]))
            best = reduce(lambda rest, pair: z.If(self.truth(pair[1])[0], pair[0], rest), weighed, z.IntVal(0))
            score = score + best
        return score

    def status(self, name: str) -> dict[str, Any]:
        """Return the formula of each status of a pathway."""
        z, pathway = self.z3, self.base.pathways[name]
        against: dict[str, list[Any]] = {"absolute": [], "relative": []}
        for rule in pathway.contraindications:
            against[rule.kind].append(self.truth(rule.id)[0])
        absolute, relative = self._any(against["absolute"]), self._any(against["relative"])
        said = {
            word: self._any([self.truth(r.id)[0] for r in pathway.indications if r.recommend == word])
            for word in ("urgent", "now", "consider")
        }
        ready = z.And([z.BoolVal(True), *(self.truth(rule.id)[0] for rule in pathway.prerequisites)])
        free = z.And(z.Not(absolute), z.Not(said["urgent"]))
        indicated = z.And(free, z.Or(said["now"], said["consider"]))
        flags = [n for n, f in self.base.red_flags.items() if f.urgency in HOLDING and pathway.kind not in NOT_HELD]
        held = z.And(indicated, self._any([self.truth(f"red_flag.{flag}")[0] for flag in flags]))
        now = z.And(indicated, z.Not(held), said["now"], z.Not(relative))
        return {
            "contraindicated": absolute,
            "urgent": z.And(z.Not(absolute), said["urgent"]),
            "not_indicated": z.And(free, z.Not(indicated)),
            "recommended_now": z.And(now, ready),
            "next": z.Or(held, z.And(now, z.Not(ready))),
            "to_be_considered": z.And(indicated, z.Not(held), z.Not(now)),
        }
