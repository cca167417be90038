"""Reading cases one by one: JSON Lines, flat or nested as a case file, and folders of case files.

This is Python's work, not Polars', so both cores share it as processes.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl
from pydantic_core import from_json

from pathways.cohort import screening, sources
from pathways.cohort.contradicting import impossible_at
from pathways.cohort.csvfile import text_lines
from pathways.cohort.gathering import Gathered, column
from pathways.cohort.mapping import CASE_ID, Mapping, sort_columns, strangers
from pathways.cohort.recall import Recall
from pathways.cohort.understanding import FILE, ROW, Refusal, Understanding, Understood, without
from pathways.facts import split_facts
from pathways.reading import LISTS, build_facts, read_case_file
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pathways.cohort.sources import Piece, Source
    from rules.language import Value
    from rules.rulebase import RuleBase

NESTED = frozenset((dict, list))
IDENTIFIES = ("may identify", "no place for names")


def survey(source: Source, rows_a_piece: int) -> None:
    """Hash the files and cut them into pieces."""
    if source.form == sources.LINES:
        sources.survey_text(source, rows_a_piece, header=False)
        return
    source.files = [sources.hashed(path, whatever=True) for path in source.paths]
    source.rows = len(source.paths)
    source.cuts = [
        (at, min(rows_a_piece, source.rows - at), at + 1, min(rows_a_piece, source.rows - at))
        for at in range(0, source.rows, rows_a_piece)
    ]


class CaseReader:
    """Reads cases as facts, each with columns of its own."""

    def __init__(
        self,
        base: RuleBase,
        mapping: Mapping,
        keep: Sequence[str],
        drop: Sequence[str],
        *,
        only_facts: bool = False,
    ) -> None:
        """Take the rule base and what is to be done with columns that are no facts; only_facts leaves them all out."""
        self.base = base
        self.only_facts = only_facts
        self.mapping = mapping
        self.keep = tuple(dict.fromkeys((*keep, *mapping.keep)))
        self.drop = frozenset((*drop, *mapping.drop))
        self._known = {CASE_ID, *LISTS, *base.catalogue.sections, *base.vocabulary}  # what a case file may hold
        self._recall = Recall(base)

    def read(self, source: Source, piece: Piece) -> Understood:
        """Read a piece of a source."""
        if source.form == sources.CASES:
            return self._case_files(source.paths[piece.start : piece.start + piece.length], piece.first_row)
        data = sources.read_bytes(source.paths[0], piece.start, piece.length)
        return self.read_lines(data if piece.start else data.removeprefix(BOM_UTF8), piece.first_row, source.name)

    def read_lines(self, data: bytes, first_row: int, file: str) -> Understood:
        """Read lines of a file, the first of which has this number."""
        refused: list[Refusal] = []
        lines = text_lines(data, first_row, refused)
        flat: dict[int, dict[str, Any]] = {}
        nested = Gathered()
        for row, line in lines.iter_rows():
            content = self._object(line, row, refused)
            if content is None:
                continue
            if self._is_flat(content):
                flat[row] = content
            else:
                self._nested(content, row, file, refused, nested)
        frame = nested.frame(self.base.vocabulary, file)
        impossible = frame[ROW][impossible_at(frame, self.base)]
        for row, line in lines.filter(lines[ROW].is_in(impossible.implode())).iter_rows():
            refused.extend(self._contradictions(self._object(line, row, refused) or {}, row, file))
        refused.sort(key=lambda refusal: refusal.row)
        frame = without(refused, frame)
        found = Understood(frame, frame.height + len({refusal.row for refusal in refused}), refused)
        return _joined(found, self._flat(flat, file)) if flat else found

    def _object(self, line: str, row: int, refused: list[Refusal]) -> dict[str, Any] | None:
        """Return what a line says, but for what is to be dropped."""
        content = _object(line, row, refused)
        if content is not None:
            for name in self.drop.intersection(content):
                del content[name]
        return content

    def _is_flat(self, content: dict[str, Any]) -> bool:
        return NESTED.isdisjoint(map(type, content.values()))

    def _flat(self, lines: dict[int, dict[str, Any]], file: str) -> Understood:
        """Read flat lines as a table of text, so that a value means what it means in CSV."""
        cells: defaultdict[str, dict[int, Value | None]] = defaultdict(dict)
        for at, content in enumerate(lines.values()):
            for name, value in content.items():
                cells[name][at] = value
        names = list(cells)
        drop = strangers(names, self.base.vocabulary, self.mapping) if self.only_facts else self.drop
        columns = sort_columns(names, self.base.vocabulary, self.mapping, self.keep, drop)
        asked = {name: self.base.vocabulary[reading.fact].type for name, reading in columns.readings.items()}
        plain = {name for name, kind in asked.items() if kind == "yes_no" and not columns.unknown}
        raw = [_as_column(name, values, len(lines), plain=name in plain) for name, values in cells.items()]
        rows = pl.Series(list(lines), dtype=pl.Int64)
        return Understanding(self.base, columns).read(pl.DataFrame(raw), rows, file)

    def _nested(self, content: dict[str, Any], row: int, file: str, refused: list[Refusal], gathered: Gathered) -> None:
        about = self._about(content)
        try:
            own, shared = self._recall.read(content, file)
        except CaseError as error:
            refused.extend(_refusals(error.problems, row, file))
        else:
            gathered.add(row, own, shared, about)

    def _about(self, content: dict[str, Any]) -> dict[str, str | None]:
        """Return what says which case it is; take out what a case file has no place for."""
        if self.only_facts:
            for name in content.keys() - self._known:
                del content[name]
        foreign = [name for name in self.keep if name in content and name not in self.base.vocabulary]
        about = {name: _text(content.pop(name)) for name in foreign}
        if content.get(CASE_ID) is not None:
            about[CASE_ID] = str(content[CASE_ID])
        return about

    def _contradictions(self, content: dict[str, Any], row: int, file: str) -> list[Refusal]:
        """Return what is wrong with a case in which facts cannot be true together."""
        self._about(content)
        try:
            build_facts(content, self.base, name=file)
        except CaseError as error:
            return _refusals(error.problems, row, file)
        return []

    def _case_files(self, paths: Sequence[Path], first_row: int) -> Understood:
        refused: list[Refusal] = []
        cases = Gathered()
        for row, path in enumerate(paths, first_row):
            try:
                case = read_case_file(path, self.base)
            except CaseError as error:
                refused.extend(replace(told, file=str(path)) for told in _refusals(error.problems, row, str(path)))
                continue
            own, shared = split_facts(case, self.base)
            cases.add(row, own, [shared], {CASE_ID: case.case_id, FILE: str(path)})
        return Understood(cases.frame(self.base.vocabulary, ""), len(paths), refused)


def _object(line: str, row: int, refused: list[Refusal]) -> dict[str, Any] | None:
    try:
        content = from_json(line)
    except ValueError as error:
        reason = str(error).replace(" at line 1 column ", ", character ")
        refused.append(Refusal(row, "", f"({len(line)} characters)", f"not a JSON object: {reason}"))
        return None
    if not isinstance(content, dict):
        refused.append(Refusal(row, "", f"({len(line)} characters)", "a JSON object is wanted"))
        return None
    return content


def _as_column(name: str, values: dict[int, Value | None], rows: int, *, plain: bool) -> pl.Series:
    """Return values at some places as a column of text; one for yes and no that holds nothing else may stay one."""
    if plain and set(map(type, values.values())) <= {bool, type(None)}:
        return column(name, values, pl.Boolean(), rows)
    return column(name, {at: _text(value) for at, value in values.items()}, pl.String(), rows)


def _text(value: object) -> str | None:
    if value is None:
        return None
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _refusals(problems: Iterable[Problem], row: int, file: str) -> list[Refusal]:
    """Return the problems of a case as refusals, values masked; one that may identify a patient stops the run."""
    found = []
    for problem in problems:
        if any(word in problem.message for word in IDENTIFIES):
            raise screening.stop_case(file, row, problem.place, problem.message)
        screening.screen_values(((row, value) for value in screening.quoted(problem.message)), file, problem.place)
        found.append(Refusal(row, problem.place, "", screening.quotes_masked(problem.message)))
    return found


def _joined(one: Understood, other: Understood) -> Understood:
    """Return two parts of a piece in the order of their rows."""
    frame = pl.concat([one.frame, other.frame], how="diagonal").sort(ROW)
    return Understood(
        frame, one.rows + other.rows, sorted([*one.refused, *other.refused], key=lambda refusal: refusal.row)
    )
