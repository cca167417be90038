"""What cannot be true together: impossible combinations in a case, each with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways.facts import project
from rules.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathways.case import Case
    from rules.rulebase import RuleBase


def contradictions(case: Case, base: RuleBase) -> list[Problem]:
    """Return every impossible combination found in a case."""
    return [*_order(case), *_times(case), *_counts(case), *_needed(case, base), *_conflicts(case, base)]


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


def _times(case: Case) -> Iterator[Problem]:
    since = case.index.months_ago
    age = case.facts.get("person.age")
    if since is not None:
        free = case.facts.get("course.pain_free_months")
        if isinstance(free, (int, float)) and free > since + 0.5:
            message = f"{free:g} months free of pain, but the operation was {since:g} months ago"
            yield Problem("course.pain_free_months", message)
        if isinstance(age, (int, float)) and age < 90 and since / 12 > age:
            yield Problem(
                "surgery",
                f"the operation was {since:g} months ago, before the patient was born ({age:g} years)",
            )
    hours = case.facts.get("course.hours_to_onset")
    if isinstance(hours, (int, float)) and since is not None and hours / 730.5 > since + 0.05:
        yield Problem(
            "course.hours_to_onset",
            f"{hours:g} hours after an operation {since:g} months ago is in the future",
        )


def _counts(case: Case) -> Iterator[Problem]:
    positive, done = case.facts.get("exam.sij_tests_positive"), case.facts.get("exam.sij_tests_done")
    if isinstance(positive, (int, float)) and isinstance(done, (int, float)) and positive > done:
        yield Problem("exam.sij_tests_positive", f"{positive:g} positive of {done:g} done")
    grade = case.facts.get("exam.motor_grade")
    if grade == 5 and case.facts.get("exam.motor_deficit") is True:
        yield Problem("exam.motor_deficit", "a motor deficit with a weakest grade of 5 (full strength) cannot be")
    if isinstance(grade, (int, float)) and grade < 5 and case.facts.get("exam.motor_deficit") is False:
        yield Problem("exam.motor_deficit", f"no motor deficit with a grade of {grade:g} cannot be")
    for number, block in enumerate(case.blocks):
        if block.count == 0 and block.relief_percent is not None:
            yield Problem(f"blocks[{number}]", "relief from no block cannot be")


def _needed(case: Case, base: RuleBase) -> Iterator[Problem]:
    """Findings that need a fusion or an implant, where there was none."""
    facts = project(case, base)
    words = {"surgery.fusion": "there was no fusion", "surgery.implant": "no implant was put in"}
    for number, study in enumerate(case.imaging):
        for name, shown in study.findings.items():
            need = base.vocabulary[f"{study.modality}.{name}"].needs
            if need and (shown.present or shown.size) and facts.get(need) is False:
                place = f"imaging[{number}].findings.{name}"
                yield Problem(place, f"cannot be: {words[need]}")
    for name, value in case.facts.items():
        need = base.vocabulary[name].needs
        if need and value is True and facts.get(need) is False:
            yield Problem(name, f"cannot be: {words[need]}")


def _conflicts(case: Case, base: RuleBase) -> Iterator[Problem]:
    for name, value in case.facts.items():
        if value is True:
            for other in base.vocabulary[name].conflicts:
                if case.facts.get(other) is True:
                    yield Problem(name, f"cannot be together with {other}")
