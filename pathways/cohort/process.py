"""Another process of Python, spoken to over pipes: an object goes there once, and then its methods are called.

It differs from `multiprocessing` in three ways that a run needs: it does not import the caller's main module again, it
never waits for a process that was killed while it started, and it ends by itself when this process was killed.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import traceback
from typing import IO, Any, cast

BEGIN = "import sys; sys.path[:] = {path!r}; from {module} import serve; serve()"
ENDED = "one of its processes was ended from outside, perhaps for want of memory; the same command goes on"


class Process:
    """A process that holds a copy of an object and does what its methods do. For one thread at a time."""

    def __init__(self, content: object) -> None:
        """Start it and send it the object, which takes until it has read it."""
        line = [sys.executable, "-c", BEGIN.format(path=sys.path, module=__name__)]
        self._process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._to, self._answers = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        with contextlib.suppress(BrokenPipeError):  # the first question will tell
            self._send(content)

    def _send(self, content: object) -> None:
        pickle.dump(content, self._to, pickle.HIGHEST_PROTOCOL)
        self._to.flush()

    def ask(self, method: str, *arguments: Any) -> Any:
        """Return what a method returns there, or raise what it raises; OSError if the process was ended."""
        try:
            self._send((method, arguments))
            good, answer = pickle.load(self._answers)
        except (BrokenPipeError, EOFError, ValueError, pickle.UnpicklingError):
            raise OSError(errno.ECHILD, ENDED, "the run") from None
        if good:
            return answer
        raise answer

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def end(self) -> None:
        """Let it end."""
        for pipe in (self._to, self._answers):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        self._process.wait()


def serve() -> None:
    """Be such a process, until the one that started it closes the pipe or ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that started this one is told, too, and ends it
    gc.set_threshold(200_000)  # thousands of cases are held at once, and nothing in them is a circle
    sent: queue.SimpleQueue[Any] = queue.SimpleQueue()
    with os.fdopen(os.dup(1), "wb") as answers, contextlib.suppress(BrokenPipeError):
        os.dup2(2, 1)  # whatever is printed goes to the errors
        gc.disable()  # until the object is there
        threading.Thread(target=_listen, args=(sent,), daemon=True).start()
        content = sent.get()
        gc.enable()
        while True:
            method, arguments = sent.get()
            answers.write(_answer(content, method, arguments))
            answers.flush()


def _answer(content: object, method: str, arguments: tuple[Any, ...]) -> bytes:
    """Return what a method returns or raises, to be sent."""
    try:
        return pickle.dumps((True, getattr(content, method)(*arguments)), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        try:
            return pickle.dumps((False, error))
        except Exception:  # some errors hold what cannot be sent
            return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))


def _listen(sent: queue.SimpleQueue[Any]) -> None:
    """Take in what is sent; end when nothing more can come, even in the middle of a task."""
    try:
        while True:
            sent.put(pickle.load(sys.stdin.buffer))
    except (EOFError, pickle.UnpicklingError):
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
