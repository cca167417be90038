"""What cannot be true together: impossible combinations in a case, each with its place."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pathways.facts import split_facts
from pathways.values import PER_TIME
from rules.language import asked_by
from rules.problems import Problem
from rules.vocabulary import PLACES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pathways.case import Case
    from rules.language import Value
    from rules.rulebase import RuleBase

FIRST, SINCE, AGE = "months_since_first_surgery", "months_since_surgery", "person.age"
FREE, ONSET = "course.pain_free_months", "course.hours_to_onset"
POSITIVE, DONE = "exam.sij_tests_positive", "exam.sij_tests_done"
GRADE, DEFICIT = "exam.motor_grade", "exam.motor_deficit"
BACK, LEG, MOSTLY = "pain.back", "pain.leg", "pain.predominant"
YES, NO = True, False
HOURS_A_MONTH = PER_TIME["hours"]


class Limit(NamedTuple):
    """What facts cannot be together; `exceeded` tells whether they are, of their values or of columns of them."""

    place: str
    facts: tuple[str, ...]
    exceeded: Callable[..., Any]
    message: str  # with the values in their order


LIMITS = (
    Limit(
        FIRST,
        (FIRST, SINCE),
        lambda first, since: first < since,
        "the first operation {:g} months ago is after the index one {:g} months ago",
    ),
    Limit(
        FREE,
        (FREE, SINCE),
        lambda free, since: free > since + 0.5,
        "{:g} months free of pain, but the operation was {:g} months ago",
    ),
    Limit(
        SINCE,
        (SINCE, AGE),
        lambda since, age: (age < 90) & (since / 12 > age),
        "the operation was {:g} months ago, before the patient was born ({:g} years)",
    ),
    Limit(
        ONSET,
        (ONSET, SINCE),
        lambda hours, since: hours / HOURS_A_MONTH > since + 0.05,
        "{:g} hours after an operation {:g} months ago is in the future",
    ),
    Limit(
        POSITIVE,
        (POSITIVE, DONE),
        lambda positive, done: positive > done,
        "{:g} positive of {:g} done",
    ),
    Limit(
        DEFICIT,
        (GRADE, DEFICIT),
        lambda grade, deficit: (grade == 5) & (deficit == YES),
        "a motor deficit with a weakest grade of {:g} (full strength) cannot be",
    ),
    Limit(
        DEFICIT,
        (GRADE, DEFICIT),
        lambda grade, deficit: (grade < 5) & (deficit == NO),
        "no motor deficit with a grade of {:g} cannot be",
    ),
    Limit(
        BACK,
        (BACK, "pain.back_intensity"),
        lambda back, intensity: (back == NO) & (intensity >= 1),
        "no back pain with an intensity of {1:g} cannot be",
    ),
    Limit(
        LEG,
        (LEG, "pain.leg_intensity"),
        lambda leg, intensity: (leg == NO) & (intensity >= 1),
        "no leg pain with an intensity of {1:g} cannot be",
    ),
    Limit(
        LEG,
        (LEG, "pain.radicular"),
        lambda leg, radicular: (leg == NO) & (radicular == YES),
        "no leg pain with pain down the leg in the area of a root cannot be",
    ),
    Limit(
        BACK,
        (BACK, MOSTLY),
        lambda back, mostly: (back == NO) & ((mostly == "back") | (mostly == "both")),
        "no back pain with pain mostly in the back, or in both, cannot be",
    ),
    Limit(
        LEG,
        (LEG, MOSTLY),
        lambda leg, mostly: (leg == NO) & ((mostly == "leg") | (mostly == "both")),
        "no leg pain with pain mostly in the leg, or in both, cannot be",
    ),
)
NOT_DONE = "cannot be known where"
WORDS = {"surgery.fusion": "there was no fusion", "surgery.implant": "no implant was put in"}


def contradictions(
    case: Case, base: RuleBase, parts: tuple[Mapping[str, Value], Mapping[str, Value]] | None = None
) -> list[Problem]:
    """Return every impossible combination found in a case, whose facts may be at hand as `split_facts` gives them."""
    own, shared = parts or split_facts(case, base)
    never = [what for what in WORDS if shared.get(what) is False]
    found = [*_limits(own), *_needed(own, never, base), *_conflicts(own, base)]
    placed = [_at(problem, case, base) for problem in found if problem.place != FIRST]  # _order tells which operation
    return [*_order(case), *_not_done(case), *placed]


def impossible(facts: Mapping[str, Value], base: RuleBase) -> list[Problem]:
    """Return every impossible combination among flat facts; the place of each is a fact."""
    never = [what for what in WORDS if facts.get(what) is False]
    return [*_limits(facts), *_needed(facts, never, base), *_conflicts(facts, base), *_detailed(facts, base)]


@lru_cache(maxsize=8)
def constrained(base: RuleBase) -> frozenset[str]:
    """Return the facts that may contradict others, but for details of what was not done.

    A change of any other fact, with what follows from it, never makes a case impossible.
    """
    found = {name for limit in LIMITS for name in limit.facts}
    needs, conflicts = constraints(base)
    found.update(*needs.items(), *([name, *others] for name, others in conflicts.items()))
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


def _not_done(case: Case) -> Iterator[Problem]:
    """Yield what is said of a study, a treatment or a block that was not done."""
    for number, study in enumerate(case.imaging):
        if not study.done and study.findings:
            yield Problem(f"imaging[{number}].findings", "findings of a study that was not done cannot be")
    for number, treatment in enumerate(case.treatments):
        if not treatment.tried and (treatment.response or treatment.weeks):
            yield Problem(f"treatments[{number}]", "a response to, or weeks of, a treatment not tried cannot be")
    for number, block in enumerate(case.blocks):
        if block.relief_percent is not None and not (block.done and block.count != 0):
            yield Problem(f"blocks[{number}]", "relief from no block cannot be")


def _limits(facts: Mapping[str, Value]) -> Iterator[Problem]:
    for limit in LIMITS:
        values = [facts.get(name) for name in limit.facts]
        if None not in values and limit.exceeded(*values):
            yield Problem(limit.place, limit.message.format(*values))


def _needed(facts: Mapping[str, Value], never: list[str], base: RuleBase) -> Iterator[Problem]:
    """Findings that need a fusion or an implant, where there was `never` one."""
    if never:
        for name, need in constraints(base)[0].items():
            if need in never and facts.get(name):
                yield Problem(name, f"cannot be: {WORDS[need]}")


def _conflicts(facts: Mapping[str, Value], base: RuleBase) -> Iterator[Problem]:
    for name, others in constraints(base)[1].items():
        if facts.get(name) is True:
            for other in others:
                if facts.get(other) is True:
                    yield Problem(name, f"cannot be together with {other}")


def _detailed(facts: Mapping[str, Value], base: RuleBase) -> Iterator[Problem]:
    """Details of what was not done, or is not there: for each thing, the first is told, and how many more there are."""
    for whole, parts in details(base).items():
        if whole in facts and not facts[whole]:
            told = [part for part, even_no in parts.items() if part in facts and (even_no or facts[part])]
            if told:
                more = f" (so it is with {len(told) - 1} more)" if len(told) > 1 else ""
                yield Problem(told[0], f"{NOT_DONE} {whole} is {'no' if facts[whole] is False else 0}{more}")


@lru_cache(maxsize=8)
def details(base: RuleBase) -> dict[str, dict[str, bool]]:
    """Return what can only be known where something was done, or is there, by the fact that says so.

    Such as what a study shows, by whether it was done. With each detail: can even `no` or 0 not be known? (A finding
    that is absent is absent at every place.) Facts that no rule asks for change no result and are left out.
    """
    asked = asked_by(base.conditions.values())
    found: dict[str, dict[str, bool]] = {}
    for name in sorted(asked & base.vocabulary.keys()):
        kind, _, last = name.rpartition(".")
        section, _, what = name.partition(".")
        if section in base.catalogue.modalities and what != "months_ago" and not what.endswith("done"):
            found.setdefault(f"{section}.done", {})[name] = True
        if last in (*PLACES, "concordant"):
            found.setdefault(kind, {})[name] = False
        if section == "treatments" and last in ("response", "weeks"):
            found.setdefault(f"{kind}.tried", {})[name] = last == "response"
        if section == "blocks" and last == "relief_percent":
            found.setdefault(f"{kind}.done", {})[name] = True
            found.setdefault(f"{kind}.count", {})[name] = True
    return {whole: parts for whole, parts in found.items() if whole in base.vocabulary}


@lru_cache(maxsize=8)
def constraints(base: RuleBase) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return what each fact needs, and what it conflicts with, where it does, by name."""
    facts = sorted(base.vocabulary.items())
    needs = {name: fact.needs for name, fact in facts if fact.needs}
    return needs, {name: fact.conflicts for name, fact in facts if fact.conflicts}
