"""Imports run one way: cli -> reports -> pathways -> rules."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "rules": {"rules"},
    "pathways": {"pathways", "rules"},
    "reports": {"reports", "pathways", "rules"},
}
OURS = {"rules", "pathways", "reports", "cli"}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_lies_below_it(package):
    files = list((ROOT / package).rglob("*.py"))
    assert files
    wrong = [
        (str(f.relative_to(ROOT)), name) for f in files for name in imported(f) if name in OURS - MAY_IMPORT[package]
    ]
    assert wrong == []


def test_the_ground_floor_knows_no_medicine(base):
    ids = [f'"{name}"' for name in (*base.causes, *base.pathways, *base.red_flags)]
    for path in (ROOT / "rules").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert [name for name in ids if name in text] == [], path
