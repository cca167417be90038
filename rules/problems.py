"""Problems found in files: collected, never raised one by one, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: where, what, and what would be right."""

    place: str
    message: str
    file: str = ""
    line: int | None = None

    def __str__(self) -> str:
        """Return `file:line: place: message`, leaving out what is not known."""
        where = f"{self.file}:{self.line}" if self.file and self.line else self.file
        if not where and self.line:
            where = f"line {self.line}"
        return ": ".join(part for part in (where, self.place, self.message) if part)


class SpinepathError(Exception):
    """The root of all errors that a user can mend; carries every problem found."""

    def __init__(self, title: str, problems: Iterable[Problem] = ()) -> None:
        """Take a one-line title and the problems behind it."""
        self.title = title
        self.problems = list(problems)
        super().__init__("\n".join([title, *(f"  {p}" for p in self.problems)]))


class KnowledgeError(SpinepathError):
    """The knowledge files cannot be used as they are."""


class CaseError(SpinepathError):
    """A case cannot be used as it is."""


def nearest(name: object, known: Iterable[str], count: int = 3) -> str:
    """Return a hint such as ` (did you mean a, b?)`, or an empty string when nothing is near."""
    name, names = str(name), list(known)
    close = get_close_matches(name, names, n=count, cutoff=0.6)
    if not close:
        tail = name.rsplit(".", 1)[-1]
        close = [n for n in names if n.rsplit(".", 1)[-1] == tail][:count]
    return f" (did you mean {', '.join(close)}?)" if close else ""
