"""Reading a case from a file: everything wrong is found at once, with its place and the nearest valid name."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pathways.case import Case
from pathways.consistency import contradictions
from pathways.facts import split_facts
from pathways.parts import Parts
from pathways.values import Values, is_plain
from rules.problems import CaseError, Problem, nearest
from rules.yamlfile import DateLike, YamlFile

if TYPE_CHECKING:
    from pathways.facts import Facts
    from rules.rulebase import RuleBase
    from rules.vocabulary import Fact

LARGEST = 1_000_000
LISTS = ("surgery", "imaging", "treatments", "blocks")
IDENTIFIERS = frozenset(
    [
        "name",
        "first_name",
        "last_name",
        "surname",
        "patient_name",
        "date_of_birth",
        "dob",
        "birth_date",
        "birthday",
        "address",
        "street",
        "city",
        "zip",
        "postcode",
        "phone",
        "telephone",
        "email",
        "mrn",
        "record_number",
        "patient_id",
        "ssn",
        "insurance_number",
        "hospital",
        "surgeon",
        "doctor",
        "date",
        "notes",
        "note",
        "comment",
        "comments",
        "free_text",
        "history",
    ]
)
LUMBAR = 5  # vertebrae, unless said otherwise
TOP = {"case_id", *LISTS}
STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def read_case_file(path: Path, base: RuleBase) -> Case:
    """Read a case from a YAML or JSON file. Raises CaseError with every problem found."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            message = f"{size:,} bytes is too large for one patient's case; many cases go through `spinepath batch`"
            raise CaseError(f"{path} cannot be read", [Problem("", message)])
        raw = path.read_bytes()
    except OSError as error:
        raise CaseError(f"{path} cannot be read", [Problem("", error.strerror or str(error))]) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"not a text file in UTF-8 (byte {error.start} cannot be read)"
        raise CaseError(f"{path} cannot be read", [Problem("", message)]) from None
    return read_case(text, base, name=str(path), default_id=path.stem)


def read_case(text: str, base: RuleBase, *, name: str = "case", default_id: str = "case") -> Case:
    """Read a case from YAML or JSON text. Raises CaseError with every problem found."""
    if "\0" in text:
        raise CaseError(f"{name} cannot be read", [Problem("", "a binary file, not YAML or JSON")])
    file = YamlFile(text)
    problems = list(file.problems)
    if not problems and file.data is None:
        problems.append(Problem("", "the file is empty; `spinepath new` writes an annotated blank"))
    elif not problems and not isinstance(file.data, dict):
        problems.append(Problem("", "a case is a mapping with `surgery:` and what else is known"))
    if problems:
        raise CaseError(f"{name} cannot be used", problems)
    return build_case(file.data, base, name=name, file=file, default_id=default_id)


def build_case(
    data: dict[str, Any],
    base: RuleBase,
    *,
    name: str = "case",
    file: YamlFile | None = None,
    default_id: str = "case",
) -> Case:
    """Build a case from plain data as a case file holds it. Raises CaseError with every problem found."""
    return build_facts(data, base, name=name, file=file, default_id=default_id)[0]


def build_facts(
    data: dict[str, Any],
    base: RuleBase,
    *,
    name: str = "case",
    file: YamlFile | None = None,
    default_id: str = "case",
) -> tuple[Case, Facts, Facts]:
    """Build a case from plain data, and return it with its facts as `split_facts` gives them.

    Raises CaseError with every problem found.
    """
    builder = _Builder(base)
    content = builder.content(data)
    case = None
    own: Facts = {}
    shared: Facts = {}
    if not builder.problems or content.get("surgery"):
        if "case_id" not in content:
            content["case_id"] = _safe_id(default_id)
        try:
            case = Case.model_validate(content)
        except ValidationError as error:
            for item in error.errors():
                place = _place(item["loc"])
                if not any(p.place.startswith(place) for p in builder.problems):
                    builder.problems.append(Problem(place, f"{item['msg']}, not {_short(item['input'])}"))
    if case is not None:
        own, shared = split_facts(case, base)
        builder.problems.extend(contradictions(case, base, (own, shared)))
    if builder.problems or case is None:
        found = [
            Problem(p.place, p.message, "", file.line(_steps(p.place)) if file else None) for p in builder.problems
        ]
        count = len(found)
        raise CaseError(f"{name} has {count} problem{'s' * (count != 1)}", found)
    return case, own, shared


