"""The stages in which a case is unfolded and the numbers of the score, read from rubric.yaml beside this file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import model_validator

from rules.documents import Document, Text, Threshold, Urgency
from rules.yamlfile import YamlFile

FILE = Path(__file__).with_name("rubric.yaml")
Part = Literal["surgery", "treatments", "imaging", "blocks"]


class Stage(Document):
    """One stage: which sections of facts and which listed parts of a case it tells."""

    id: str
    title: Text
    sections: list[str] = []
    parts: list[Part] = []


class Points(Document):
    """How the points of a session are shared."""

    safety: Threshold
    calibration: Threshold
    differential: Threshold
    next_step: Threshold


class StageWeight(Document):
    """How much a stage counts for safety, by its most urgent red flag."""

    none: Threshold
    within_days: Threshold
    same_day: Threshold
    immediate: Threshold

    def of(self, urgency: Urgency | None) -> int:
        """Return the weight of a stage whose most urgent flag is this, or which has none."""
        weight: Threshold = getattr(self, urgency or "none")
        return weight.value


class Kept(Document):
    """What is kept of a stage's safety, in percent."""

    one_step_too_slow: Threshold
    two_steps_too_slow: Threshold
    false_alarm: Threshold
    contraindicated: Threshold


class Rank(Document):
    """What the best-placed established cause brings, in percent."""

    first: Threshold
    second: Threshold
    third: Threshold
    in_view: Threshold


class NextStep(Document):
    """What the next step brings, in percent."""

    right: Threshold
    reasonable: Threshold


class Rubric(Document):
    """Everything that rubric.yaml says."""

    stages: list[Stage]
    tests: list[str]
    points: Points
    stage_weight: StageWeight
    kept: Kept
    rank: Rank
    step: NextStep
    most_telling: Threshold
    worst_calibration: Threshold
    cap_if_missed: Threshold

    @model_validator(mode="after")
    def _adds_up(self) -> Rubric:
        points = self.points
        total = points.safety.value + points.calibration.value + points.differential.value + points.next_step.value
        if total != 100:
            message = f"the points add up to {total}, not 100"
            raise ValueError(message)
        return self

    def stage_of(self, section: str) -> str:
        """Return the stage that tells a section or a listed part; the last one for those that none names."""
        for stage in self.stages:
            if section in stage.sections or section in stage.parts:
                return stage.id
        return self.stages[-1].id


@cache
def rubric() -> Rubric:
    """Return the rubric that comes with the package (read once)."""
    return Rubric.model_validate(YamlFile(FILE.read_text(encoding="utf-8"), FILE.name).data)
