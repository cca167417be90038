"""Cutting a table into pieces: every row once, none too large, and row groups whole where they fit."""

from itertools import accumulate

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pathways.cohort import sources, tables
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


@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=8), most=st.integers(1, 100))
def test_pieces_hold_every_row_once_and_end_where_row_groups_end(tmp_path_factory, sizes, most):
    path = tmp_path_factory.mktemp("cut") / "cases.parquet"
    write_groups(path, sizes)
    cuts = cuts_of(path, most)
    assert [row for start, length, first, rows in cuts for row in range(start, start + length)] == [*range(sum(sizes))]
    assert all(start + 1 == first and length == rows <= most for start, length, first, rows in cuts)
    if most >= max(sizes):
        ends = set(accumulate(sizes))
        assert all(start + length in ends for start, length, *_ in cuts)


def test_a_wide_table_is_read_in_fewer_rows(tmp_path):
    path = tmp_path / "cases.parquet"
    pl.DataFrame({name: [1] * 100 for name in "abcdefghij"}).write_parquet(path)
    assert [rows for *_, rows in cuts_of(path, 80, cells=300)] == [30, 30, 30, 10]
