"""`rules cover`: which rules the library fires, as tables, Markdown and JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathways.coverage import Coverage, Share
    from rules.places import Places

Table = tuple[str, list[str], list[tuple[str, ...]]]


def tables(found: Coverage, places: Places) -> Iterator[Table]:
    """Yield (title, columns, rows): what never fired, then the shares by file, by kind, and overall."""
    never: list[tuple[str, ...]] = []
    for entry in found.never:
        file, line = places.of(entry.part)
        never.append((entry.id, entry.kind, f"{file}:{line}" if line else file))
    yield f"{len(never)} rules never fired", ["rule", "kind", "written in"], never
    yield "By file, least covered first", COLUMNS, [_row(*item) for item in found.by_file(places).items()]
    kinds = [_row(*item) for item in found.by_kind().items()]
    title = f"{len(found.cases)} cases fire {found.overall.percent:.1f} % of the rules"
    yield title, COLUMNS, [*kinds, _row("all", found.overall)]


COLUMNS = ["", "fired", "of", "percent"]


def _row(name: str, share: Share) -> tuple[str, ...]:
    return name, str(share.fired), str(share.total), f"{share.percent:.0f}"


def as_markdown(found: Coverage, places: Places) -> str:
    """Return the tables in Markdown."""
    parts = []
    for title, columns, rows in tables(found, places):
        lines = [columns, ["---"] * len(columns), *rows]
        parts.append(f"## {title}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines))
    return "\n".join(parts)


def as_json(found: Coverage, places: Places) -> str:
    """Return the coverage with, for every rule, the cases that fire it."""

    def shares(of: dict[str, Share]) -> dict[str, dict[str, float]]:
        return {n: {"fired": s.fired, "total": s.total, "percent": round(s.percent, 1)} for n, s in of.items()}

    content = {
        **shares({"overall": found.overall}),
        "kinds": shares(found.by_kind()),
        "files": shares(found.by_file(places)),
        "never": [entry.id for entry in found.never],
        "fired": {rule: list(cases) for rule, cases in found.fired.items() if cases},
        "cases": list(found.cases),
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
