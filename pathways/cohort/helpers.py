"""The processes beside a run's own: they read cases one by one, and derive cases with durable-rules.

Both are Python's work, which takes one core of a process and no more. A small run has no helpers and does it itself.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import multiprocessing
import os
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pathways.cohort import sampling

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from pathways.cohort.lines import CaseReader
    from pathways.cohort.sampling import Facts
    from pathways.cohort.sources import Piece, Source
    from pathways.cohort.understanding import Understood
    from rules.inference import Reasoner

T = TypeVar("T")
ENDED = "one of its processes was ended from outside, perhaps for want of memory; the same command goes on"


class Helpers:
    """So many processes that read and derive cases; with none, this process does it, one task at a time."""

    def __init__(self, reader: CaseReader | None, reasoner: Reasoner, count: int) -> None:
        """Start the processes: it takes them a while, in which the run goes on. Without a reader they only derive."""
        self.count = count
        self._reader = reader
        self._reasoner = reasoner
        self._one_at_a_time = threading.Lock()  # durable-rules
        self._pool: ProcessPoolExecutor | None = None
        if count:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(count, spawn, _begin, (reader, reasoner))
            threading.Thread(target=self._start, args=(self._pool,)).start()

    def _start(self, pool: ProcessPoolExecutor) -> None:
        """Start the processes, which takes until each has read what it is given; nobody needs to wait for that."""
        with contextlib.suppress(RuntimeError):  # the run ended before
            for _ in range(self.count):
                pool.submit(_begun)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def read(self, source: Source, piece: Piece) -> Understood:
        """Read a piece whose cases are read one by one. Raises OSError if a process was ended from outside."""
        if self._reader is None:
            message = "there is no reader"
            raise TypeError(message)
        if self._pool is None:
            return self._reader.read(source, piece)
        return _answer(self._pool.submit(_read, source, piece))

    def derive(self, cases: Sequence[Facts], columns: Sequence[str]) -> Callable[[], list[dict[str, Any]]]:
        """Begin to derive these columns of a result for every case; return what waits for them.

        Waiting raises OSError if a process was ended from outside.
        """
        if self._pool is not None:
            future = self._pool.submit(_derive, cases, columns)
            return lambda: _answer(future)
        with self._one_at_a_time:
            derived = sampling.derive(cases, columns, self._reasoner)
        return lambda: derived


def _answer(future: Future[T]) -> T:
    try:
        return future.result()
    except BrokenProcessPool:
        raise OSError(errno.ECHILD, ENDED, "the run") from None


_kept: dict[str, Any] = {}  # what a process has ready: the reader and the reasoner


def _begin(reader: CaseReader | None, reasoner: Reasoner) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.set_threshold(200_000)  # thousands of cases are held at once, and nothing in them is a circle
    _kept.update(reader=reader, reasoner=reasoner)


def _begun() -> None:
    """Do nothing: a process starts with its first task."""


def _end_with_parent() -> None:
    """End when the run was killed: nobody would ever ask this process for anything again."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read(source: Source, piece: Piece) -> Understood:
    found: Understood = _kept["reader"].read(source, piece)
    return found


def _derive(cases: Sequence[Facts], columns: Sequence[str]) -> list[dict[str, Any]]:
    return sampling.derive(cases, columns, _kept["reasoner"])
