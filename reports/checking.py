"""`rules check`: everything found in a knowledge folder, and how well its rules are backed, as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pathways import vignettes
from rules import lints
from rules.evidence import Tally, tallies
from rules.inference import Reasoner
from rules.lints import CODES, Note

if TYPE_CHECKING:
    from rules.rulebase import Loaded


@dataclass(frozen=True)
class Checked:
    """The outcome of a check: the notes in the order of files, and the tallies of backing."""

    notes: list[Note]
    tallies: dict[str, Tally]
    about: str
    overlays: tuple[str, ...]
    switched_off: tuple[str, ...]

    @property
    def errors(self) -> list[Note]:
        """The notes that make the check fail."""
        return [note for note in self.notes if note.is_error]

    @property
    def warnings(self) -> list[Note]:
        """The notes that do not."""
        return [note for note in self.notes if not note.is_error]


def checked(loaded: Loaded, today: str = "") -> Checked:
    """Check what was loaded: its problems, examples and lints, all at once; and vignettes if it can be loaded whole."""
    notes = [Note("K100", problem) for problem in loaded.problems]
    base = loaded.base
    if base is None:
        return Checked(_sorted(notes), {}, "nothing could be read as a rule base", (), ())
    notes += lints.run(loaded, today)
    if not loaded.problems:
        notes += vignettes.notes(Reasoner(base), loaded.places)
    about = (
        f"{len(base.causes)} causes, {len(base.pathways)} pathways, {len(base.red_flags)} red flags, "
        f"{len(base.findings)} findings, {len(base.criteria)} checklists, {len(base.disagreements)} disagreements, "
        f"{len(base.sources)} sources, {len(base.conditions)} conditions"
    )
    return Checked(_sorted(notes), tallies(base), about, base.overlays, base.switched_off)


def _sorted(notes: list[Note]) -> list[Note]:
    """Return the notes by severity, file and line."""
    return sorted(notes, key=lambda n: (not n.is_error, n.problem.file, n.problem.line or 0, n.problem.place, n.code))


def as_text(result: Checked) -> str:
    """Return the outcome for people."""
    lines = []
    for title, notes in (("error", result.errors), ("warning", result.warnings)):
        if notes:
            lines += [f"{len(notes)} {title}{'s' * (len(notes) != 1)}:", *(f"  {note}" for note in notes), ""]
    codes = dict.fromkeys(note.code for note in result.notes)
    lines += [f"  {code}  {CODES[code]}" for code in sorted(codes)] + [""] * bool(codes)
    lines.append(result.about)
    for overlay in result.overlays:
        lines.append(f"with the overlay {overlay}")
    if result.switched_off:
        lines.append(f"switched off: {', '.join(result.switched_off)}")
    lines += [_backed(name, tally) for name, tally in result.tallies.items()]
    lines.append(f"{len(result.errors)} errors, {len(result.warnings)} warnings")
    return "\n".join(lines) + "\n"


def _backed(name: str, tally: Tally) -> str:
    return (
        f"{name}: {tally.confirmed} of {tally.total} confirmed by a source that was opened ({tally.percent:.0f} %), "
        f"{tally.judged} by expert judgement, {tally.unconfirmed} unconfirmed"
    )


def as_json(result: Checked) -> str:
    """Return the outcome for other programs."""
    content = {
        "errors": len(result.errors),
        "warnings": len(result.warnings),
        "notes": [
            {
                "code": note.code,
                "level": "error" if note.is_error else "warning",
                "file": note.problem.file,
                "line": note.problem.line,
                "place": note.problem.place,
                "message": note.problem.message,
            }
            for note in result.notes
        ],
        "backing": {
            name: {
                "total": tally.total,
                "confirmed": tally.confirmed,
                "expert_judgement": tally.judged,
                "unconfirmed": tally.unconfirmed,
                "percent_confirmed": round(tally.percent, 1),
            }
            for name, tally in result.tallies.items()
        },
        "overlays": list(result.overlays),
        "switched_off": list(result.switched_off),
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
