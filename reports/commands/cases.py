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

    `spinepath library`               every published case with its publication, then those constructed for teaching
    `spinepath library show NAME`     one case in words
    `spinepath library check`         established cause, urgency and first step, published case by case, with totals
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

    published, constructed = cases.names(), cases.constructed_names()
    columns = ["name", "case", *(["established"] if established else [])]
    rows = [(*_listed(name, established), cases.about(name).citation) for name in published]
    table(f"{len(rows)} published cases", [*columns, "published in"], rows)
    made_up = [_listed(name, established) for name in constructed]
    table(f"{len(made_up)} cases constructed for teaching; not patients", columns, made_up)


def _listed(name: str, established: bool) -> tuple[str, ...]:
    from pathways import library as cases

    about = cases.about(name)
    return name, about.title, *(("; ".join(about.established),) if established else ())


def _show(name: str, established: bool) -> None:
    from pathways import library as cases

    about = cases.about(name)
    origin = f"{about.citation}." if about.constructed else f"Published: {about.citation} {about.url or about.pmcid}"
    print(f"{about.title}\n\n{about.story}\n\n{origin}")
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
    print("Published cases are skewed to the rare and the surgical, and the rules were tuned on most of these: these")
    print("shares are no accuracy for other patients.")


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
