"""One row of a table as a single case: the same reading as in a run, to ask why it was judged as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pathways.cohort import sources
from pathways.cohort.intake import Intake, no_fact
from pathways.cohort.lines import CaseReader
from pathways.cohort.mapping import sort_columns, strangers
from pathways.cohort.run import Options
from pathways.cohort.sampling import facts_of
from pathways.cohort.understanding import CASE_ID, ROW
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from pathways.cohort.mapping import Columns
    from pathways.cohort.sources import Source
    from pathways.cohort.understanding import Understood
    from rules.language import Value
    from rules.rulebase import RuleBase

NEARBY = 1000  # rows that are read together


class _Lenient(Intake):
    """Reads only the facts of a table; what is no fact was dealt with when the table was run."""

    def _columns(self, source: Source) -> Columns | None:
        if source.columns is None:
            return None
        names = list(source.columns)
        foreign = strangers(names, self.base.vocabulary, self.mapping)
        columns = sort_columns(names, self.base.vocabulary, self.mapping, (), foreign)
        if not columns.readings:
            raise no_fact(source)
        return columns

    def reader(self) -> CaseReader:
        """Return what reads cases one by one."""
        return CaseReader(self.base, replace(self.mapping, keep=()), (), (), only_facts=True)


def facts_of_row(name: str, row: int, base: RuleBase, mapping: Path | None = None) -> tuple[dict[str, Value], str]:
    """Return the facts of a row, as it is numbered in a result, and its case id (or its place).

    Raises CaseError if there is no such row, or it cannot be used.
    """
    intake = _Lenient(Options((name,), Path("-"), mapping=mapping, chunk=NEARBY), base)
    if len(intake.sources) != 1:
        raise CaseError(f"row {row} of {name} cannot be read", [Problem("", "name one table")])
    pieces = [
        piece for piece in sources.pieces(intake.sources) if piece.first_row <= row < piece.first_row + piece.rows
    ]
    if not pieces:
        message = f"the rows are numbered from 1 to {intake.sources[0].rows:,}"
        raise CaseError(f"{name} has no row {row}", [Problem("", message)])
    source, piece = intake.sources[0], pieces[0]
    understood = intake.reader().read(source, piece) if source.columns is None else intake.read_table(piece)
    uniform = intake.uniform(understood, source)
    found = uniform.filter(uniform[ROW] == row)
    if found.is_empty():
        raise CaseError(f"row {row} of {name} cannot be used", _problems(understood, row))
    told = found.row(0, named=True)
    case_id = told.get(CASE_ID) or f"row-{row}"
    return facts_of({fact: told[fact] for fact in intake.facts}), str(case_id)


def _problems(understood: Understood, row: int) -> list[Problem]:
    found = [
        Problem(refusal.column, f"{refusal.value}: {refusal.reason}" if refusal.value else refusal.reason)
        for refusal in understood.refused
        if refusal.row == row
    ]
    return found or [Problem("", "the line is blank")]
