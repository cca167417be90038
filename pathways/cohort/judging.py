"""Judging a table of cases: the columns of facts go in, the columns of every conclusion come out.

The result has one row a case, in the order of the facts, and these columns:

    emergency               is a red flag present that wants action at once or the same day?
    red_flag.ID             present, unknown or absent
    finding.ID, no.ID       is the finding definitely there; is it definitely not?
    cause_1 cause_2 cause_3 the first causes that something speaks for
    cause.ID, score.ID      where each cause stands, and its score
    pathway.ID              the status of each pathway; `next` in an emergency is held back, but for emergency and
                            diagnostic pathways
    step.ID                 the number of its step in the plan, 0 where it is not in it
    waits.RULE              does its pathway wait for this prerequisite?
    rule.RULE               did this rule fire?
    missing_1 ... missing_5 the most valuable missing facts, if asked for

Findings and rules that rest only on facts without a column are unknown in every row and have no column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pathways.cohort import asking, decisions, scores
from pathways.judged import HOLDING
from rules.engines.columnar import Bits, column_type
from rules.engines.program import FALSE, TRUE, Program

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rules.engines.program import Register
    from rules.rulebase import RuleBase

FLAG = pl.Enum(["present", "absent", "unknown"])
NOT_RULES = ("finding.", "red_flag.")


class CohortJudge:
    """A rule base made ready for tables with these columns of facts. Build once, use for many frames."""

    def __init__(self, base: RuleBase, columns: Iterable[str], *, missing: bool = False) -> None:
        """Take the rule base, the facts that have a column, and whether to find what is missing, too."""
        self.base = base
        self.facts = sorted(set(columns))
        self.program = Program()
        self.bits = Bits(self.program, base.vocabulary, self.facts, base.conditions)
        results = {**self._flags(), **self._causes(), **self._pathways(), **self._rules()}
        if missing:
            results |= asking.Asking(base, self.bits).columns()
        self.results = list(results)
        self._ready = self.program.ready(results)

    def schema(self) -> dict[str, pl.DataType]:
        """Return the columns of facts with the types that they must have."""
        return {name: column_type(self.base.vocabulary[name]) for name in self.facts}

    def judge(self, facts: pl.DataFrame) -> pl.DataFrame:
        """Return the conclusions for every row of facts, in their order."""
        return self._ready.run(facts)

    def _flags(self) -> dict[str, Register]:
        program, flags = self.program, {}
        holding = [f"red_flag.{name}" for name, flag in self.base.red_flags.items() if flag.urgency in HOLDING]
        self.emergency = scores.any_rule(self.bits, holding)
        for name in (f"red_flag.{name}" for name in self.base.red_flags):
            choices = [(self.bits.holds(name), "present"), (self.bits.holds(name, False), "absent")]
            named = [(mask, program.constant(word, FLAG)) for mask, word in choices]
            flags[name] = program.first_true(named, program.constant("unknown", FLAG))
        return {"emergency": self.emergency, **flags}

    def _causes(self) -> dict[str, Register]:
        causes, weights, program = self.base.causes, self.base.weights, self.program
        scores.check_span(causes.values(), weights)
        totals = {name: scores.score(cause, weights, self.bits) for name, cause in causes.items()}
        standings = {name: scores.stands(cause, totals[name], weights, self.bits) for name, cause in causes.items()}
        for name, register in standings.items():
            self._conclude(f"cause.{name}", register, scores.STANDING)
        best = {f"cause_{n}": cause for n, cause in enumerate(scores.top_causes(standings, totals, program), 1)}
        return {
            **best,
            **{f"cause.{name}": register for name, register in standings.items()},
            **{f"score.{name}": register for name, register in totals.items()},
        }

    def _conclude(self, name: str, register: Register, words: pl.Enum) -> None:
        """Let other steps ask where a conclusion is which word."""
        where = {word: self.program.equal(register, self.program.constant(word, words)) for word in words.categories}
        self.bits.concluded[name] = where

    def _pathways(self) -> dict[str, Register]:
        pathways = self.base.pathways
        decided = {name: decisions.decides(p, self.emergency, self.bits) for name, p in pathways.items()}
        for name, register in decided.items():
            self._conclude(f"pathway.{name}", register, decisions.STATUS)
        waiting: dict[str, Register] = {}
        for name, pathway in pathways.items():
            waiting |= decisions.waits(pathway, decided[name], self.emergency, self.bits)
        steps = decisions.plan(list(pathways.values()), decided, self.program)
        return {
            **{f"pathway.{name}": register for name, register in decided.items()},
            **{f"step.{name}": register for name, register in steps.items()},
            **{f"waits.{name}": register for name, register in waiting.items()},
        }

    def _rules(self) -> dict[str, Register]:
        findings = {f"finding.{name}": self.bits.holds(f"finding.{name}") for name in self.base.findings}
        absent = {f"no.{name}": self.bits.holds(f"finding.{name}", False) for name in self.base.findings}
        rules = {f"rule.{n}": self.bits.holds(n) for n in self.base.conditions if not n.startswith(NOT_RULES)}
        return {name: bits for name, bits in {**findings, **absent, **rules}.items() if bits not in (FALSE, TRUE)}
