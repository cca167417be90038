"""Verbs for who keeps the knowledge: rules list, show, check, cover, diff, site."""

from __future__ import annotations

import json
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reports.commands.shared import KnowledgeOption, OverlayOption, TableFormat, bar, fail, reasoner_for, table, write

if TYPE_CHECKING:
    from rules.inference import Reasoner
    from rules.rulebase import Loaded, RuleBase

rules = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Read, check and compare the knowledge: every rule, with its condition, reason, basis and sources.",
)


class What(StrEnum):
    """What can be listed."""

    rules = "rules"
    causes = "causes"
    pathways = "pathways"
    red_flags = "red_flags"
    findings = "findings"
    criteria = "criteria"
    disagreements = "disagreements"
    sources = "sources"


class Form(StrEnum):
    """For people or for programs."""

    text = "text"
    json = "json"


FormOption = Annotated[Form, typer.Option("--format", "-f", help="text, or json for other programs.")]


@rules.command("list")
def list_(
    what: Annotated[What, typer.Argument(help="What to list.")] = What.rules,
    search: Annotated[str, typer.Option("--search", "-s", help="Only rows that hold this text.")] = "",
    where: Annotated[
        list[str] | None,
        typer.Option("--where", "-w", metavar="COLUMN=VALUE", help="Only rows with this value; may be repeated."),
    ] = None,
    form: Annotated[TableFormat, typer.Option("--format", "-f", help="table, json or md.")] = TableFormat.table,
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
) -> None:
    """List rules, causes, pathways, red flags, findings, criteria, disagreements or sources.

    For example: rules list sources --where opened=no, or rules list --where kind=argument --search fever.
    """
    from reports import listings
    from rules.problems import nearest

    rows = listings.listing(reasoner_for(knowledge, overlay).base, what.value)
    filters: dict[str, str] = {}
    for given in where or ():
        column, equals, value = given.partition("=")
        if not equals or column not in rows[0]:
            known = f"{nearest(column, rows[0])}; its columns are {', '.join(rows[0])}"
            fail(f"--where takes COLUMN=VALUE, and {what.value} have no column {column!r}{known}")
        filters[column] = value
    found = listings.chosen(rows, search, filters)
    if form is TableFormat.json:
        write(json.dumps(found, indent=1, ensure_ascii=False) + "\n", None)
    elif not found:
        fail("nothing fits", 1)
    elif form is TableFormat.md:
        write(listings.as_markdown(found), None)
    else:
        write(listings.as_text(found, shutil.get_terminal_size((100, 24)).columns), None)
        print(f"{len(found)} {what.value.replace('_', ' ')}", file=sys.stderr)


