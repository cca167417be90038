"""One case: the warm assessment, the command beside a bare import, and memory over many assessments.

    python tests/benchmarks/single.py            # all three
    python tests/benchmarks/single.py --cases 2000

Prints figures and ratios; it passes no judgement, because machines differ.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


def median_ms(run, times):
    """Return the median and least time of a call in milliseconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken), min(taken)


def warm_assessments(repeat):
    """Time assess() for library cases, each warm, with both engines."""
    from pathways import library
    from pathways.assess import assess
    from pathways.facts import project
    from rules.engines.kleene import truth
    from rules.snapshot import reasoner

    ready = reasoner()
    names = library.names()[:: max(1, len(library.names()) // 8)]
    print(f"\nA warm assess() of one case; engines: {', '.join(ready.engines)}")
    print(f"{'case':34}{'facts':>7}{'median ms':>11}{'least ms':>10}{'x bare truth of all rules':>28}")
    for name in names:
        case = library.read(name, ready.base).case
        facts = project(case, ready.base)
        assess(case, ready)
        assess(case, ready)
        median, least = median_ms(lambda case=case: assess(case, ready), repeat)
        bare, _ = median_ms(lambda facts=facts: [truth(c, facts) for c in ready.base.conditions.values()], repeat)
        print(f"{name:34}{len(facts):>7}{median:>11.2f}{least:>10.2f}{median / bare:>28.1f}")


def command_beside_import(times):
    """Time the whole command in turn with a bare import of its two libraries."""
    command = [sys.executable, str(ROOT / "cli.py"), "assess", "adjacent-segment-c036"]
    bare = [sys.executable, "-c", "import pydantic, jinja2"]
    helped = [sys.executable, str(ROOT / "cli.py"), "--help"]
    found = {"command": [], "bare": [], "help": []}
    subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
    for _ in range(times):
        for name, line in (("command", command), ("bare", bare), ("help", helped)):
            start = time.perf_counter()
            subprocess.run(line, capture_output=True, check=True, cwd=ROOT)
            found[name].append(time.perf_counter() - start)
    ratios = [a / b for a, b in zip(found["command"], found["bare"], strict=True)]
    print("\nThe command from start to finished terminal report, in turn with a bare import of pydantic and jinja2")
    print(f"command {statistics.median(found['command']) * 1000:.0f} ms, bare import "
          f"{statistics.median(found['bare']) * 1000:.0f} ms, ratio {statistics.median(ratios):.1f} "
          f"(least {min(ratios):.1f}); --help {statistics.median(found['help']) * 1000:.0f} ms")  # fmt: skip


def memory_over(cases):
    """Assess many different cases in one process and print the largest memory as it goes."""
    from pathways import library
    from pathways.assess import assess
    from rules.snapshot import reasoner

    ready = reasoner()
    listed = [library.read(name, ready.base).case for name in library.names()]
    print(f"\nLargest memory of the process over {cases:,} assessments")
    for number in range(cases):
        case = listed[number % len(listed)]
        varied = case.model_copy(update={"facts": {**case.facts, "pain.back_intensity": number % 11}})
        assess(varied, ready)
        if number in (0, cases // 4, cases // 2, 3 * cases // 4, cases - 1):
            print(f"  after {number + 1:>7,}: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20_000, help="assessments for the memory figure")
    parser.add_argument("--repeat", type=int, default=100, help="repeats of each warm assessment")
    chosen = parser.parse_args()
    warm_assessments(chosen.repeat)
    command_beside_import(9)
    memory_over(chosen.cases)
