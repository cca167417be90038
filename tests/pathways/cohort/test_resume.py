"""A run that is killed, or whose disk is full, goes on with the same command and ends with the same bytes.

The kills are real: a process of its own is ended with SIGKILL, at random moments and just before and after each rename.
"""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from pathways.cohort.run import Options, Run
from pathways.cohort.work import Work
from rules.problems import CaseError

ROOT = Path(__file__).resolve().parents[3]
COMMON = "--drop visit --fired fired.parquet --quarantine wrong.csv"
DRIVER = """
import itertools, os, pathlib, signal, sys
kill_at, resource_limit, *arguments = sys.argv[1:]
numbers = itertools.count(1)
replace = pathlib.Path.replace
def counted(path, target):
    number = next(numbers)
    if number == int(kill_at):
        os.kill(os.getpid(), signal.SIGKILL)
    result = replace(path, target)
    if number == -int(kill_at):
        os.kill(os.getpid(), signal.SIGKILL)
    return result
if int(kill_at):
    pathlib.Path.replace = counted
if int(resource_limit):
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(resource_limit), int(resource_limit)))
sys.argv = ["spinepath", *arguments]
import cli
cli.main()
"""
needs_fork = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
pytestmark = needs_fork


@pytest.fixture(scope="module")
def inputs(cases, tmp_path_factory):
    """A table with some wrong rows, and JSON Lines, so that both ways of reading are killed."""
    folder = tmp_path_factory.mktemp("inputs")
    names = sorted({name for case in cases[:300] for name in case})
    rows = [{name: case.get(name) for name in names} | {"visit": "v"} for case in cases[:300]]
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.all().cast(pl.String))
    frame[3, "person.age"] = "x"
    frame[233, "person.age"] = "17"
    frame.write_csv(folder / "a.csv")
    pl.DataFrame(rows[:20], infer_schema_length=None).write_ndjson(folder / "b.jsonl")
    return folder


def command(inputs, *, kill_at=0, limit=0, form="parquet"):
    arguments = f"batch {inputs}/a.csv {inputs}/b.jsonl -o out.{form} --chunk 100 --sample 8 {COMMON}".split()
    return [sys.executable, "-c", DRIVER, str(kill_at), str(limit), *arguments]


def start(folder, inputs, **options):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command(inputs, **options),
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(folder, inputs, **options):
    process = start(folder, inputs, **options)
    out, err = process.communicate(timeout=300)
    return process.returncode, out + err


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture(scope="module", params=["parquet", "csv"])
def form(request):
    return request.param


@pytest.fixture(scope="module")
def undisturbed(form, inputs, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"undisturbed-{form}")
    code, told = run(folder, inputs, form=form)
    assert code == 1, told  # some rows went to quarantine
    assert "320 rows = 318 results + 2 in quarantine" in told
    found = content(folder)
    assert set(found) == {f"out.{form}", f"out.{form}.manifest.json", "fired.parquet", "wrong.csv"}
    return found


def test_another_run_writes_the_same_bytes(form, inputs, undisturbed, tmp_path):
    assert run(tmp_path, inputs, form=form)[0] == 1
    assert content(tmp_path) == undisturbed


def test_killed_at_random_moments_many_times(form, inputs, undisturbed, tmp_path):
    generator = random.Random(form)
    kills = 0
    for _ in range(12):
        process = start(tmp_path, inputs, form=form)
        deadline = time.monotonic() + generator.uniform(0.7, 2.2)
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        out, err = process.communicate(timeout=60)
        if process.returncode == 1:
            break
        assert process.returncode == -signal.SIGKILL, out + err
    else:
        assert run(tmp_path, inputs, form=form)[0] == 1
    assert kills
    assert content(tmp_path) == undisturbed
    assert not list(tmp_path.glob("*.part*"))


@pytest.mark.parametrize("side", [1, -1])
def test_killed_around_renames(form, side, inputs, undisturbed, tmp_path):
    """Each run is killed some renames further on, just before (1) or after (-1) one, until one is through."""
    if (form == "csv") == (side == 1):
        pytest.skip("the other side is enough for this form")
    for number in range(40):
        code, told = run(tmp_path, inputs, form=form, kill_at=side * (2 + 3 * number))
        if code == 1:
            break
        assert code == -signal.SIGKILL, told
    assert code == 1, "it never came to an end"
    assert number >= 2, "it was hardly killed"
    assert content(tmp_path) == undisturbed


def test_what_was_done_is_not_done_again(inputs, tmp_path):
    assert run(tmp_path, inputs, kill_at=16)[0] == -signal.SIGKILL
    done = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out.parquet.part").glob("*.json")}
    assert len(done) >= 2
    code, told = run(tmp_path, inputs)
    assert code == 1
    assert "resumed:" in told


def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(form, inputs, undisturbed, tmp_path):
    code, told = run(tmp_path, inputs, form=form, limit=150_000)
    assert code == 2, told
    assert "Traceback" not in told
    assert "spinepath: " in told
    assert not (tmp_path / f"out.{form}").exists()
    assert run(tmp_path, inputs, form=form)[0] == 1
    assert content(tmp_path) == undisturbed


