"""What a case or its facts name that a rule base does not know: they may come from another version, or be made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways.levels import LevelError, vertebrae
from rules.problems import Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pathways.case import Case
    from rules.rulebase import RuleBase


def in_case(case: Case, base: RuleBase) -> list[Problem]:
    """Return every name, level and value of a case that is unknown here, with its place."""
    return [
        *_operations(case, base),
        *_studies(case, base),
        *_listed(case, base),
        *in_facts(case.facts, base, "facts."),
    ]


def in_facts(facts: Mapping[str, object], base: RuleBase, place: str = "") -> list[Problem]:
    """Return every fact that is unknown here, or whose value is not one that it takes."""
    found = []
    for name, value in facts.items():
        fact = base.vocabulary.get(name)
        problem = f"unknown fact{nearest(name, base.vocabulary)}" if fact is None else fact.problem_with(value)
        if problem:
            found.append(Problem(f"{place}{name}", problem))
    return found


def _unknown(name: str, known: Collection[str], place: str) -> Iterator[Problem]:
    if name not in known:
        yield Problem(place, f"{name!r} is unknown here{nearest(name, known)}")


def _operations(case: Case, base: RuleBase) -> Iterator[Problem]:
    for number, operation in enumerate(case.surgery):
        for name in operation.procedures:
            yield from _unknown(name, base.catalogue.procedures, f"surgery[{number}].procedures")
        yield from _levels(operation.levels, case, f"surgery[{number}].levels")


def _studies(case: Case, base: RuleBase) -> Iterator[Problem]:
    for number, study in enumerate(case.imaging):
        place = f"imaging[{number}]"
        yield from _unknown(study.modality, base.catalogue.modalities, f"{place}.modality")
        for name, shown in study.findings.items():
            yield from _unknown(name, base.catalogue.findings.get(study.modality, ()), f"{place}.findings")
            yield from _levels(shown.levels, case, f"{place}.findings.{name}.levels")


def _listed(case: Case, base: RuleBase) -> Iterator[Problem]:
    for number, treatment in enumerate(case.treatments):
        yield from _unknown(treatment.kind, base.catalogue.treatments, f"treatments[{number}].kind")
        if treatment.response is not None:
            yield from _unknown(treatment.response, base.catalogue.responses, f"treatments[{number}].response")
    for number, block in enumerate(case.blocks):
        yield from _unknown(block.kind, base.catalogue.blocks, f"blocks[{number}].kind")


def _levels(levels: list[str], case: Case, place: str) -> Iterator[Problem]:
    for number, level in enumerate(levels):
        try:
            vertebrae(level, case.lumbar)
        except LevelError as error:
            yield Problem(f"{place}[{number}]", str(error))
