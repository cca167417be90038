"""The verb for teaching: teach."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reports.commands.shared import KnowledgeOption, OverlayOption, fail, reasoner_for, table, write

if TYPE_CHECKING:
    from pathways.teaching.lesson import Lesson
    from rules.inference import Reasoner


def teach(
    cases: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CASE]",
            help="A case to teach with: its neutral code, such as C047, or its library name (which gives it away). "
            "With --compare: the saved sessions of a class.",
        ),
    ] = None,
    list_cases: Annotated[bool, typer.Option("--list", help="List the cases by neutral code and title.")] = False,
    seed: Annotated[int | None, typer.Option("--seed", help="Let this number choose the case.")] = None,
    variant: Annotated[
        list[str] | None,
        typer.Option("--variant", metavar="FACT=VALUE", help="Change a fact of the case (may be repeated)."),
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", help="Keep the session in this file; if it exists, go on where it stopped.")
    ] = None,
    learner: Annotated[str, typer.Option("--learner", help="A neutral code such as L7. No names are kept.")] = "L1",
    handout: Annotated[
        Path | None,
        typer.Option("--handout", metavar="FILE.html", help="Write questions and answers for paper instead."),
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Compare the saved sessions of a class.")] = False,
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Unfold a published case stage by stage: commit, see the arguments and what was overlooked, and be scored.

    At each stage you name up to three causes with how sure you are, whether a red flag is there, and what to do next.
    The score rewards safety first, then calibration; the end tells what was established, and where it was published.
    """
    if list_cases:
        _list()
        return
    reasoner = reasoner_for(knowledge, overlay)
    if compare:
        _compare([Path(name) for name in cases or ()], reasoner)
        return
    name = _named(cases, seed, save)
    if handout is not None:
        from pathways.teaching.lesson import lesson
        from reports.handout import handout as page

        write(page(lesson(name, reasoner, variant or ())), handout)
        return
    _run(name, reasoner, variant or [], save, learner)


def _list() -> None:
    from pathways import library
    from pathways.teaching.lesson import codes

    rows = [(code, library.about(name).title) for code, name in sorted(codes().items())]
    table(f"{len(rows)} cases to teach with", ["code", "case"], rows)


def _named(cases: list[str] | None, seed: int | None, save: Path | None) -> str:
    """Return which case is wanted: by name, by seed, or the one of a saved session."""
    from pathways.teaching.answers import read_session
    from pathways.teaching.lesson import chosen, find

    if cases and len(cases) > 1:
        fail("teach takes one case; with --compare it takes the saved sessions of a class")
    if cases and seed is not None:
        fail("name a case or let --seed choose one, not both")
    saved = read_session(save).case if save is not None and save.exists() else ""
    asked = find(cases[0]) if cases else chosen(seed) if seed is not None else saved
    if not asked:
        fail("name a case (spinepath teach --list shows them), or let --seed 1 choose one")
    if saved and asked != saved:
        fail(f"{save} holds a session on {saved}, not on {asked}; choose another file")
    return asked


def _run(name: str, reasoner: Reasoner, variant: list[str], save: Path | None, learner: str) -> None:
    from pathways.teaching.answers import begin, check, read_session
    from pathways.teaching.lesson import lesson
    from reports.classroom import Classroom

    if save is not None and not save.parent.is_dir():
        fail(f"{save}: there is no such folder")
    session = read_session(save) if save is not None and save.exists() else None
    if session and variant and variant != session.variant:
        fail(f"{save} holds a session on the variant {', '.join(session.variant) or 'none'}; choose another file")
    taught: Lesson = lesson(name, reasoner, session.variant if session else variant)
    if session is None:
        session = begin(taught, learner)
    else:
        check(session, taught, str(save))
    room = Classroom(taught, session, save)
    if not room.run():
        kept = "nothing was kept yet" if save else "nothing was kept (--save FILE does)"
        if save is not None and save.exists():
            kept = f"the answers are in {save}; the same command goes on"
        fail(f"stopped before the end; {kept}", 1)


def _compare(paths: list[Path], reasoner: Reasoner) -> None:
    from pathways.teaching.compare import compare
    from reports import teaching

    if not paths:
        fail("name the saved sessions to compare: spinepath teach --compare A.json B.json ...")
    scores = ["learner", "score", "safety", "calibration", "differential", "next step"]
    for group in compare(paths, reasoner):
        table(teaching.heading(group.lesson), scores, teaching.score_rows(group))
        for number, scene in enumerate(group.lesson.scenes):
            rows = teaching.choice_rows(group, number)
            if rows:
                table(f"{number + 1}. {scene.stage.title}", ["learner", "causes, percent", "red flag", "next"], rows)
        print("\n".join(teaching.class_lines(group)))
