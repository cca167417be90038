"""Bad knowledge: every problem is found in one run, with its code, file and line, and nothing else is.

Each folder of tests/knowledge/bad is copied over the small, sound knowledge beside it. A line with something wrong says
so in a comment: `# K301 part of the message`, or `# K100@file ...` where no line can be named.
"""

import re
import shutil
from pathlib import Path

import pytest

from reports.checking import checked
from rules.lints import CODES, WARNINGS
from rules.rulebase import examine

HERE = Path(__file__).parent.parent / "knowledge"
MARK = re.compile(r"# (K\d{3})(@file)? ([^#\n]+)")
BAD = sorted(path.name for path in (HERE / "bad").iterdir())


@pytest.fixture
def small(tmp_path):
    """A copy of the sound knowledge, to be spoiled."""
    folder = tmp_path / "knowledge"
    shutil.copytree(HERE / "small", folder)
    return folder


def expected(folder):
    """Every mark in the files of a folder: (file, line or None, code, part of the message)."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for code, at_file, message in MARK.findall(line):
                yield path.relative_to(folder).as_posix(), None if at_file else number, code, message.strip()


def found(folder, today="2026-01"):
    return [
        (note.problem.file, note.problem.line, note.code, f"{note.problem.place}: {note.problem.message}")
        for note in checked(examine(folder), today).notes
    ]


def test_the_small_knowledge_has_nothing_wrong(small):
    assert found(small) == []


@pytest.mark.parametrize("name", BAD)
def test_everything_wrong_is_found_at_its_line_and_nothing_else(small, name):
    shutil.copytree(HERE / "bad" / name, small, dirs_exist_ok=True)
    wanted = list(expected(HERE / "bad" / name))
    notes = found(small)
    assert sorted(map(repr, (w[:3] for w in wanted))) == sorted(map(repr, (n[:3] for n in notes))), notes
    for file, line, code, message in wanted:
        assert any(n[:3] == (file, line, code) and message in n[3] for n in notes), (message, notes)


def test_the_bad_folders_show_every_code():
    shown = {code for name in BAD for _, _, code, _ in expected(HERE / "bad" / name)}
    assert shown == set(CODES)
    assert set(CODES) > WARNINGS
