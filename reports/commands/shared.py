"""What the verbs share: options, reading a case, writing a result, failing clearly."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pathways.case import Case
    from rules.inference import Reasoner

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
    note = "note"
    letter = "letter"
    leaflet = "leaflet"
    pdf = "pdf"
    leaflet_pdf = "leaflet-pdf"


class DictionaryFormat(StrEnum):
    """The forms of the data dictionary."""

    table = "table"
    json = "json"
    md = "md"
    csv = "csv"


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
    from rules.rulebase import KNOWLEDGE
    from rules.snapshot import reasoner

    made = reasoner(knowledge or KNOWLEDGE, overlays or ())
    for name in made.base.overlays:
        print(f"with the overlay {name}", file=sys.stderr)
    if made.base.switched_off:
        print(f"switched off: {', '.join(made.base.switched_off)}", file=sys.stderr)
    return made


def read(name: str, reasoner: Reasoner) -> Case:
    """Read a case by path, from standard input, or by library name."""
    from pathways import library
    from pathways.reading import read_case, read_case_file

    if name == "-":
        if sys.stdin is None:
            fail("standard input is closed")
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


def write_bytes(data: bytes, output: Path | None) -> None:
    """Write a binary document to a file, or to standard output where that is not a terminal."""
    if output is not None:
        output.write_bytes(data)
        print(f"written: {output}", file=sys.stderr)
    elif sys.stdout.isatty():
        fail("a PDF cannot be shown in a terminal; name a file with -o FILE.pdf")
    else:
        sys.stdout.buffer.write(data)


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


@contextmanager
def bar(what: str = "judging") -> Iterator[Callable[[int, int], None]]:
    """Show on the terminal how far a run is, how fast, and how long it will take; nothing where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f} rows/s" if speed else "")

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as shown:
        task = shown.add_task(what, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
