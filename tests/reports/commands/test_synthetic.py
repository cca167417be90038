"""The verb synth as a process, and its rows through batch to a summary with labels."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

CLI = Path(__file__).parents[3] / "cli.py"


def run(*words, at):
    return subprocess.run(
        [sys.executable, str(CLI), *map(str, words)], cwd=at, capture_output=True, text=True, check=False, timeout=300
    )


def test_rows_are_drawn_judged_and_summed_up(tmp_path):
    drawn = run("synth", "-n", 400, "-o", "cohort.parquet", "--seed", 3, at=tmp_path)
    assert drawn.returncode == 0
    assert "400 synthetic cases, seed 3" in drawn.stderr
    judged = run(
        *("batch", "cohort.parquet", "-o", "results.parquet", "--sample", 20),
        *("--labels", "true_cause", "--summary", "summary.html"),
        at=tmp_path,
    )
    assert judged.returncode == 0, judged.stderr
    assert "400 rows = 400 results + 0 in quarantine" in judged.stdout
    page = (tmp_path / "summary.html").read_text(encoding="utf-8")
    assert "All of these cases are synthetic" in page
    assert "Agreement with the known diagnosis" in page
    manifest = json.loads((tmp_path / "results.parquet.manifest.json").read_text(encoding="utf-8"))
    assert "summary.html" in manifest["outputs"]
    assert pl.read_parquet(tmp_path / "results.parquet")["synthetic"].to_list() == [True] * 400


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_what_its_help_says_to_try_works(tmp_path, form):
    run("synth", "-n", 120, "-o", f"cohort.{form}", at=tmp_path)
    words = ("--labels", "true_cause", "--sample", 3)
    judged = run("batch", f"cohort.{form}", "-o", f"results.{form}", *words, at=tmp_path)
    assert judged.returncode == 0, judged.stderr
    assert "agreement with true_cause (120 labeled cases" in judged.stdout
    assert "among the first three in" in judged.stdout
    first = (tmp_path / f"results.{form}").read_bytes()[:4000]
    assert b"synthetic" in first or form == "parquet"


def test_a_cohort_can_be_cut_and_shuffled(tmp_path):
    run("synth", "-n", 400, "-o", "cohort.parquet", at=tmp_path)
    rows = pl.read_parquet(tmp_path / "cohort.parquet").drop("true_cause")
    rows[100:250].sample(fraction=1, shuffle=True, seed=1).write_csv(tmp_path / "some.csv")
    rows[250:].write_ndjson(tmp_path / "others.jsonl")
    done = run("batch", "some.csv", "others.jsonl", "-o", "r.parquet", "--sample", 5, at=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "300 rows = 300 results" in done.stdout


def test_rules_are_compared_on_a_cohort(tmp_path):
    run("synth", "-n", 120, "-o", "cohort.csv", at=tmp_path)
    knowledge = CLI.parent / "rules" / "knowledge"
    same = run("rules", "diff", knowledge, "--cases", "cohort.csv", "--drop", "true_cause", at=tmp_path)
    assert same.returncode == 0, same.stderr
    assert "None of 120 cases comes to another conclusion." in same.stdout
    wrong = run("rules", "diff", knowledge, "--cases", "cohort.csv", at=tmp_path)
    assert wrong.returncode == 2
    assert "true_cause" in wrong.stderr


def test_a_summary_is_the_same_however_the_run_was_cut(tmp_path):
    run("synth", "-n", 250, "-o", "cohort.parquet", at=tmp_path)
    pages = []
    for name, chunk in (("one", 1000), ("two", 70)):
        (tmp_path / name).mkdir()
        words = ("--labels", "true_cause", "--chunk", chunk, "--sample", 0)
        done = run("batch", "../cohort.parquet", "-o", "r.parquet", "--summary", "s.html", *words, at=tmp_path / name)
        assert done.returncode == 0, done.stderr
        pages.append((tmp_path / name / "s.html").read_text(encoding="utf-8"))
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("-n", 0, "-o", "x.csv"), "a number from 1"),
        (("-n", 5, "-o", "x.xlsx"), "the ending says the kind"),
        (("-n", 5, "-o", "nowhere/x.csv"), "no such folder"),
        (("-n", 5, "-o", "."), "the ending says the kind"),
    ],
)
def test_what_cannot_be_written_is_told(tmp_path, words, says):
    told = run("synth", *words, at=tmp_path)
    assert told.returncode == 2
    assert says in told.stderr
    assert "Traceback" not in told.stderr
    assert list(tmp_path.iterdir()) == []
