"""What a learner commits to at each stage, and the session that keeps it. No names: a learner is a neutral code."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rules.documents import Urgency
from rules.problems import CaseError, Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pathways.teaching.lesson import Lesson
    from rules.rulebase import RuleBase

MOST_CAUSES = 3
LARGEST = 1_000_000
LEARNER = r"^[A-Za-z]{1,3}-?[0-9]{1,4}$"  # too short for a name
Percent = Annotated[int, Field(ge=0, le=100)]


class Part(BaseModel):
    """The base of a session's parts."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Guess(Part):
    """A cause and how sure the learner is of it, in percent."""

    cause: str
    percent: Percent


class Answer(Part):
    """What a learner says at one stage: a ranked list of causes, whether a red flag is there, and what comes next."""

    stage: str
    causes: Annotated[list[Guess], Field(max_length=MOST_CAUSES)] = []
    red_flag: Urgency | None = None
    next: str | None = None

    @model_validator(mode="after")
    def _different(self) -> Answer:
        named = [guess.cause for guess in self.causes]
        if len(set(named)) < len(named):
            message = "a cause is named twice"
            raise ValueError(message)
        return self


class Knowledge(Part):
    """Which rule base the learner was answered by."""

    version: str
    sha256: str


class Session(Part):
    """The answers of one learner to one case, as far as they have come."""

    schema_: Literal["1"] = Field(default="1", alias="schema")
    kind: Literal["spinepath teaching session"] = "spinepath teaching session"
    case: str
    variant: list[str] = []
    learner: Annotated[str, Field(pattern=LEARNER)]
    rule_base: Knowledge
    answers: list[Answer] = []

    def text(self) -> str:
        """Return the session as JSON."""
        return json.dumps(self.model_dump(by_alias=True), indent=1, ensure_ascii=False) + "\n"

    def after(self, answer: Answer) -> Session:
        """Return the session with one more answer."""
        return self.model_copy(update={"answers": [*self.answers, answer]})


def begin(lesson: Lesson, learner: str) -> Session:
    """Return an empty session. Raises CaseError for a learner that is not a neutral code."""
    if not re.fullmatch(LEARNER, learner):
        message = "one to three letters and a number, such as L7: no names are kept"
        raise CaseError(f"{learner!r} is no neutral code for a learner", [Problem("learner", message)])
    base = lesson.base
    return Session(
        case=lesson.code,
        variant=list(lesson.variant),
        learner=learner,
        rule_base=Knowledge(version=base.version, sha256=base.sha256),
    )


def read_session(path: Path) -> Session:
    """Read a saved session. Raises CaseError saying what is wrong with the file."""
    title = f"{path} cannot be used as a teaching session"
    try:
        if path.stat().st_size > LARGEST:
            raise CaseError(title, [Problem("", "it is too large for one")])
        return Session.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CaseError(title, [Problem("", error.strerror or str(error))]) from None
    except ValidationError as error:
        problems = [Problem(".".join(str(step) for step in item["loc"]), item["msg"]) for item in error.errors()]
        raise CaseError(title, problems) from None
    except (ValueError, RecursionError) as error:
        message = f"not JSON as `spinepath teach --save` writes it ({str(error).splitlines()[0]})"
        raise CaseError(title, [Problem("", message)]) from None


def check(session: Session, lesson: Lesson, name: str) -> None:
    """Raise CaseError if the answers of a session do not belong to the stages, causes and steps of a lesson."""
    problems: list[Problem] = []
    stages = [scene.stage.id for scene in lesson.scenes]
    given = [answer.stage for answer in session.answers]
    if given != stages[: len(given)]:
        problems.append(Problem("answers", f"the stages are {', '.join(stages)}, not {', '.join(given)}"))
    steps = next_steps(lesson)
    for number, answer in enumerate(session.answers):
        place = f"answers[{number}]"
        for guess in answer.causes:
            if guess.cause not in lesson.base.causes:
                hint = nearest(guess.cause, lesson.base.causes)
                problems.append(Problem(f"{place}.causes", f"unknown cause {guess.cause}{hint}"))
        if answer.next is not None and answer.next not in steps:
            problems.append(Problem(f"{place}.next", f"unknown step {answer.next}{nearest(answer.next, steps)}"))
    if problems:
        raise CaseError(f"{name} does not fit the case {lesson.code}", problems)


def causes(base: RuleBase) -> dict[str, str]:
    """Return the causes that may be named, with their titles."""
    return {name: cause.title for name, cause in base.causes.items()}


def next_steps(lesson: Lesson) -> dict[str, str]:
    """Return what may be named as the next step, with titles: pathways, imaging and other tests."""
    catalogue = lesson.base.catalogue
    steps = {name: pathway.title for name, pathway in lesson.base.pathways.items()}
    steps |= {name: about["title"] for name, about in catalogue.modalities.items()}
    return steps | {name: catalogue.sections[name] for name in lesson.rubric.tests if name in catalogue.sections}


def resolve(written: str, options: Mapping[str, str], kind: str) -> str:
    """Return the id for an id, a title, or a beginning of either that fits only one.

    Raises CaseError with the nearest names, or with those that a beginning could mean.
    """
    text = _plain(written)
    plain = {name: (_plain(name), _plain(title)) for name, title in options.items()}
    exact = [name for name, forms in plain.items() if text in forms]
    found = exact or [name for name, forms in plain.items() if text and any(form.startswith(text) for form in forms)]
    if len(found) == 1:
        return found[0]
    if found:
        message = f"{written!r} could be {', '.join(found)}"
    else:
        ids = {form: name for name, forms in plain.items() for form in forms}
        near = nearest(text, ids)
        for form, name in ids.items():
            near = near.replace(form, name) if near else near
        message = f"there is no {kind} {written!r}{near}"
    raise CaseError(f"unknown {kind}", [Problem("", message)])


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
