"""What was refused, by the column: how often, and where first. So a wrong column shows before a file is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pathways.cohort.understanding import Refusal

MOST = 20  # columns that are named
Refused = dict[str, Any]  # column, values refused in it, and the file, row and reason of the first


def by_column(refused: Iterable[Refusal], file: str) -> list[Refused]:
    """Return what was refused in a piece of a file, whose rows are in order."""
    found: dict[str, Refused] = {}
    for refusal in refused:
        first = {
            "column": refusal.column,
            "refused": 0,
            "file": refusal.file or file,
            "row": refusal.row,
            "reason": refusal.reason,
        }
        found.setdefault(refusal.column, first)["refused"] += 1
    return list(found.values())


def merged(pieces: Iterable[Iterable[Refused]]) -> dict[str, Any]:
    """Return in how many columns something was refused in all pieces, which come in order, and in which most."""
    found: dict[str, Refused] = {}
    for piece in pieces:
        for told in piece:
            found.setdefault(told["column"], {**told, "refused": 0})["refused"] += told["refused"]
    most = sorted(found.values(), key=lambda told: (-told["refused"], told["column"]))
    return {"columns": len(found), "most": most[:MOST]}
