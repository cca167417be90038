"""What a synthetic cohort assumes beside the knowledge: read from `assumptions.yaml`, checked against the facts."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rules.language import ConditionError, parse
from rules.problems import KnowledgeError, Problem
from rules.yamlfile import Loader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rules.language import Condition, Value
    from rules.rulebase import RuleBase
    from rules.vocabulary import Vocabulary

FILE = Path(__file__).parent / "assumptions.yaml"
Share = Annotated[float, Field(ge=0, le=1)]
Points = Annotated[list[float], Field(min_length=6, max_length=6)]  # values at KNOTS
KNOTS = (0.0, 0.1, 0.5, 0.9, 0.99, 1.0)
UNKNOWN = "unknown"
T = TypeVar("T")


class Part(BaseModel):
    """The base of all parts: no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OperationKind(Part):
    """A kind of operation: its share among index operations, and at which levels it is done."""

    share: Share
    procedures: list[str]
    levels: dict[str, Share]
    instrumented: Share | None = None


class Spread(Part):
    """How a number spreads: lowest, 10th percentile, median, 90th and 99th, highest; and how finely it is written."""

    at: Points
    step: Annotated[float, Field(gt=0)] = 1


class Known(Part):
    """How often the facts of a section are known."""

    block: Share = 1
    fact: Share = 0.4
    complete: Share = 0
    shown: Share = 1
    absent: Share = 1


class Together(Part):
    """What goes together: where the condition holds, these facts have these values."""

    when: dict[str, Any]
    then: dict[str, bool | int | float | str]


class Assumptions(Part):
    """Everything in `assumptions.yaml`."""

    operations: list[OperationKind]
    counts: dict[int, Share]
    gap_months: Points
    same_levels: Share
    levels_unknown: Share
    histories: Annotated[int, Field(ge=1)]
    left_out: list[str]
    months_since_surgery: Points
    rates: dict[str, Share]
    places: dict[str, Share]
    concordant: Share
    choices: dict[str, dict[str, Share]]
    numbers: dict[str, Spread]
    known: dict[str, Known]
    asked_first: dict[float, list[str]]
    directed: Share
    together: list[Together]
    only_where: dict[str, dict[str, Any]]

    def rate(self, fact: str) -> float:
        """Return how often a yes-or-no fact is true in patients whose cause says nothing of it."""
        return first_fit(self.rates, fact, 0.05)

    def spread(self, fact: str) -> Spread | None:
        """Return how a number spreads; None for one that is never drawn."""
        return first_fit(self.numbers, fact, None)

    def shares(self, fact: str, values: tuple[str, ...]) -> list[float]:
        """Return the shares of the values of a choice, adding up to one."""
        given = first_fit(self.choices, fact, dict.fromkeys(values, 1.0))
        total = sum(given.get(value, 0.0) for value in values)
        return [given.get(value, 0.0) / total for value in values]

    @cached_property
    def _first(self) -> dict[str, float]:
        return {fact: share for share, facts in self.asked_first.items() for fact in facts}

    def known_share(self, fact: str, section: str) -> float:
        """Return how often a fact is known where anything of its section is."""
        return first_fit(self._first, fact, self.known[section].fact)


def first_fit(table: Mapping[str, T], name: str, otherwise: T) -> T:
    """Return the entry of a name, else of the first pattern that fits it."""
    if name in table:
        return table[name]
    return next((value for pattern, value in table.items() if "*" in pattern and fnmatchcase(name, pattern)), otherwise)


def read(base: RuleBase, file: Path = FILE) -> Assumptions:
    """Read the assumptions and check every name in them. Raises KnowledgeError with every problem found."""
    try:
        found = Assumptions.model_validate(yaml.load(file.read_text(encoding="utf-8"), Loader))
    except ValidationError as error:
        problems = [Problem(".".join(map(str, item["loc"])), item["msg"], file.name) for item in error.errors()]
        title = "the assumptions of synthetic cohorts cannot be used"
        raise KnowledgeError(title, problems) from None
    problems = [Problem(place, message, file.name) for place, message in _problems(found, base)]
    if problems:
        raise KnowledgeError("the assumptions of synthetic cohorts do not fit the knowledge", problems)
    return found


def conditions(found: Assumptions, vocabulary: Vocabulary) -> list[tuple[Condition, dict[str, Value | None]]]:
    """Return what goes together, with its conditions parsed; None stands for unknown."""
    pairs: list[tuple[Condition, dict[str, Value | None]]] = []
    for rule in found.together:
        values = {name: None if value == UNKNOWN else value for name, value in rule.then.items()}
        pairs.append((parse(rule.when, vocabulary), values))
    return pairs


def _problems(found: Assumptions, base: RuleBase) -> Iterator[tuple[str, str]]:
    facts = base.vocabulary
    named = [*found.left_out, *found.rates, *found.choices, *found.numbers, *found.only_where]
    named += [fact for names in found.asked_first.values() for fact in names]
    for name in named:
        if not any(fnmatchcase(fact, name) for fact in facts):
            yield name, "fits no fact"
    for kind in found.operations:
        for procedure in kind.procedures:
            if procedure not in base.catalogue.procedures:
                yield "operations", f"there is no procedure {procedure}"
    for number, rule in enumerate(found.together):
        yield from _checked(f"together[{number}]", rule.when, facts)
        for name, value in rule.then.items():
            wrong = "unknown fact" if name not in facts else facts[name].problem_with(value)
            if wrong and not (name in facts and value == UNKNOWN):
                yield f"together[{number}].then.{name}", wrong
    for name, when in found.only_where.items():
        yield from _checked(f"only_where.{name}", when, facts)


def _checked(place: str, when: dict[str, Any], facts: Vocabulary) -> Iterator[tuple[str, str]]:
    try:
        parse(when, facts)
    except ConditionError as error:
        yield place, str(error)
