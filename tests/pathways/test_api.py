"""The page that documents Spinepath from Python says what is so."""

import re
import subprocess
import sys
from pathlib import Path

import pathways

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "pathways" / "API.md").read_text(encoding="utf-8")
CASE = """
surgery:
  - {procedure: fusion, levels: [L5-S1], months_ago: 5}
pain: {predominant: back, mechanical: yes}
imaging:
  - {modality: ct, findings: {no_bridging: yes}}
"""


def test_the_example_on_the_page_runs(tmp_path, monkeypatch):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "case.yaml").write_text(CASE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(code, "API.md", "exec"), names)
    assert names["assessment"].cause("pseudarthrosis").standing == "possible"


def test_every_function_of_the_page_is_there_and_every_one_there_is_on_the_page():
    told = set(re.findall(r"^\| `(\w+)\(", PAGE, re.MULTILINE)) - {"assess"}
    for name in told:
        assert callable(getattr(pathways, name))
    offered = {name for name in pathways._HOME if not name.startswith(("default_", "read_"))}
    assert offered == told
    assert not hasattr(pathways, "no_such_function")


def test_every_field_named_on_the_page_exists():
    from pathways.explain import answers

    for row in re.findall(r"^\| `\w+\(.*?\)` \| `(?:list\[)?(\w+)\]?` \| (.*) \|$", PAGE, re.MULTILINE):
        shape = getattr(answers, row[0], None) or pathways.assess.Assessment
        named = re.findall(r"`(\w+)(?:\(\))?`", row[1])
        known = {*dir(shape), *shape.model_fields, *answers.Step.model_fields, *answers.Question.model_fields, "facts"}
        assert set(named) - {"Step"} <= known | {"picture", "graph"}, row


def test_importing_the_package_loads_nothing_heavy():
    heavy = "('pydantic', 'jinja2', 'polars', 'yaml', 'durable')"
    code = f"import sys, pathways; print(sorted(m for m in sys.modules if m.split('.')[0] in {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
