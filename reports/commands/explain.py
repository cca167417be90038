"""Verbs that question a case: why, whynot, next, settled, whatif, compare."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reports.commands.shared import CaseArgument, KnowledgeOption, OutOption, OverlayOption, read, reasoner_for, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from pathways.assessment import Assessment
    from pathways.case import Case
    from pathways.explain.answers import Answer
    from rules.inference import Reasoner


class AnswerFormat(StrEnum):
    """The forms of an answer."""

    text = "text"
    json = "json"


NOTE = "For clinicians and educators. Rule-based, not clinically validated; it knows only what was entered."
ConclusionArgument = Annotated[
    str,
    typer.Argument(
        metavar="CONCLUSION",
        help="A cause, pathway, red flag, finding or rule, such as pseudarthrosis, revision_fusion, red_flag.infection "
        "or pseudarthrosis.screw_lucency.",
    ),
]
FormOption = Annotated[AnswerFormat, typer.Option("--format", "-f", help="text or json.")]


def why(
    case: CaseArgument,
    conclusion: ConclusionArgument,
    form: FormOption = AnswerFormat.text,
    output: OutOption = None,
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Tell why: the chain from the facts through findings and rules, with reasons and sources.

    Ends with 1 where it is not concluded.
    """
    from pathways.explain.why import why as ask
    from reports import answers

    reasoner = reasoner_for(knowledge, overlay)
    answer = ask(read(case, reasoner), conclusion, reasoner)
    if not _json(answer, form, output):
        _print(output, lambda console: answers.why(answer, console))
    if not answer.concluded:
        raise SystemExit(1)


def whynot(
    case: CaseArgument,
    conclusion: ConclusionArgument,
    full: Annotated[bool, typer.Option("--full", help="Show every rule that lacks something.")] = False,
    form: FormOption = AnswerFormat.text,
    output: OutOption = None,
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Tell why not, or why not more: each condition true, false or unknown, and the fewest facts that would differ.

    Ends with 1 where nothing stands higher than what is concluded already.
    """
    from pathways.explain.whynot import whynot as ask
    from reports import answers

    reasoner = reasoner_for(knowledge, overlay)
    answer = ask(read(case, reasoner), conclusion, reasoner)
    if not _json(answer, form, output):
        _print(output, lambda console: answers.whynot(answer, console, full=full))
    if not answer.wanted:
        raise SystemExit(1)


def next_(
    case: CaseArgument,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=50, help="How many of each.")] = 5,
    form: FormOption = AnswerFormat.text,
    output: OutOption = None,
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Tell what to find out next: the best questions and tests for their burden, and what each answer would lead to."""
    from pathways.explain.asking import questions
    from reports import answers

    reasoner = reasoner_for(knowledge, overlay)
    answer = questions(read(case, reasoner), reasoner, count)
    if not _json(answer, form, output):
        _print(output, lambda console: answers.questions(answer, console))


def settled(
    case: CaseArgument,
    conclusions: Annotated[
        list[str] | None, typer.Argument(metavar="[CONCLUSION]...", help="Which conclusions; all if none is named.")
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Ask the Z3 solver about what is not shown either way (extra `proofs`).")
    ] = False,
    form: FormOption = AnswerFormat.text,
    output: OutOption = None,
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Tell which conclusions are settled (no unknown fact can change them), and what keeps the others open."""
    import json

    from pathways.explain.settled import settled as ask
    from reports import answers

    reasoner = reasoner_for(knowledge, overlay)
    found = ask(read(case, reasoner), conclusions or None, reasoner, exact=exact)
    if form is AnswerFormat.json:
        write(json.dumps([answer.model_dump() for answer in found], indent=1, ensure_ascii=False) + "\n", output)
    else:
        _print(output, lambda console: answers.settled(found, console))


def whatif(
    case: CaseArgument,
    changes: Annotated[
        list[str], typer.Argument(metavar="FACT=VALUE...", help="Facts with other values; `unknown` takes one away.")
    ],
    form: FormOption = AnswerFormat.text,
    output: OutOption = None,
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Show a case before and after some facts are changed: what moved, and the rules that moved it.

    What a change implies is changed with it; what it contradicts is said, and ends with 1.
    """
    from pathways.explain.names import fact_value
    from pathways.explain.whatif import whatif as ask
    from reports import answers

    reasoner = reasoner_for(knowledge, overlay)
    wanted = dict(fact_value(change, reasoner.base) for change in changes)
    answer = ask(read(case, reasoner), wanted, reasoner)
    if not _json(answer, form, output):
        _print(output, lambda console: answers.whatif(answer, console))
    if answer.contradictions:
        raise SystemExit(1)


def compare(
    before: Annotated[str, typer.Argument(metavar="A", help="A case, or an assessment in JSON.")],
    after: Annotated[str, typer.Argument(metavar="B", help="Another, or the same under other rules.")],
    form: FormOption = AnswerFormat.text,
    output: OutOption = None,
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
    knowledge_after: Annotated[
        Path | None, typer.Option("--knowledge-b", help="Assess B by this knowledge folder.")
    ] = None,
    overlay_after: Annotated[
        list[Path] | None, typer.Option("--overlay-b", help="Assess B with this folder laid over the knowledge.")
    ] = None,
) -> None:
    """Compare two assessments: two cases, two times, or two rule bases. What differs, and by which rules."""
    from pathways.explain.compare import compare as ask
    from reports import answers

    reasoner = reasoner_for(knowledge, overlay)
    other = reasoner
    if knowledge_after or overlay_after:
        other = reasoner_for(knowledge_after or knowledge, overlay_after if overlay_after else overlay)
    answer = ask(_either(before, reasoner), _either(after, other), reasoner, other)
    if not _json(answer, form, output):
        _print(output, lambda console: answers.comparison(answer, console))


def _either(name: str, reasoner: Reasoner) -> Case | Assessment:
    """Read an assessment in JSON, or else a case."""
    import json

    from pathways.explain.compare import read_assessment

    path = Path(name)
    if path.suffix == ".json" and path.is_file():
        text = path.read_text(encoding="utf-8", errors="replace")
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            content = None
        if isinstance(content, dict) and "rule_base" in content:
            return read_assessment(text, name)
    return read(name, reasoner)


def _json(answer: Answer, form: AnswerFormat, output: Path | None) -> bool:
    """Write an answer as JSON if that is wanted."""
    if form is AnswerFormat.json:
        write(answer.json_text(), output)
    return form is AnswerFormat.json


def _print(output: Path | None, show: Callable[[Console], None]) -> None:
    """Print an answer, or write it to a file as text."""
    from rich.console import Console
    from rich.text import Text

    def told(console: Console) -> None:
        show(console)
        console.print(Text(f"\n{NOTE}", "dim"))

    if output is None:
        told(Console(highlight=False))
        return
    with output.open("w", encoding="utf-8") as file:
        told(Console(file=file, width=110, highlight=False))
