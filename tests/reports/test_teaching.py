"""The verb teach as a real process, answered through standard input as a script would."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pathways import library
from pathways.teaching.lesson import codes, lesson
from reports.handout import handout

ROOT = Path(__file__).resolve().parents[2]
# Causes with percents, red flag, next step, for the four stages of C047.
HISTORY = ["expec", "60", "infection", "20", "", "no", "mri"]
SYMPTOMS = ["infection", "70", "", "within", "urgent inf"]
IMAGING = ["infection", "90", "", "the same day", "urgent_infection_workup"]
TESTS = ["infection", "95", "", "same_day", "emergency ref"]
WHOLE = [*HISTORY, *SYMPTOMS, *IMAGING, *TESTS]


def teach(*arguments, answers=(), **environment):
    command = [sys.executable, str(ROOT / "cli.py"), "teach", *map(str, arguments)]
    env = {**os.environ, "COLUMNS": "110", "NO_COLOR": "1", **environment}
    given = "".join(f"{line}\n" for line in answers)
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False, env=env, cwd=ROOT)


def flat(text):
    return " ".join(text.split())


def score_of(output):
    return int(re.search(r"^Score: (\d+) of 100", output, re.MULTILINE).group(1))


def test_a_whole_session_from_commitment_to_the_published_end():
    result = teach("C047", answers=WHOLE)
    assert result.returncode == 0, result.stderr
    text = flat(result.stdout)
    order = ["Stage 1 of 4", "Stage 2 of 4", "Stage 3 of 4", "Stage 4 of 4", "The end", "Established: Infection"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert "Published: Postoperative spondylodiscitis" in text
    assert score_of(result.stdout) > 85


def test_nothing_of_a_later_stage_or_the_end_is_told_early():
    result = teach("C047", answers=HISTORY)
    assert result.returncode == 1
    assert "stopped before the end" in result.stderr
    for early in (
        "disc and endplate change",
        "Are inflammation markers",
        "Established",
        "infection-c047",
        "Antibiotics",
    ):
        assert early not in result.stdout


def test_typos_are_asked_again_with_the_nearest_names():
    answers = ["infektion", "infection", "a lot", "101", "50%", "infection", "", "perhaps", "", "no", "mrii", "mri"]
    result = teach("C047", answers=answers)
    text = flat(result.stdout)
    assert "did you mean infection?" in text
    assert text.count("a whole number from 0 to 100 is wanted") == 2
    assert "infection is on your list already" in text
    assert text.count("no, or one of: immediately, the same day, within days") == 2
    assert "Stage 2 of 4" in text
    assert "Traceback" not in result.stderr


def test_a_question_mark_lists_the_names(base):
    result = teach("C047", answers=["?", "", "no", "?", "", "q"])
    assert all(f"  {name}: " in result.stdout for name in base.causes)
    assert all(f"  {name}: " in result.stdout for name in base.pathways)


def test_missed_flags_are_told_and_hold_the_score_down():
    blind = ["infection", "95", "", "no", "urgent_infection_workup"]
    result = teach("C047", answers=blind * 4)
    text = flat(result.stdout)
    assert "Overlooked red flag: Imaging suggests a spinal infection (act the same day)." in text
    assert "an emergency was never noticed" in text
    assert score_of(result.stdout) <= 40


def test_a_session_that_stops_goes_on_and_ends_with_the_same_score(tmp_path):
    whole = teach("C047", answers=WHOLE)
    kept = tmp_path / "s.json"
    first = teach("C047", "--save", kept, "--learner", "L7", answers=[*HISTORY, *SYMPTOMS, "q"])
    assert first.returncode == 1
    assert [answer["stage"] for answer in json.loads(kept.read_text())["answers"]] == ["history", "symptoms"]
    second = teach("--save", kept, answers=[*IMAGING, *TESTS])
    assert second.returncode == 0, second.stderr
    assert score_of(second.stdout) == score_of(whole.stdout)
    again = teach("--save", kept)
    assert again.returncode == 0
    assert score_of(again.stdout) == score_of(whole.stdout)
    assert list(tmp_path.iterdir()) == [kept]
    assert "Anna" not in kept.read_text()


def test_a_saved_session_on_another_case_or_variant_is_not_overwritten(tmp_path):
    kept = tmp_path / "s.json"
    teach("C047", "--save", kept, answers=HISTORY)
    before = kept.read_bytes()
    assert "not on C052" in teach("C052", "--save", kept).stderr
    assert "variant" in teach("C047", "--save", kept, "--variant", "symptoms.fever=yes").stderr
    assert kept.read_bytes() == before


def test_a_variant_is_told_as_one_and_kept_with_the_session(tmp_path):
    kept = tmp_path / "s.json"
    blank = ["", "no", ""]
    result = teach("C047", "--variant", "symptoms.fever=yes", "--save", kept, answers=blank * 4)
    assert result.returncode == 0, result.stderr
    assert "Is there fever (38.0 C or more) or rigors? yes" in flat(result.stdout)
    assert "This was a variant (symptoms.fever=yes)" in flat(result.stdout)
    assert json.loads(kept.read_text())["variant"] == ["symptoms.fever=yes"]
    assert teach("--save", kept).returncode == 0


def test_a_class_is_compared(tmp_path):
    files = []
    blind = ["hip disease", "90", "", "no", "scs_trial"]
    for code, answers in (("L1", WHOLE), ("L2", blind * 4), ("L3", HISTORY)):
        files.append(tmp_path / f"{code}.json")
        teach("C047", "--save", files[-1], "--learner", code, answers=answers)
    result = teach("--compare", *files)
    assert result.returncode == 0, result.stderr
    text = result.stdout
    assert text.index("L1") < text.index("L2") < text.index("L3")
    assert "hip_disease 90" in text
    assert re.search(r"Scores: lowest \d+, median [\d.]+, mean [\d.]+, highest \d+", text)
    assert "1 of 3: Infection of the operated spine" in text
    assert "Established: Infection of the operated spine" in text
    assert re.search(r"L3\s*│ \(\d+\)", text)


def test_sessions_on_two_cases_are_two_classes(tmp_path):
    for code, case in (("L1", "C047"), ("L2", "C036")):
        teach(case, "--save", tmp_path / f"{code}.json", "--learner", code, answers=["", "no", ""])
    result = teach("--compare", tmp_path / "L1.json", tmp_path / "L2.json")
    assert "Case C036" in result.stdout
    assert "Case C047" in result.stdout
    assert result.stdout.count("Nobody has finished yet.") == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "name a case"),
        (["C999"], "no case to teach with"),
        (["C047", "C036"], "teach takes one case"),
        (["C047", "--seed", "3"], "not both"),
        (["--compare"], "name the saved sessions"),
        (["--compare", "none.json"], "No such file"),
        (["C047", "--learner", "Anna"], "no neutral code"),
        (["C047", "--variant", "symptoms.fewer=yes"], "symptoms.fever"),
        (["C047", "--variant", "xray.screw_lucency=yes"], "no implant was put in"),
        (["C047", "--handout", "/nowhere/at/all.html"], "/nowhere/at/all.html"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_clear_message(arguments, says):
    result = teach(*arguments)
    assert result.returncode == 2
    assert says in flat(result.stderr)
    assert "Traceback" not in result.stderr


def test_the_list_gives_codes_and_titles_and_no_diagnosis():
    text = teach("--list").stdout
    assert all(code in text for code in codes())
    assert not any(name in text for name in library.names())


def test_a_seed_chooses_the_same_case_each_time():
    first, second = (teach("--seed", "5", answers=["q"]).stdout for _ in range(2))
    assert first == second
    assert "Case " in first


class Sections(HTMLParser):
    """Gathers the text of the questions and of the answers, and fails on a tag closed out of order."""

    def __init__(self):
        super().__init__()
        self.stack = []
        self.text = {"questions": "", "answers": ""}

    def handle_starttag(self, tag, attrs):
        if tag != "meta":
            self.stack.append((tag, dict(attrs).get("class", "")))

    def handle_endtag(self, tag):
        assert self.stack.pop()[0] == tag

    def handle_data(self, data):
        for _, name in self.stack:
            if name in self.text:
                self.text[name] += data


@pytest.mark.parametrize("code", ["C047", "C151", "C036"])
def test_the_handout_has_the_questions_first_and_no_answer_among_them(code, reasoner, tmp_path):
    out = tmp_path / "h.html"
    result = teach(code, "--handout", out)
    assert result.returncode == 0, result.stderr
    page = out.read_text(encoding="utf-8")
    parser = Sections()
    parser.feed(page)
    assert parser.stack == []
    assert ".answers { break-before: page" in page
    questions, answers = flat(parser.text["questions"]), flat(parser.text["answers"])
    taught = lesson(code, reasoner)
    assert flat(taught.about.story) in answers
    assert flat(taught.about.citation) in answers
    for told in (taught.about.story, taught.about.outcome, taught.about.citation, "probable", "confirmed"):
        assert flat(told) not in questions
    assert page.count('class="answer"') == len(taught.scenes)
    assert codes()[code] not in page


def test_the_handout_needs_no_network_and_is_the_same_each_time(reasoner):
    page = handout(lesson("C047", reasoner))
    assert page == handout(lesson("C047", reasoner))
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="', page)
