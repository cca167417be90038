"""Input that is damaged, truncated or no table at all is told in one clear error; no row disappears."""

import random

import polars as pl
import pytest

from pathways.cohort.onerow import facts_of_row
from pathways.cohort.run import Options, Run
from rules.problems import CaseError, SpinepathError

HEADER = "case_id,person.age,pain.predominant\n"


def batch(reasoner, path, folder, **options):
    return Run(Options((str(path),), folder / "out.parquet", **options), reasoner).run()


def table(rows=400):
    return pl.DataFrame(
        {
            "case_id": [f"c{n}" for n in range(rows)],
            "person.age": [18.0 + n % 70 for n in range(rows)],
            "pain.predominant": ["leg", "back", None, "both"] * (rows // 4),
        }
    )


@pytest.mark.parametrize("form", ["parquet", "arrow", "csv", "jsonl"])
@pytest.mark.parametrize("seed", range(6))
def test_a_file_that_is_cut_off_is_refused_or_every_row_is_accounted_for(form, seed, reasoner, tmp_path):
    path = tmp_path / f"cases.{form}"
    write = {"parquet": "write_parquet", "arrow": "write_ipc", "csv": "write_csv", "jsonl": "write_ndjson"}[form]
    getattr(table(), write)(path)
    whole = path.read_bytes()
    cut = random.Random(f"{form}{seed}").randrange(1, len(whole))
    path.write_bytes(whole[:cut])
    try:
        done = batch(reasoner, path, tmp_path, sample=3)
    except CaseError as error:
        assert "cases" in str(error)
        return
    assert form in ("csv", "jsonl")
    lines = len([line for line in whole[:cut].split(b"\n") if line.strip()]) - (form == "csv")
    assert done.rows == done.results + done.quarantined == lines


@pytest.mark.parametrize("form", ["parquet", "arrow"])
@pytest.mark.parametrize("seed", range(8))
def test_a_file_with_damaged_bytes_is_told_or_read(form, seed, reasoner, tmp_path):
    path = tmp_path / f"cases.{form}"
    getattr(table(), {"parquet": "write_parquet", "arrow": "write_ipc"}[form])(path)
    damaged = bytearray(path.read_bytes())
    generator = random.Random(f"{form}{seed}")
    for _ in range(20):
        damaged[generator.randrange(len(damaged))] ^= 1 << generator.randrange(8)
    path.write_bytes(damaged)
    try:
        done = batch(reasoner, path, tmp_path, sample=3)
    except SpinepathError as error:
        assert str(error)
        return
    assert done.rows == done.results + done.quarantined


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", b"", "the file is empty"),
        ("a.parquet", b"", "the file is empty"),
        ("a.jsonl", b"", "the file is empty"),
        ("a.arrow", b"", "the file is empty"),
        ("a.csv", HEADER.encode(), "no cases"),
        ("a.jsonl", b"\n\n", "no cases"),
        ("a.csv", (HEADER + "a,50,leg\n").encode("utf-16"), "UTF-8"),
        ("a.csv", b"person.\xe4ge\n50\n", "UTF-8"),
        ("a.csv", bytes(range(256)) * 20, "UTF-8"),
        ("a.csv", b"person.age,person.age\n1,2\n", "twice"),
        ("a.csv", b"case_id\na\n", "no column is a fact"),
        ("a.csv", b"case_id,pain.back\ra1,yes\r", "lines must end with a line feed"),
        ("a.csv", b",person.age\n1,50\n", "column 1 has no name"),
        ("a.csv", ",".join(f"junk{n}" for n in range(100_000)).encode() + b"\n", "100,000 columns"),
        ("a.csv", b"person.age,x" + b",junk" * 5_000_000, "longer than"),
        ("a.csv", HEADER.encode() + b"1," * 9_000_000, "longer than"),
        ("a.jsonl", b'{"a": "' + b"x" * 17_000_000, "longer than"),
        ("a.parquet", b"PAR1 and then something else", "not a whole Parquet file"),
        ("a.arrow", b"something else", "not an Arrow file"),
        ("a.xlsx", b"PK", "the suffix says the form"),
    ],
)
def test_what_is_no_table_is_told(name, content, told, reasoner, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CaseError, match=told):
        batch(reasoner, tmp_path / name, tmp_path)
    assert not (tmp_path / "out.parquet").exists()


def test_what_is_not_there_is_told(reasoner, tmp_path):
    with pytest.raises(CaseError, match="no such file"):
        batch(reasoner, tmp_path / "nothing*.csv", tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CaseError, match="no file in this folder"):
        batch(reasoner, tmp_path / "empty", tmp_path)


def test_text_packed_into_almost_nothing_is_not_unpacked(reasoner, tmp_path):
    path = tmp_path / "bomb.parquet"
    pl.DataFrame({"person.age": [50.0], "pain.predominant": ["x" * 200_000_000]}).write_parquet(path)
    assert path.stat().st_size < 100_000
    with pytest.raises(CaseError, match="this looks like a trap"):
        batch(reasoner, path, tmp_path)


def test_a_footer_that_claims_endless_rows_is_not_believed(reasoner, tmp_path):
    path = tmp_path / "rows.parquet"
    pl.DataFrame({"pain.leg": pl.repeat(None, 100_000_000, dtype=pl.Boolean, eager=True)}).write_parquet(path)
    with pytest.raises(CaseError, match="this looks like a trap"):
        batch(reasoner, path, tmp_path)


def test_columns_of_lists_are_told(reasoner, tmp_path):
    path = tmp_path / "lists.parquet"
    pl.DataFrame({"person.age": [[1, 2]]}).write_parquet(path)
    with pytest.raises(CaseError, match="single values are wanted"):
        batch(reasoner, path, tmp_path)


