"""Files of synthetic cohorts: the same rows in every form, the same bytes for a seed, whole or not at all."""

import json

import polars as pl
import pytest

from pathways import synth
from pathways.cohort.mapping import Mapping, sort_columns
from pathways.cohort.understanding import Understanding
from pathways.synth.files import json_lines, write
from rules.problems import CaseError

ABOUT = ("synthetic", "case_id", "true_cause")


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_the_same_seed_gives_the_same_bytes(base, tmp_path, form):
    one, other = (tmp_path / f"{name}.{form}" for name in ("one", "other"))
    write(base, one, 300, seed=1)
    write(base, other, 300, seed=1)
    assert one.read_bytes() == other.read_bytes()


def test_every_form_says_the_same(base, cohort, tmp_path):
    rows = cohort.head(200)
    for form, read in (("parquet", pl.read_parquet), ("csv", pl.read_csv), ("jsonl", pl.read_ndjson)):
        path = tmp_path / f"cohort.{form}"
        write(base, path, 200, seed=5)
        frame = read(path, infer_schema_length=None) if form != "parquet" else read(path)
        missing = [name for name in rows.columns if name not in frame.columns]
        assert all(rows[name].null_count() == rows.height for name in missing), form
        names = [name for name in rows.columns if name not in missing]
        columns = sort_columns(names, base.vocabulary, Mapping(), keep=(), drop=ABOUT)
        understood = Understanding(base, columns).read(frame.select(names), pl.int_range(1, 201, eager=True), "x")
        assert not understood.refused, form
        wanted = Understanding(base, columns).read(rows.select(names), pl.int_range(1, 201, eager=True), "x")
        facts = [name for name in names if name not in ABOUT]
        assert understood.frame.select(facts).equals(wanted.frame.select(facts)), form


def test_a_parquet_file_says_that_it_is_synthetic_and_from_what(base, tmp_path):
    path = tmp_path / "cohort.parquet"
    write(base, path, 20, seed=9)
    about = json.loads(pl.read_parquet_metadata(path)["spinepath.synthetic"])
    assert about["seed"] == 9
    assert about["rows"] == 20
    assert about["sha256"] == base.sha256
    assert "no patient" in about["note"]


def test_a_line_holds_what_is_known_and_nothing_else(cohort):
    lines = [json.loads(line) for line in json_lines(cohort.head(50)).splitlines()]
    for line, row in zip(lines, cohort.head(50).iter_rows(named=True), strict=True):
        assert line == {name: value for name, value in row.items() if value is not None}


def test_an_ending_that_is_not_known_is_refused_before_anything_is_drawn(base, tmp_path):
    with pytest.raises(CaseError, match=r"\.parquet"):
        write(base, tmp_path / "cohort.xlsx", 10, seed=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_run_that_is_stopped_leaves_the_file_of_before(base, tmp_path, monkeypatch, form):
    path = tmp_path / f"cohort.{form}"
    path.write_text("of before")
    monkeypatch.setattr(synth, "AT_ONCE", 40)
    drawn = []

    def stop(rows):
        drawn.append(rows)
        if len(drawn) == 2:
            raise KeyboardInterrupt

    with pytest.raises(BaseException):  # noqa: B017 - Polars hands on an error of its own
        write(base, path, 200, seed=1, told=stop)
    assert path.read_text() == "of before"
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
