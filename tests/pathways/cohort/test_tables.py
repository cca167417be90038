"""Cutting a table into pieces and reading lines: every row once, none too large, row groups whole where they fit."""

from itertools import accumulate
from pathlib import Path
from unittest.mock import patch

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from pathways.cohort import csvfile, sources, tables
from pathways.cohort.joining import join_parquet
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
