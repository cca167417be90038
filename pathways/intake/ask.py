"""Asking for a case question by question in a terminal. Empty answers stay unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from pathways.parts import Parts
from pathways.values import Values

if TYPE_CHECKING:
    from rules.problems import Problem
    from rules.rulebase import RuleBase
    from rules.vocabulary import Fact

DONE = "q"


def interview(base: RuleBase) -> str:
    """Ask for the operations, then section by section, and return the case as YAML.

    An empty answer is unknown; `s` skips the rest of a section; `q` ends the interview.
    """
    problems: list[Problem] = []
    values = Values(base.vocabulary, problems)
    typer.echo("Enter leaves an answer unknown, s skips the rest of a section, q ends. No names or dates, please.\n")
    operations, ended = _operations(base, values, problems)
    lines = ["case_id: my-case", "surgery:", *operations]
    for section, title in base.catalogue.sections.items() if not ended else ():
        facts = [f for f in base.vocabulary.values() if f.section == section and f.origin == "asked"]
        facts.sort(key=lambda fact: not fact.key_red_flag)
        typer.echo(f"\n{title}")
        answers, ended = _section(facts, values, problems)
        if answers:
            lines += [f"{section}:", *(f"  {name.split('.', 1)[1]}: {_yaml(v)}" for name, v in answers.items())]
        if ended:
            break
    return "\n".join(lines) + "\n"


def _operations(base: RuleBase, values: Values, problems: list[Problem]) -> tuple[list[str], bool]:
    """Return the lines of the operations, and whether the interview ends with them."""
    parts = Parts(base, values, problems)
    lines: list[str] = []
    known = ", ".join(base.catalogue.procedures)
    typer.echo(f"Operations, oldest first. Procedures: {known}")
    while True:
        again = "Another operation? Procedure (Enter: no more)" if lines else "Procedure"
        procedure = typer.prompt(again, default="", show_default=False).strip()
        if procedure.lower() in ("", "s", DONE):
            if lines:
                return lines, procedure.lower() == DONE
            typer.echo("  at least one operation is wanted (Ctrl-C leaves without a case)")
            continue
        levels = typer.prompt("  Levels, such as L4-L5 or L4-S1", default="", show_default=False).strip()
        ago = typer.prompt("  How long ago (months, or `6 weeks`)", default="", show_default=False).strip()
        entry = {"procedure": procedure, "levels": [levels] if levels else None, "months_ago": ago or None}
        del problems[:]
        parts.read("surgery", [entry], 5)
        if problems:
            typer.echo("\n".join(f"  {problem}" for problem in problems))
            continue
        given = [f"procedure: {procedure}", *([f"levels: [{levels}]"] if levels else [])]
        lines.append("  - {" + ", ".join([*given, *([f"months_ago: {ago}"] if ago else [])]) + "}")


def _section(facts: list[Fact], values: Values, problems: list[Problem]) -> tuple[dict[str, Any], bool]:
    answers: dict[str, Any] = {}
    for fact in facts:
        while True:
            hint = "y/n" if fact.type == "yes_no" else fact.describe()
            answer = typer.prompt(f"  {fact.ask} [{hint}]", default="", show_default=False).strip()
            if answer.lower() in ("s", DONE):
                return answers, answer.lower() == DONE
            short = {"y": "yes", "n": "no"}.get(answer.lower(), answer)
            if fact.unit_required and short.replace(".", "", 1).isdigit():
                short = f"{short} {fact.unit}"
            del problems[:]
            value = values.read(fact, short or None, fact.id)
            if not problems:
                break
            typer.echo(f"    {problems[0].message}")
        if value is not None:
            answers[fact.id] = short if fact.unit_required else value
    return answers, False


def _yaml(value: object) -> str:
    return "yes" if value is True else "no" if value is False else str(value)
