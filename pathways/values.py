"""Single values as people write them: yes and no, unknown, numbers with units, durations, age bands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rules.problems import Problem, nearest
from rules.vocabulary import plain
from rules.yamlfile import DateLike

if TYPE_CHECKING:
    from rules.language import Value
    from rules.vocabulary import Fact, Vocabulary

UNKNOWN = frozenset({"unknown", "not assessed", "not_assessed", "not done", "?", "n/a", ""})
WORDS = {
    "yes": True,
    "present": True,
    "true": True,
    "positive": True,
    "no": False,
    "absent": False,
    "false": False,
    "negative": False,
}
UNCLEAR = UNKNOWN | {"no"}  # for some choices, no is written as none
NUMBER = re.compile(r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+")  # or decimals: nobody can tell
WITH_UNIT = re.compile(rf"^\s*([<>]?)\s*({NUMBER.pattern})\s*(.*?)\s*$", re.IGNORECASE)
IN_MONTHS = {"hour": 1 / 730.5, "day": 1 / 30.4375, "week": 7 / 30.4375, "month": 1.0, "year": 12.0}
PER_TIME = {"months": 1.0, "weeks": 30.4375 / 7, "days": 30.4375, "hours": 730.5}
BAND = re.compile(r"^(\d{2})\s*-\s*(\d{2})$|^(\d)0s$|^(\d{2})\+$")


def is_plain(fact: Fact, value: object) -> bool:
    """Say whether a value is written just as the fact takes it, as nearly all are: there is nothing to interpret."""
    kind = value.__class__
    if kind is bool:
        return fact.type == "yes_no"
    if kind is str:
        return fact.type == "choice" and value in fact.values and value not in UNCLEAR
    if kind is int and fact.type == "number" and not fact.unit_required:
        return fact.problem_with(value) is None
    return False


class Values:
    """Reads values for facts; problems go to the list it was given."""

    def __init__(self, vocabulary: Vocabulary, problems: list[Problem]) -> None:
        """Take the vocabulary and the list that gathers problems."""
        self.vocabulary = vocabulary
        self.problems = problems

    def read(self, fact: Fact, value: object, place: str) -> Value | None:
        """Return the value of a fact, or None where it is unknown or unreadable."""
        if value is None or is_plain(fact, value):
            return value  # type: ignore[return-value]
        if isinstance(value, str) and value.strip().lower() in UNKNOWN:
            return None
        if isinstance(value, DateLike):
            return self._refuse(place, "a date may identify a patient; give months, or a duration such as `6 weeks`")
        if fact.type == "yes_no":
            return self._yes_no(fact, value, place)
        if fact.type == "choice":
            return self._choice(fact, value, place)
        return self._number(fact, value, place)

    def _refuse(self, place: str, message: str) -> Value | None:
        self.problems.append(Problem(place, message))
        return None

    def _yes_no(self, fact: Fact, value: object, place: str) -> Value | None:
        if isinstance(value, str) and value.strip().lower() in WORDS:
            value = WORDS[value.strip().lower()]
        if isinstance(value, bool):
            return value
        return self._refuse(place, f"yes, no or unknown is wanted, not {value!r}")

    def _choice(self, fact: Fact, value: object, place: str) -> Value | None:
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if value == "no" and "none" in fact.values:
            value = "none"
        if value in fact.values:
            return value
        text = str(value).strip()
        for known in fact.values:
            if text.lower() == known.lower():
                return known
        hint = nearest(text, fact.values)
        return self._refuse(place, f"{text!r} is not one of {', '.join(fact.values)}{hint}")

    def _number(self, fact: Fact, value: object, place: str) -> Value | None:
        if isinstance(value, dict) and set(value) == {"value", "unit"}:
            value = f"{value['value']} {value['unit']}"
        number: float | None
        if isinstance(value, bool):
            return self._refuse(place, f"{fact.describe()} is wanted, not {'yes' if value else 'no'}")
        if isinstance(value, (int, float)):
            if fact.unit_required:
                units = " or ".join([fact.unit, *fact.other_units])
                return self._refuse(
                    place, f"which unit is {plain(value)}: {units}? Write `{plain(value)} {fact.unit}` if so"
                )
            number = value
        else:
            number = self._written(fact, str(value).strip(), place)
        return None if number is None else self._in_range(fact, number, place)

    def _written(self, fact: Fact, text: str, place: str) -> float | None:
        if fact.id == "person.age" and (band := BAND.match(text)):
            low, high, decade, over = band.groups()
            if low:
                return (int(low) + int(high)) // 2
            return int(decade) * 10 + 5 if decade else int(over)
        match = WITH_UNIT.match(text)
        if not match or match.group(1):
            self._refuse(place, f"{fact.describe()} is wanted, not {text!r}")
            return None
        number, unit = plain_number(match.group(2)), match.group(3)
        if number is None:
            self._refuse(
                place, f"is {match.group(2)} in thousands or with decimals? Write it without the comma, or with a point"
            )
            return None
        return self._with_unit(fact, number, unit, place)

    def _with_unit(self, fact: Fact, number: float, unit: str, place: str) -> float | None:
        if unit.lower() == fact.unit.lower() or (not unit and not fact.unit_required):
            return number
        singular = unit.lower().rstrip("s")
        if fact.unit in PER_TIME and singular in IN_MONTHS:
            return number * IN_MONTHS[singular] * PER_TIME[fact.unit]
        factor = fact.other_units.get(unit)
        if factor:
            message = f"{number:g} {unit} is in another unit; Spinepath takes {fact.unit}. If the report says {unit}, "
            self._refuse(place, f"{message}write `{number * factor:g} {fact.unit}`")
        else:
            units = ", ".join([fact.unit, *fact.other_units])
            self._refuse(place, f"the unit {unit!r} is not known here; {units} is")
        return None

    def _in_range(self, fact: Fact, number: float, place: str) -> Value | None:
        if number != number or abs(number) == float("inf"):  # noqa: PLR0124 - NaN is not equal to itself
            return self._refuse(place, f"{fact.describe()} is wanted")
        if fact.id == "person.age" and number > (fact.max or 0):
            return self._refuse(place, "ages over 90 may identify a patient; write 90 for 90 and over")
        if fact.id == "person.age" and number < (fact.min or 0):
            return self._refuse(place, "Spinepath is for adults (18 and over)")
        problem = fact.problem_with(number)
        if problem:
            return self._refuse(place, problem)
        return tidy(number)


def plain_number(text: str) -> float | None:
    """Return the number that a text is, with a decimal point or comma; None if it is none or could be two."""
    if not NUMBER.fullmatch(text) or THOUSANDS.fullmatch(text):
        return None
    return float(text.replace(",", "."))


def tidy(number: float) -> int | float:
    """Round to four decimals and drop a zero fraction, so that every engine and output sees the same plain number."""
    if type(number) is int:
        return number
    rounded = round(float(number), 4)
    return int(rounded) if rounded == int(rounded) else rounded
