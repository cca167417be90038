"""`rules cover`: which rules the published cases fire, and with the constructed ones; as tables, Markdown and JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathways.coverage import Coverage, Share
    from rules.places import Places

Table = tuple[str, list[str], list[tuple[str, ...]]]
COLUMNS = ["", "fired", "of", "percent", "percent with constructed"]


def tables(published: Coverage, whole: Coverage, places: Places) -> Iterator[Table]:
    """Yield (title, columns, rows): what no published case fires, then the shares by file, by kind, and overall.

    `whole` is the coverage by the published and the constructed cases together.
    """
    constructed = set(whole.cases).difference(published.cases)
    never: list[tuple[str, ...]] = []
    for entry in published.never:
        file, line = places.of(entry.part)
        fired = str(len(constructed.intersection(whole.fired[entry.id])))
        never.append((entry.id, entry.kind, f"{file}:{line}" if line else file, fired))
    title = f"{len(published.never)} rules never fired on a published case, {len(whole.never)} of them on none at all"
    yield title, ["rule", "kind", "written in", "constructed cases"], never
    by_file = whole.by_file(places)
    files = [_row(file, share, by_file[file]) for file, share in published.by_file(places).items()]
    yield "By file, least covered first", COLUMNS, files
    by_kind = whole.by_kind()
    kinds = [_row(kind, share, by_kind[kind]) for kind, share in published.by_kind().items()]
    title = (
        f"{len(published.cases)} published cases fire {published.overall.percent:.1f} % of the rules; "
        f"with {len(constructed)} constructed for teaching, {whole.overall.percent:.1f} %"
    )
    yield title, COLUMNS, [*kinds, _row("all", published.overall, whole.overall)]


def _row(name: str, share: Share, whole: Share) -> tuple[str, ...]:
    return name, str(share.fired), str(share.total), f"{share.percent:.0f}", f"{whole.percent:.0f}"


def as_markdown(published: Coverage, whole: Coverage, places: Places) -> str:
    """Return the tables in Markdown."""
    parts = []
    for title, columns, rows in tables(published, whole, places):
        lines = [columns, ["---"] * len(columns), *rows]
        parts.append(f"## {title}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines))
    return "\n".join(parts)


def as_json(published: Coverage, whole: Coverage, places: Places) -> str:
    """Return the coverage by the published cases, and under `with_constructed` the same by all cases."""
    content = {**_content(published, places), "with_constructed": _content(whole, places)}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _content(found: Coverage, places: Places) -> dict[str, Any]:
    """Return the shares, and for every rule the cases that fire it."""

    def shares(of: dict[str, Share]) -> dict[str, dict[str, float]]:
        return {n: {"fired": s.fired, "total": s.total, "percent": round(s.percent, 1)} for n, s in of.items()}

    return {
        **shares({"overall": found.overall}),
        "kinds": shares(found.by_kind()),
        "files": shares(found.by_file(places)),
        "never": [entry.id for entry in found.never],
        "fired": {rule: list(cases) for rule, cases in found.fired.items() if cases},
        "cases": list(found.cases),
    }