def test_no_process_outlives_a_killed_run(inputs, tmp_path):
    lines = (inputs / "b.jsonl").read_text()
    (tmp_path / "many.jsonl").write_text(lines * 40)
    arguments = ["batch", "many.jsonl", "-o", "out.parquet", "--drop", "visit", "--chunk", "100"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", DRIVER, "0", "0", *arguments], cwd=tmp_path, env=environment)
    children = []
    while process.poll() is None and not children:
        time.sleep(0.1)
        listed = list(Path(f"/proc/{process.pid}/task").glob("*/children"))
        if not listed:
            process.kill()
            pytest.skip("there is no list of children here")
        found = [int(pid) for path in listed for pid in path.read_text().split()]
        children = [pid for pid in found if b"pathways.cohort.process" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert children, "the run ended before it had started others"
    time.sleep(1.5)
    process.kill()
    process.wait()
    for _ in range(100):
        alive = [pid for pid in children if Path(f"/proc/{pid}").exists()]
        if not alive:
            return
        time.sleep(0.1)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
    pytest.fail(f"{len(alive)} processes went on")


def begun(path, folder, reasoner, **options):
    """A run that was stopped after its first piece."""
    done = []

    def stop(rows, total):
        done.append(rows)
        if rows:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Run(Options((str(path),), folder / "out.parquet", chunk=100, **options), reasoner).run(stop)
    return folder / "out.parquet.part"


@pytest.fixture
def table(cases, tmp_path):
    names = sorted({name for case in cases[:500] for name in case})
    path = tmp_path / "cases.parquet"
    rows = [{name: case.get(name) for name in names} for case in cases[:500]]
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(path)
    return path


def test_a_changed_input_is_refused_and_what_was_done_stays(table, reasoner, tmp_path):
    work = begun(table, tmp_path, reasoner)
    before = table.read_bytes()
    pl.read_parquet(table).head(450).write_parquet(table)
    with pytest.raises(CaseError, match="this input changed since"):
        Run(Options((str(table),), tmp_path / "out.parquet", chunk=100), reasoner).run()
    assert list(work.glob("*.result"))
    table.write_bytes(before)
    done = Run(Options((str(table),), tmp_path / "out.parquet", chunk=100), reasoner).run()
    assert done.resumed >= 100
    assert done.results == 500


def test_other_options_are_refused_unless_the_run_begins_anew(table, reasoner, tmp_path):
    begun(table, tmp_path, reasoner)
    other = {"chunk": 100, "sample": 3}
    with pytest.raises(CaseError, match="sample: was null, is 3"):
        Run(Options((str(table),), tmp_path / "out.parquet", **other), reasoner).run()
    done = Run(Options((str(table),), tmp_path / "out.parquet", restart=True, **other), reasoner).run()
    assert (done.resumed, done.sampled) == (0, 3)


def test_an_input_that_changes_while_it_is_read_is_refused(table, reasoner, tmp_path):
    def change(rows, total):
        if 0 < rows < total:
            pl.read_parquet(table).head(499).write_parquet(table)

    with pytest.raises(CaseError, match=r"changed while it was read|damaged|not what it was"):
        Run(Options((str(table),), tmp_path / "out.parquet", chunk=100), reasoner).run(change)
    assert not (tmp_path / "out.parquet").exists()


def test_a_damaged_part_is_done_again(table, reasoner, tmp_path):
    work = begun(table, tmp_path, reasoner)
    part = next(work.glob("*.result"))
    part.write_bytes(part.read_bytes()[:-10])
    done = Run(Options((str(table),), tmp_path / "out.parquet", chunk=100), reasoner).run()
    assert done.results == 500
    assert pl.read_parquet(tmp_path / "out.parquet")["row"].to_list() == list(range(1, 501))


def test_two_runs_do_not_write_one_output(table, reasoner, tmp_path):
    run_ = Run(Options((str(table),), tmp_path / "out.parquet"), reasoner)
    other = Work(tmp_path / "out.parquet")
    other.open(run_.plan())
    with pytest.raises(CaseError, match="another run is writing"):
        run_.run()
    other.close()
    assert run_.run().results == 500


def test_the_limit_of_these_tests_is_not_ours():
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_process_that_is_killed_ends_the_run_with_a_plain_error_and_nothing_is_lost(inputs, tmp_path):
    lines = (inputs / "b.jsonl").read_text()
    (tmp_path / "many.jsonl").write_text(lines * 40)
    arguments = ["batch", "many.jsonl", "-o", "out.parquet", "--drop", "visit", "--chunk", "500"]
    command = [sys.executable, "-c", DRIVER, "0", "0", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    killed = False
    while process.poll() is None and not killed:
        time.sleep(0.05)
        for path in Path(f"/proc/{process.pid}/task").glob("*/children"):
            for pid in path.read_text().split():
                if b"pathways.cohort.process" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(int(pid), signal.SIGKILL)
                    killed = True
    errors = process.communicate(timeout=60)[1]
    if not killed:
        pytest.skip("there is no list of children here")
    assert process.returncode == 2, errors
    assert "ended from outside" in errors
    assert "Traceback" not in errors
    again = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode in (0, 1), again.stderr
    assert (tmp_path / "out.parquet").exists()