@rules.command()
def show(
    names: Annotated[
        list[str],
        typer.Argument(metavar="ID...", help="A rule, cause, pathway, red flag, finding, checklist, source or fact."),
    ],
    form: FormOption = Form.text,
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Show one entry in full: condition in words, reason, basis, sources with links, examples, and who cites a source.

    Where several kinds share a name, all are shown; `red_flag.infection` or `cause.infection` picks one.
    """
    from reports import cards
    from rules.lookup import find

    loaded = _loaded(knowledge, overlay)
    base = _sound(loaded)
    told = [(entry, cards.card(base, entry, loaded.places)) for name in names for entry in find(base, name)]
    if form is Form.json:
        data = [{"id": entry.id, "kind": entry.kind, "told": dict(lines)} for entry, lines in told]
        write(json.dumps(data, indent=1, ensure_ascii=False) + "\n", None)
    else:
        cards.show((entry.id, lines) for entry, lines in told)


@rules.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="A knowledge folder; without one, the built-in knowledge.")
    ] = None,
    overlay: OverlayOption = None,
    today: Annotated[
        str, typer.Option("--today", metavar="YYYY-MM", help="Also warn of review dates before this month.")
    ] = "",
    form: FormOption = Form.text,
) -> None:
    """Check the knowledge: shapes, facts, sources, examples, vignettes and lints. All problems at once, file and line.

    Ends with 1 if there is an error. Warnings do not fail. Each line ends with a code; `--format json` has them all.
    """
    import re

    from reports.checking import as_json, as_text, checked

    if today and not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", today):
        fail(f"--today takes a month such as 2027-03, not {today!r}")
    result = checked(_loaded(folder, overlay), today)
    write(as_json(result) if form is Form.json else as_text(result), None)
    if result.errors:
        raise SystemExit(1)


@rules.command()
def cover(
    form: Annotated[TableFormat, typer.Option("--format", "-f", help="table, json or md.")] = TableFormat.table,
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Show which rules the published cases fire, and with the constructed ones: overall, by kind and by file."""
    from pathways import library
    from pathways.coverage import constructed_cases, coverage, library_cases
    from reports import covering

    loaded = _loaded(knowledge, overlay)
    base = _sound(loaded)
    whole = coverage(_reasoner(base), [*library_cases(base), *constructed_cases(base)])
    published = whole.only(library.names())
    if form is TableFormat.json:
        write(covering.as_json(published, whole, loaded.places), None)
    elif form is TableFormat.md:
        write(covering.as_markdown(published, whole, loaded.places), None)
    else:
        for title, columns, rows in covering.tables(published, whole, loaded.places):
            table(title, columns, rows)


@rules.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="A knowledge folder.")],
    new: Annotated[
        Path | None, typer.Argument(metavar="[NEW]", help="Another; without one, the built-in knowledge.")
    ] = None,
    cases: Annotated[
        str | None,
        typer.Option("--cases", help="Compare on this cohort (as for `spinepath batch`), not on the library."),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="With --cases: how the columns of the table are read.")
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", help="With --cases: leave this column out (may be repeated).")
    ] = None,
    overlay: OverlayOption = None,
    form: FormOption = Form.text,
) -> None:
    """Compare two knowledge folders: which rules differ, for whom that changes what, and by which rule.

    --overlay is laid over NEW: `rules diff FOLDER --overlay MINE` says what an overlay changes.
    """
    from pathways.difference import library_pairs, shifts
    from reports import differing
    from rules.changes import changes

    before, after = (_sound(_loaded(old, None)), _sound(_loaded(new, overlay)))
    edited = changes(before, after)
    if cases:
        from pathways.overview.twice import judged_twice

        with bar("judging twice") as progress:
            told, left_out = judged_twice([cases], before, after, mapping=mapping, drop=drop or (), progress=progress)
        if form is Form.json:
            write(differing.cohort_as_json(edited, told, left_out), None)
        else:
            write(differing.cohort_as_text(edited, told, left_out, _titles(before, after), after.vocabulary), None)
        return
    if mapping or drop:
        fail("--mapping and --drop are for a table: name it with --cases")
    pairs = list(library_pairs(before, after))
    names = [change.id for change in edited if change.how == "changed"]
    moved = list(shifts(_reasoner(before), _reasoner(after), pairs, names))
    if form is Form.json:
        write(differing.as_json(edited, moved, len(pairs)), None)
    else:
        write(differing.as_text(edited, moved, len(pairs), after.vocabulary), None)


@rules.command()
def site(
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write; made if it is not there.")],
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Write the whole knowledge as a browsable static site: no server and no network needed."""
    from reports.site import build

    if output.exists() and not output.is_dir():
        fail(f"{output} is not a folder")
    loaded = _loaded(knowledge, overlay)
    pages = build(_sound(loaded), loaded.places)
    for name, text in pages:
        path = output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print(f"written: {len(pages)} pages; open {output / 'index.html'}", file=sys.stderr)


def _titles(*bases: RuleBase) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for base in bases:
        found |= {("cause", name): cause.title for name, cause in base.causes.items()}
        found |= {("pathway", name): pathway.title for name, pathway in base.pathways.items()}
        found |= {("red_flag", name): flag.title for name, flag in base.red_flags.items()}
    return found


def _loaded(folder: Path | None, overlay: list[Path] | None) -> Loaded:
    from rules.rulebase import KNOWLEDGE, examine

    for path in (folder, *(overlay or ())):
        if path is not None and not path.is_dir():
            fail(f"{path}: there is no such folder")
    return examine(folder or KNOWLEDGE, overlay or ())


def _sound(loaded: Loaded) -> RuleBase:
    """Return the rule base; problems in it stop everything but `check`."""
    return loaded.sound()


def _reasoner(base: RuleBase) -> Reasoner:
    from rules.inference import Reasoner

    return Reasoner(base)
