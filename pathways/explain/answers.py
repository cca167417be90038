"""The shapes of answers: plain records that turn into JSON, whoever asks (command line, page, Python)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pathways.assessment import Citation, Part

if TYPE_CHECKING:
    from collections.abc import Iterator

Value = bool | int | float | str


class Answer(Part):
    """The base of all answers."""

    def json_text(self) -> str:
        """Return the answer as JSON: the same bytes for the same question."""
        import json

        return json.dumps(self.model_dump(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


class Step(Part):
    """One step of a chain of reasons: a conclusion, a rule, a finding or a fact, and what it rests on."""

    kind: str
    id: str
    title: str
    says: str
    because: str = ""
    basis: str = ""
    sources: list[Citation] = []
    counted: bool = True
    below: list[Step] = []

    def cited(self) -> Iterator[Citation]:
        """Yield the sources of the chain, from the top (with repeats)."""
        yield from self.sources
        for step in self.below:
            yield from step.cited()

    def facts(self) -> list[str]:
        """Return the stated facts at the bottom of the chain, each once."""
        found = [self.id] if self.kind == "fact" else []
        return list(dict.fromkeys([*found, *(fact for step in self.below for fact in step.facts())]))


class Why(Answer):
    """Why a conclusion is as it is."""

    conclusion: str
    kind: str
    title: str
    outcome: str
    concluded: bool
    chain: Step


class Test(Part):
    """A condition as it stands for this case: true, false or unknown (None), down to single facts."""

    text: str
    truth: bool | None
    fact: str = ""
    value: Value | None = None
    below: list[Test] = []


class Needed(Part):
    """A rule that would have to be otherwise for the conclusion, with its condition as it stands.

    `lacks` is about how many facts it lacks, each counted by itself.
    """

    rule: str
    role: str
    because: str
    truth: bool | None
    wanted: str
    lacks: int
    test: Test


class Changed(Part):
    """A fact with another value than in the case; None is unknown. `follows` says what else that implies."""

    fact: str
    question: str
    before: Value | None
    after: Value | None
    follows: dict[str, Value | None] = {}


class Flip(Part):
    """A set of facts that, if they were so, would change a conclusion to `outcome`."""

    changes: list[Changed]
    outcome: str


class WhyNot(Answer):
    """Why something was not concluded, and the smallest sets of facts that would have to differ."""

    conclusion: str
    kind: str
    title: str
    outcome: str
    wanted: list[str]
    concluded: bool
    note: str
    needed: list[Needed]
    smallest: list[Flip]
    learnable: list[Flip]
    searched: int


class Settledness(Answer):
    """Whether any completion of the unknown facts could change a conclusion.

    `alone` are unknown facts that each can change it; `together` is a set that does, where the solver was asked.
    `shown_by` says what shows it settled or open: the bound, one fact, or the solver; empty where neither is shown.
    """

    kind: str
    id: str
    title: str
    outcome: str
    settled: bool
    could_be: list[str]
    facts: list[str]
    alone: list[str]
    together: dict[str, Value]
    shown_by: str


class Moved(Part):
    """A conclusion that moves, and the rules that move it."""

    kind: str
    id: str
    title: str
    before: str
    after: str
    score_before: int | None = None
    score_after: int | None = None
    rules: list[RuleMove] = []


class RuleMove(Part):
    """A rule that became true, false or unknown (None)."""

    rule: str
    before: bool | None
    after: bool | None
    because: str


class Outcome(Part):
    """What an answer to a question, or any of several answers, would lead to; `label` says them in words.

    `movement` is how far all conclusions move together, in weighed steps.
    """

    fact: str
    answers: list[Value]
    label: str
    movement: int
    moved: list[Moved]


class Lever(Part):
    """An influential fact with its value now, and what its other values would move."""

    fact: str
    question: str
    now: Value | None
    outcomes: list[Outcome]


class Question(Part):
    """A fact worth finding out: what it could move, for what burden, and what each answer would lead to."""

    fact: str
    question: str
    burden: str
    test: bool
    key_red_flag: bool
    movement: float
    value: float
    conclusions: int
    outcomes: list[Outcome]


class Questions(Answer):
    """The next best questions and the next best tests; unknown key red flags come first."""

    case_id: str
    first: list[Question]
    questions: list[Question]
    tests: list[Question]


class StepMove(Part):
    """A pathway in the plan before and after: which step, None where it is not in the plan."""

    pathway: str
    title: str
    before: int | None
    after: int | None


class Comparison(Answer):
    """Two assessments side by side: what differs, and why."""

    before: str
    after: str
    rule_bases: list[str]
    facts: list[Changed]
    moved: list[Moved]
    plan: list[StepMove]
    note: str


class WhatIf(Answer):
    """A case with some facts changed: what follows, what cannot be, and what moved."""

    case_id: str
    changes: list[Changed]
    contradictions: list[str]
    comparison: Comparison


class Stage(Part):
    """How a cause stands once the facts up to a stage are known."""

    stage: str
    outcome: str
    score: int


class Line(Part):
    """The course of one cause over the stages."""

    id: str
    title: str
    stages: list[Stage]


class Course(Answer):
    """How the causes rise and fall as history, examination, imaging and tests come in."""

    stages: list[str]
    counts: list[int]
    flags: list[list[str]]
    lines: list[Line]


class Item(Part):
    """One line inside a box of the reasoning picture: a fact with its value."""

    id: str
    text: str


class Node(Part):
    """A box of the reasoning picture; `look` says how it stands (probable, urgent, yes ...)."""

    id: str
    column: int
    kind: str
    title: str
    detail: str
    look: str
    items: list[Item] = []
    more: int = 0


class Edge(Part):
    """An arrow of the reasoning picture, from a fact or box to a box, for or against it."""

    start: str
    end: str
    against: bool
    weight: int


class Graph(Answer):
    """The reasoning of one case as boxes and arrows: facts, findings, causes and red flags, pathways."""

    nodes: list[Node]
    edges: list[Edge]
    left_out: dict[str, int]


def plain(value: Any) -> str:
    """Return a value in words: yes, no, unknown, a number, a choice."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, (int, float)) else str(value).replace("_", " ")
