"""The work folder of a run, beside its output: finished parts that survive a kill, and what they were made from.

A part is written under another name, brought to the disk and renamed; its note is written last and says that it is
there. So at every moment a part is either whole or not there, and the same command goes on where it was stopped.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import polars as pl

from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pathways.cohort.joining import Writable

SUFFIX = ".part"
PLAN = "plan.json"


class Work:
    """A work folder. Only one run at a time may use it."""

    def __init__(self, output: Path) -> None:
        """Take the output that it belongs to."""
        self.folder = output.with_name(output.name + SUFFIX)
        self._lock: BinaryIO | None = None

    def open(self, plan: dict[str, Any], *, restart: bool = False) -> bool:
        """Begin, or go on with, a run of this plan; return whether anything was there before.

        Raises CaseError if the folder belongs to another plan (then nothing is touched), or is in use.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        text = json.dumps(plan, indent=1, ensure_ascii=False, sort_keys=True)
        path = self.folder / PLAN
        before = path.read_text(encoding="utf-8") if path.exists() else None
        if before is not None and before != text and not restart:
            raise CaseError("an unfinished run cannot be resumed", self._differences(json.loads(before), plan))
        if before != text:
            self._empty()
            self.write_whole(path, lambda file: file.write(text.encode()))
        for leftover in self.folder.glob("*.tmp"):
            leftover.unlink()
        return before == text

    def _take_lock(self) -> None:
        try:
            import fcntl
        except ImportError:  # no such locks on Windows
            return
        self._lock = (self.folder / "lock").open("wb")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CaseError("another run is writing this output", [Problem("", str(self.folder))]) from None

    def _differences(self, before: dict[str, Any], now: dict[str, Any]) -> list[Problem]:
        then, here = _flat(before), _flat(now)
        found = [
            Problem(key, f"was {_short(then.get(key))}, is {_short(here.get(key))}")
            for key in sorted({*then, *here} - {"inputs"})
            if then.get(key) != here.get(key)
        ]
        was = {file["name"]: file for file in before.get("inputs", ())}
        for file in now.get("inputs", ()):
            if file["name"] not in was:
                found.append(Problem("", "was not an input", file["name"]))
            elif file != was.pop(file["name"]):
                found.append(Problem("", "this input changed since", file["name"]))
            was.pop(file["name"], None)
        found += [Problem("", "was an input and is none now", name) for name in was]
        mend = f"go on with the command and input of before, or begin anew with --restart ({self.folder})"
        found.append(Problem("", mend))
        return found

    def _empty(self) -> None:
        for path in self.folder.iterdir():
            if path.name != "lock":
                path.unlink()

    def note(self, number: int) -> dict[str, Any] | None:
        """Return what was noted of a finished part, or None if it is not finished."""
        path = self.folder / f"{number:06}.json"
        if not path.exists():
            return None
        noted: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for name, size in noted["parts"].items():
            part = self.folder / name
            if not part.exists() or part.stat().st_size != size:
                path.unlink()
                return None
        return noted

    def keep(
        self, number: int, writers: dict[str, Callable[[Path], object]], noted: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """Write the files of a part (name to what writes it), then its note; return the note."""
        sizes = {}
        for name, write in writers.items():
            path = self.folder / f"{number:06}.{name}"
            waiting = path.with_name(path.name + ".tmp")
            try:
                write(waiting)
            except pl.exceptions.PolarsError as error:
                raise OSError(0, f"cannot be written: {str(error).splitlines()[0]}", str(waiting)) from None
            _to_disk(waiting)
            waiting.replace(path)
            sizes[path.name] = path.stat().st_size
        whole = {**noted(), "parts": sizes}
        text = json.dumps(whole, ensure_ascii=False)
        self.write_whole(self.folder / f"{number:06}.json", lambda file: file.write(text.encode()))
        return whole

    def parts(self, name: str, count: int) -> list[Path]:
        """Return the files of this name of the first so many parts, where they exist."""
        paths = (self.folder / f"{number:06}.{name}" for number in range(count))
        return [path for path in paths if path.exists()]

    def write_whole(self, path: Path, write: Callable[[Writable], object]) -> str:
        """Write a file under another name, bring it to the disk and rename it; return the hash of its content."""
        waiting = path.with_name(f"{path.name}.tmp")
        with waiting.open("wb") as file:
            hashing = _Hashing(file)
            write(hashing)
        _to_disk(waiting)
        waiting.replace(path)
        _to_disk(path.parent)
        return hashing.digest.hexdigest()

    def remove(self) -> None:
        """Remove the folder at once, and then its content: all is done, or what is in it is of no more use."""
        gone = self.folder.with_name(self.folder.name + ".gone")
        shutil.rmtree(gone, ignore_errors=True)
        self.folder.rename(gone)
        self.close()
        shutil.rmtree(gone, ignore_errors=True)

    def close(self) -> None:
        """Let others use the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None


class _Hashing:
    """A file to write to, from its beginning to its end, that hashes what is written."""

    def __init__(self, file: BinaryIO) -> None:
        """Take the file."""
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Write and hash."""
        self.digest.update(data)
        return self._file.write(data)


def _to_disk(path: Path) -> None:
    with _descriptor(path) as number:
        os.fsync(number)


@contextlib.contextmanager
def _descriptor(path: Path) -> Iterator[int]:
    number = os.open(path, os.O_RDONLY)
    try:
        yield number
    finally:
        os.close(number)


def _flat(plan: dict[str, Any]) -> dict[str, Any]:
    """Return a plan with its options and versions side by side with the rest."""
    parts = [value if isinstance(value, dict) else {key: value} for key, value in plan.items()]
    return {key: value for part in parts for key, value in part.items()}


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
