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


def test_the_ending_of_a_file_says_the_form_and_contradicting_it_is_told(case, tmp_path):
    assert spinepath("assess", case, "-o", tmp_path / "report.html").returncode == 0
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    result = spinepath("assess", case, "-f", "html", "-o", tmp_path / "report.pdf")
    assert (result.returncode, "ends like pdf" in result.stderr) == (2, True)
    assert not (tmp_path / "report.pdf").exists()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_page_is_whole_whatever_the_encoding_of_the_terminal(case, encoding):
    there = spinepath("assess", case, "-f", "html", PYTHONIOENCODING=encoding)
    assert (there.returncode, there.stdout) == (0, spinepath("assess", case, "-f", "html").stdout)


def test_closed_input_and_endless_json_are_told_in_a_line(tmp_path):
    closed = subprocess.run(
        f"{sys.executable} cli.py assess - <&-", shell=True, capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (closed.returncode, "Traceback" in closed.stderr) == (2, False)
    path = tmp_path / "deep.json"
    path.write_text('{"a":' + "[" * 50_000 + "]" * 50_000 + "}")
    for verb in (("verify", path), ("compare", path, "adjacent-segment-c036")):
        result = spinepath(*verb)
        assert (result.returncode, "Traceback" in result.stderr) == (2, False)


def test_every_line_of_the_blank_can_be_filled_in(tmp_path):
    path = tmp_path / "blank.yaml"
    assert spinepath("new", "-o", path).returncode == 0
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "unknown" in line and "#" in line[3:]]
    assert lines
    assert all(" # " in line[4:] for line in lines)


def test_an_answer_says_who_it_is_for_and_with_which_overlay(case, tmp_path):
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "off.yaml").write_text("off: [red_flag.infection]\n")
    result = spinepath("why", case, "pseudarthrosis", "--overlay", tmp_path / "ours")
    assert "not clinically validated" in " ".join(result.stdout.split())
    assert "red_flag.infection" in result.stderr


def test_what_no_rule_can_confirm_is_said():
    result = spinepath("whynot", "adjacent-segment-c036", "adjacent_segment_disease")
    assert "No rule can confirm this cause" in result.stdout
    assert result.returncode == 1


def test_an_image_from_before_the_operation_is_named_as_not_used(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text(CASE + "imaging: [{modality: mri, months_ago: 40, findings: {disc_herniation: yes}}]\n")
    assert "made before the last operation: MRI 3 years ago" in " ".join(spinepath("assess", path).stdout.split())


def test_months_in_a_sentence_read_as_one_says_them(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text(
        "surgery: [{procedure: discectomy, levels: [L4-L5], months_ago: 9 days}]\ncourse: {trend: improving}\n"
    )
    text = " ".join(spinepath("assess", path).stdout.split())
    assert "0.3 months" in text
    assert "0.2957 months" not in text
