"""What cannot be true together: impossible combinations in a case, each with its place."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pathways.facts import split_facts
from rules.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pathways.case import Case
    from rules.language import Value
    from rules.rulebase import RuleBase

FIRST = "months_since_first_surgery"
MEASURED = (  # what _times and _counts look at
    FIRST,
    "months_since_surgery",
    "person.age",
    "course.pain_free_months",
    "course.hours_to_onset",
    "exam.sij_tests_positive",
    "exam.sij_tests_done",
    "exam.motor_grade",
    "exam.motor_deficit",
)
WORDS = {"surgery.fusion": "there was no fusion", "surgery.implant": "no implant was put in"}


def contradictions(
    case: Case, base: RuleBase, parts: tuple[Mapping[str, Value], Mapping[str, Value]] | None = None
) -> list[Problem]:
    """Return every impossible combination found in a case, whose facts may be at hand as `split_facts` gives them."""
    own, shared = parts or split_facts(case, base)
    never = [what for what in WORDS if shared.get(what) is False]
    found = [*_times(own), *_counts(own), *_needed(own, never, base), *_conflicts(own, base)]
    placed = [_at(problem, case, base) for problem in found if problem.place != FIRST]  # _order tells which operation
    return [*_order(case), *_blocks(case), *placed]


def impossible(facts: Mapping[str, Value], base: RuleBase) -> list[Problem]:
    """Return every impossible combination among flat facts; the place of each is a fact."""
    never = [what for what in WORDS if facts.get(what) is False]
    return [*_times(facts), *_counts(facts), *_needed(facts, never, base), *_conflicts(facts, base)]


@lru_cache(maxsize=8)
def constrained(base: RuleBase) -> frozenset[str]:
    """Return the facts that may contradict others; a change of any other fact never makes a case impossible."""
    found = set(MEASURED)
    for name, fact in base.vocabulary.items():
        if fact.needs:
            found |= {name, fact.needs}
        if fact.conflicts:
            found |= {name, *fact.conflicts}
    return frozenset(found)


def _at(problem: Problem, case: Case, base: RuleBase) -> Problem:
    """Return a problem of a flat fact with its place in the case."""
    section, _, name = problem.place.partition(".")
    if section.startswith("months_since"):
        return Problem("surgery", problem.message)
    if section in base.catalogue.modalities:
        for number, study in enumerate(case.imaging):
            if study.modality == section and name in study.findings:
                return Problem(f"imaging[{number}].findings.{name}", problem.message)
    return problem


def _order(case: Case) -> Iterator[Problem]:
    before = None
    for number, operation in enumerate(case.surgery):
        months = operation.months_ago
        if months is None:
            continue
        if before is not None and months > before:
            message = f"{months:g} months ago is before the operation above it; list operations oldest first"
            yield Problem(f"surgery[{number}].months_ago", message)
        before = months


def _blocks(case: Case) -> Iterator[Problem]:
    for number, block in enumerate(case.blocks):
        if block.count == 0 and block.relief_percent is not None:
            yield Problem(f"blocks[{number}]", "relief from no block cannot be")


def _number(facts: Mapping[str, Value], name: str) -> float | None:
    value = facts.get(name)
    return value if isinstance(value, (int, float)) else None


def _times(facts: Mapping[str, Value]) -> Iterator[Problem]:
    since = _number(facts, "months_since_surgery")
    if since is None:
        return
    first = _number(facts, FIRST)
    if first is not None and first < since:
        yield Problem(FIRST, f"the first operation {first:g} months ago is after the index one {since:g} months ago")
    age = _number(facts, "person.age")
    free = _number(facts, "course.pain_free_months")
    if free is not None and free > since + 0.5:
        message = f"{free:g} months free of pain, but the operation was {since:g} months ago"
        yield Problem("course.pain_free_months", message)
    if age is not None and age < 90 and since / 12 > age:
        yield Problem(
            "months_since_surgery",
            f"the operation was {since:g} months ago, before the patient was born ({age:g} years)",
        )
    hours = _number(facts, "course.hours_to_onset")
    if hours is not None and hours / 730.5 > since + 0.05:
        yield Problem(
            "course.hours_to_onset",
            f"{hours:g} hours after an operation {since:g} months ago is in the future",
        )


def _counts(facts: Mapping[str, Value]) -> Iterator[Problem]:
    positive, done = _number(facts, "exam.sij_tests_positive"), _number(facts, "exam.sij_tests_done")
    if positive is not None and done is not None and positive > done:
        yield Problem("exam.sij_tests_positive", f"{positive:g} positive of {done:g} done")
    grade = _number(facts, "exam.motor_grade")
    if grade == 5 and facts.get("exam.motor_deficit") is True:
        yield Problem("exam.motor_deficit", "a motor deficit with a weakest grade of 5 (full strength) cannot be")
    if grade is not None and grade < 5 and facts.get("exam.motor_deficit") is False:
        yield Problem("exam.motor_deficit", f"no motor deficit with a grade of {grade:g} cannot be")


def _needed(facts: Mapping[str, Value], never: list[str], base: RuleBase) -> Iterator[Problem]:
    """Findings that need a fusion or an implant, where there was `never` one."""
    if never:
        for name, need in _constraints(base)[0].items():
            if need in never and facts.get(name):
                yield Problem(name, f"cannot be: {WORDS[need]}")


def _conflicts(facts: Mapping[str, Value], base: RuleBase) -> Iterator[Problem]:
    for name, others in _constraints(base)[1].items():
        if facts.get(name) is True:
            for other in others:
                if facts.get(other) is True:
                    yield Problem(name, f"cannot be together with {other}")


@lru_cache(maxsize=8)
def _constraints(base: RuleBase) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return what each fact needs, and what it conflicts with, where it does, by name."""
    facts = sorted(base.vocabulary.items())
    needs = {name: fact.needs for name, fact in facts if fact.needs}
    return needs, {name: fact.conflicts for name, fact in facts if fact.conflicts}
