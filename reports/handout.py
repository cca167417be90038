"""A lesson on paper: the questions, a page break, and the answers, as one printable HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways.teaching.answers import MOST_CAUSES, next_steps
from pathways.teaching.score import NOW
from reports import teaching, words
from reports.documents import TEMPLATES, environment

if TYPE_CHECKING:
    from pathways.teaching.lesson import Lesson


def handout(lesson: Lesson) -> str:
    """Return the handout of a lesson."""
    by = lesson.rubric
    scenes = [
        {
            "title": scene.stage.title,
            "news": teaching.news(scene, lesson.base),
            "flags": teaching.flags(scene, lesson)[0],
            "still": teaching.flags(scene, lesson)[1],
            "causes": words.leading(scene.assessment)[: teaching.CAUSES],
            "also": [words.lower_first(cause.title) for cause in words.leading(scene.assessment)[teaching.CAUSES :]],
            "ways": [pathway for pathway in scene.assessment.pathways if pathway.status in NOW],
        }
        for scene in lesson.scenes
    ]
    return (
        environment()
        .get_template("handout.html.jinja")
        .render(
            style=(TEMPLATES / "handout.css").read_text(encoding="utf-8"),
            heading=teaching.heading(lesson),
            scenes=scenes,
            rows=range(1, MOST_CAUSES + 1),
            families=_families(lesson),
            ending=teaching.ending(lesson),
            points=by.points,
            kept=by.kept,
            rank=by.rank,
            cap=by.cap_if_missed,
            most_arguments=teaching.ARGUMENTS,
            no_flag=teaching.NO_FLAG,
            signs=teaching.MARKS,
            base=lesson.base,
        )
    )


def _families(lesson: Lesson) -> dict[str, list[str]]:
    """Return the names to choose from: causes by family, then steps by kind."""
    families: dict[str, list[str]] = {}
    for cause in lesson.base.causes.values():
        families.setdefault(cause.family, []).append(cause.title)
    steps = next_steps(lesson)
    ways = [pathway.title for pathway in sorted(lesson.base.pathways.values(), key=lambda p: (p.stage, p.id))]
    tests = [title for name, title in steps.items() if name not in lesson.base.pathways]
    return families | {"next: tests": tests, "next: pathways": ways}