class _Builder:
    """Sorts the content of a case file into the parts of a Case, gathering problems."""

    def __init__(self, base: RuleBase) -> None:
        self.base = base
        self.problems: list[Problem] = []
        self.values = Values(base.vocabulary, self.problems)
        self.sections = base.catalogue.sections

    def content(self, data: dict[str, Any]) -> dict[str, Any]:
        parts = Parts(self.base, self.values, self.problems)
        content: dict[str, Any] = {"facts": {}}
        lumbar = self._lumbar(data.get("person"))
        for name, value in data.items():
            key = str(name)
            if key == "case_id":
                self._case_id(value, content)
            elif key in LISTS:
                content[key] = parts.read(key, value, lumbar)
            elif key in self.sections:
                self._section(key, value, content["facts"])
            elif "." in key and key in self.base.vocabulary:
                self._fact(key, value, content["facts"], key)
            else:
                self._unknown_key(key)
        if not data.get("surgery"):
            message = "at least one lumbar operation is wanted: Spinepath is for pain after lumbar spine surgery"
            self.problems.append(Problem("surgery", message))
        return content

    def _lumbar(self, person: object) -> int:
        """Return how many lumbar vertebrae levels are read with; what is wrong there is told where the fact is read."""
        written = person.get("lumbar_vertebrae") if isinstance(person, dict) else None
        fact = self.base.vocabulary.get("person.lumbar_vertebrae")
        if written is None or fact is None:
            return LUMBAR
        read = Values(self.base.vocabulary, []).read(fact, written, "")
        return int(read or LUMBAR)

    def _case_id(self, value: object, content: dict[str, Any]) -> None:
        if isinstance(value, DateLike):
            self.problems.append(Problem("case_id", "a date may identify a patient; use a neutral code"))
        else:
            content["case_id"] = str(value)

    def _section(self, section: str, value: object, facts: dict[str, Any]) -> None:
        if value is None:
            return
        if not isinstance(value, dict):
            self.problems.append(Problem(section, f"a mapping of facts is wanted, not {_short(value)}"))
            return
        known = asked(self.base)[section]
        for key, inner in value.items():
            fact = known.get(key)
            if fact is not None and is_plain(fact, inner):
                facts[fact.id] = inner
            else:
                name = f"{section}.{key}"
                self._fact(name, inner, facts, name)

    def _fact(self, name: str, value: object, facts: dict[str, Any], place: str) -> None:
        fact = self.base.vocabulary.get(name)
        if fact is None:
            section = name.split(".", maxsplit=1)[0]
            if name.rsplit(".", maxsplit=1)[-1].lower() in IDENTIFIERS:
                self._identifier(place)
                return
            near = [f for f in self.base.vocabulary if f.startswith(f"{section}.")]
            self.problems.append(
                Problem(place, f"unknown fact{nearest(name, near) or nearest(name, self.base.vocabulary)}")
            )
        elif fact.origin != "asked":
            self.problems.append(Problem(place, "this is worked out by Spinepath and not entered"))
        else:
            read = self.values.read(fact, value, place)
            if read is not None:
                facts[name] = read

    def _unknown_key(self, key: str) -> None:
        if key.lower() in IDENTIFIERS:
            self._identifier(key)
            return
        names = [*TOP, *self.sections]
        hint = nearest(key, names)
        if not hint:
            inside = [
                f for f in self.base.vocabulary if f.endswith(f".{key}") and self.base.vocabulary[f].origin == "asked"
            ]
            hint = f" (did you mean {', '.join(inside[:3])}?)" if inside else f"; known are {', '.join(sorted(names))}"
        self.problems.append(Problem(key, f"unknown key{hint}"))

    def _identifier(self, place: str) -> None:
        message = "a case has no place for names, dates, addresses, record numbers or free text"
        self.problems.append(Problem(place, message))


@lru_cache(maxsize=8)
def asked(base: RuleBase) -> dict[str, dict[str, Fact]]:
    """Return the facts that a case may state, by section and by their name there."""
    asked: dict[str, dict[str, Fact]] = {section: {} for section in base.catalogue.sections}
    for name, fact in base.vocabulary.items():
        section, _, key = name.partition(".")
        if fact.origin == "asked" and section in asked:
            asked[section][key] = fact
    return asked


def _safe_id(text: str) -> str:
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in text).strip("-._")
    return kept[:64] or "case"


def _place(loc: tuple[int | str, ...]) -> str:
    text = ""
    for step in loc:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _steps(place: str) -> tuple[int | str, ...]:
    """Return the path that a place such as `surgery[1].levels` stands for."""
    return tuple(int(number) if number else name for name, number in STEP.findall(place))


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
