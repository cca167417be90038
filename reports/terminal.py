"""The report in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from reports import words

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from pathways.assessment import Assessment, CauseResult, PathwayResult, RedFlagResult

COLORS = {
    "confirmed": "bold magenta",
    "probable": "bold cyan",
    "possible": "yellow",
    "nothing_to_say": "dim",
    "unlikely": "dim",
    "excluded": "dim",
    "urgent": "bold red",
    "recommended_now": "bold green",
    "next": "cyan",
    "to_be_considered": "yellow",
    "not_indicated": "dim",
    "contraindicated": "red",
}
CHOSEN = 8  # fewer checklists than this were chosen by the reader
MARKS = {"for": "+", "against": "-", "confirms": "++", "excludes": "--"}


def show(assessment: Assessment, console: Console, *, full: bool = False) -> None:
    """Print the report. `full` also lists what is not indicated, all unknowns and every fact."""
    title = f"Spinepath assessment of {assessment.case_id}"
    console.print(Rule(Text(title, "bold")))
    if assessment.engine_note:
        console.print(Text(assessment.engine_note, "yellow"))
    console.print(_flags(assessment))
    console.print(Padding(Text(words.paragraph(assessment)), (1, 2)))
    console.print(_plan(assessment))
    for cause in words.leading(assessment):
        console.print(_cause(cause, assessment))
    console.print(_other_causes(assessment))
    console.print(_pathways(assessment, full=full))
    console.print(_missing(assessment, full=full))
    if full or len(assessment.criteria) < CHOSEN:
        console.print(_criteria(assessment))
    if full:
        console.print(_facts(assessment))
    console.print(_foot(assessment))


def _heading(text: str) -> Text:
    return Text(f"\n{text}", "bold underline")


def _flags(assessment: Assessment) -> RenderableType:
    present = assessment.present_red_flags
    unknown = [missing for missing in assessment.missing if missing.key_red_flag]
    if present:
        return Panel(Group(*(_flag(flag) for flag in present)), title="Red flags", border_style="bold red")
    text = Text("No red flag is recorded. That does not exclude an emergency.")
    if unknown:
        text.append("\nAsk first: " + " ".join(missing.question for missing in unknown), "yellow")
    return Panel(text, title="Red flags", border_style="yellow" if unknown else "green")


def _flag(flag: RedFlagResult) -> Text:
    text = Text(f"{flag.title} (act {words.URGENCY[flag.urgency]})\n", "bold red")
    text.append(f"  {flag.because} {flag.action}\n", "default")
    text.append(f"  because {_facts_text(flag.facts)}  [red_flag.{flag.id}]", "dim")
    return text


def _facts_text(facts: dict[str, bool | int | float | str]) -> str:
    shown = [f"{name}={'yes' if v is True else 'no' if v is False else v}" for name, v in facts.items()]
    return ", ".join(shown)


def _plan(assessment: Assessment) -> RenderableType:
    table = Table(title="Plan", title_justify="left", title_style="bold underline", expand=True, show_lines=False)
    table.add_column("", width=2)
    table.add_column("What", ratio=3)
    table.add_column("When", ratio=2)
    table.add_column("Go on if", ratio=4)
    titles = {pathway.id: pathway for pathway in assessment.pathways}
    for step in assessment.plan:
        named = Text("\n").join(Text(titles[p].title, COLORS[titles[p].status]) for p in step.pathways)
        gates = "\n".join(titles[p].gate for p in step.pathways)
        table.add_row(str(step.step), named, step.when, gates if len(step.pathways) == 1 else "see each pathway")
    return table if assessment.plan else Text("No pathway is indicated by what is known.")


def _cause(cause: CauseResult, assessment: Assessment) -> RenderableType:
    head = Text.assemble(
        ("\n" + cause.title, "bold"),
        "  ",
        (words.STANDING[cause.standing], COLORS[cause.standing]),
        (f"  score {cause.score:+d} (prior {cause.prior.points:+d}, share {cause.prior.share:.0%})", "dim"),
    )
    lines: list[RenderableType] = [head]
    if cause.note:
        lines.append(Text("  " + cause.note, "yellow"))
    for argument in cause.arguments:
        color = "green" if argument.direction in ("for", "confirms") else "red"
        line = Text(f"  {MARKS[argument.direction]:>2} ", color)
        line.append(argument.because)
        label = f"  [{argument.strength}{'' if argument.counted else ', same group, not counted'}; {argument.basis}"
        cited = "; ".join(source.key for source in argument.sources)
        line.append(f"{label}{': ' + cited if cited else ''}; {argument.rule}]", "dim")
        lines.append(line)
    if cause.unknown:
        wanted = list(dict.fromkeys(fact for argument in cause.unknown for fact in argument.facts))
        lines.append(
            Text(
                f"   ? unknown and would matter: {', '.join(wanted[:8])}{' ...' if len(wanted) > 8 else ''}",
                "yellow",
            )
        )
    lines.append(Text(f"     next: {cause.next_test}", "cyan"))
    return Group(*lines)


def _other_causes(assessment: Assessment) -> RenderableType:
    lines: list[RenderableType] = [_heading("Other causes")]
    for standing in ("nothing_to_say", "unlikely", "excluded"):
        named = [cause.title for cause in assessment.causes if cause.standing == standing]
        if named:
            lines.append(Text(f"  {words.STANDING[standing]}: {'; '.join(named)}", "dim"))
    return Group(*lines)


def _pathways(assessment: Assessment, *, full: bool) -> RenderableType:
    lines: list[RenderableType] = [_heading("Pathways")]
    shown = assessment.pathways if full else [*words.active(assessment), *_refused(assessment)]
    for pathway in shown:
        lines.append(_pathway(pathway))
    rest = [p.title for p in assessment.pathways if p not in shown]
    if rest:
        lines.append(Text(f"  not indicated by what is known: {'; '.join(rest)}", "dim"))
    return Group(*lines)


def _refused(assessment: Assessment) -> list[PathwayResult]:
    return [p for p in assessment.pathways if p.status == "contraindicated" and p.reasons]


def _pathway(pathway: PathwayResult) -> Text:
    text = Text(f"  {pathway.title}: ", "bold")
    text.append(words.STATUS[pathway.status], COLORS[pathway.status])
    if pathway.held_by_emergency:
        text.append("\n      held until the emergency is dealt with", "red")
    for reason in pathway.reasons:
        text.append(f"\n      because {words.lower_first(reason.because)}")
        text.append(f"  [{reason.basis}; {reason.rule}]", "dim")
    for wait in pathway.waits_for:
        open_facts = f" (unknown: {', '.join(wait.facts[:3])})" if wait.facts else ""
        text.append(f"\n      first: {wait.text}{open_facts}", "cyan")
    for caution in pathway.cautions:
        said = f"{caution.because.rstrip('.')}, until {caution.text}" if caution.text else caution.because
        text.append(f"\n      {caution.kind} contraindication: {said}", "red")
    for item in pathway.prepare:
        text.append(f"\n      prepare: {item.text}", "yellow")
    against = [line.says for line in pathway.evidence if line.direction == "against"]
    if against and pathway.status != "not_indicated":
        text.append(f"\n      evidence against: {against[0]}", "dim")
    return text


def _missing(assessment: Assessment, *, full: bool) -> RenderableType:
    lines: list[RenderableType] = [_heading("What is missing, most valuable first")]
    for missing in assessment.missing[: None if full else 10]:
        text = Text(f"  {missing.question}", "yellow" if missing.key_red_flag else "default")
        text.append(f"  [{missing.fact}; {missing.burden}; bears on {', '.join(missing.would_change[:4])}]", "dim")
        lines.append(text)
    return Group(*lines)


def _criteria(assessment: Assessment) -> RenderableType:
    """Show the official checklists; each is one body's rule and none is the default truth."""
    lines: list[RenderableType] = [_heading("Official criteria")] if assessment.criteria else []
    for entry in assessment.criteria:
        counts = f"{entry.met} met, {entry.unmet} unmet, {entry.unknown} unknown"
        lines.append(Text(f"  {entry.title} ({entry.issuer}, {entry.date}, {entry.country}): {counts}", "bold"))
        for item in entry.items:
            color = {"met": "green", "unmet": "red", "unknown": "yellow"}[item.status]
            lines.append(Text.assemble(("    " + item.status, color), f"  {item.says}"))
    return Group(*lines)


def _facts(assessment: Assessment) -> RenderableType:
    table = Table(title="Facts used", title_justify="left", title_style="bold underline")
    table.add_column("fact")
    table.add_column("value")
    for name, value in assessment.facts.items():
        table.add_row(name, "yes" if value is True else "no" if value is False else str(value))
    return table


def _foot(assessment: Assessment) -> RenderableType:
    base = assessment.rule_base
    made = (
        f"Spinepath {assessment.package_version}, knowledge {base.version} ({base.sha256[:12]}), "
        f"engines: {', '.join(assessment.engines)}"
    )
    if base.overlays:
        made += f"; with the local overlay {', '.join(base.overlays)}"
    if base.switched_off:
        made += f"; switched off: {', '.join(base.switched_off)}"
    return Group(Text(f"\n{words.AUDIENCE} {words.LIMITS}", "dim"), Text(made, "dim"))
