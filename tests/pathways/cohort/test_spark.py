"""Runs on Spark itself: the same results as on one machine, also when a worker is killed in the middle."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from pathways.cohort.run import Options, Run
from pathways.cohort.screening import IdentifyingError
from rules.problems import CaseError, SpinepathError

ROOT = Path(__file__).resolve().parents[3]
BLOCK = "spark.sql.files.maxPartitionBytes=20000"  # many blocks of small files
PATIENCE = 600  # seconds, on a machine that is busy with other things


def has_java():
    java = shutil.which(Path(os.environ["JAVA_HOME"]) / "bin" / "java" if "JAVA_HOME" in os.environ else "java")
    return java is not None


def has_spark():
    try:
        import pandas
        import pyarrow
        import pyspark
    except ImportError:
        return False
    return bool(pandas and pyarrow and pyspark)


needs_spark = pytest.mark.skipif(not (has_spark() and has_java()), reason="needs pyspark and Java")


@pytest.fixture(scope="module")
def spark():
    """Spark in this process; the runs find it and use it."""
    from pathways.cohort.spark.session import Cluster, start

    session, ours = start(Cluster("out.parquet", master="local[2]", settings=(BLOCK,)))
    assert ours
    yield session
    session.stop()


@pytest.fixture(scope="module")
def inputs(parquet, tmp_path_factory):
    """Two tables, in one of them all that may be wrong with a line, and a name that looks like a pattern."""
    folder = tmp_path_factory.mktemp("spark inputs")
    frame = pl.read_parquet(parquet).with_columns(pl.Series("site", [f"s{n % 7}" for n in range(3000)]))
    frame[:300].write_parquet(folder / "a.parquet")
    text = frame[300:1800].with_columns(pl.col("case_id").str.replace("case-3", "case-1")).write_csv()
    lines = text.splitlines()
    lines[500] = lines[500].replace("case-", "not a code-")
    lines[900] += ",one more"
    lines[901] = ""
    lines[1200] = '"never closed' + lines[1200]
    lines[1300] = f"case-999,{-1}" + "," * (lines[0].count(",") - 1)
    content = "\r\n".join(lines).encode("utf-8-sig").replace(b"case-700,", b"case-\xff,")
    (folder / "b [1].csv").write_bytes(content)
    return [str(folder / "a.parquet"), str(folder / "b [1].csv")]


def on_spark(reasoner, inputs, to, **options):
    from pathways.cohort.spark.run import SparkRun
    from pathways.cohort.spark.session import Cluster

    fired = options.get("fired")
    cluster = Cluster(str(to), str(fired) if fired else None)
    return SparkRun(Options(tuple(map(str, inputs)), to, engine="spark", **options), reasoner, cluster).run()


def locally(reasoner, inputs, to, **options):
    return Run(Options(tuple(map(str, inputs)), to, **options), reasoner).run()


def lines_of(path):
    """The lines of a text file, or of the parts of a folder, which of CSV have a header each."""
    parts = sorted(path.glob("part-*")) if path.is_dir() else [path]
    found = [line for part in parts for line in part.read_text().splitlines()]
    return (sorted(set(found)), len(found) - len(parts)) if path.suffix == ".csv" else sorted(found)


def rows_of(path):
    parts = sorted(path.glob("part-*")) if path.is_dir() else [path]
    assert parts
    frame = pl.concat([pl.read_parquet(part) for part in parts])
    return frame.sort([name for name in ("file", "row", "rule") if name in frame.columns])


def quarantine(path):
    return path.with_name(f"{path.name}.quarantine.csv").read_bytes()


@needs_spark
@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_a_run_gives_what_one_machine_gives(form, inputs, reasoner, spark, tmp_path):
    here, there = tmp_path / f"here.{form}", tmp_path / f"there.{form}"
    one = locally(reasoner, inputs, here, keep=("site",), sample=50, fired=tmp_path / f"fired_here.{form}")
    two = on_spark(reasoner, inputs, there, keep=("site",), sample=50, fired=tmp_path / f"fired_there.{form}")
    assert (two.rows, two.quarantined, two.sampled) == (1799, 5, one.sampled)
    same = rows_of if form == "parquet" else lines_of
    assert pl_equal(same(there), same(here))
    assert pl_equal(same(tmp_path / f"fired_there.{form}"), same(tmp_path / f"fired_here.{form}"))
    assert quarantine(there) == quarantine(here)
    for key in ("counts", "refused", "columns", "repeated_case_ids", "small_groups", "rule_base"):
        assert two.manifest[key] == one.manifest[key], key
    told = json.loads(there.with_name(f"{there.name}.manifest.json").read_text())["outputs"]
    for folder in (there, tmp_path / f"fired_there.{form}"):
        parts = sorted(folder.glob("part-*"))
        assert [name for name in told if name.startswith(f"{folder.name}/")] == [
            f"{folder.name}/{p.name}" for p in parts
        ]
        assert all(told[f"{folder.name}/{p.name}"] == hashlib.sha256(p.read_bytes()).hexdigest() for p in parts)
    assert not list(tmp_path.glob("*.part"))


def pl_equal(one, other):
    return one.equals(other) if isinstance(one, pl.DataFrame) else one == other


@needs_spark
def test_json_lines_flat_and_nested_give_what_one_machine_gives(parquet, reasoner, spark, tmp_path):
    flat = pl.read_parquet(parquet)[:40].write_ndjson()
    nested = json.dumps({"case_id": "nested-1", "person": {"age": 51}, "surgery": [{"procedure": "alif"}]})
    path = tmp_path / "cases.jsonl"
    path.write_text(f"\ufeff{nested}\n{flat}\n[1]\n" + '{"person.age": "x"}', encoding="utf-8")
    one = locally(reasoner, [path], tmp_path / "here.parquet")
    two = on_spark(reasoner, [tmp_path / "*.jsonl"], tmp_path / "there.parquet")
    assert (two.rows, two.results, two.quarantined) == (one.rows, one.results, one.quarantined) == (43, 41, 2)
    assert rows_of(tmp_path / "there.parquet").equals(rows_of(tmp_path / "here.parquet"))
    assert quarantine(tmp_path / "there.parquet") == quarantine(tmp_path / "here.parquet")


@needs_spark
def test_what_may_identify_a_patient_stops_the_run_and_leaves_nothing(inputs, reasoner, spark, tmp_path):
    frame = pl.read_parquet(inputs[0])[:100].with_columns(pl.lit("s1").alias("site"))
    frame[70, "site"] = "jane@example.org"
    frame.write_csv(tmp_path / "in.csv")
    with pytest.raises(IdentifyingError, match="e-mail") as raised:
        on_spark(reasoner, [tmp_path / "in.csv"], tmp_path / "out.parquet", keep=("site",))
    assert "row 71" in str(raised.value)
    assert "jane@" not in str(raised.value)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@needs_spark
def test_bad_input_is_told_as_on_one_machine_and_nothing_is_written_over(inputs, reasoner, spark, tmp_path):
    strange = tmp_path / "strange.csv"
    strange.write_text("person.age,surname\n50,x\n")
    for wrong in ([str(strange)], [str(tmp_path / "none.csv")], [str(tmp_path / "none*.parquet")]):
        told = []
        for run in (locally, on_spark):
            with pytest.raises(CaseError) as raised:
                run(reasoner, wrong, tmp_path / "out.parquet")
            told.append(str(raised.value))
        assert told[0] == told[1]
    (tmp_path / "cut.parquet").write_bytes(Path(inputs[0]).read_bytes()[:-100])
    with pytest.raises(SpinepathError, match=r"cut\.parquet"):
        on_spark(reasoner, [tmp_path / "cut.parquet"], tmp_path / "out.parquet")
    folder = tmp_path / "mine.parquet"
    folder.mkdir()
    (folder / "diary.txt").write_text("dear diary")
    with pytest.raises(CaseError, match="other things in it"):
        on_spark(reasoner, inputs, folder, keep=("site",))
    (folder / "a.parquet").write_bytes(Path(inputs[0]).read_bytes())
    with pytest.raises(CaseError, match="is an input"):
        on_spark(reasoner, [folder / "a.parquet"], folder, keep=("site",))
    assert sorted(path.name for path in folder.iterdir()) == ["a.parquet", "diary.txt"]


def processes():
    """Every process: its number, its parent's, and its command line."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (OSError, ValueError):
                continue
            yield int(folder.name), parent, command


