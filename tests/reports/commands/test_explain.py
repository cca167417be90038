"""The verbs that question a case, run as a user runs them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def run(*words, stdin=None):
    command = [sys.executable, str(ROOT / "cli.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, input=stdin, cwd=ROOT, check=False)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["why", "nonunion-c165", "revision_fusion"], 0, "finding.nonunion_on_imaging"),
        (["why", "infection-c047", "pseudarthrosis"], 1, "whynot CASE pseudarthrosis"),
        (["whynot", "nonunion-c165", "revision_fusion"], 0, "The fewest facts that would have to differ"),
        (["whynot", "infection-c047", "emergency_referral"], 1, "Nothing stands higher"),
        (["next", "nonunion-c165", "-n", "2"], 0, "Next best tests"),
        (["settled", "infection-c047", "pseudarthrosis"], 0, "settled"),
        (["whatif", "nonunion-c165", "months_since_surgery=14"], 0, "What moved"),
        (["whatif", "nonunion-c165", "surgery.fusion=no"], 1, "there was no fusion"),
        (["compare", "nonunion-c165", "nonunion-c123"], 0, "Facts that differ"),
    ],
)
def test_each_verb_answers_and_its_exit_code_is_the_answer(words, code, said):
    done = run(*words)
    assert (done.returncode, done.stderr) == (code, "")
    assert said in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    "words",
    [
        ["why", "nonunion-c165", "revision_fusion"],
        ["whynot", "nonunion-c165", "scs_trial"],
        ["next", "nonunion-c165"],
        ["settled", "nonunion-c165"],
        ["whatif", "nonunion-c165", "months_since_surgery=14"],
        ["compare", "nonunion-c165", "nonunion-c123"],
    ],
)
def test_json_is_json_and_the_same_every_time(words):
    first, second = (run(*words, "--format", "json") for _ in range(2))
    assert first.returncode == 0
    assert first.stdout == second.stdout
    assert json.loads(first.stdout)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["why", "nonunion-c165", "pseudarthros"], "did you mean pseudarthrosis"),
        (["whynot", "nonunion-c165", "red_flag.cauda_equin"], "cauda_equina"),
        (["why", "nonunion-c999", "pseudarthrosis"], "nonunion-c165"),
        (["whatif", "nonunion-c165", "surgery.fusio=no"], "did you mean surgery.fusion"),
        (["whatif", "nonunion-c165", "surgery.fusion"], "write FACT=VALUE"),
        (["whatif", "nonunion-c165", "labs.crp=45"], "which unit is 45"),
        (["whatif", "nonunion-c165"], "Missing argument"),
        (["settled", "nonunion-c165", "nothing_like_it_at_all"], "no cause, pathway, red flag"),
        (["compare", "nonunion-c165", "missing.json"], "missing.json"),
        (["why", "-", "pseudarthrosis"], "empty"),
    ],
)
def test_bad_input_is_told_in_words_with_code_2(words, said):
    done = run(*words, stdin="")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_answers_go_to_a_file_and_assessments_compare_from_files(tmp_path):
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    assert run("assess", "nonunion-c165", "-f", "json", "-o", str(before)).returncode == 0
    assert run("assess", "nonunion-c123", "-f", "json", "-o", str(after)).returncode == 0
    answer = tmp_path / "answer.txt"
    done = run("compare", str(before), str(after), "-o", str(answer))
    assert done.returncode == 0
    assert "What moved" in answer.read_text(encoding="utf-8")
    broken = tmp_path / "broken.json"
    broken.write_text(before.read_text(encoding="utf-8").replace('"schema"', '"scheme"'), encoding="utf-8")
    done = run("compare", str(broken), str(after))
    assert done.returncode == 2
    assert "not a Spinepath assessment" in done.stderr
