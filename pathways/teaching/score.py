"""Scoring a session: safety first, then calibration, differential and next step. The numbers are in rubric.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pathways.assessment import Assessment, CauseResult, RedFlagResult
    from pathways.teaching.answers import Answer, Guess
    from pathways.teaching.lesson import Lesson, Scene
    from rules.documents import Urgency
    from rules.rulebase import RuleBase

URGENCIES: tuple[Urgency, ...] = ("immediate", "same_day", "within_days")
EMERGENCY = ("immediate", "same_day")
IN_VIEW = ("confirmed", "probable", "possible")
HELD_TO = ("confirmed", "probable")  # what a learner is told to have overlooked
NOW = ("urgent", "recommended_now")
LATER = ("next", "to_be_considered")


@dataclass(frozen=True)
class StageScore:
    """The score of a stage: shares from 0 to 1 (calibration from -1), its weight for safety, what was overlooked."""

    safety: float
    calibration: float
    differential: float
    next_step: float
    weight: int
    missed_flags: tuple[RedFlagResult, ...]
    noticed_flags: tuple[RedFlagResult, ...]
    overlooked_causes: tuple[CauseResult, ...]
    named_causes: tuple[str, ...]
    contraindicated: str = ""


@dataclass(frozen=True)
class Result:
    """The score of a session so far, in points: the whole, its parts, and each stage."""

    total: int
    safety: int
    calibration: int
    differential: int
    next_step: int
    capped: bool
    stages: tuple[StageScore, ...]

    def overlooked(self) -> dict[str, str]:
        """Return what was overlooked and never noticed later, as id and title: red flags, then causes."""
        flags: dict[str, str] = {}
        causes: dict[str, str] = {}
        for stage in self.stages:
            flags |= {flag.id: flag.title for flag in stage.missed_flags}
            causes |= {cause.id: cause.title for cause in stage.overlooked_causes}
            for flag in stage.noticed_flags:
                flags.pop(flag.id, None)
            for name in stage.named_causes:
                causes.pop(name, None)
        return {f"red_flag.{name}": title for name, title in flags.items()} | {
            f"cause.{name}": title for name, title in causes.items()
        }


def score(lesson: Lesson, answers: Sequence[Answer]) -> Result:
    """Score the answers given so far."""
    by = lesson.rubric
    pairs = list(zip(lesson.scenes, answers, strict=False))
    stages = tuple(score_stage(lesson, scene, answer) for scene, answer in pairs)
    count = max(len(stages), 1)
    weights = sum(stage.weight for stage in stages) or 1
    safety = by.points.safety.value * sum(stage.safety * stage.weight for stage in stages) / weights
    calibration = by.points.calibration.value * sum(stage.calibration for stage in stages) / count
    differential = by.points.differential.value * sum(stage.differential for stage in stages) / count
    next_step = by.points.next_step.value * sum(stage.next_step for stage in stages) / count
    total = max(0, safety + calibration + differential + next_step)
    capped = _never_noticed(pairs) and total > by.cap_if_missed.value
    return Result(
        total=by.cap_if_missed.value if capped else round(total),
        safety=round(safety),
        calibration=round(calibration),
        differential=round(differential),
        next_step=round(next_step),
        capped=capped,
        stages=stages,
    )


def _never_noticed(pairs: Iterable[tuple[Scene, Answer]]) -> bool:
    """Whether an emergency was present at some stage and no red flag was seen while it was."""
    urgent = [answer for scene, answer in pairs if most_urgent(scene.assessment) in EMERGENCY]
    return bool(urgent) and all(answer.red_flag is None for answer in urgent)


def most_urgent(assessment: Assessment) -> Urgency | None:
    """Return the urgency of the most urgent red flag that is present."""
    present = {flag.urgency for flag in assessment.present_red_flags}
    return next((urgency for urgency in URGENCIES if urgency in present), None)


def score_stage(lesson: Lesson, scene: Scene, answer: Answer) -> StageScore:
    """Score one stage."""
    present = scene.assessment.present_red_flags
    named = {guess.cause for guess in answer.causes}
    refused = _contraindicated(scene, answer.next)
    kept = lesson.rubric.kept.contraindicated.value / 100 if refused else 1.0
    return StageScore(
        safety=kept * _safety(lesson, scene, answer),
        calibration=calibration(answer.causes, lesson.truth, lesson.rubric.worst_calibration.value / 100),
        differential=_differential(lesson, scene, answer.causes),
        next_step=0.0 if refused else _next_step(lesson, scene, answer.next),
        weight=lesson.rubric.stage_weight.of(most_urgent(scene.assessment)),
        missed_flags=() if answer.red_flag else tuple(present),
        noticed_flags=tuple(present) if answer.red_flag else (),
        overlooked_causes=tuple(
            cause for cause in scene.assessment.causes if cause.standing in HELD_TO and cause.id not in named
        ),
        named_causes=tuple(sorted(named)),
        contraindicated=refused,
    )


def _safety(lesson: Lesson, scene: Scene, answer: Answer) -> float:
    kept = lesson.rubric.kept
    top = most_urgent(scene.assessment)
    if top is None:
        quiet = answer.red_flag is None or (lesson.about.urgent and not lesson.variant)
        return 1.0 if quiet else kept.false_alarm.value / 100
    if answer.red_flag is None:
        return 0.0
    late = URGENCIES.index(answer.red_flag) - URGENCIES.index(top)
    return {1: kept.one_step_too_slow.value / 100, 2: kept.two_steps_too_slow.value / 100}.get(late, 1.0)


def calibration(guesses: Sequence[Guess], truth: Sequence[str], worst: float = -1.0) -> float:
    """Return one minus Brier's sum of squares: 1 for sure and right, 0 for nothing said, below 0 for sure and wrong.

    Any of the established causes counts as right, and naming one is enough.
    """
    loss = sum((guess.percent / 100 - (guess.cause in truth)) ** 2 for guess in guesses)
    if truth and not any(guess.cause in truth for guess in guesses):
        loss += 1
    return max(worst, 1 - loss)


def _differential(lesson: Lesson, scene: Scene, guesses: Sequence[Guess]) -> float:
    rank = lesson.rubric.rank
    brings = (rank.first.value, rank.second.value, rank.third.value)
    for number, guess in enumerate(guesses):
        if guess.cause in lesson.truth:
            return brings[number] / 100
    in_view = {cause.id for cause in scene.assessment.causes if cause.standing in IN_VIEW}
    return rank.in_view.value / 100 if any(guess.cause in in_view for guess in guesses) else 0.0


def _contraindicated(scene: Scene, step: str | None) -> str:
    """Return why the next step is absolutely contraindicated, or nothing."""
    for pathway in scene.assessment.pathways:
        if pathway.id == step and pathway.status == "contraindicated":
            return pathway.cautions[0].because if pathway.cautions else "contraindicated"
    return ""


def _next_step(lesson: Lesson, scene: Scene, step: str | None) -> float:
    right, reasonable = lesson.rubric.step.right.value / 100, lesson.rubric.step.reasonable.value / 100
    if step is None:
        return 0.0
    if step in lesson.base.pathways:
        status = scene.assessment.pathway(step).status
        first = step in lesson.about.first_step and not lesson.variant
        return right if status in NOW or first else reasonable if status in LATER else 0.0
    kinds = tests(scene.assessment, lesson.base)
    telling = step in kinds[: lesson.rubric.most_telling.value] and most_urgent(scene.assessment) not in EMERGENCY
    return right if telling else reasonable if step in kinds else 0.0


def tests(assessment: Assessment, base: RuleBase) -> list[str]:
    """Return the kinds of test (imaging, examination, laboratory ...) that would tell something, most telling first."""
    questions = ("question", "record")
    kinds = (
        base.vocabulary[missing.fact].section
        for missing in sorted(assessment.missing, key=lambda missing: -missing.value)
        if missing.burden not in questions
    )
    return list(dict.fromkeys(kinds))
