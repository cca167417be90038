"""Parts of Parquet become one file without being decoded: every reader must find the same rows in it."""

import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathways.cohort.joining import join_parquet, join_text, read_footer
from rules.problems import CaseError

WORDS = pl.Enum(["low", "middle", "high"])
SCHEMA = {
    "flag": pl.Boolean,
    "word": WORDS,
    "score": pl.Int16,
    "text": pl.String,
    "number": pl.Float64,
    "row": pl.Int64,
}
CELLS = st.tuples(
    st.none() | st.booleans(),
    st.none() | st.sampled_from(["low", "middle", "high"]),
    st.none() | st.integers(-1000, 1000),
    st.none() | st.text(max_size=5),
    st.none() | st.floats(allow_nan=False),
    st.integers(),
).filter(lambda cells: -(2**63) <= cells[5] < 2**63)


def joined(frames, folder, **options):
    paths = []
    for number, frame in enumerate(frames):
        paths.append(folder / f"{number}.parquet")
        frame.write_parquet(paths[-1], **options)
    whole = folder / "whole.parquet"
    with whole.open("wb") as file:
        join_parquet(paths, file)
    return whole


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=30), min_size=1, max_size=5), st.booleans(), st.integers(1, 20))
def test_any_parts_are_read_back_in_their_order(tmp_path_factory, parts, statistics, group):
    frames = [pl.DataFrame(cells, schema=SCHEMA, orient="row") for cells in parts]
    whole = joined(frames, tmp_path_factory.mktemp("parts"), statistics=statistics, row_group_size=group)
    assert pl.read_parquet(whole).equals(pl.concat(frames))
    assert read_footer(whole).rows == sum(map(len, parts))


def test_rows_in_the_middle_are_found_without_reading_the_rest(tmp_path):
    frames = [
        pl.DataFrame({"row": range(at, at + 1000), "even": [n % 2 == 0 for n in range(1000)]}) for at in (0, 1000)
    ]
    whole = joined(frames, tmp_path, row_group_size=100)
    assert pl.scan_parquet(whole).slice(1490, 3).collect()["row"].to_list() == [1490, 1491, 1492]
    assert pl.scan_parquet(whole).filter(pl.col("row") > 1996, pl.col("even")).collect()["row"].to_list() == [1998]


def test_other_readers_find_the_same(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    frames = [pl.DataFrame({"row": range(n), "word": ["a", "b"] * (n // 2)}) for n in (10, 20, 4)]
    whole = joined(frames, tmp_path, row_group_size=4)
    table = parquet.read_table(whole)
    assert table.column("row").to_pylist() == [*range(10), *range(20), *range(4)]
    assert parquet.ParquetFile(whole).metadata.num_rows == 34


def test_one_part_is_the_whole(tmp_path):
    frame = pl.DataFrame({"row": [1, 2, 3]})
    whole = joined([frame], tmp_path)
    assert whole.read_bytes() == (tmp_path / "0.parquet").read_bytes()


def test_parts_with_other_columns_are_refused(tmp_path):
    with pytest.raises(CaseError, match="differ in their columns"):
        joined([pl.DataFrame({"a": [1]}), pl.DataFrame({"b": [1]})], tmp_path)


@pytest.mark.parametrize("cut", [0, 1, 3, 8, 11, 40, -1, -4, -9, -30])
def test_a_truncated_file_is_told(tmp_path, cut):
    path = tmp_path / "cut.parquet"
    pl.DataFrame({"a": range(100)}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(CaseError, match="cannot be read"):
        read_footer(path)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_a_footer_of_noise_is_told_and_never_hangs(tmp_path_factory, noise):
    path = tmp_path_factory.mktemp("noise") / "noise.parquet"
    path.write_bytes(b"PAR1" + noise + len(noise).to_bytes(4, "little") + b"PAR1")
    try:
        read_footer(path)
    except CaseError as error:
        assert "cannot be" in str(error)


def test_text_is_appended_after_its_header(tmp_path):
    for number, text in enumerate(("1,2\n", "", "3,4\n")):
        (tmp_path / f"{number}.csv").write_text(text)
    to = io.BytesIO()
    join_text([tmp_path / f"{number}.csv" for number in range(3)], to, b"a,b\n")
    assert to.getvalue() == b"a,b\n1,2\n3,4\n"
