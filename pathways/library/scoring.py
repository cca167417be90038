"""How the rule base does on the library: established cause first or in three, urgency flagged, first step matched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pathways import library
from pathways.facts import project
from pathways.judged import Judged
from pathways.standing import ORDER

if TYPE_CHECKING:
    from rules.inference import Reasoner

SAID = ("confirmed", "probable", "possible")


@dataclass(frozen=True)
class Score:
    """How one library case was judged against what was established."""

    name: str
    established: list[str]
    rank: int | None
    standing: str
    leading: list[str]
    urgent: bool
    flagged: bool
    first_step: list[str]
    step_matched: bool

    @property
    def first(self) -> bool:
        """Is an established cause the first?"""
        return self.rank == 1

    @property
    def in_three(self) -> bool:
        """Is an established cause among the first three?"""
        return self.rank is not None and self.rank <= 3


def score(name: str, reasoner: Reasoner) -> Score:
    """Judge one library case and compare."""
    entry = library.read(name, reasoner.base)
    judged = Judged(reasoner, project(entry.case, reasoner.base))
    about = entry.about
    said = [cause for cause in judged.ranked_causes() if judged.standings[cause].name in SAID]
    ranks = [said.index(cause) + 1 for cause in about.established if cause in said]
    standings = [judged.standings[cause].name for cause in about.established if cause in judged.standings]
    active = {p for p, status in judged.statuses.items() if status.name in ("urgent", "recommended_now", "next")}
    considered = {p for p, status in judged.statuses.items() if status.name == "to_be_considered"}
    return Score(
        name=name,
        established=about.established,
        rank=min(ranks, default=None),
        standing=min(standings, key=ORDER.index, default="nothing_to_say"),
        leading=said[:3],
        urgent=about.urgent,
        flagged=judged.emergency or any(judged.inference.truths[f"red_flag.{f}"] for f in reasoner.base.red_flags),
        first_step=about.first_step,
        step_matched=bool(set(about.first_step) & (active | considered)),
    )


def scores(reasoner: Reasoner) -> list[Score]:
    """Judge every library case."""
    return [score(name, reasoner) for name in library.names()]


def totals(found: list[Score]) -> dict[str, tuple[int, int]]:
    """Return each measure as (reached, of so many cases)."""
    urgent = [s for s in found if s.urgent]
    calm = [s for s in found if not s.urgent]
    steps = [s for s in found if s.first_step]
    return {
        "established cause first": (sum(s.first for s in found), len(found)),
        "established cause in the first three": (sum(s.in_three for s in found), len(found)),
        "established cause confirmed or probable": (
            sum(s.standing in ("confirmed", "probable") for s in found),
            len(found),
        ),
        "urgent cases flagged": (sum(s.flagged for s in urgent), len(urgent)),
        "cases not urgent, not flagged": (sum(not s.flagged for s in calm), len(calm)),
        "first step of management in the plan": (sum(s.step_matched for s in steps), len(steps)),
    }
