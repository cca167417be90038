"""The processes beside a run's own: they read cases one by one, and derive cases with durable-rules.

Both are Python's work, which takes one core of a process and no more. A small run has no helpers and does it itself.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

from pathways.cohort import sampling
from pathways.cohort.process import Process

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from pathways.cohort.lines import CaseReader
    from pathways.cohort.sampling import Facts
    from pathways.cohort.sources import Piece, Source
    from pathways.cohort.understanding import Understood
    from rules.inference import Reasoner


class Worker:
    """What reads and derives, in whichever process. It is sent to another as what it was made from."""

    def __init__(self, reader: CaseReader | None, reasoner: Reasoner) -> None:
        """Take what reads cases, if any are read one by one, and what judges them."""
        self.reader = reader
        self.reasoner = reasoner

    def prepare(self) -> None:
        """Get ready to derive cases, which else the first of them waits for."""
        if not self.reasoner.unavailable:
            _ = self.reasoner.networks

    def read(self, source: Source, piece: Piece) -> Understood:
        """Read a piece whose cases are read one by one."""
        if self.reader is None:
            message = "there is no reader"
            raise TypeError(message)
        return self.reader.read(source, piece)

    def derive(self, cases: Sequence[Facts], columns: Sequence[str]) -> list[dict[str, Any]]:
        """Derive these columns of a result for every case."""
        return sampling.derive(cases, columns, self.reasoner)


class Helpers:
    """So many processes that read and derive cases; with none, this process does it, one task at a time."""

    def __init__(self, worker: Worker, count: int) -> None:
        """Start the processes: it takes them a while, in which the run goes on."""
        self.count = count
        self._worker = worker
        self._one_at_a_time = threading.Lock()  # durable-rules
        self._processes: list[Process] = []
        self._own = threading.local()  # each thread speaks to a process of its own
        self._threads = ThreadPoolExecutor(max(count, 1))
        for _ in range(count):
            self._threads.submit(self._process)
        if not count:
            self._threads.submit(worker.prepare)

    def _process(self) -> Process:
        """Return the process of this thread, started if there is none yet."""
        if not hasattr(self._own, "process"):
            self._own.process = Process(self._worker)
            self._processes.append(self._own.process)
        process: Process = self._own.process
        return process

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes: at once if something went wrong."""
        if error is not None:
            for process in self._processes:
                process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            process.end()

    def read(self, source: Source, piece: Piece) -> Understood:
        """Read a piece whose cases are read one by one. Raises OSError if a process was ended from outside."""
        found: Understood = self._threads.submit(self._ask, "read", source, piece).result()
        return found

    def derive(self, cases: Sequence[Facts], columns: Sequence[str]) -> Callable[[], list[dict[str, Any]]]:
        """Begin to derive these columns of a result for every case; return what waits for them.

        Waiting raises OSError if a process was ended from outside.
        """
        return self._threads.submit(self._ask, "derive", cases, columns).result

    def _ask(self, task: str, *arguments: Any) -> Any:
        if self.count:
            return self._process().ask(task, *arguments)
        with self._one_at_a_time:
            return getattr(self._worker, task)(*arguments)
