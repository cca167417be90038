"""A whole run: every form of input gives the same results, nothing is lost, and everything is told."""

import csv
import hashlib
import json
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways import library
from pathways.assess import assess
from pathways.cohort import run as running
from pathways.cohort import sampling
from pathways.cohort.run import DifferenceError, Options, Run
from pathways.cohort.screening import IdentifyingError
from rules.problems import CaseError
from rules.yamlfile import YamlFile


def batch(reasoner, *inputs, to, **options):
    return Run(Options(tuple(map(str, inputs)), to, **options), reasoner).run()


def quarantined(path):
    with path.with_name(path.name + ".quarantine.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def expected(parquet, reasoner, tmp_path_factory):
    to = tmp_path_factory.mktemp("expected") / "out.parquet"
    done = batch(reasoner, parquet, to=to)
    assert (done.rows, done.results, done.quarantined, done.sampled, done.resumed) == (3000, 3000, 0, 20, 0)
    return pl.read_parquet(to)


@pytest.mark.parametrize("form", ["csv", "semicolon.csv", "quoted.csv", "jsonl", "arrow"])
def test_every_form_of_input_gives_the_same_results(form, parquet, expected, reasoner, tmp_path):
    frame = pl.read_parquet(parquet)
    path = tmp_path / f"cases.{form}"
    if form == "jsonl":
        frame.write_ndjson(path)
    elif form == "arrow":
        frame.write_ipc(path)
    else:
        style = {"semicolon.csv": {"separator": ";"}, "quoted.csv": {"quote_style": "always"}}
        frame.write_csv(path, **style.get(form, {}))
    to = tmp_path / "out.parquet"
    assert batch(reasoner, path, to=to, chunk=700).results == 3000
    assert pl.read_parquet(to).select(expected.columns).equals(expected)


def test_results_as_csv_and_json_lines_say_the_same(parquet, expected, reasoner, tmp_path):
    batch(reasoner, parquet, to=tmp_path / "out.csv", chunk=1300, fired=tmp_path / "fired.csv")
    batch(reasoner, parquet, to=tmp_path / "out.jsonl", chunk=1300)
    with (tmp_path / "out.csv").open(newline="") as file:
        as_csv = list(csv.DictReader(file))
    as_json = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(as_csv) == len(as_json) == 3000
    for number in (0, 1299, 1300, 2999):
        row, text, lines = expected.row(number, named=True), as_csv[number], as_json[number]
        assert (row["row"], row["case_id"]) == (lines["row"], lines["case_id"]) == (int(text["row"]), text["case_id"])
        fired = [name.removeprefix("rule.") for name, value in row.items() if name.startswith("rule.") and value]
        assert fired == lines["fired"] == text["fired"].split()
        assert lines["cause.infection"] == text["cause.infection"] == row["cause.infection"]
        word = "yes" if row["finding.leg_pain"] else "no" if row["no.leg_pain"] else "unknown"
        assert lines["finding.leg_pain"] == text["finding.leg_pain"] == word
        steps = {name.removeprefix("step."): step for name, step in row.items() if name.startswith("step.") and step}
        told = [part.split(" + ") for part in lines["plan"].split(" > ")] if lines["plan"] else []
        assert {name: at for at, step in enumerate(told, 1) for name in step} == steps
    rules = pl.read_csv(tmp_path / "fired.csv")
    of_another = rules.filter(pl.col("row") == 1300)["rule"].to_list()
    assert ("finding.leg_pain" in of_another) == expected["finding.leg_pain"][1299]
    of_one = rules.filter(pl.col("row") == 3000, ~pl.col("rule").str.contains("^(finding|red_flag)"))["rule"].to_list()
    assert of_one == as_json[2999]["fired"]


def test_a_long_table_in_parquet_holds_what_fired(parquet, expected, reasoner, tmp_path):
    batch(reasoner, parquet, to=tmp_path / "out.parquet", fired=tmp_path / "fired.parquet", chunk=1100)
    rules = pl.read_parquet(tmp_path / "fired.parquet")
    columns = [name for name in expected.columns if name.startswith("rule.")]
    counted = dict(rules.group_by("rule").len().iter_rows())
    for name, total in expected.select(pl.col(columns).sum()).row(0, named=True).items():
        assert counted.get(name.removeprefix("rule."), 0) == total
    assert rules["row"].is_sorted()


def test_what_is_missing_is_told_where_asked_for(parquet, reasoner, tmp_path):
    pl.read_parquet(parquet, n_rows=60).write_parquet(tmp_path / "few.parquet")
    done = batch(reasoner, tmp_path / "few.parquet", to=tmp_path / "out.parquet", missing=True, sample=60)
    assert done.sampled == 60
    found = pl.read_parquet(tmp_path / "out.parquet")
    assert found["missing_1"].null_count() == 0


def test_wrong_rows_are_told_and_the_others_go_on(reasoner, tmp_path):
    path = tmp_path / "cases.csv"
    rows = ["case_id,person.age,pain.predominant,surgery.fusion"]
    rows += [f"c{n},{40 + n % 40},leg,yes" for n in range(300)]
    rows[10] = "c9,17,leg,yes"
    rows[20] = "c19,50,arm,maybe"
    rows[30] = "c29,50,leg"
    rows[40] = 'c39,50,"leg,yes'
    rows[51] = ""
    path.write_bytes("\n".join(rows).encode() + b"\nc300,50,l\xe9g,yes\n")
    done = batch(reasoner, path, to=tmp_path / "out.parquet", chunk=64)
    assert (done.rows, done.results, done.quarantined) == (300, 295, 5)
    told = [(int(line["row"]), line["column"]) for line in quarantined(tmp_path / "out.parquet")]
    assert told == [(10, "person.age"), (20, "pain.predominant"), (20, "surgery.fusion"), (30, ""), (40, ""), (301, "")]
    kept = pl.read_parquet(tmp_path / "out.parquet")["row"].to_list()
    assert kept == [n for n in range(1, 301) if n not in (10, 20, 30, 40, 51)]
    refused = done.manifest["refused"]
    assert refused["columns"] == 4
    often = [(told["column"], told["refused"], told["row"]) for told in refused["most"]]
    assert often == [("", 3, 30), ("pain.predominant", 1, 20), ("person.age", 1, 10), ("surgery.fusion", 1, 20)]


def test_a_run_without_wrong_rows_leaves_no_old_quarantine_behind(parquet, reasoner, tmp_path):
    to = tmp_path / "out.parquet"
    (tmp_path / "out.parquet.quarantine.csv").write_text("of an earlier run")
    batch(reasoner, parquet, to=to)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.parquet", "out.parquet.manifest.json"]


def test_the_manifest_says_what_the_result_was_made_from(parquet, reasoner, tmp_path):
    to = tmp_path / "out.parquet"
    batch(reasoner, parquet, to=to, keep=("person.age",), sample=50)
    manifest = json.loads((tmp_path / "out.parquet.manifest.json").read_text())
    assert manifest["rule_base"]["sha256"] == reasoner.base.sha256
    assert manifest["counts"] == {"rows": 3000, "results": 3000, "quarantined": 0, "sampled": 50}
    assert manifest["sample"]["engines"] == reasoner.engines
    assert manifest["outputs"] == {"out.parquet": hashlib.sha256(to.read_bytes()).hexdigest()}
    assert manifest["inputs"][0]["files"][0]["sha256"] == hashlib.sha256(parquet.read_bytes()).hexdigest()
    assert manifest["columns"]["kept"] == ["person.age"]
    assert manifest["small_groups"]["k"] == 5
    assert pl.read_parquet(to)["person.age"].to_list() == pl.read_parquet(parquet)["person.age"].to_list()


def test_case_files_nested_lines_and_tables_go_together(reasoner, base, tmp_path):
    names = library.names()[:12]
    folder = tmp_path / "cases"
    folder.mkdir()
    lines = []
    for name in names:
        content = YamlFile((library.FOLDER / f"{name}.yaml").read_text(encoding="utf-8")).data["case"]
        lines.append(json.dumps(content))
        (folder / f"{name}.json").write_text(json.dumps(content))
    (tmp_path / "nested.jsonl").write_text("\n".join(lines) + "\n")
    (tmp_path / "flat.jsonl").write_text('{"person.age": 50, "pain.leg": true}\n{"person.age": "x"}\n')
    to = tmp_path / "out.parquet"
    done = batch(reasoner, folder, tmp_path / "*.jsonl", to=to)
    assert (done.rows, done.results, done.quarantined) == (26, 25, 1)
    found = pl.read_parquet(to)
    assert found["file"].n_unique() == 14
    for name in names:
        case = library.read(name, base).case
        assessed = assess(case, reasoner)
        nested = found.filter(pl.col("file").str.ends_with("nested.jsonl"), pl.col("row") == names.index(name) + 1)
        of_file = found.filter(pl.col("file").str.ends_with(f"{name}.json"))
        for row in (nested.row(0, named=True), of_file.row(0, named=True)):
            assert {f"cause.{cause.id}": cause.standing for cause in assessed.causes}.items() <= row.items()
            assert {f"pathway.{pathway.id}": pathway.status for pathway in assessed.pathways}.items() <= row.items()


def test_durable_rules_row_by_row_gives_the_same(parquet, expected, reasoner, tmp_path):
    pl.read_parquet(parquet, n_rows=80).write_parquet(tmp_path / "few.parquet")
    batch(reasoner, tmp_path / "few.parquet", to=tmp_path / "out.parquet", engine="production")
    assert pl.read_parquet(tmp_path / "out.parquet").equals(expected.head(80))


def test_a_difference_between_the_engines_fails_the_run_and_keeps_the_rows(parquet, reasoner, tmp_path, monkeypatch):
    honest = running.Piecework._judge

    def wrong(self, facts):
        return honest(self, facts).with_columns(emergency=~pl.col("emergency"))

    monkeypatch.setattr(running.Piecework, "_judge", wrong)
    to = tmp_path / "out.parquet"
    with pytest.raises(DifferenceError, match="judged differently"):
        batch(reasoner, parquet, to=to, sample=7)
    kept = [json.loads(line) for line in (tmp_path / "out.parquet.differences.jsonl").read_text().splitlines()]
    assert len(kept) == 7
    assert all(set(row["differences"]) == {"emergency"} and row["facts"] for row in kept)
    assert not to.exists()


@given(total=st.integers(1, 10**7), sample=st.integers(0, 300), cuts=st.lists(st.integers(1, 10**7), max_size=5))
def test_the_sample_has_as_many_rows_as_asked_for_however_the_rows_are_cut(total, sample, cuts):
    ends = sorted({0, total, *(cut for cut in cuts if cut < total)})
    rows = [at for start, end in pairwise(ends) for at in sampling.chosen(start, end - start, total, sample)]
    assert len(rows) == len(set(rows)) == min(sample, total)
    assert rows == sampling.chosen(0, total, total, sample)


def test_repeated_case_ids_are_counted_and_nothing_is_lost(reasoner, tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text("case_id,person.age\n" + "".join(f"{name},50\n" for name in ["a", "b", "a", "c", "", "", "b", "a"]))
    done = batch(reasoner, path, to=tmp_path / "out.parquet", chunk=3)
    assert done.results == 8
    assert done.manifest["repeated_case_ids"] == 5


def test_an_identifier_stops_the_run_and_leaves_nothing_behind(reasoner, tmp_path):
    path = tmp_path / "cases.csv"
    rows = "".join(f"50,{'leg' if n != 150 else '2021-03-04'}\n" for n in range(200))
    path.write_text("person.age,pain.predominant\n" + rows)
    with pytest.raises(IdentifyingError, match=r"row 151, column pain\.predominant") as error:
        batch(reasoner, path, to=tmp_path / "out.parquet", chunk=20)
    assert "2021-03-04" not in str(error.value)
    assert [p.name for p in tmp_path.iterdir()] == ["cases.csv"]


def test_an_input_is_never_overwritten(parquet, reasoner):
    with pytest.raises(CaseError, match="is an input"):
        Run(Options((str(parquet),), parquet), reasoner)


def test_row_numbers_lead_back_to_the_row(parquet, expected, reasoner, base):
    from pathways.assess import judge
    from pathways.cohort.onerow import facts_of_row

    for number in (1, 1500, 3000):
        facts, case_id = facts_of_row(str(parquet), number, base)
        row = expected.row(number - 1, named=True)
        assert case_id == row["case_id"]
        assert {f"cause.{n}": s.name for n, s in judge(facts, reasoner).standings.items()}.items() <= row.items()
    with pytest.raises(CaseError, match="has no row 3001"):
        facts_of_row(str(parquet), 3001, base)


def test_a_row_with_a_column_that_was_kept_can_be_asked_about(reasoner, base, tmp_path):
    from pathways.cohort.onerow import facts_of_row

    nested = {"case_id": "a", "visit": 1, "surgery": [{"procedure": "tlif", "months_ago": 12}], "person": {"age": 50}}
    flat = {"case_id": "b", "visit": 2, "months_since_surgery": 700, "person.age": 50}
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in (nested, flat, {**flat, "months_since_surgery": 70})))
    done = Run(Options((str(path),), tmp_path / "out.parquet", keep=("visit",)), reasoner).run()
    assert (done.results, done.quarantined) == (2, 1)
    assert facts_of_row(str(path), 1, base)[0]["surgery.fusion"] is True
    assert facts_of_row(str(path), 3, base) == ({"months_since_surgery": 70, "person.age": 50}, "b")
    with pytest.raises(CaseError, match="before the patient was born"):
        facts_of_row(str(path), 2, base)


@pytest.mark.parametrize(
    ("rows", "asked", "wanted"),
    [(3, None, 20), (100_000, None, 20), (1_000_000, None, 200), (10**8, None, 1000), (1_000_000, 7, 7), (9, 0, 0)],
)
def test_the_sample_is_a_share_of_the_rows_within_bounds_or_as_asked_for(rows, asked, wanted):
    assert sampling.size(rows, asked) == wanted
