"""The standing texts of the leaflet: shape, cross-references, overlays, and the fingerprint that covers them."""

import shutil

import pytest

from rules.problems import KnowledgeError
from rules.rulebase import KNOWLEDGE, load


@pytest.fixture
def knowledge(tmp_path):
    """A copy of the knowledge that a test may change."""
    return shutil.copytree(KNOWLEDGE, tmp_path / "knowledge")


def overlay(tmp_path, text):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "leaflet.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_site_may_replace_one_text_and_keep_the_rest(base, tmp_path):
    site = load(overlays=[overlay(tmp_path, "title: Back pain after surgery, Hill Clinic\n")])
    assert site.leaflet.title == "Back pain after surgery, Hill Clinic"
    assert site.leaflet.intro == base.leaflet.intro
    assert site.sha256 != base.sha256


def test_a_cause_that_nobody_knows_is_named_with_file_line_and_the_nearest(knowledge):
    path = knowledge / "leaflet.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("causes: [epidural_fibrosis]", "causes: [epidural_fibrosi]"), encoding="utf-8")
    with pytest.raises(KnowledgeError) as caught:
        load(knowledge)
    line = text[: text.index("causes: [epidural_fibrosis]")].count("\n") + 1
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("leaflet.yaml", line)
    assert "epidural_fibrosis" in problem.message


def test_every_burden_needs_plain_words(knowledge):
    path = knowledge / "leaflet.yaml"
    text = path.read_text(encoding="utf-8")
    assert '  block: "' in text
    path.write_text(text.replace('  block: "', '  blok: "'), encoding="utf-8")
    with pytest.raises(KnowledgeError, match="block has no plain words"):
        load(knowledge)


def test_a_missing_text_is_a_problem(knowledge):
    path = knowledge / "leaflet.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("no_flag:", "no_flags:"), encoding="utf-8")
    with pytest.raises(KnowledgeError) as caught:
        load(knowledge)
    places = [problem.place for problem in caught.value.problems]
    assert "no_flag" in places
    assert "no_flags" in places


def test_a_knowledge_folder_without_a_leaflet_can_be_used_for_everything_else(knowledge):
    (knowledge / "leaflet.yaml").unlink()
    assert load(knowledge).leaflet is None
