"""What a worker of Spark does, without Spark: however rows are cut up, the results are those of one machine."""

import hashlib
import io
import json
import pickle
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathways.cohort import sources
from pathways.cohort.run import Options, Run
from pathways.cohort.sources import Source
from pathways.cohort.spark import session, work
from pathways.cohort.spark.places import key_of, literal
from pathways.cohort.spark.survey import SurveyedIntake, before, rows_of

pyarrow = pytest.importorskip("pyarrow")

PATHS = ["file:/data/a%20table.parquet", "file:/data/b.csv", "file:/data/c.jsonl"]
FORMS = [sources.PARQUET, sources.CSV, sources.LINES]
ROWS = 60
PICKED = {0: [1, 60], 1: [7], 2: [9, 10]}


class Local:
    """Rows as three files, judged on one machine: the results and what is in quarantine."""

    def __init__(self, cases, reasoner, folder):
        frame = pl.DataFrame(cases[:ROWS], infer_schema_length=None).with_columns(pl.all().cast(pl.String))
        frame[3, "person.age"] = "x"
        frame[41, "person.age"] = "17"
        self.base = reasoner.base
        self.table = frame.insert_column(0, pl.Series("case_id", [f"case-{n % 55}" for n in range(1, ROWS + 1)]))
        self.names = [str(folder / name) for name in ("a.parquet", "b.csv", "c.jsonl")]
        self.table.write_parquet(self.names[0])
        self.table.write_csv(self.names[1])
        self.table.write_ndjson(self.names[2])
        Run(Options(tuple(self.names), folder / "out.parquet"), reasoner).run()
        self.results = pl.read_parquet(folder / "out.parquet")
        self.wrong = pl.read_csv(folder / "out.parquet.quarantine.csv")

    def job(self, blocks):
        """The job for these files, cut into these blocks, as it is sent."""
        names = dict.fromkeys(self.table.columns, pl.String())
        found = [
            Source(name, form, (Path(name),), [sources.File(name, 1, "")], names if form != sources.LINES else None)
            for name, form in zip(self.names, FORMS, strict=True)
        ]
        intake = SurveyedIntake(Options(tuple(self.names), Path("out.parquet")), self.base, found)
        keys = {key_of(path): number for number, path in enumerate(PATHS)}
        return pickle.dumps(work.Job(intake, keys, before(blocks), PICKED))

    def lines(self, number):
        """The lines of a file of text."""
        return Path(self.names[number]).read_bytes().splitlines()


@pytest.fixture(scope="module")
def local(cases, reasoner, tmp_path_factory):
    return Local(cases, reasoner, tmp_path_factory.mktemp("local"))


def cut(lines, cuts):
    """Lines by the byte at which their block starts."""
    starts = sorted({0, *cuts})
    ends = [*starts[1:], len(lines)]
    return {sum(len(line) + 1 for line in lines[:a]): lines[a:b] for a, b in zip(starts, ends, strict=True)}


def batches_of(frame, size):
    return frame.select(pl.struct(pl.all()).alias(work.GIVEN)).to_arrow().to_batches(max_chunksize=size)


def of_text(number, start_, lines):
    data = {work.TEXT: lines, work.PATH: PATHS[number], work.AT: start_}
    return pl.DataFrame(data, schema_overrides={work.AT: pl.Int64})


CUTS = st.sets(st.integers(1, ROWS - 1), max_size=4)


@settings(max_examples=12, deadline=None)
@given(cuts=st.tuples(CUTS, CUTS), size=st.integers(1, ROWS), order=st.randoms())
def test_blocks_and_batches_of_any_size_and_order_give_the_results_of_one_machine(cuts, size, order, local):
    blocks = {number: cut(local.lines(number), cuts[number - 1]) for number in (1, 2)}
    counts = {(0, 0): ROWS} | {(n, at): len(lines) for n, found in blocks.items() for at, lines in found.items()}
    texts = [of_text(number, at, lines) for number, found in blocks.items() for at, lines in found.items()]
    order.shuffle(texts)
    table = local.table.with_columns(pl.lit(PATHS[0]).alias(work.PATH), pl.int_range(pl.len()).alias(work.AT))
    tasks = [[table[:20], table[20:]], texts[:2], *([text] for text in texts[2:])]
    packed, notes, parts = local.job(counts), [], []
    for task in tasks:
        batches = [batch for frame in task for batch in batches_of(frame, size)]
        notes += [pl.from_arrow(batch) for batch in work.examine(packed, batches)]
        for batch in work.write(packed, batches, "result", "parquet"):
            parts += batch["value"].to_pylist()
    written = pl.concat([pl.read_parquet(io.BytesIO(part + b"PAR1")) for part in parts])
    assert written.sort("file", "row").equals(local.results.sort("file", "row"))
    check_notes(pl.concat(notes), local, counts)