@pytest.mark.parametrize(
    "line", ['{"a', "[1]", "7", "[" * 50_000, '{"surgery": []}', '{"surgery": [{"procedure": "hip"}]}']
)
def test_a_line_that_is_no_case_goes_to_quarantine(line, reasoner, tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_text('{"person.age": 50}\n' + line + '\n{"person.age": 51}\n')
    done = batch(reasoner, path, tmp_path)
    assert (done.rows, done.results, done.quarantined) == (3, 2, 1)


def test_lines_without_any_fact_are_cases_of_which_nothing_is_known(reasoner, tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_text('{}\n{"case_id": "a1"}\n{"case_id": "b1", "site": "x"}\n')
    done = batch(reasoner, path, tmp_path, keep=("site",))
    assert (done.rows, done.results, done.quarantined) == (3, 3, 0)
    found = pl.read_parquet(tmp_path / "out.parquet")
    assert set(found.select(pl.col("^red_flag[.].*$")).unpivot()["value"]) == {"unknown"}


def test_mixed_types_in_a_column_cost_only_the_rows_that_are_wrong(reasoner, tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_text("".join(f'{{"person.age": {value}}}\n' for value in ("50", '"51"', "true", '"x"', "null", "52.5")))
    done = batch(reasoner, path, tmp_path)
    assert (done.rows, done.results, done.quarantined) == (6, 4, 2)


def test_an_unfinished_line_in_the_middle_does_not_shift_the_others(reasoner, tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text(HEADER + 'a,50,leg\nb,60,"le\ng"\nc,70,back\n')
    done = batch(reasoner, path, tmp_path)
    assert (done.rows, done.results, done.quarantined) == (4, 2, 2)
    assert pl.read_parquet(tmp_path / "out.parquet")["case_id"].to_list() == ["a", "c"]


@pytest.mark.parametrize("kind", [pl.Int8, pl.UInt8, pl.Int16, pl.UInt64])
def test_small_whole_numbers_may_be_case_ids_and_kept_columns(kind, reasoner, tmp_path):
    path = tmp_path / "cases.parquet"
    small = pl.Series([1, 2], dtype=kind)
    pl.DataFrame({"case_id": small, "site": small, "pain.back": [True, False]}).write_parquet(path)
    assert batch(reasoner, path, tmp_path, keep=("site",)).results == 2


def test_an_endless_number_in_a_kept_column_stops_the_run_in_a_line(reasoner, tmp_path):
    path = tmp_path / "cases.parquet"
    pl.DataFrame({"size": [1.0, float("inf")], "pain.back": [True, False]}).write_parquet(path)
    with pytest.raises(CaseError, match="row 2, column size"):
        batch(reasoner, path, tmp_path, keep=("size",))


def test_a_nested_line_may_hold_a_column_that_a_mapping_keeps(reasoner, tmp_path):
    (tmp_path / "map.yaml").write_text("keep: [site]\n")
    path = tmp_path / "cases.jsonl"
    path.write_text('{"surgery": [{"procedure": "plif", "months_ago": 12}], "pain": {"back": true}, "site": "A"}\n')
    assert batch(reasoner, path, tmp_path, mapping=tmp_path / "map.yaml").results == 1
    assert pl.read_parquet(tmp_path / "out.parquet")["site"].to_list() == ["A"]


@pytest.mark.parametrize("option", ["fired", "summary", "quarantine"])
def test_no_file_is_named_for_two_outputs(option, reasoner, tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text("pain.back\nyes\n")
    (tmp_path / "map.yaml").write_text("drop: [x]\n")
    with pytest.raises(CaseError, match="named for two outputs"):
        batch(reasoner, path, tmp_path, **{option: tmp_path / "out.parquet"})
    for wrong, told in (("map.yaml", "is an input"), ("nowhere/a.csv", "there is no folder")):
        with pytest.raises(CaseError, match=told):
            batch(reasoner, path, tmp_path, mapping=tmp_path / "map.yaml", quarantine=tmp_path / wrong)
    assert (tmp_path / "map.yaml").read_text() == "drop: [x]\n"


def test_a_column_that_is_to_be_kept_and_is_not_there_is_told(reasoner, tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text("pain.back,site\nyes,A\n")
    with pytest.raises(CaseError, match="did you mean site"):
        batch(reasoner, path, tmp_path, keep=("siet",))


def test_a_case_file_that_is_empty_or_broken_is_named_and_the_others_go_on(reasoner, tmp_path):
    folder = tmp_path / "cases"
    folder.mkdir()
    for name, text in (("a", ""), ("b", "x: ["), ("c", "surgery: [{procedure: fusion, months_ago: 6}]")):
        (folder / f"{name}.yaml").write_text(text)
    done = batch(reasoner, folder, tmp_path)
    assert (done.rows, done.results, done.quarantined) == (3, 1, 2)
    told = (tmp_path / "out.parquet.quarantine.csv").read_text()
    assert f"{folder / 'a.yaml'},1," in told
    assert f"{folder / 'b.yaml'},2," in told


def test_a_file_that_is_named_twice_is_read_once(reasoner, tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text("pain.back\nyes\n")
    (tmp_path / "link.csv").symlink_to(path)
    done = Run(Options((str(path), str(tmp_path / "link.csv")), tmp_path / "out.parquet"), reasoner).run()
    assert done.rows == 1


def test_a_row_of_a_table_without_facts_is_no_empty_patient(base, tmp_path):
    (tmp_path / "cases.csv").write_text("case_id,foo\na,1\n")
    with pytest.raises(CaseError, match="no column is a fact"):
        facts_of_row(str(tmp_path / "cases.csv"), 1, base)
