"""Lints: what is well formed in the knowledge and still wrong, or worth a look. Each has a code, file and line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.examples import failing
from rules.lints import logic, safety, upkeep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.problems import Problem
    from rules.rulebase import Loaded

CODES = {
    "K100": "cannot be loaded: YAML, shape, unknown fact, unknown source, unknown reference",
    "K201": "an example beside a rule does not do what it says",
    "K202": "a vignette does not reach what it expects",
    "K301": "a rule that can never fire",
    "K302": "a rule that is there twice",
    "K303": "the same condition argues for and against",
    "K304": "an argument that never counts beside a wider one of its group",
    "K305": "an alternative that can never be true",
    "K306": "a count with very many ways to be reached",
    "K401": "a fact that no rule uses",
    "K402": "a finding that no rule uses",
    "K403": "a source that nothing cites",
    "K404": "a source that nobody opened",
    "K405": "one paper under two keys",
    "K406": "a review date that has gone by",
    "K407": "a slot that is never filled in",
    "K501": "a red flag that no emergency pathway takes up",
    "K502": "a red flag that does not stop elective pathways",
}
# What can only be said of a knowledge that can be loaded whole.
OF_THE_WHOLE = frozenset({"K202", "K401", "K402", "K403", "K501", "K502"})
WARNINGS = frozenset({"K304", "K305", "K306", "K401", "K402", "K403", "K404", "K405", "K406"})


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that a check found: its code, and where it is."""

    code: str
    problem: Problem

    @property
    def is_error(self) -> bool:
        """Does it make the check fail?"""
        return self.code not in WARNINGS

    def __str__(self) -> str:
        """Return `file:line: place: message [code]`."""
        return f"{self.problem} [{self.code}]"


def run(loaded: Loaded, today: str = "") -> Iterator[Note]:
    """Yield everything found in a rule base: examples and lints. `today` (YYYY-MM) also asks for review dates.

    Where something could not be loaded, only what does not rest on it is looked at.
    """
    base = loaded.base
    if base is None:
        return
    for problem in failing(base, loaded.places):
        yield Note("K201", problem)
    places = loaded.places
    for code, problem in (
        *logic.found(base, places),
        *safety.found(base, places),
        *upkeep.found(base, places, today),
    ):
        if not (loaded.problems and code in OF_THE_WHOLE):
            yield Note(code, problem)
