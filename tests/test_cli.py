"""The command line as a process: output, exit codes, and one clear message for bad input."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CASE = "surgery: [{procedure: tlif, levels: [L4-S1], months_ago: 14}]\npain: {back: yes, predominant: back}\n"


def spinepath(*arguments, stdin=None, **environment):
    command = [sys.executable, str(ROOT / "cli.py"), *map(str, arguments)]
    env = {**os.environ, "COLUMNS": "110", "NO_COLOR": "1", **environment}
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, env=env, cwd=ROOT)


@pytest.fixture
def case(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text(CASE, encoding="utf-8")
    return path


def test_assess_prints_a_report_that_opens_with_the_red_flags(case):
    result = spinepath("assess", case)
    assert result.returncode == 0, result.stderr
    text = result.stdout
    assert text.index("Red flags") < text.index("Plan") < text.index("Pathways") < text.index("What is missing")
    assert "not clinically validated" in " ".join(text.split())


@pytest.mark.parametrize("form", ["json", "html", "md"])
def test_every_form_can_be_written_to_a_file(case, tmp_path, form):
    out = tmp_path / f"report.{form}"
    result = spinepath("assess", case, "--format", form, "-o", out)
    assert result.returncode == 0, result.stderr
    assert out.stat().st_size > 2000
    if form == "json":
        assert json.loads(out.read_text(encoding="utf-8"))["case_id"] == "case"


def test_a_library_case_by_name_and_a_case_from_standard_input():
    assert spinepath("assess", "adjacent-segment-c036").returncode == 0
    assert spinepath("assess", "-", stdin=CASE).returncode == 0


def test_a_reader_chooses_which_official_checklists_show(case):
    shown = " ".join(spinepath("assess", case, "--criteria", "nice_ta159").stdout.split())
    assert "NICE" in shown
    assert "160.7" not in shown
    assert "Official criteria" not in spinepath("assess", case, "--criteria", "none").stdout
    wrong = spinepath("assess", case, "--criteria", "nice_ta15")
    assert wrong.returncode == 2
    assert "did you mean nice_ta159" in wrong.stderr


def test_verify_says_identical_or_what_differs(case, tmp_path):
    out = tmp_path / "a.json"
    spinepath("assess", case, "--format", "json", "-o", out)
    assert spinepath("verify", out).returncode == 0
    changed = out.read_text(encoding="utf-8").replace('"months_ago": 14', '"months_ago": 24')
    out.write_text(changed, encoding="utf-8")
    result = spinepath("verify", out)
    assert result.returncode == 1
    assert "months_since_surgery" in result.stdout


def test_the_blank_can_be_assessed_as_it_is(tmp_path):
    blank = tmp_path / "blank.yaml"
    assert spinepath("new", "-o", blank).returncode == 0
    assert spinepath("assess", blank).returncode == 0
    assert spinepath("new", "-o", blank).returncode == 2  # it does not overwrite


def test_a_case_can_be_asked_question_by_question(tmp_path):
    answers = "discectomy\nL4-L5\n6 weeks\n\nq\n"
    out = tmp_path / "asked.yaml"
    result = spinepath("new", "--ask", "-o", out, stdin=answers)
    assert result.returncode == 0, result.stderr
    assert "procedure: discectomy" in out.read_text(encoding="utf-8")
    assert spinepath("assess", out).returncode == 0


def test_the_data_dictionary(case):
    entries = json.loads(spinepath("facts", "--format", "json").stdout)
    by_name = {entry["fact"]: entry for entry in entries}
    assert by_name["labs.crp"]["unit"] == "mg/L"
    assert by_name["scores.phq9"]["code"] == {"loinc": "44261-6"}
    assert "cauda" not in spinepath("facts", "--search", "smok").stdout
    assert spinepath("facts", "--search", "xyzzy").returncode == 1


def test_the_library_lists_and_shows():
    listed = spinepath("library")
    assert listed.returncode == 0
    assert "published cases" in listed.stdout
    shown = spinepath("library", "show", "adjacent-segment-c036")
    assert "Published:" in shown.stdout
    assert "Established" not in shown.stdout


BAD = {
    "empty.yaml": b"",
    "broken.yaml": b"surgery: [",
    "binary.yaml": bytes(range(256)),
    "bomb.yaml": b"a: &a [x,x]\nb: &b [*a,*a]\nsurgery: [*b]\n",
    "deep.json": b"[" * 100_000,
    "wrong.yaml": b"name: x\nperson: {age: 3}\nsurgery: [{procedure: acdf}]\nlabs: {crp: 4 mg/dL}\n",
    "child.yaml": b"person: {age: 9}\nsurgery: [{procedure: tlif}]\n",
    "none.yaml": b"pain: {leg: yes}\n",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gives_one_clear_message_and_exit_2(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(BAD[name])
    result = spinepath("assess", path)
    assert result.returncode == 2
    assert result.stderr.startswith("spinepath: ")
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["assess", "no-such-case"], "no library case and no file"),
        (["assess", "missing.yaml"], "No such file"),
        (["verify", "missing.json"], "no such file"),
        (["library", "show", "adjacent-segment-c03"], "did you mean"),
        (["assess", "adjacent-segment-c036", "--knowledge", "nowhere"], "no such knowledge folder"),
        (["assess", "adjacent-segment-c036", "-o", "/nowhere/at/all.txt"], "/nowhere/at/all.txt"),
    ],
)
def test_bad_usage_names_what_is_wrong(arguments, says):
    result = spinepath(*arguments)
    assert result.returncode == 2
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_without_durable_rules_the_report_says_so_in_one_line(case, tmp_path):
    (tmp_path / "durable_rules_engine.py").write_text("raise ImportError('undefined symbol: PyEval_CallObject')\n")
    result = spinepath("assess", case, PYTHONPATH=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert result.returncode == 0, result.stderr
    text = " ".join(result.stdout.split())
    assert "durable-rules cannot be imported" in text
    assert "engines: kleene-reference" in text


def test_a_damaged_or_foreign_snapshot_is_not_used(case, tmp_path):
    first = spinepath("assess", case, XDG_CACHE_HOME=str(tmp_path))
    (snapshot,) = (tmp_path / "spinepath").glob("*.snapshot")
    snapshot.write_bytes(b"cos\nsystem\n(S'echo hacked'\ntR.")
    again = spinepath("assess", case, XDG_CACHE_HOME=str(tmp_path))
    assert again.stdout == first.stdout
    assert "hacked" not in again.stdout + again.stderr
