"""The project installs and starts as its users would have it: nothing is simulated here."""

import importlib.metadata
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("rules", "pathways", "reports")
PYTHONS = os.environ.get("PYTHONS", "python3.11 python3.12 python3.13").split()


def run(*command, cwd=ROOT, **environment):
    """Run a command without the settings that a surrounding `make` leaves in the environment."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def package_files(root):
    """Every file that belongs to the packages, relative to where they lie."""
    return {
        path.relative_to(root)
        for package in PACKAGES
        for path in (root / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def test_the_console_script_is_spinepath():
    (script,) = importlib.metadata.entry_points(group="console_scripts", name="spinepath")
    assert script.value == "cli:main"


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "cli.py"],
        [sys.executable, "-m", "cli"],
        [Path(sys.executable).with_name("spinepath")],
    ],
    ids=["python cli.py", "python -m cli", "spinepath"],
)
def test_every_way_to_start_it_shows_the_verbs(command):
    shown = run(*command, "--help")
    assert shown.returncode == 0, shown.stderr
    assert "assess" in shown.stdout


def test_every_kind_of_file_in_the_packages_is_declared_as_package_data():
    """A file whose kind pyproject.toml does not name works from a clone and is missing once installed."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    declared = {Path(pattern).name.lstrip("*") for pattern in settings["package-data"]["*"]} | {".py"}
    left_out = {str(path) for path in package_files(ROOT) if path.suffix not in declared and path.name not in declared}
    assert not left_out


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("SPINEPATH_QUICK") == "1", reason="left out by SPINEPATH_QUICK=1")
@pytest.mark.parametrize("python", PYTHONS)
def test_make_demo_works_from_a_fresh_copy_on(python, tmp_path):
    # A pyenv shim is on PATH for versions that are not switched on, too: only running it tells.
    if not shutil.which(python) or run(python, "--version").returncode:
        pytest.skip(f"{python} is not here (or is a pyenv shim that is not switched on: see PYENV_VERSION)")
    if not shutil.which("make"):
        pytest.skip("make is not here")
    copy = tmp_path / "spinepath"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "__pycache__", "build", "*.egg-info"))

    demo = run("make", "demo", f"PYTHON={python}", "VENV=.venv", cwd=copy)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    _, report = demo.stdout.split("Installing Spinepath\n")
    assert report.strip()

    inside = copy / ".venv" / "bin" / "python"
    assert run(inside, "--version").stdout == run(python, "--version").stdout
    engine = run(inside, "-c", "from durable.engine import Host; Host()", cwd=tmp_path)
    assert engine.returncode == 0, engine.stderr
    where = run(inside, "-c", "import rules; print(rules.__path__[0])", cwd=tmp_path)
    assert package_files(Path(where.stdout.strip()).parent) == package_files(copy)