def executors(root):
    """The executors of Spark below a process."""
    parents = {number: parent for number, parent, _ in processes()}
    found = []
    for number, _, command in processes():
        above = number
        while above in parents and above != root:
            above = parents[above]
        if above == root and "CoarseGrainedExecutorBackend" in command and "java" in command.split(" ")[0]:
            found.append(number)
    return sorted(found)


@pytest.fixture
def spark_home(tmp_path):
    """Spark's own folder, but what its workers write goes elsewhere."""
    import pyspark

    home = tmp_path / "spark home"
    home.mkdir()
    for path in Path(pyspark.__file__).parent.iterdir():
        if path.name != "work":
            (home / path.name).symlink_to(path)
    return home


@needs_spark
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes as Linux shows them")
def test_a_worker_killed_in_the_middle_changes_nothing(inputs, reasoner, spark_home, tmp_path):
    here, there, events = tmp_path / "here.parquet", tmp_path / "there.parquet", tmp_path / "events"
    events.mkdir()
    one = locally(reasoner, inputs, here, keep=("site",))
    settings = [BLOCK, "spark.eventLog.enabled=true", f"spark.eventLog.dir={events.as_uri()}"]
    settings += ["spark.eventLog.compress=false", "spark.eventLog.rolling.enabled=false"]
    command = [sys.executable, str(ROOT / "cli.py"), "batch", *inputs, "-o", str(there), "--keep", "site"]
    command += ["--engine", "spark", "--master", "local-cluster[2,1,1024]"]
    command += [word for text in settings for word in ("--spark-conf", text)]
    with (tmp_path / "log").open("wb") as log:
        run = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, "SPARK_HOME": str(spark_home)}
        )
        try:
            killed = kill_one_in_the_middle(run, Path(f"{there}.part"))
            told, _ = run.communicate(timeout=PATIENCE)
        finally:
            run.kill()
    assert run.returncode == 1, (tmp_path / "log").read_text()  # 1: some rows are in quarantine
    lost = [line for path in events.rglob("*") if path.is_file() for line in path.read_text().splitlines()]
    assert killed
    assert any('"SparkListenerExecutorRemoved"' in line for line in lost)
    assert any("ExecutorLostFailure" in line for line in lost)  # it had been at work
    assert f"{one.rows:,} rows = {one.results:,} results + {one.quarantined:,} in quarantine" in told
    assert "no difference in any field" in told
    assert rows_of(there).equals(rows_of(here))
    assert quarantine(there) == quarantine(here)


