"""The verb for the teaching cases: list, show, check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from reports.commands.shared import fail, reasoner_for, table

if TYPE_CHECKING:
    from pathways.library.scoring import Score

Established = Annotated[bool, typer.Option("--established", help="Also print what was established (spoils teaching).")]


def library(
    what: Annotated[str, typer.Argument(help="list, show or check.")] = "list",
    name: Annotated[str, typer.Argument(help="With show: the name of the case.")] = "",
    established: Established = False,
) -> None:
    """List the teaching cases, show one, or check how the rules do on all of them.

    `spinepath library`               every case with its publication
    `spinepath library show NAME`     one case in words
    `spinepath library check`         established cause, urgency and first step, case by case, with totals
    """
    if what == "list":
        _list(established)
    elif what == "show":
        _show(name, established)
    elif what == "check":
        _check()
    else:
        fail(f"library takes list, show or check, not {what!r}")


def _list(established: bool) -> None:
    from pathways import library as cases

    rows = []
    for name in cases.names():
        about = cases.about(name)
        spoiler = ("; ".join(about.established),) if established else ()
        rows.append((name, about.title, *spoiler, about.citation))
    columns = ["name", "case", *(["established"] if established else []), "published in"]
    table(f"{len(rows)} published cases", columns, rows)


def _show(name: str, established: bool) -> None:
    from pathways import library as cases

    about = cases.about(name)
    print(f"{about.title}\n\n{about.story}\n\nPublished: {about.citation} {about.url or about.pmcid}")
    print(f"Assess it: spinepath assess {name}")
    if established:
        print(f"Established: {', '.join(about.established)}. {about.outcome}")


def _check() -> None:
    from pathways.library.scoring import scores, totals

    found = scores(reasoner_for(None, None))
    columns = ["case", "established", "rank", "standing", "leading", "urgent", "flagged", "first step in the plan"]
    table(f"{len(found)} published cases against the rules", columns, [_row(score) for score in found])
    rows = [
        (name, f"{reached} of {cases}", f"{reached / cases:.0%}") for name, (reached, cases) in totals(found).items()
    ]
    table("Totals", ["measure", "reached", "share"], rows)
    print("Published cases are skewed to the rare and the surgical: these shares are no accuracy for other patients.")


def _row(score: Score) -> tuple[str, ...]:
    words = {True: "yes", False: "no"}
    return (
        score.name,
        ", ".join(score.established),
        str(score.rank or "-"),
        score.standing.replace("_", " "),
        ", ".join(score.leading),
        words[score.urgent],
        words[score.flagged],
        words[score.step_matched] if score.first_step else "not reported",
    )
