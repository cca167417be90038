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

Findings and rules that rest only on facts without a column are unknown in every row and have no column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pathways.assess import HOLDING
from pathways.cohort import decisions, scores
from rules.engines.columnar import Known, column_type, evaluate
from rules.inference import DENIED, Reasoner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rules.rulebase import RuleBase

FLAG = pl.Enum(["present", "unknown", "absent"])
Stages = list[list[pl.Expr]]


class CohortJudge:
    """A rule base made ready for tables with these columns of facts. Build once, use for many frames."""

    def __init__(self, base: RuleBase, columns: Iterable[str]) -> None:
        """Take the rule base and the facts that have a column."""
        self.base = base
        self.reasoner = Reasoner(base)
        self.facts = sorted(set(columns))
        self.known = Known(base.vocabulary, self.facts)
        self.stages: Stages = []
        self._infer()
        self._weigh()
        self._decide()
        self.results = self._results()

    def schema(self) -> dict[str, pl.DataType]:
        """Return the columns of facts with the types that they must have."""
        return {name: column_type(self.base.vocabulary[name]) for name in self.facts}

    def judge(self, frame: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
        """Return the conclusions for every row of facts, in their order."""
        return evaluate(frame, self.stages, self.results)

    def _infer(self) -> None:
        *findings, judgements = self.reasoner.strata
        for rules in findings:
            self.stages.append(self.known.add(rules, denied=True))
        denied = [
            rule for rule in judgements if rule[0].startswith("red_flag.") or rule[0].endswith(".considered_when")
        ]
        others = [rule for rule in judgements if rule not in denied]
        self.stages.append([*self.known.add(denied, denied=True), *self.known.add(others)])

    def _weigh(self) -> None:
        causes, weights, bits = list(self.base.causes.values()), self.base.weights, self.known.bits
        self.stages.append([scores.score(cause, weights, bits) for cause in causes])
        self.stages.append([scores.stands(cause, weights, bits) for cause in causes])
        self.stages.extend(scores.top_causes(causes, weights))
        self.known.columns |= {f"cause.{cause.id}" for cause in causes}

    def _decide(self) -> None:
        holding = [f"red_flag.{name}" for name, flag in self.base.red_flags.items() if flag.urgency in HOLDING]
        emergency = scores.present(holding, self.known.bits)
        first = pl.lit(False) if emergency is None else emergency
        self.stages.append([*self.known.add(self.reasoner.decisions), first.alias(decisions.EMERGENCY)])
        pathways, bits = list(self.base.pathways.values()), self.known.bits
        self.stages.append([decisions.decides(pathway, bits) for pathway in pathways])
        self.stages.append([column for pathway in pathways for column in decisions.waits(pathway, bits)])
        self.stages.extend(decisions.plan(pathways))

    def _results(self) -> list[str]:
        """Add the stage that gives conclusions the form they are read in, and return the columns of the result."""
        bits, base = self.known.bits, self.base
        flags = [self._flag(f"red_flag.{name}") for name in base.red_flags]
        pairs = [(f"finding.{name}", f"{DENIED}finding.{name}", f"no.{name}") for name in base.findings]
        absent = [pl.col(denied).alias(no) for _, denied, no in pairs if denied in bits]
        fired = [
            pl.col(name).alias(f"rule.{name}")
            for name in base.conditions
            if name in bits and not name.startswith(("finding.", "red_flag."))
        ]
        self.stages.append([*flags, *absent, *fired])
        return [
            decisions.EMERGENCY,
            *(f"red_flag.{name}" for name in base.red_flags),
            *(f"cause_{place}" for place in range(1, scores.TOP + 1)),
            *(f"{kind}.{name}" for kind in ("cause", "score") for name in base.causes),
            *(f"{kind}.{name}" for kind in ("pathway", "step") for name in base.pathways),
            *(f"waits.{rule.id}" for pathway in base.pathways.values() for rule in pathway.prerequisites),
            *(finding for finding, _, _ in pairs if finding in bits),
            *(column.meta.output_name() for column in absent),
            *(column.meta.output_name() for column in fired),
        ]

    def _flag(self, name: str) -> pl.Expr:
        """Return a red flag in words, from the bits that say where it is certainly present and certainly absent."""
        bits = self.known.bits
        choices = [(scores.present([name], bits), "present"), (scores.present([DENIED + name], bits), "absent")]
        written = [(condition, pl.lit(word, dtype=FLAG)) for condition, word in choices]
        return scores.first_true(written, pl.lit("unknown", dtype=FLAG)).alias(name)


def _may_be_denied(rule: str) -> bool:
    """Say whether it matters that a rule is definitely false, and not only unknown."""
    return rule.startswith("red_flag.") or rule.endswith(".considered_when")
