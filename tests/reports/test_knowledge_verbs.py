"""`spinepath rules ...` as a process: output, exit codes, and bad input."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reports.listings import MAKERS, as_markdown, as_text, listing

ROOT = Path(__file__).resolve().parent.parent.parent
SMALL = ROOT / "tests" / "knowledge" / "small"


def run(*arguments):
    command = [sys.executable, str(ROOT / "cli.py"), "rules", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


@pytest.fixture
def bad(tmp_path):
    folder = tmp_path / "knowledge"
    shutil.copytree(SMALL, folder)
    shutil.copytree(ROOT / "tests" / "knowledge" / "bad" / "misspelled_everywhere", folder, dirs_exist_ok=True)
    return folder


def test_the_built_in_knowledge_has_no_errors_and_most_arguments_are_confirmed():
    result = run("check", "--format", "json")
    assert result.returncode == 0, result.stdout
    found = json.loads(result.stdout)
    assert found["errors"] == 0
    assert found["backing"]["arguments"]["percent_confirmed"] >= 85
    assert found["backing"]["arguments"]["unconfirmed"] == 0
    assert all(note["file"] for note in found["notes"])


def test_check_ends_with_1_on_errors_and_names_file_and_line(bad):
    result = run("check", bad)
    assert result.returncode == 1
    assert "causes/rust.yaml:11: rust.red: unknown fact sings.red (did you mean signs.red" in result.stdout
    assert "[K100]" in result.stdout
    assert "errors, 0 warnings" in result.stdout
    assert not result.stderr


def test_warnings_do_not_fail_and_dates_are_asked_for(tmp_path):
    folder = tmp_path / "knowledge"
    shutil.copytree(SMALL, folder)
    shutil.copytree(ROOT / "tests" / "knowledge" / "bad" / "things_nobody_uses", folder, dirs_exist_ok=True)
    without, later = run("check", folder), run("check", folder, "--today", "2099-01")
    assert without.returncode == later.returncode == 0
    assert "K406" not in without.stdout
    assert later.stdout.count("[K406]") > 5


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["check", "no/such/folder"], "there is no such folder"),
        (["check", "--today", "soon"], "--today takes a month"),
        (["show", "pseudarthosis"], "did you mean pseudarthrosis"),
        (["list", "--where", "color=red"], "its columns are id, kind"),
        (["list", "--where", "kind"], "--where takes COLUMN=VALUE"),
        (["diff", "no/such/folder"], "there is no such folder"),
        (["site", "-o", "cli.py"], "is not a folder"),
        (["list", "everything"], "Invalid value"),
    ],
)
def test_bad_usage_ends_with_2_and_says_what_would_be_right(arguments, says):
    result = run(*arguments)
    assert result.returncode == 2
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_problems_stop_everything_but_check(bad):
    for arguments in (["show", "wear"], ["list"], ["cover"], ["diff"], ["site", "-o", bad / "out"]):
        where = [bad] if arguments == ["diff"] else ["--knowledge", bad]
        result = run(*arguments, *where)
        assert result.returncode == 2, arguments
        assert re.match(r"spinepath: the knowledge has \d+ problems\n  causes/rust.yaml:1: ", result.stderr)


@pytest.mark.parametrize("what", sorted(MAKERS))
def test_everything_can_be_listed_in_every_form(what, base):
    sizes = {"causes": base.causes, "pathways": base.pathways, "red_flags": base.red_flags, "sources": base.sources}
    rows = listing(base, what)
    assert len(rows) == len(sizes.get(what, rows)) > 5
    assert len({row["id"] for row in rows}) == len(rows)
    assert as_markdown(rows).count("\n") == len(rows) + 2
    lines = as_text(rows, 80).splitlines()
    assert {row["id"] for row in rows} <= set(lines)
    assert max(len(line) for line in lines if line.startswith(" ") and " " in line.strip()) <= 80


def test_lists_are_filtered_by_text_and_by_column():
    rows = json.loads(run("list", "-w", "kind=argument", "-w", "basis=guideline", "-s", "fusion", "-f", "json").stdout)
    assert rows
    assert all(row["kind"] == "argument" and row["basis"] == "guideline" for row in rows)
    assert run("list", "-s", "no rule says this").returncode == 1


def test_show_tells_a_rule_in_full():
    text = " ".join(run("show", "pseudarthrosis.screw_lucency").stdout.split())
    for part in (
        "for pseudarthrosis",
        "ct.screw_lucency is yes OR",
        "basis published",
        "https://doi.org/",
        "shows:",
        "fires on",
        "silent on",
        "causes/pseudarthrosis.yaml:",
    ):
        assert part in text


def test_show_tells_every_kind_and_who_cites_a_source(base):
    source = next(iter(base.causes["pseudarthrosis"].arguments[0].sources)).key
    names = [
        "cause.infection",
        "red_flag.infection",
        "pathway.scs_trial",
        "finding.axial_pain",
        "nice_ta159",
        "disagreement.months_to_non_union",
        source,
        "ct.screw_lucency",
    ]
    found = json.loads(run("show", *names, "--format", "json").stdout)
    kinds = [entry["kind"] for entry in found]
    assert set(kinds) == {"cause", "red_flag", "pathway", "finding", "criteria", "disagreement", "source", "fact"}
    cited = next(entry for entry in found if entry["id"] == f"source.{source}")
    lines = next(value for heading, value in cited["told"].items() if heading.startswith("cited by"))
    assert any(line.startswith("pseudarthrosis.") for line in lines)


def test_cover_lists_what_never_fires():
    found = json.loads(run("cover", "--format", "json").stdout)
    assert found["overall"]["fired"] + len(found["never"]) == found["overall"]["total"]
    assert set(found["fired"]).isdisjoint(found["never"])
    assert "rules never fired" in run("cover").stdout


def test_diff_tells_what_an_overlay_changes(tmp_path):
    folder = tmp_path / "clinic"
    folder.mkdir()
    (folder / "off.yaml").write_text("off: [pseudarthrosis.screw_lucency]\n", encoding="utf-8")
    result = run("diff", "rules/knowledge", "--overlay", folder)
    assert result.returncode == 0
    assert "1 removed:\n  argument pseudarthrosis.screw_lucency" in result.stdout
    assert "No rule" in run("diff", "rules/knowledge").stdout


def test_the_site_is_written_and_opens_on_an_index(tmp_path):
    result = run("site", "-o", tmp_path / "site", "--knowledge", "rules/knowledge")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "site" / "index.html").stat().st_size > 100_000
    assert len(list((tmp_path / "site").rglob("*.html"))) > 150