def check_notes(notes, local, counts):
    tasks = notes.filter(kind=work.TASK)["value"].to_list()
    together = sum((Counter(json.loads(task)) for task in tasks), Counter())
    results = local.results.height
    assert together == {"rows": 3 * ROWS, "results": results, "quarantined": 3 * ROWS - results}
    refused = notes.filter(kind=work.REFUSED).sort("file", "row", "place")
    told = refused.with_columns(pl.col("file").replace_strict(range(3), local.names, return_dtype=pl.String))
    assert told.select("file", "row", "column", "value", "reason").equals(local.wrong)
    seen = notes.filter(kind=work.BLOCK).group_by("file", "row").agg(pl.col("value").cast(pl.Int64).sum())
    assert {(n, at): count for n, at, count in seen.iter_rows()} == counts
    sample = pl.concat([pl.read_ipc(data) for data in notes.filter(kind=work.SAMPLE)["data"].to_list()])
    picked = {(local.names[number], row) for number, rows in PICKED.items() for row in rows}
    assert set(sample.select("file", "row").iter_rows()) == picked


def test_a_line_in_a_block_that_was_not_counted_says_that_the_input_changed(local):
    packed = local.job({(0, 0): ROWS, (1, 0): ROWS + 1, (2, 0): ROWS})
    (note,) = work.examine(packed, batches_of(of_text(1, 999, [b"x"]), 9))
    kind, title, problems = pickle.loads(note["data"].to_pylist()[0])
    assert "changed while it was read" in str(kind(title, problems))


def test_a_defect_in_a_worker_tells_its_place_and_no_value(local):
    packed = local.job({(0, 0): ROWS})
    secret = pl.DataFrame({"case_id": ["Jane Roe"], work.PATH: PATHS[0], work.AT: ["not a number"]})
    with pytest.raises(RuntimeError, match=r"^\w+ in \w+\.py, line \d+$") as raised:
        list(work.examine(packed, batches_of(secret, 9)))
    assert "Jane" not in str(raised.value)


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_a_check_finds_the_rows_and_the_lines_that_were_written(form, local):
    results = local.results
    ready = work.Bench(pickle.loads(local.job({(0, 0): ROWS})))
    content = ready.part(results, "result", form)
    wanted = results[[2, 50]]
    lines = [
        row.write_ndjson().encode() if form == "parquet" else ready.lines(row, "result", form)
        for row in wanted.iter_slices(1)
    ]
    absent = lines[0].replace(b"case", b"cave")
    expected = work.Expected(wanted.select("file", "row"), [line.removesuffix(b"\n") for line in [*lines, absent]])
    given_ = pl.DataFrame({"path": ["file:/out/part-00000"], "content": [content]}).to_arrow().to_batches()
    (found,) = work.check(pickle.dumps(expected), given_, form)
    (row,) = found.to_pylist()
    assert (row["row"], json.loads(row["value"])) == (results.height, [0, 1])
    assert row["reason"] == hashlib.sha256(content).hexdigest()


@given(st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 99)), st.integers(0, 9)))
def test_what_lies_before_a_block_is_the_rows_of_the_blocks_before_it(blocks):
    found = before(blocks)
    for number, begin in blocks:
        assert found[number, begin] == sum(n for (of, at), n in blocks.items() if of == number and at < begin)
    kinds = [sources.CSV, sources.LINES, sources.PARQUET, sources.CSV]
    rows = rows_of([Source("x", kind, ()) for kind in kinds], blocks)
    for number, kind in enumerate(kinds):
        lines = sum(n for (of, _), n in blocks.items() if of == number)
        assert rows[number] == max(lines - (kind == sources.CSV), 0)


def test_names_of_files_are_compared_and_quoted():
    assert key_of("file:/data/a%20b.csv") == key_of("file:///data/a%20b.csv") != key_of("hdfs://data/a%20b.csv")
    assert key_of("file:/data/a%23b.csv")[2] == "/data/a#b.csv"
    assert literal("file:/a[1]{b}*?.csv") == r"file:/a\[1\]\{b\}\*\?.csv"


def test_what_spark_says_is_shortened_to_what_matters():
    told = "Traceback ...\n  File x\nModuleNotFoundError: No module named 'polars'\n\n\tat org.apache.spark"
    assert (
        session.reason(Exception(told))
        == "No module named 'polars'; install spinepath in the Python that the workers run"
    )
    assert session.reason(Exception("An error occurred while calling o1.x.\n: java.io.IOException: no\n\tat a")) == (
        "java.io.IOException: no"
    )
    assert session.reason(Exception("RuntimeError: KeyError in work.py, line 7\n")) == "KeyError in work.py, line 7"


def test_what_is_no_setting_of_spark_is_refused():
    pytest.importorskip("pyspark")
    with pytest.raises(session.ClusterError, match=r"executor\.memory"):
        session.start(session.Cluster("out.parquet", settings=("executor.memory=4g",)))
