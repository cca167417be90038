"""A lesson: a published case cut into stages, with what the rule base concludes at each."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pathways import library, standing
from pathways.assess import assess
from pathways.teaching.rubric import Rubric, rubric
from pathways.teaching.variants import flipped
from rules.problems import CaseError, Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pathways.assessment import Assessment
    from pathways.case import Block, Case, Operation, Study, Treatment
    from pathways.library import About
    from pathways.teaching.rubric import Stage
    from rules.inference import Reasoner
    from rules.language import Value
    from rules.rulebase import RuleBase


@dataclass(frozen=True)
class Told:
    """What one stage adds to what is known."""

    operations: tuple[Operation, ...] = ()
    facts: tuple[tuple[str, Value], ...] = ()
    studies: tuple[Study, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    blocks: tuple[Block, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is told."""
        return bool(self.operations or self.facts or self.studies or self.treatments or self.blocks)


@dataclass(frozen=True)
class Scene:
    """One stage of a lesson: what is new, and what the rule base says of everything told so far."""

    stage: Stage
    told: Told
    assessment: Assessment


@dataclass(frozen=True)
class Lesson:
    """A case for teaching. `truth` is what was established or, for a variant, what the rule base holds at the end."""

    code: str
    about: About
    variant: tuple[str, ...]
    scenes: tuple[Scene, ...]
    truth: tuple[str, ...]
    base: RuleBase
    rubric: Rubric


def codes() -> dict[str, str]:
    """Return the neutral code of every library case and its name; the names give the diagnosis away."""
    return {name.rsplit("-", 1)[-1].upper(): name for name in library.names()}


def chosen(seed: int) -> str:
    """Return the code of a case chosen by a seed."""
    return random.Random(seed).choice(sorted(codes()))


def find(name: str) -> str:
    """Return the code for a code or a library name. Raises CaseError with the nearest ones."""
    known = codes()
    if name.upper() in known:
        return name.upper()
    for code, full in known.items():
        if name == full:
            return code
    hint = nearest(name.upper(), known) or nearest(name, known.values())
    message = f"no case to teach with has this name{hint}; `spinepath teach --list` lists them"
    raise CaseError(f"{name} cannot be found", [Problem("", message)])


def lesson(name: str, reasoner: Reasoner, variant: Sequence[str] = ()) -> Lesson:
    """Return the lesson for a library case by code or name, with facts changed as `FACT=VALUE` says.

    Raises CaseError for an unknown case or fact, and for a change that contradicts the case.
    """
    code = find(name)
    published = library.read(codes()[code], reasoner.base)
    case = flipped(published.case.model_copy(update={"case_id": code}), variant, reasoner.base)
    scenes = tuple(_scenes(case, reasoner, rubric()))
    truth = _concluded(scenes[-1].assessment) if variant else tuple(published.about.established)
    return Lesson(code, published.about, tuple(variant), scenes, truth, reasoner.base, rubric())


def _scenes(case: Case, reasoner: Reasoner, by: Rubric) -> list[Scene]:
    """Return the stages that tell something; a stage without anything new is left out."""
    scenes: list[Scene] = []
    reached: set[str] = set()
    for stage in by.stages:
        reached.add(stage.id)
        told = _told(case, stage, by)
        if told or not scenes:
            scenes.append(Scene(stage, told, assess(_known(case, reached, by), reasoner)))
    return scenes


def _section(fact: str) -> str:
    return fact.split(".", 1)[0]


def _told(case: Case, stage: Stage, by: Rubric) -> Told:
    return Told(
        operations=tuple(case.surgery) if "surgery" in stage.parts else (),
        facts=tuple((name, value) for name, value in case.facts.items() if by.stage_of(_section(name)) == stage.id),
        studies=tuple(case.imaging) if "imaging" in stage.parts else (),
        treatments=tuple(case.treatments) if "treatments" in stage.parts else (),
        blocks=tuple(case.blocks) if "blocks" in stage.parts else (),
    )


def _known(case: Case, reached: set[str], by: Rubric) -> Case:
    """Return the case with only what the stages reached have told. The operations are always known."""
    update: dict[str, object] = {
        "facts": {name: value for name, value in case.facts.items() if by.stage_of(_section(name)) in reached}
    }
    for part in ("imaging", "treatments", "blocks"):
        if by.stage_of(part) not in reached:
            update[part] = []
    return case.model_copy(update=update)


def _concluded(assessment: Assessment) -> tuple[str, ...]:
    """Return the causes with the best standing in view; none when nothing is in view."""
    for name in standing.ORDER[:3]:
        named = tuple(cause.id for cause in assessment.causes if cause.standing == name)
        if named:
            return named if name == "confirmed" else named[:1]
    return ()
