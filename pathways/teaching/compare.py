"""A class compared: who chose what, how the scores spread, and what was overlooked most."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import mean, median
from typing import TYPE_CHECKING

from pathways.teaching.answers import check, read_session
from pathways.teaching.lesson import lesson
from pathways.teaching.score import score

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pathways.teaching.answers import Session
    from pathways.teaching.lesson import Lesson
    from pathways.teaching.score import Result
    from rules.inference import Reasoner


@dataclass(frozen=True)
class Learner:
    """One learner of a class: a code (numbered where it is used twice), the answers, and their score."""

    code: str
    session: Session
    result: Result


@dataclass(frozen=True)
class Class:
    """The learners of one lesson, best first, and what they overlooked with how many of them did."""

    lesson: Lesson
    learners: tuple[Learner, ...]
    overlooked: tuple[tuple[str, int], ...]

    @property
    def totals(self) -> list[int]:
        """The scores of those who finished, lowest first."""
        return sorted(learner.result.total for learner in self.learners if self.finished(learner))

    def finished(self, learner: Learner) -> bool:
        """Whether a learner has answered every stage."""
        return len(learner.session.answers) == len(self.lesson.scenes)

    def spread(self) -> dict[str, float]:
        """Return lowest, median, mean and highest score of those who finished; empty if nobody has."""
        totals = self.totals
        if not totals:
            return {}
        return {"lowest": totals[0], "median": median(totals), "mean": round(mean(totals), 1), "highest": totals[-1]}


def compare(paths: Sequence[Path], reasoner: Reasoner) -> list[Class]:
    """Return one class for each case (and variant) that the sessions are about.

    Raises CaseError for a file that is not a session, or whose answers do not fit its case.
    """
    sessions: dict[tuple[str, ...], list[Session]] = {}
    names: dict[int, str] = {}
    for path in paths:
        session = read_session(path)
        names[id(session)] = str(path)
        sessions.setdefault((session.case, *session.variant), []).append(session)
    classes = []
    for (case, *variant), group in sorted(sessions.items()):
        taught = lesson(case, reasoner, variant)
        for session in group:
            check(session, taught, names[id(session)])
        classes.append(_class(taught, group))
    return classes


def _class(taught: Lesson, sessions: Sequence[Session]) -> Class:
    seen: Counter[str] = Counter()
    learners = []
    for session in sessions:
        seen[session.learner] += 1
        number = seen[session.learner]
        code = session.learner if number == 1 else f"{session.learner} ({number})"
        learners.append(Learner(code, session, score(taught, session.answers)))
    missed = Counter(title for learner in learners for title in learner.result.overlooked().values())
    learners.sort(key=lambda learner: (-len(learner.session.answers), -learner.result.total, learner.code))
    return Class(taught, tuple(learners), tuple(sorted(missed.items(), key=lambda item: (-item[1], item[0]))))
