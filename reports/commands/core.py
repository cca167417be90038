"""Verbs for one case: assess, new, facts, verify."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reports.commands.shared import (
    CaseArgument,
    DictionaryFormat,
    Format,
    KnowledgeOption,
    OutOption,
    OverlayOption,
    fail,
    read,
    reasoner_for,
    table,
    write,
    write_bytes,
)

if TYPE_CHECKING:
    from pathways.assessment import Assessment
    from rules.rulebase import RuleBase

ENDINGS = {".html": Format.html, ".htm": Format.html, ".pdf": Format.pdf, ".json": Format.json, ".md": Format.md}


def assess(
    case: CaseArgument,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            "-f",
            help="For the clinician: text, html, md, json, pdf. For others: note (one page for the record), letter (to "
            "the referring doctor), leaflet (for the patient), leaflet-pdf. The ending of -o FILE makes a letter or "
            "leaflet .html, .txt or .pdf.",
        ),
    ] = Format.text,
    output: OutOption = None,
    full: Annotated[
        bool,
        typer.Option("--full", help="In the terminal: also what is not indicated, every unknown and every fact."),
    ] = False,
    criteria: Annotated[
        list[str] | None,
        typer.Option(
            "--criteria", help="Show only this official checklist, by id (may be repeated; `none` shows none)."
        ),
    ] = None,
    row: Annotated[
        int | None,
        typer.Option("--row", min=1, help="CASE is a table, as for `spinepath batch`: assess this row of it."),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="With --row: how the columns of the table are read.")
    ] = None,
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Assess one patient's case: red flags, causes with arguments, pathways, plan, and what is missing."""
    from pathways.assess import assess as run
    from pathways.assess import assess_facts

    reasoner = reasoner_for(knowledge, overlay)
    if row is not None:
        from pathways.cohort.onerow import facts_of_row

        stated, case_id = facts_of_row(case, row, reasoner.base, mapping)
        assessed = assess_facts(stated, reasoner, case_id=case_id)
    else:
        assessed = run(read(case, reasoner), reasoner)
    if criteria and form is not Format.json:
        assessed = _with_criteria(assessed, criteria)
    report(assessed, reasoner.base, form, output, full=full)


def _with_criteria(assessment: Assessment, chosen: list[str]) -> Assessment:
    """Return the assessment with only the chosen checklists; `none` stands for none of them."""
    from rules.problems import nearest

    known = [entry.id for entry in assessment.criteria]
    for name in chosen:
        if name not in (*known, "none"):
            fail(f"no checklist is called {name!r}{nearest(name, known)}; there are {', '.join(known)}")
    shown = [entry for entry in assessment.criteria if entry.id in chosen]
    return assessment.model_copy(update={"criteria": shown})


def new(
    output: OutOption = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask question by question in the terminal.")] = False,
) -> None:
    """Write an annotated blank case, or ask for one question by question (with --ask)."""
    base = reasoner_for(None, None).base
    if output is not None and output.exists():
        fail(f"{output} exists already; choose another name")
    if ask:
        from pathways.intake.ask import interview

        text = interview(base)
    else:
        from pathways.intake.blank import blank

        text = blank(base)
    write(text, output)


def facts(
    form: Annotated[
        DictionaryFormat,
        typer.Option("--format", "-f", help="table, json, md, or csv: a template table, its columns and no rows."),
    ] = DictionaryFormat.table,
    search: Annotated[str, typer.Option("--search", "-s", help="Only facts whose name or question holds this.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also findings, red flags and standings.")] = False,
) -> None:
    """Print the data dictionary: every fact with its question, type, unit, range and code."""
    from reports import dictionary

    base = reasoner_for(None, None).base
    wanted = search.lower()
    chosen = [
        f for f in dictionary.entries(base, everything=everything) if wanted in f.id.lower() or wanted in f.ask.lower()
    ]
    if not chosen:
        fail(f"no fact holds {search!r}", 1)
    if form is DictionaryFormat.json:
        write(dictionary.as_json(chosen), None)
    elif form is DictionaryFormat.md:
        write(dictionary.as_markdown(chosen), None)
    elif form is DictionaryFormat.csv:
        write(dictionary.as_header(chosen), None)
    else:
        table("Facts", ["fact", "question", "type", "code"], dictionary.as_rows(chosen))


def verify(
    assessment: Annotated[
        Path, typer.Argument(help="An assessment in JSON, as `spinepath assess --format json` writes it.")
    ],
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Derive an assessment again from its own case and compare every field."""
    from pathways.verify import verify as check

    if not assessment.is_file():
        fail(f"{assessment}: there is no such file")
    differences = check(assessment.read_text(encoding="utf-8", errors="replace"), reasoner_for(knowledge, overlay))
    if differences:
        print(f"{assessment}: differs from what is derived now:")
        print("\n".join(f"  {line}" for line in differences))
        raise SystemExit(1)
    print(f"{assessment}: identical to what is derived now")


def _form_for(form: Format, output: Path | None) -> Format:
    """Return the form that fits the ending of a file, or stop where another was asked for."""
    meant = ENDINGS.get(output.suffix.lower()) if output else None
    if meant is None or form in (meant, Format.letter, Format.leaflet):
        return form
    if form is Format.text:
        return meant
    if (form, meant) not in ((Format.leaflet_pdf, Format.pdf), (Format.note, Format.md)):
        fail(f"{output} ends like {meant.value}, but -f {form.value} was asked for; choose another ending")
    return form


def report(assessment: Assessment, base: RuleBase, form: Format, output: Path | None, *, full: bool) -> None:
    """Write an assessment in the form asked for; without one, the ending of the file says it."""
    form = _form_for(form, output)
    if form is Format.text:
        from rich.console import Console

        from reports import terminal

        if output is None:
            terminal.show(assessment, Console(highlight=False), full=full)
        else:
            with output.open("w", encoding="utf-8") as file:
                terminal.show(assessment, Console(file=file, width=110, highlight=False), full=full)
            print(f"written: {output}", file=sys.stderr)
    else:
        from reports.formats import document

        made = document(assessment, base, form.value, output.suffix.lower() if output else "")
        if isinstance(made, bytes):
            write_bytes(made, output)
        else:
            write(made, output)