def kill_one_in_the_middle(run, stage):
    """Kill an executor once some of the results are there, and not yet all."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and run.poll() is None:
        if any((stage / "result").rglob("part-*")):
            two = executors(run.pid)
            assert len(two) == 2
            os.kill(two[0], signal.SIGKILL)
            assert not (stage / "result" / "_SUCCESS").exists(), "too late: this pass was done"
            return True
        time.sleep(0.01)
    return False


@pytest.mark.skipif(has_spark(), reason="pyspark is installed")
def test_without_pyspark_the_extra_is_named(inputs, tmp_path):
    told = refused(inputs, tmp_path, os.environ)
    assert "spinepath[spark]" in told
    assert "Java 17" in told


@pytest.mark.skipif(not has_spark(), reason="needs pyspark")
def test_without_java_it_is_named(inputs, tmp_path):
    told = refused(inputs, tmp_path, {**os.environ, "PATH": str(tmp_path), "JAVA_HOME": str(tmp_path)})
    assert "Spark needs Java 17 or newer, and there is none" in told


def refused(inputs, tmp_path, environment):
    command = [sys.executable, str(ROOT / "cli.py"), "batch", *inputs, "-o", str(tmp_path / "out.parquet")]
    run = subprocess.run([*command, "--engine", "spark"], capture_output=True, text=True, env=environment, check=False)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    return run.stderr
