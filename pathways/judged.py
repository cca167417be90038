"""The conclusions for one case, before they are told. Imports little, so that another process starts soon."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pathways import standing, status
from rules.support import Grounds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.inference import Inference, Reasoner
    from rules.language import Value

HOLDING = ("immediate", "same_day")


class Judged:
    """Inference, standings and statuses of one case."""

    def __init__(self, reasoner: Reasoner, facts: Mapping[str, Value]) -> None:
        """Infer, weigh and decide for the facts of one case."""
        base = reasoner.base
        self.base = base
        self.reasoner = reasoner
        self.inference: Inference = reasoner.judge(facts)
        truths = self.inference.truths
        self.standings = {name: standing.stand(cause, truths, base.weights) for name, cause in base.causes.items()}
        known = {name: standing.standing_fact(result) for name, result in self.standings.items()}
        reasoner.decide(self.inference, {f"cause.{name}": value for name, value in known.items() if value is not None})
        self.emergency = any(
            truths[f"red_flag.{name}"] and flag.urgency in HOLDING for name, flag in base.red_flags.items()
        )
        self.statuses = {
            name: status.status_of(pathway, truths, emergency=self.emergency) for name, pathway in base.pathways.items()
        }

    @cached_property
    def grounds(self) -> Grounds:
        """What every truth rests on, and what every unknown lacks."""
        return Grounds(self.base.conditions, self.inference.facts)

    def ranked_causes(self) -> list[str]:
        """Return the causes, best standing first, then by score, then by name."""

        def key(name: str) -> tuple[int, int, str]:
            result = self.standings[name]
            return standing.ORDER.index(result.name), -result.score, name

        return sorted(self.standings, key=key)

    def ranked_pathways(self) -> list[str]:
        """Return the pathways, most pressing status first, then by stage, then by name."""

        def key(name: str) -> tuple[int, int, str]:
            return status.ORDER.index(self.statuses[name].name), self.base.pathways[name].stage, name

        return sorted(self.statuses, key=key)
