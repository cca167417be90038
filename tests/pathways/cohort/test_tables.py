"""Cutting a table into pieces and reading lines: every row once, none too large, row groups whole where they fit."""

import json
from itertools import accumulate
from operator import attrgetter
from pathlib import Path
from unittest.mock import patch

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from pathways.cohort import csvfile, sources, tables
from pathways.cohort.joining import join_parquet
from pathways.cohort.lines import CaseReader
from pathways.cohort.mapping import Mapping
from pathways.cohort.sources import Source


def cuts_of(path, most, cells=10**9):
    source = Source(str(path), sources.PARQUET, (path,))
    tables.survey(source, most, cells)
    return source.cuts


def write_groups(path, sizes):
    parts = [path.with_name(f"{number}.part") for number in range(len(sizes))]
    for part, size in zip(parts, sizes, strict=True):
        pl.DataFrame({"person.age": [50] * size}).write_parquet(part, row_group_size=size)
    with path.open("wb") as file:
        join_parquet(parts, file)


@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=8), most=st.integers(1, 100), enough=st.integers(1, 200))
def test_pieces_hold_every_row_once_and_end_where_row_groups_end(tmp_path_factory, sizes, most, enough):
    path = tmp_path_factory.mktemp("cut") / "cases.parquet"
    write_groups(path, sizes)
    with patch.object(tables, "ENOUGH", enough):
        cuts = cuts_of(path, most)
    assert [row for start, length, first, rows in cuts for row in range(start, start + length)] == [*range(sum(sizes))]
    assert all(start + 1 == first and length == rows <= most for start, length, first, rows in cuts)
    if most >= max(sizes):
        ends = [*accumulate(sizes)]
        assert all(start + length in ends for start, length, *_ in cuts)
        for start, length, *_ in cuts:  # no piece goes on after it has enough
            assert length - sizes[ends.index(start + length)] < enough


def test_a_wide_csv_is_read_in_fewer_rows(tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text(",".join(f"c{n}" for n in range(100)) + "\n" + ("1," * 99 + "1\n") * 100)
    source = Source(str(path), sources.CSV, (path,))
    with patch.object(csvfile, "CELLS_A_PIECE", 2000):
        csvfile.survey(source, 80)
    assert [rows for *_, rows in source.cuts] == [17, 17, 17, 17, 17, 15]


LINES = st.lists(st.text('ab,,,";\t\r \0ä', max_size=9), min_size=1, max_size=6)


@given(
    lines=LINES, separator=st.sampled_from([",", ";"]), columns=st.integers(1, 4), end=st.sampled_from(["\n", "\r\n"])
)
@example(lines=["a", "a,b,c"], separator=",", columns=2, end="\n")  # as many commas as two good lines have
@example(lines=["a,b,c", "a"], separator=",", columns=2, end="\n")
@example(lines=["a,b", '"a,b'], separator=",", columns=2, end="\n")
@example(lines=["a,b", "", "c,d"], separator=",", columns=2, end="\r\n")
def test_lines_are_read_together_as_they_are_one_by_one(lines, separator, columns, end):
    source = Source("a.csv", sources.CSV, (Path("a.csv"),))
    source.columns, source.separator = dict.fromkeys("abcd"[:columns], pl.String()), separator
    for last in ("", end):
        ended = [*(line + end for line in lines[:-1]), lines[-1] + last]
        frame, rows, refused = csvfile.read(source, "".join(ended).encode(), 1)
        one_by_one = [csvfile.read(source, line.encode(), row) for row, line in enumerate(ended, 1)]
        assert frame.rows() == [row for one, _, _ in one_by_one for row in one.rows()]
        assert rows.to_list() == [row for _, numbers, _ in one_by_one for row in numbers]
        assert refused == [wrong for _, _, told in one_by_one for wrong in told]


NAMES = st.sampled_from(["pain.predominant", "surgery.fusion", "exam.motor_deficit", "labs.crp"])
VALUES = st.sampled_from([True, False, None, 0, 1, 50, 50.5, 1e3, "yes", "No", "x", "leg", "", "50", "1.0"])


CASE = st.builds(lambda age, facts: {"person.age": age, **facts}, VALUES, st.dictionaries(NAMES, VALUES))


@given(lines=st.lists(CASE, min_size=1, max_size=8), unknown=st.booleans())
def test_flat_json_lines_are_read_together_as_they_are_one_by_one(base, lines, unknown):
    mapping = Mapping(unknown=("no",) if unknown else ())
    text = [json.dumps(line) for line in lines]
    together = CaseReader(base, mapping, (), ()).read_lines("\n".join(text).encode(), 1, "a.jsonl")
    alone = [CaseReader(base, mapping, (), ()).read_lines(t.encode(), row, "a.jsonl") for row, t in enumerate(text, 1)]
    by_place = attrgetter("row", "column")
    assert sorted(together.refused, key=by_place) == sorted((r for one in alone for r in one.refused), key=by_place)
    known = [{name: value for name, value in row.items() if value is not None} for row in together.frame.to_dicts()]
    rows = [row for one in alone for row in one.frame.to_dicts()]
    assert known == [{name: value for name, value in row.items() if value is not None} for row in rows]
