"""What a table is understood to say before anything is judged: its columns, its first rows, what is wrong in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pathways.cohort import sources
from pathways.cohort.intake import Intake
from pathways.cohort.understanding import CASE_ID, ROW

if TYPE_CHECKING:
    import polars as pl

    from pathways.cohort.mapping import Columns
    from pathways.cohort.run import Options
    from pathways.cohort.sources import Piece, Source
    from pathways.cohort.understanding import Understood
    from rules.rulebase import RuleBase

ROWS = 3
LOOKED_AT = 1000


def show_understood(options: Options, base: RuleBase) -> None:
    """Print how the first rows of every input are understood. Raises CaseError where a run would."""
    intake = Intake(replace(options, chunk=LOOKED_AT), base)
    pieces: dict[int, Piece] = {}
    for piece in sources.pieces(intake.sources):
        pieces.setdefault(piece.source, piece)
    console = Console(highlight=False)
    for number, source in enumerate(intake.sources):
        if number not in pieces:
            console.print(Text(f"{source.name}: no rows"))
            continue
        columns = intake.columns[number]
        understood = intake.read_table(pieces[number]) if columns else intake.reader().read(source, pieces[number])
        console.print(_columns(source, columns, understood.frame.head(ROWS)))
        _tell_refused(console, understood)


def _columns(source: Source, columns: Columns | None, frame: pl.DataFrame) -> Table:
    """Return a table of the columns: what each is read as, and its values in the first rows."""
    shown = Table(title=f"{source.name}: {source.form}, {source.rows:,} rows", title_justify="left")
    shown.add_column("column", overflow="fold", min_width=20)
    shown.add_column("read as", overflow="fold", min_width=20)
    for row in frame[ROW]:
        shown.add_column(f"row {row}", overflow="fold")
    for column, meaning, name in _meanings(columns, frame):
        values = frame[name].to_list() if name in frame.columns else [""] * frame.height
        shown.add_row(*(Text(cell) for cell in (column, meaning, *map(_cell, values))))
    return shown


def _meanings(columns: Columns | None, frame: pl.DataFrame) -> list[tuple[str, str, str]]:
    """Return (column, what it is read as, its name in the frame) for every column."""
    if columns is None:
        return [("", name, name) for name in frame.columns if name != ROW]
    told = [(name, reading.fact, reading.fact) for name, reading in columns.readings.items()]
    if columns.case_id:
        told.insert(0, (columns.case_id, "the case id", CASE_ID))
    told += [(name, "kept", name) for name in columns.kept if name not in columns.readings]
    return told + [(name, "dropped", "") for name in columns.dropped]


def _cell(value: object) -> str:
    if value is None:
        return "?"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def _tell_refused(console: Console, understood: Understood) -> None:
    rows = {refusal.row for refusal in understood.refused}
    if not rows:
        console.print(Text(f"nothing is wrong in the first {understood.rows:,} rows; ? stands for unknown"))
        return
    console.print(Text(f"{len(rows):,} of the first {understood.rows:,} rows would go to quarantine, such as"))
    for refusal in understood.refused[:ROWS]:
        place = f"row {refusal.row}, {refusal.column}".rstrip(", ")
        console.print(Text(f"  {place}: {refusal.value} {refusal.reason}"))
