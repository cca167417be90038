"""A rule base that was read and checked before is kept ready in the user's cache, so that a command starts at once.

The key is the content of every knowledge file, so a changed file is always read and checked anew. A snapshot is used
only if it belongs to this user and nobody else may write it, and it may hold nothing but the project's own classes.
"""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rules.inference import Reasoner
from rules.rulebase import KNOWLEDGE, load

if TYPE_CHECKING:
    from collections.abc import Iterable

CODE = ("*.py", "engines/*.py")
MOST = 8  # snapshots that are kept


def reasoner(folder: Path = KNOWLEDGE, overlays: Iterable[Path] = ()) -> Reasoner:
    """Return a reasoner over the knowledge, from a snapshot where there is one.

    Raises KnowledgeError carrying every problem found, as `load` does.
    """
    folders = [folder, *overlays]
    path = _place(folders)
    kept = _read(path) if path else None
    if kept is not None:
        return Reasoner(kept[0], kept[1])
    made = Reasoner(load(folder, overlays))
    if path and not made.unavailable:
        _write(path, (made.base, made.plans))
    return made


def _place(folders: list[Path]) -> Path | None:
    """Return where the snapshot of these folders is kept, or None where there is no cache to keep it in."""
    root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - may fail quietly
    if not os.path.isabs(root):  # noqa: PTH117
        return None
    digest = hashlib.sha256(sys.version.encode())
    try:
        for pattern in CODE:
            for path in sorted(Path(__file__).parent.glob(pattern)):
                digest.update(path.read_bytes())
        for folder in folders:
            digest.update(str(folder.resolve()).encode())
            for path in sorted(folder.rglob("*.yaml")):
                digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    except OSError:
        return None
    return Path(root) / "spinepath" / f"{digest.hexdigest()[:32]}.snapshot"


def _read(path: Path) -> tuple[Any, Any] | None:
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            if hasattr(os, "getuid") and (about.st_uid != os.getuid() or about.st_mode & 0o022):
                return None
            gc.disable()
            try:
                kept: tuple[Any, Any] = _OwnClasses(file).load()
            finally:
                gc.enable()
            return kept
    except (OSError, pickle.UnpicklingError, AttributeError, EOFError, ImportError, IndexError, TypeError, ValueError):
        return None


class _OwnClasses(pickle.Unpickler):
    """Reads only the project's own classes."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("rules.") or (module, name) == ("builtins", "set"):
            return super().find_class(module, name)
        message = f"{module}.{name} has no place in a snapshot"
        raise pickle.UnpicklingError(message)


def _write(path: Path, content: object) -> None:
    """Keep a snapshot; where that fails, the next start is slower and nothing else."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
            pickle.dump(content, file, pickle.HIGHEST_PROTOCOL)
        fresh.replace(path)
        by_age = sorted(path.parent.glob("*.snapshot"), key=lambda snapshot: snapshot.stat().st_mtime)
        for old in by_age[:-MOST]:
            old.unlink()
    except OSError:
        return
