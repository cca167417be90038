"""The command line of Spinepath. Each verb is thin: it reads, calls, and writes."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pathways.assessment import Assessment
    from pathways.case import Case
    from rules.inference import Reasoner
    from rules.rulebase import RuleBase

app = typer.Typer(
    name="spinepath",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Explainable, rule-based decision support for persistent or new pain after lumbar spine surgery.\n\n"
    "Start with `spinepath library` for published cases, `spinepath assess NAME` for a report, and `spinepath new` for "
    "a blank case of your own. Not clinically validated; it supports a clinician, who can check every line.",
)
CaseArgument = Annotated[
    str,
    typer.Argument(
        metavar="CASE",
        help="A case file (YAML or JSON), - for standard input, or the name of a library case.",
    ),
]
OutOption = Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file instead of the terminal.")]
KnowledgeOption = Annotated[
    Path | None, typer.Option("--knowledge", help="Use this knowledge folder instead of the built-in one.")
]
OverlayOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--overlay", help="Lay a folder of your own over the knowledge (may be repeated); the report says so."
    ),
]


class Format(StrEnum):
    """The forms of a report."""

    text = "text"
    html = "html"
    md = "md"
    json = "json"


class TableFormat(StrEnum):
    """The forms of a table."""

    table = "table"
    json = "json"
    md = "md"


def fail(message: object, code: int = 2) -> NoReturn:
    """Print an error and stop."""
    print(f"spinepath: {message}", file=sys.stderr)
    raise SystemExit(code)


def reasoner_for(knowledge: Path | None, overlays: list[Path] | None) -> Reasoner:
    """Return a reasoner over the built-in knowledge or the folders given."""
    from rules.inference import Reasoner
    from rules.rulebase import KNOWLEDGE, load

    return Reasoner(load(knowledge or KNOWLEDGE, overlays or ()))


def read(name: str, reasoner: Reasoner) -> Case:
    """Read a case by path, from standard input, or by library name."""
    from pathways import library
    from pathways.reading import read_case, read_case_file

    if name == "-":
        return read_case(sys.stdin.read(1_000_001), reasoner.base, name="standard input", default_id="case")
    path = Path(name)
    if path.is_file() or path.suffix in (".yaml", ".yml", ".json"):
        return read_case_file(path, reasoner.base)
    return library.read(name, reasoner.base).case


def write(text: str, output: Path | None) -> None:
    """Write text to a file, or print it."""
    if output is None:
        sys.stdout.write(text)
        return
    output.write_text(text, encoding="utf-8")
    print(f"written: {output}", file=sys.stderr)


def report(assessment: Assessment, base: RuleBase, form: Format, output: Path | None, *, full: bool) -> None:
    """Write an assessment in the form asked for."""
    if form is Format.json:
        write(assessment.json_text(), output)
    elif form is Format.text:
        from rich.console import Console

        from reports import terminal

        if output is None:
            terminal.show(assessment, Console(highlight=False), full=full)
        else:
            with output.open("w", encoding="utf-8") as file:
                terminal.show(assessment, Console(file=file, width=110, highlight=False), full=full)
            print(f"written: {output}", file=sys.stderr)
    else:
        from reports import documents

        make = documents.html if form is Format.html else documents.markdown
        write(make(assessment, base), output)


@app.command()
def assess(
    case: CaseArgument,
    form: Annotated[Format, typer.Option("--format", "-f", help="text, html, md or json.")] = Format.text,
    output: OutOption = None,
    full: Annotated[
        bool,
        typer.Option("--full", help="In the terminal: also what is not indicated, every unknown and every fact."),
    ] = False,
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Assess one patient's case: red flags, causes with arguments, pathways, plan, and what is missing."""
    from pathways.assess import assess as run

    reasoner = reasoner_for(knowledge, overlay)
    report(run(read(case, reasoner), reasoner), reasoner.base, form, output, full=full)


@app.command()
def new(
    output: OutOption = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask question by question in the terminal.")] = False,
) -> None:
    """Write an annotated blank case, or ask for one question by question (with --ask)."""
    base = reasoner_for(None, None).base
    if output is not None and output.exists():
        fail(f"{output} exists already; choose another name")
    if ask:
        from pathways.intake.ask import interview

        text = interview(base)
    else:
        from pathways.intake.blank import blank

        text = blank(base)
    write(text, output)


@app.command()
def facts(
    form: Annotated[TableFormat, typer.Option("--format", "-f", help="table, json or md.")] = TableFormat.table,
    search: Annotated[str, typer.Option("--search", "-s", help="Only facts whose name or question holds this.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also findings, red flags and standings.")] = False,
) -> None:
    """Print the data dictionary: every fact with its question, type, unit, range and code."""
    from reports import dictionary

    base = reasoner_for(None, None).base
    wanted = search.lower()
    chosen = [
        f for f in dictionary.entries(base, everything=everything) if wanted in f.id.lower() or wanted in f.ask.lower()
    ]
    if not chosen:
        fail(f"no fact holds {search!r}", 1)
    if form is TableFormat.json:
        write(dictionary.as_json(chosen), None)
    elif form is TableFormat.md:
        write(dictionary.as_markdown(chosen), None)
    else:
        table("Facts", ["fact", "question", "type", "code"], dictionary.as_rows(chosen))


def table(title: str, columns: list[str], rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=title, title_justify="left")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))
    Console(highlight=False).print(shown)


@app.command()
def library(
    what: Annotated[str, typer.Argument(help="list, or show.")] = "list",
    name: Annotated[str, typer.Argument(help="With show: the name of the case.")] = "",
    established: Annotated[
        bool, typer.Option("--established", help="Also print what was established (spoils teaching).")
    ] = False,
) -> None:
    """List the teaching cases, or show one (`spinepath library show NAME`)."""
    from pathways import library as cases

    if what == "list":
        rows = []
        for case_name in cases.names():
            about = cases.about(case_name)
            rows.append(
                (
                    case_name,
                    about.title,
                    *(["; ".join(about.established)] if established else []),
                    about.citation,
                )
            )
        table(
            f"{len(rows)} published cases",
            ["name", "case", *(["established"] if established else []), "published in"],
            rows,
        )
    elif what == "show":
        about = cases.about(name)
        print(f"{about.title}\n\n{about.story}\n\nPublished: {about.citation} {about.url or about.pmcid}")
        print("Assess it: spinepath assess " + name)
        if established:
            print(f"Established: {', '.join(about.established)}. {about.outcome}")
    else:
        fail(f"library takes list or show, not {what!r}")


@app.command()
def verify(
    assessment: Annotated[
        Path, typer.Argument(help="An assessment in JSON, as `spinepath assess --format json` writes it.")
    ],
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Derive an assessment again from its own case and compare every field."""
    from pathways.verify import verify as check

    if not assessment.is_file():
        fail(f"{assessment}: there is no such file")
    differences = check(assessment.read_text(encoding="utf-8", errors="replace"), reasoner_for(knowledge, overlay))
    if differences:
        print(f"{assessment}: differs from what is derived now:")
        print("\n".join(f"  {line}" for line in differences))
        raise SystemExit(1)
    print(f"{assessment}: identical to what is derived now")


def main() -> None:
    """Run the command line; errors that a user can mend are printed in one clear form."""
    from rules.problems import SpinepathError

    try:
        app()
    except SpinepathError as error:
        fail(error)
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None
    except OSError as error:
        fail(f"{error.filename or 'a file'}: {error.strerror or error}")
    except KeyboardInterrupt:
        fail("stopped", 130)


if __name__ == "__main__":
    main()
