"""One engine in a process of its own, timed from inside: wall clock, processor time, and the most memory.

    python tests/benchmarks/running.py '{"task": ..., ...}'

prints one JSON object. A process of its own keeps what one engine leaves behind (memory, threads, a crash) from the
next, and lets a run be stopped that does not end.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import json
import os
import resource
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 7200  # seconds


class SkippedError(Exception):
    """An engine that is not installed here, and why."""


class FailedError(Exception):
    """An engine that was started and came to no result."""


@dataclass(frozen=True)
class Timed:
    """One run of an engine."""

    version: str
    rows: int
    seconds: float
    cpu: float
    megabytes: float
    answers: list[set[str]] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Cases a second."""
        return self.rows / self.seconds

    @property
    def cpu_rate(self) -> float:
        """Cases a second of processor time, which other work on the machine disturbs less."""
        return self.rows / self.cpu


def child(**asked: Any) -> Timed:
    """Run a task in a process of its own. Raises SkippedError where it is not installed, FailedError where it fails."""
    line = [sys.executable, str(Path(__file__).resolve()), json.dumps(asked, default=str)]
    try:
        done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=PATIENCE, cwd=ROOT)
    except subprocess.TimeoutExpired:
        raise FailedError(f"did not end within {PATIENCE} s") from None
    if done.returncode:
        told = [text for text in done.stderr.splitlines() if text.strip()]
        raise FailedError(told[-1] if told else f"ended with code {done.returncode}")
    found = json.loads(done.stdout.splitlines()[-1])
    if "skipped" in found:
        raise SkippedError(found["skipped"])
    return Timed(**{**found, "answers": [set(fired) for fired in found["answers"]]})


def timed(version: str, rows: int, run: Callable[[], None]) -> dict[str, Any]:
    """Time a call in this process."""
    before, start = _cpu(), time.perf_counter()
    with _watching() as beside:
        run()
    seconds, cpu = time.perf_counter() - start, _cpu() - before
    most = _most_memory() + sum(beside.values())
    return {"version": version, "rows": rows, "seconds": seconds, "cpu": cpu, "megabytes": most}


def _cpu() -> float:
    """Return the processor time of this process and of those that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


@contextlib.contextmanager
def _watching() -> Iterator[dict[str, float]]:
    """Look ten times a second which processes this one has started; yields the most memory that each of them held."""
    beside: dict[str, float] = {}
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            for listed in Path("/proc/self/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    beside.update({pid: _held(pid) for pid in listed.read_text().split()})

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield beside
    finally:
        over.set()
        thread.join()


def _most_memory() -> float:
    """Return the most memory that this process held, in megabytes.

    getrusage would do, but on Linux it also counts the process that started this one, from before the exec.
    """
    if Path("/proc/self/status").exists():
        return _held("self")
    unit = 1024 if sys.platform == "darwin" else 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / unit


def _held(process: str) -> float:
    """Return the most memory that a process held, in megabytes, as Linux tells it."""
    text = Path(f"/proc/{process}/status").read_text()
    lines = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return int(lines["VmHWM"].split()[0]) / 1024 if "VmHWM" in lines else 0.0


def _engine(source: str, output: str, drop: list[str], rows: int, **_: Any) -> dict[str, Any]:
    """Assess a whole table through what `spinepath batch` calls."""
    from pathways.assess import VERSION
    from pathways.cohort.run import Options, Run
    from rules.snapshot import reasoner

    ready = reasoner()
    options = Options(inputs=(source,), output=Path(output), drop=tuple(drop), restart=True)
    found = timed(VERSION, rows, lambda: _whole_run(Run(options, ready), rows))
    return {**found, "answers": []}


def _whole_run(run: Any, rows: int) -> None:
    done = run.run()
    if done.results != rows:
        message = f"{rows} rows went in and {done.results} results came out"
        raise RuntimeError(message)


def _rival(name: str, cases: str, standings: str, rows: int, most: int, **_: Any) -> dict[str, Any]:
    """Let a rival find what the first rows fire, and return what the very first fired."""
    from rules.snapshot import reasoner
    from tests.benchmarks.rivals.rules_given import given

    try:
        module = importlib.import_module(f"tests.benchmarks.rivals.{name}")
    except ImportError as error:
        return {"skipped": f"cannot be imported: {error}"}
    engine = module.Engine(given(reasoner()))
    engine.prepare(Path(cases), Path(standings), rows)
    found = timed(_version(module.DISTRIBUTION), rows, engine.run)
    answers = [sorted(fired) for fired in engine.answers(min(most, rows))]
    return {**found, "answers": answers, "totals": getattr(engine, "counts", {})}


def _version(distribution: str) -> str:
    from pathways.assess import VERSION

    return importlib.metadata.version(distribution) if distribution else VERSION


TASKS = {"engine": _engine, "rival": _rival}

if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    print(json.dumps(TASKS[asked["task"]](**asked)), flush=True)
    os._exit(0)  # some engines take a while, or complain, when their memory is taken apart
