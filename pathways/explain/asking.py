"""What to ask or test next: how many conclusions a fact could move and how far, for what burden, and each answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from pathways.explain.answers import Moved, Outcome, Question, Questions, RuleMove
from pathways.explain.names import Subject
from pathways.explain.rulebook import deciding, rulebook
from pathways.explain.singles import Shift, Single, Singles
from pathways.explain.variants import Variants
from pathways.telling import SLOT, filled_in
from rules.regions import regions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pathways.assessment import Assessment
    from pathways.case import Case
    from rules.inference import Reasoner
    from rules.language import Value

TESTS = ("blood", "ultrasound", "xray", "emg", "ct", "mri", "nuclear", "block", "surgery")
COUNT = 5
ANSWERS = 6  # of a study, the most moving results
MOVED = 8  # conclusions told for each answer


@dataclass(slots=True)
class _Open:
    """A question still open, with the answers to it: variants of the case."""

    fact: str
    burden: str
    question: str
    answers: list[Single] = field(default_factory=list)


def questions(
    about: Case | Assessment | Mapping[str, Value], reasoner: Reasoner | None = None, count: int = COUNT
) -> Questions:
    """Return the next best questions and tests, each with what every answer would lead to."""
    return ask(Subject(about, reasoner), count)


def ask(subject: Subject, count: int = COUNT, singles: Singles | None = None) -> Questions:
    """Return the next best questions and tests for a judged case."""
    singles = singles or Singles(subject, unknown_only=True)
    ranked = sorted(
        (_weighed(subject, opened, singles) for opened in _open(subject, singles)),
        key=lambda pair: (-pair[0], pair[1].fact),
    )
    ranked = [(value, opened) for value, opened in ranked if value > 0]
    key = [pair for pair in ranked if subject.base.vocabulary[pair[1].fact].key_red_flag]
    rest = [pair for pair in ranked if pair not in key]
    asked = [pair for pair in rest if pair[1].burden not in TESTS][:count]
    tests = [pair for pair in rest if pair[1].burden in TESTS][:count]
    tell = _Telling(subject, singles)
    return Questions(
        case_id=subject.case_id,
        first=[tell.question(*pair) for pair in key],
        questions=[tell.question(*pair) for pair in asked],
        tests=[tell.question(*pair) for pair in tests],
    )


def _open(subject: Subject, singles: Singles) -> list[_Open]:
    """Group the unknown facts into questions: a study never done is one question, so is a finding and its places."""
    found: dict[str, _Open] = {}
    base = subject.base
    for single in singles.singles:
        if not single.unknown:
            continue
        fact = base.vocabulary[single.fact]
        about = base.catalogue.modalities.get(fact.section)
        name, burden, question = single.fact, fact.burden, fact.ask
        if about is not None:
            if subject.facts.get(f"{fact.section}.done") is True:
                name, burden = ".".join(name.split(".")[:2]), "record"
                question = base.vocabulary[name].ask
            else:
                name, burden = f"{fact.section}.done", about["burden"]
                question = f"{about['title']} after the operation: what does it show?"
        opened = found.setdefault(name, _Open(name, burden, question))
        opened.answers.append(single)
    return list(found.values())


def _weighed(subject: Subject, opened: _Open, singles: Singles) -> tuple[float, _Open]:
    """Return the value of a question: how far its answers move the conclusions, over its burden."""
    return sum(_reach(opened, singles).values()) / subject.base.weights.burden[opened.burden].value, opened


def _reach(opened: _Open, singles: Singles) -> dict[tuple[str, str], float]:
    """Return how far a question moves each conclusion: on average over the answers, by its most telling fact."""
    by_fact: dict[str, list[Single]] = {}
    for single in opened.answers:
        by_fact.setdefault(single.fact, []).append(single)
    farthest: dict[tuple[str, str], float] = {}
    for answers in by_fact.values():
        moved: Counter[tuple[str, str]] = Counter()
        for single in answers:
            for shift in singles.shifts[single.number]:
                moved[shift.conclusion.kind, shift.conclusion.id] += shift.distance
        for key, distance in moved.items():
            farthest[key] = max(farthest.get(key, 0), distance / len(answers))
    return farthest


class _Telling:
    """Tells questions with their answers."""

    def __init__(self, subject: Subject, singles: Singles) -> None:
        self.subject, self.singles = subject, singles

    def question(self, value: float, opened: _Open) -> Question:
        reach = _reach(opened, self.singles)
        several = len({single.fact for single in opened.answers}) > 1  # a study, or a finding with its places
        found = outcomes(self.subject, self.singles, opened.answers, MOVED)
        if several:
            found.sort(key=lambda outcome: -outcome.movement)
            best = {".".join(outcome.fact.split(".")[:2]): outcome for outcome in reversed(found)}
            found = [outcome for outcome in found if outcome in best.values()][:ANSWERS]
        return Question(
            fact=opened.fact,
            question=opened.question,
            burden=opened.burden,
            test=opened.burden in TESTS,
            key_red_flag=self.subject.base.vocabulary[opened.fact].key_red_flag,
            movement=round(sum(reach.values()), 2),
            value=round(value, 2),
            conclusions=sum(1 for distance in reach.values() if distance),
            outcomes=found,
        )


def outcomes(subject: Subject, singles: Singles, answers: Iterable[Single], most: int) -> list[Outcome]:
    """Return what answers would lead to; those about one fact that do the same by the same rules are told together."""
    groups: dict[tuple[object, ...], list[Single]] = {}
    moves: dict[int, list[Moved]] = {}
    for single in answers:
        shifts = singles.shifts[single.number]
        moves[single.number] = told(subject, singles.judged, single.number, shifts, most)
        rules = tuple((rule.rule, rule.after) for moved in moves[single.number] for rule in moved.rules)
        groups.setdefault((single.fact, tuple(shifts), rules), []).append(single)
    return [
        Outcome(
            fact=alike[0].fact,
            answers=[single.value for single in alike],
            label=regions(subject.base).words(alike[0].fact, [single.value for single in alike]),
            movement=sum(shift.distance for shift in singles.shifts[alike[0].number]),
            moved=moves[alike[0].number],
        )
        for alike in groups.values()
    ]


def told(subject: Subject, judged: Variants, number: int, shifts: Iterable[Shift], most: int) -> list[Moved]:
    """Return the conclusions that move in one variant, farthest first, each with the rules that move it."""
    return [
        Moved(
            kind=shift.conclusion.kind,
            id=shift.conclusion.id,
            title=shift.conclusion.title,
            before=shift.before,
            after=shift.after,
            rules=_moves(subject, judged, number, shift),
        )
        for shift in islice(shifts, most)
    ]


def _moves(subject: Subject, judged: Variants, number: int, shift: Shift) -> list[RuleMove]:
    book = rulebook(subject.base)
    found = []
    for rule_id in deciding(subject.base, shift.conclusion.kind, shift.conclusion.id):
        true, false = judged.truth(rule_id)
        was = True if true & 1 else False if false & 1 else None
        is_ = True if true >> number & 1 else False if false >> number & 1 else None
        if was != is_ and True in (was, is_):
            because = _filled(book[rule_id].because, judged, number)
            found.append(RuleMove(rule=rule_id, before=was, after=is_, because=because))
    return found


def _filled(text: str, judged: Variants, number: int) -> str:
    """Fill the slots of a sentence with the values of one variant."""

    def fill(name: str) -> str:
        values = [value for value, where in judged.values(name) if where >> number & 1]
        return filled_in(name, values[0] if values else None, judged.base)

    filled = SLOT.sub(lambda match: fill(match.group(1)), text)
    return filled[:1].upper() + filled[1:]
