"""Loading survives whatever stands in a file: problems are told, nothing is raised but KnowledgeError."""

import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.checking import as_json, as_text, checked
from rules.lookup import documents, parts
from rules.problems import KnowledgeError
from rules.rulebase import examine, load

SMALL = Path(__file__).parent.parent / "knowledge" / "small"
FILES = sorted(path.relative_to(SMALL).as_posix() for path in SMALL.rglob("*.yaml"))
JUNK = st.sampled_from([None, True, -1, 1e300, "", "x", "{}", [], [None], ["x"], {}, {"x": 1}, {"id": []}, {"of": 1}])


def places(data, path=()):
    """Every path into a document."""
    yield path
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from places(value, (*path, key))


def put(data, path, value, how):
    if not path:
        return value
    data = dict(data) if isinstance(data, dict) else list(data)
    key = path[0]
    if len(path) > 1:
        data[key] = put(data[key], path[1:], value, how)
    elif how == "replace":
        data[key] = value
    elif how == "remove":
        del data[key]
    elif isinstance(data, dict):
        data["surplus"] = value
    else:
        data.append(value)
    return data


@given(st.data())
@settings(max_examples=6000, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_spoiled_file_gives_problems_and_never_a_traceback(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("spoiled") / "knowledge"
    shutil.copytree(SMALL, folder)
    for name in data.draw(st.lists(st.sampled_from(FILES), min_size=1, max_size=3, unique=True)):
        content = yaml.safe_load((SMALL / name).read_text(encoding="utf-8"))
        path = data.draw(st.sampled_from(list(places(content))))
        how = data.draw(st.sampled_from(["replace", "remove", "add"]))
        spoiled = put(content, path, data.draw(JUNK), how)
        (folder / name).write_text(yaml.safe_dump(spoiled), encoding="utf-8")
    result = checked(examine(folder), "2026-01")
    assert as_text(result)
    assert as_json(result)
    for note in result.notes:
        assert note.problem.message
        assert note.problem.file or "folder" in note.problem.message
    try:
        load(folder)
    except KnowledgeError as error:
        assert error.problems


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe", b"\x00", b"- 1\n", b"!!python/object:os.system {}\n", b"[" * 5000, b"a: *b\n"]
)
@pytest.mark.parametrize("name", FILES)
def test_bytes_that_are_no_document_are_told(tmp_path, name, raw):
    folder = tmp_path / "knowledge"
    shutil.copytree(SMALL, folder)
    (folder / name).write_bytes(raw)
    problems = examine(folder).problems
    assert any(problem.file == name for problem in problems), problems


def test_every_part_of_the_knowledge_has_a_file_and_a_line():
    loaded = examine()
    for name, document in documents(loaded.sound()):
        for owner, part in parts(document, name):
            file, line = loaded.places.of(part)
            assert file, owner
            assert line, owner


def test_loading_twice_gives_the_same():
    first, second = load(), load()
    assert first.sha256 == second.sha256
    assert first.conditions == second.conditions
    assert list(first.conditions) == list(second.conditions)
