"""The listed parts of a case file: operations, studies, treatments, blocks."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from pathways.levels import LevelError, reaches_pelvis, vertebrae
from pathways.values import is_plain
from rules.problems import Problem, nearest
from rules.vocabulary import Fact

if TYPE_CHECKING:
    from pathways.values import Values
    from rules.rulebase import RuleBase

MONTHS = Fact("months_ago", "How many months ago?", "number", unit="months", min=0, max=900)
WEEKS = Fact("weeks", "For how many weeks?", "number", unit="weeks", min=0, max=2000)
PERCENT = Fact("relief_percent", "How much relief?", "number", unit="%", min=0, max=100)
COUNT = Fact("count", "How many?", "number", unit="blocks", min=0, max=20)
YES_NO = Fact("yes_no", "yes or no")
SIDE = Fact("side", "Which side?", "choice", values=("left", "right", "bilateral", "midline"))
APPROACH = Fact("approach", "Which approach?", "choice", values=("posterior", "anterior", "lateral"))
OPERATION_FACTS = {
    **dict.fromkeys(("instrumented", "interbody", "minimally_invasive", "unilateral", "to_pelvis"), YES_NO),
    "side": SIDE,
    "approach": APPROACH,
    "months_ago": MONTHS,
}
STUDY_FACTS = {"done": YES_NO, "months_ago": MONTHS, "contrast": YES_NO, "complete": YES_NO}
BLOCK_FACTS = {"done": YES_NO, "count": COUNT, "relief_percent": PERCENT}
OPERATION = ("procedure", "levels", *OPERATION_FACTS)
STUDY = ("modality", *STUDY_FACTS, "findings")
TREATMENT = ("kind", "tried", "weeks", "response")
BLOCK = ("kind", *BLOCK_FACTS)
SHOWN = ("levels", "side")
NOT_LUMBAR = ("cervical", "acdf", "thoracic", "hip", "knee", "shoulder")


@lru_cache(maxsize=8)
def _treatment_facts(responses: tuple[str, ...]) -> dict[str, Fact]:
    response = Fact("response", "What did it bring?", "choice", values=responses)
    return {"tried": YES_NO, "weeks": WEEKS, "response": response}


class Parts:
    """Reads the lists of a case file into plain content for the Case model."""

    def __init__(self, base: RuleBase, values: Values, problems: list[Problem]) -> None:
        """Take the rule base for its catalogue, the reader of values, and the list that gathers problems."""
        self.catalogue = base.catalogue
        self.vocabulary = base.vocabulary
        self.values = values
        self.problems = problems
        self.lumbar = 5

    def read(self, key: str, value: object, lumbar: int) -> list[dict[str, Any]]:
        """Read one list of the case file by its key."""
        self.lumbar = lumbar
        if value is None:
            return []
        if isinstance(value, dict):
            value = [value]
        if not isinstance(value, list):
            self._problem(key, f"a list is wanted, not {value!r}")
            return []
        reader = self._readers[key]
        read = []
        for number, entry in enumerate(value):
            place = f"{key}[{number}]"
            if isinstance(entry, dict):
                read.append(reader(self, entry, place))
            else:
                self._problem(place, f"a mapping is wanted, not {entry!r}")
        return read

    def _problem(self, place: str, message: str) -> None:
        self.problems.append(Problem(place, message))

    def _known_keys(self, entry: dict[str, Any], known: tuple[str, ...], place: str) -> None:
        for key in entry:
            if key not in known:
                self._problem(
                    f"{place}.{key}", f"unknown key{nearest(key, known) or '; known are ' + ', '.join(known)}"
                )

    def _simple(self, entry: dict[str, Any], facts: dict[str, Fact], place: str) -> dict[str, Any]:
        content = {}
        for key, written in entry.items():
            fact = facts.get(key)
            if fact is None:
                continue
            value = written if is_plain(fact, written) else self.values.read(fact, written, f"{place}.{key}")
            if value is not None:
                content[key] = value
        return content

    def _operation(self, entry: dict[str, Any], place: str) -> dict[str, Any]:
        self._known_keys(entry, OPERATION, place)
        content = self._simple(entry, OPERATION_FACTS, place)
        written = entry.get("procedure", "unspecified")
        names = written if isinstance(written, list) else [written]
        known = self.catalogue.procedures
        content["procedures"] = [name for name in names if isinstance(name, str) and name in known]
        if len(content["procedures"]) < len(names):
            self._unknown_procedures(names, f"{place}.procedure")
        content["levels"] = self._levels(entry.get("levels"), f"{place}.levels", operated=True)
        if reaches_pelvis(tuple(content["levels"])):
            content.setdefault("to_pelvis", True)
        return content

    def _unknown_procedures(self, names: list[Any], place: str) -> None:
        known = self.catalogue.procedures
        for number, name in enumerate(names):
            if isinstance(name, str) and name in known:
                continue
            where = f"{place}[{number}]" if len(names) > 1 else place
            if any(word in str(name).lower() for word in NOT_LUMBAR):
                self._problem(where, f"{name!r} is not a lumbar spine operation; Spinepath covers lumbar surgery only")
            else:
                hint = nearest(name, known) or "; known are " + ", ".join(known)
                self._problem(where, f"unknown procedure {name!r}{hint}")

    def _levels(self, value: object, place: str, *, operated: bool = False) -> list[str]:
        if value is None or value == "unknown":
            return []
        written = value if isinstance(value, list) else [value]
        good, problems = _read_levels(tuple(map(str, written)), self.lumbar, operated)
        for number, message in problems:
            self._problem(place if number is None or value is not written else f"{place}[{number}]", message)
        return list(good)

    def _study(self, entry: dict[str, Any], place: str) -> dict[str, Any]:
        self._known_keys(entry, STUDY, place)
        content = self._simple(entry, STUDY_FACTS, place)
        modality = str(entry.get("modality", ""))
        known = self.catalogue.modalities
        if modality not in known:
            self._problem(
                f"{place}.modality",
                f"{modality or 'nothing'} is not one of {', '.join(known)}{nearest(modality, known)}",
            )
            return content | {"modality": "mri"}
        content["modality"] = modality
        found = entry.get("findings") or {}
        if not isinstance(found, dict):
            self._problem(f"{place}.findings", "a mapping of findings is wanted, such as {disc_herniation: [L4-L5]}")
            found = {}
        shown = {}
        for name, value in found.items():
            read = self._shown(modality, name, value, f"{place}.findings.{name}")
            if read is not None:
                shown[name] = read
        return content | {"findings": shown}

    def _shown(self, modality: str, name: str, value: object, place: str) -> dict[str, Any] | None:
        known = self.catalogue.findings[modality]
        if name not in known:
            others = [f"{m}: {name}" for m, f in self.catalogue.findings.items() if name in f]
            hint = nearest(name, known) or (f" ({', '.join(others)} exists)" if others else "")
            self._problem(place, f"unknown {modality} finding{hint}")
            return None
        fact = self.vocabulary[f"{modality}.{name}"]
        if fact.type == "number":
            size = self.values.read(fact, value, place)
            return None if size is None else {"size": size}
        return self._present(known[name], value, place)

    def _present(self, entry: dict[str, Any], value: object, place: str) -> dict[str, Any] | None:
        side = None
        if isinstance(value, bool):
            return {"present": value}
        if isinstance(value, dict):
            self._known_keys(value, SHOWN, place)
            side = self.values.read(SIDE, value.get("side"), f"{place}.side")
            value = value.get("levels", True)
        if isinstance(value, list) or (isinstance(value, str) and value[:1] in "LST" and value[1:2].isdigit()):
            if not entry.get("levels"):
                self._problem(place, "this finding takes yes or no, not levels")
                return None
            return {"levels": self._levels(value, place), "side": side}
        present = self.values.read(YES_NO, value, place)
        return None if present is None else {"present": present, "side": side}

    def _kind(self, entry: dict[str, Any], known: dict[str, str], place: str) -> str | None:
        kind = str(entry.get("kind", ""))
        if kind in known:
            return kind
        self._problem(
            f"{place}.kind",
            f"unknown kind {kind!r}{nearest(kind, known) or '; known are ' + ', '.join(known)}",
        )
        return None

    def _treatment(self, entry: dict[str, Any], place: str) -> dict[str, Any]:
        self._known_keys(entry, TREATMENT, place)
        content = self._simple(entry, _treatment_facts(self.catalogue.responses), place)
        return content | {"kind": self._kind(entry, self.catalogue.treatments, place) or "conservative_care"}

    def _block(self, entry: dict[str, Any], place: str) -> dict[str, Any]:
        self._known_keys(entry, BLOCK, place)
        content = self._simple(entry, BLOCK_FACTS, place)
        return content | {"kind": self._kind(entry, self.catalogue.blocks, place) or "medial_branch"}

    _readers: ClassVar = {"surgery": _operation, "imaging": _study, "treatments": _treatment, "blocks": _block}


@lru_cache(maxsize=4096)
def _read_levels(
    written: tuple[str, ...], lumbar: int, operated: bool
) -> tuple[tuple[str, ...], list[tuple[int | None, str]]]:
    """Return the levels that can be read, and what is wrong: with which of them, or None where it is all of them."""
    good: list[str] = []
    problems: list[tuple[int | None, str]] = []
    for number, level in enumerate(written):
        try:
            vertebrae(level, lumbar)
        except LevelError as error:
            problems.append((number, str(error)))
        else:
            good.append(level.strip())
    if operated and good and all(_is_thoracic(level, lumbar) for level in good):
        problems.append((None, "only thoracic levels; Spinepath covers lumbar surgery only"))
    return tuple(good), problems


def _is_thoracic(level: str, lumbar: int) -> bool:
    return vertebrae(level, lumbar)[-1].startswith("T")
