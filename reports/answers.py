"""Answers in a terminal: why, why not, what to ask next, what is settled, what if, and what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from pathways.explain.answers import plain
from pathways.explain.testing import shortened
from reports import words
from reports.terminal import COLORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, RenderableType

    from pathways.assessment import Citation
    from pathways.explain.answers import (
        Changed,
        Comparison,
        Flip,
        Moved,
        Needed,
        Question,
        Questions,
        Settledness,
        Step,
        Test,
        WhatIf,
        Why,
        WhyNot,
    )

TRUTH = {True: ("yes", "green"), False: ("no", "red"), None: ("?", "yellow")}
NEARED = 3  # rules told in full by whynot
INLINE = 6  # comparisons told in one line
OPEN = 6  # facts told for an open conclusion
KINDS = {"red_flag": "red flag", "criteria": "criteria"}


def _named(name: str) -> Text:
    return Text(words.outcome(name), COLORS.get(name, {"present": "bold red"}.get(name, "default")))


def why(answer: Why, console: Console) -> None:
    """Print the chain from facts to a conclusion."""
    console.print(Rule(Text.assemble(("Why: ", "bold"), (answer.title, "bold"))))
    console.print(_tree(answer.chain))
    if not answer.concluded:
        name = f"red_flag.{answer.conclusion}" if answer.kind == "red_flag" else answer.conclusion
        console.print(Text(f"\nIt is not concluded; `spinepath whynot CASE {name}` tells what is lacking.", "yellow"))
    console.print(_sources(list(answer.chain.cited())))


def _tree(step: Step, tree: Tree | None = None) -> Tree:
    shown = tree.add(_step(step)) if tree else Tree(_step(step), guide_style="dim")
    for below in step.below:
        _tree(below, shown)
    return shown


def _step(step: Step) -> Text:
    if step.kind == "fact":
        return Text.assemble((f"{step.id} = {step.says}", "cyan"), (f"  {step.title}", "dim"))
    color = "bold" if step.kind in ("cause", "pathway", "red flag") else "default" if step.counted else "dim"
    head = step.says if step.title == step.kind.capitalize() else f"{step.title}: {step.says}"
    if step.kind == "prerequisite":
        head = step.says
    text = Text(head[:1].upper() + head[1:], color)
    if step.because:
        text.append(f". {step.because}", color if color == "dim" else "default")
    cited = ", ".join(source.key for source in step.sources)
    label = "; ".join(part for part in (f"{step.basis}{': ' + cited if cited else ''}", step.id) if part)
    return text.append(f"  [{label}]", "dim")


def _sources(cited: Sequence[Citation]) -> RenderableType:
    told = {source.key: f"  {source.key}: {source.cite} ({source.shows})" for source in cited}
    return Group(Text("\nSources", "bold"), *(Text(line, "dim") for line in told.values())) if told else Text("")


def whynot(answer: WhyNot, console: Console, *, full: bool = False) -> None:
    """Print what keeps a conclusion from being drawn, and the smallest changes that would draw it."""
    console.print(Rule(Text(f"Why not: {answer.title}", "bold")))
    wanted = words.joined([words.outcome(name) for name in answer.wanted], "or")
    head = Text.assemble("It is ", _named(answer.outcome))
    console.print(head.append(f", and not {wanted}." if wanted else "."))
    if answer.note:
        console.print(Text(answer.note, "yellow"))
    shown = answer.needed if full else answer.needed[:NEARED]
    for needed in shown:
        console.print(_needed(needed, full=full))
    if len(shown) < len(answer.needed):
        console.print(Text(f"\n{len(answer.needed) - len(shown)} more rules lack something; --full shows them.", "dim"))
    if answer.smallest:
        console.print(_flips("The fewest facts that would have to differ", answer.smallest, answer))
    if answer.learnable and answer.learnable != answer.smallest:
        console.print(_flips("The fewest facts still unknown that could bring it about", answer.learnable, answer))


def _needed(needed: Needed, *, full: bool) -> Tree:
    truth, color = TRUTH[needed.truth]
    head = Text.assemble(f"\n{needed.role.capitalize()}, now ", (truth, color), f", would have to be {needed.wanted}: ")
    tree = Tree(head.append(f"\u201c{needed.because}\u201d").append(f"  [{needed.rule}]", "dim"), guide_style="dim")
    _tested(needed.test if full else shortened(needed.test, needed.truth), tree, full=full)
    return tree


def _tested(test: Test, tree: Tree, *, full: bool) -> None:
    """Add a condition to a tree; comparisons alone are told in one line, unless in full."""
    text, below = _test(test), test.below
    if below and not full and all(not part.below for part in below):
        for place, part in enumerate(below[:INLINE]):
            text.append("; " if place else ": ").append_text(_test(part))
        text.append(f"; and {len(below) - INLINE} more" if len(below) > INLINE else "", "dim")
        below = []
    branch = tree.add(text)
    for part in below:
        _tested(part, branch, full=full)


def _test(test: Test) -> Text:
    truth, color = TRUTH[test.truth]
    text = Text.assemble((f"{truth} ", color), test.text)
    if test.fact and test.truth is not None and not test.below:
        text.append(f" (it is {plain(test.value)})", "dim")
    return text


def _flips(title: str, flips: list[Flip], answer: WhyNot) -> RenderableType:
    size = len(flips[0].changes)
    note = " (no smaller set does it)" if 1 < size <= answer.searched + 1 else ""
    lines = [Text(f"\n{title}{note}", "bold")]
    for number, flip in enumerate(flips, 1):
        line = Text(f"  {number}. ")
        for place, change in enumerate(flip.changes):
            line.append(" and " if place else "").append_text(_change(change))
        lines.append(line.append(" -> ").append_text(_named(flip.outcome)))
    return Group(*lines)


def _change(change: Changed) -> Text:
    text = Text.assemble((change.fact, "cyan"), f" = {plain(change.after)}", (f" (now {plain(change.before)})", "dim"))
    if change.follows:
        told = [f"{name} = {plain(value)}" for name, value in list(change.follows.items())[:4]]
        text.append(f" [with it {', '.join(told)}{' ...' if len(change.follows) > 4 else ''}]", "dim")
    return text


def questions(answer: Questions, console: Console) -> None:
    """Print the next best questions and tests with what each answer would lead to."""
    console.print(Rule(Text(f"What to find out next for {answer.case_id}", "bold")))
    if answer.first:
        lines = [
            Text.assemble(("  ", ""), (q.question, "yellow"), (f"  [{q.fact}]", "dim"), _if_yes(q))
            for q in answer.first
        ]
        console.print(Panel(Group(*lines), title="First: red flags that are not known", border_style="yellow"))
    for title, asked in (("Next best questions", answer.questions), ("Next best tests", answer.tests)):
        if asked:
            console.print(Text(f"\n{title}", "bold underline"))
        for number, question in enumerate(asked, 1):
            console.print(_question(number, question))


def _if_yes(question: Question) -> str:
    flags = [
        m.title for outcome in question.outcomes for m in outcome.moved if m.kind == "red_flag" and m.after == "present"
    ]
    return f" if so: {words.joined(list(dict.fromkeys(flags)))}" if flags else ""


def _question(number: int, question: Question) -> RenderableType:
    head = Text(f"  {number}. {question.question}", "bold")
    reach = f"could move {question.conclusions} conclusions; value {question.value:g}"
    lines = [head.append(f"  [{question.fact}; {question.burden}; {reach}]", "dim")]
    for result in question.outcomes:
        own = "" if result.fact == question.fact else f"{result.fact} = "
        line = Text(f"       {own}{result.label}: ", "cyan")
        if not result.moved:
            line.append("moves nothing", "dim")
        for place, moved in enumerate(result.moved[:4]):
            line.append("; " if place else "").append_text(_moved(moved))
        lines.append(line.append(" ..." if len(result.moved) > 4 else ""))
    return Group(*lines)


def _moved(moved: Moved) -> Text:
    return Text.assemble(
        f"{words.short(moved.title)} ", (words.outcome(moved.before), "dim"), " -> ", _named(moved.after)
    )


def settled(answers: Sequence[Settledness], console: Console) -> None:
    """Print which conclusions are settled, and what keeps the others open."""
    table = Table(title="Settled or open", title_justify="left", show_lines=False)
    for column in ("conclusion", "now", "", "could still be", "what can move it"):
        table.add_column(column, overflow="fold")
    for answer in answers:
        state = Text("settled", "green") if answer.settled else Text("open", "yellow")
        could = Text(", ".join(words.outcome(name) for name in answer.could_be))
        table.add_row(Text(answer.title), _named(answer.outcome), state, could, Text(_movers(answer), "dim"))
    console.print(table)
    unshown = sum(not answer.shown_by for answer in answers)
    note = "Settled: no completion of the unknown facts can change it."
    if unshown:
        note += f" {unshown} called open {'is' if unshown == 1 else 'are'} not shown to be so; --exact asks the solver."
    console.print(Text(note, "dim"))


def _movers(answer: Settledness) -> str:
    """Return the facts that can move a conclusion: one alone, or several together."""
    if answer.settled:
        return "by the solver" if answer.shown_by == "solver" else ""
    if answer.together:
        return " and ".join(f"{name} = {plain(value)}" for name, value in answer.together.items())
    alone = answer.alone[:OPEN]
    rest = len(answer.facts) - len(alone)
    told = f"{', '.join(alone)} alone" if alone else "no single fact"
    return f"{told}; {rest} more bear on it" if rest else told


def whatif(answer: WhatIf, console: Console) -> None:
    """Print a case with other facts beside the case as it is."""
    console.print(Rule(Text(f"What if: {answer.case_id}", "bold")))
    for change in answer.changes:
        console.print(Text("  ").append_text(_change(change)))
    if answer.contradictions:
        lines = "\n".join(answer.contradictions)
        console.print(Panel(Text(f"This contradicts the case:\n{lines}"), border_style="bold red"))
    comparison(answer.comparison, console, facts=False)


def comparison(answer: Comparison, console: Console, *, facts: bool = True) -> None:
    """Print two assessments side by side: facts, what moved and by which rules, the plans."""
    if facts:
        console.print(Rule(Text(f"{answer.before} and {answer.after}", "bold")))
    if answer.rule_bases:
        console.print(Text(f"Rules: {answer.rule_bases[0]} and {answer.rule_bases[1]}", "yellow"))
    if answer.note:
        console.print(Text(answer.note, "yellow"))
    if facts and answer.facts:
        table = _table("Facts that differ", ("fact", answer.before, answer.after))
        table.show_lines = False
        for change in answer.facts:
            table.add_row(Text(change.fact), plain(change.before), plain(change.after))
        console.print(table)
    if answer.moved:
        console.print(_moves(answer))
    console.print(_plans(answer))


def _table(title: str, columns: Sequence[str], ratios: Sequence[int] = ()) -> Table:
    expand = bool(ratios)
    table = Table(title=title, title_justify="left", title_style="bold underline", show_lines=True, expand=expand)
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", ratio=ratios[number] if ratios else None)
    return table


def _moves(answer: Comparison) -> Table:
    table = _table("What moved", ("", "before", "after", "moved by"), (3, 2, 2, 7))
    for moved in answer.moved:
        before, after = _scored(moved.before, moved.score_before), _scored(moved.after, moved.score_after)
        told = [rule for rule in moved.rules if True in (rule.before, rule.after)] or moved.rules
        lines = []
        for rule in told[:4]:
            mark, color = ("+", "green") if rule.after else ("-", "red") if rule.after is False else ("?", "yellow")
            lines.append(Text.assemble((f"{mark} ", color), rule.because, (f" [{rule.rule}]", "dim")))
        kind = KINDS.get(moved.kind)
        title = Text(moved.title).append(f" ({kind})" if kind else "", "dim")
        table.add_row(title, before, after, Group(*lines))
    return table


def _scored(name: str, score: int | None) -> Text:
    return _named(name).append("" if score is None else f" {score:+d}", "dim")


def _plans(answer: Comparison) -> RenderableType:
    before = {move.pathway: move for move in answer.plan if move.before is not None}
    after = {move.pathway: move for move in answer.plan if move.after is not None}
    if not before and not after:
        return Text("No plan on either side.", "dim")
    table = _table("The plan", ("before", "after"))
    left = sorted(before.values(), key=lambda move: move.before or 0)
    right = sorted(after.values(), key=lambda move: move.after or 0)
    one = Group(*(Text(f"{m.before} {m.title}", "default" if m.pathway in after else "red") for m in left))
    other = Group(*(Text(f"{m.after} {m.title}", "default" if m.pathway in before else "green") for m in right))
    table.add_row(one, other)
    return Padding(table, (1, 0, 0, 0))
