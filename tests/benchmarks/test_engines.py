"""The benchmark of cohorts runs from end to end, in little, and says what it should."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

BENCHMARK = Path(__file__).with_name("engines.py")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("SPINEPATH_QUICK") == "1", reason="left out by SPINEPATH_QUICK=1")
def test_the_benchmark_compares_everyone_and_draws_it(tmp_path):
    picture, text = tmp_path / "engines.svg", tmp_path / "engines.md"
    small = ["--quick", "--rows", "300", "--lines", "120", "--sample", "5", "--folder", str(tmp_path / "work")]
    line = [sys.executable, str(BENCHMARK), *small, "--plot", str(picture), "--markdown", str(text)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for label in ("this engine", "bare conditions", "Kleene reference", "CLIPS", "OpenFisca-core", "zen-engine"):
        assert label in done.stdout  # with its figures, or with why it was left out
    assert "yes, 5" in text.read_text(encoding="utf-8")
    drawn = ElementTree.parse(picture).getroot()
    assert drawn.get("role") == "img"
    assert "this engine" in drawn.find(f"{SVG}desc").text
    assert drawn.find(f"{SVG}title").text
