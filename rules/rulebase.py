"""Loading the knowledge: read, check everything, and fingerprint. All problems at once, each with file and line."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from rules.checks import Checker
from rules.documents import (
    Cause,
    Criteria,
    Disagreement,
    Finding,
    Pathway,
    RedFlag,
    Source,
    Weights,
)
from rules.leaflet import Leaflet, problems_in
from rules.problems import KnowledgeError, Problem, nearest
from rules.vocabulary import STANDINGS, Catalogue, Fact, Vocabulary, read_vocabulary
from rules.yamlfile import YamlFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rules.language import Condition

KNOWLEDGE = Path(__file__).parent / "knowledge"
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, eq=False)
class RuleBase:
    """Everything that the engines read, checked. `conditions` holds the tree of every rule, by rule id."""

    version: str
    sha256: str
    overlays: tuple[str, ...]
    vocabulary: Vocabulary
    catalogue: Catalogue
    sources: dict[str, Source]
    findings: dict[str, Finding]
    red_flags: dict[str, RedFlag]
    causes: dict[str, Cause]
    pathways: dict[str, Pathway]
    criteria: dict[str, Criteria]
    disagreements: dict[str, Disagreement]
    weights: Weights
    conditions: dict[str, Condition]
    leaflet: Leaflet | None = None
    switched_off: tuple[str, ...] = ()


def load(folder: Path = KNOWLEDGE, overlays: Iterable[Path] = ()) -> RuleBase:
    """Load a knowledge folder, and lay other folders over it (add, replace, switch off).

    Raises KnowledgeError carrying every problem found.
    """
    return _Loading([folder, *overlays]).result()


class _Loading:
    """One loading: gathers documents from the folders, then checks them together."""

    def __init__(self, folders: list[Path]) -> None:
        self.folders = folders
        self.problems: list[Problem] = []
        self.files: dict[str, YamlFile] = {}
        self.digest = hashlib.sha256()
        self.off: set[str] = set()
        self._origin: dict[int, tuple[str, tuple[Any, ...]]] = {}
        for number, folder in enumerate(folders):
            self._read_folder(folder, f"overlay:{folder.name}/" if number else "")

    def _read_folder(self, folder: Path, prefix: str) -> None:
        if not folder.is_dir():
            self.problems.append(Problem("", "there is no such knowledge folder", str(folder)))
            return
        for path in sorted(folder.rglob("*.yaml")):
            name = path.relative_to(folder).as_posix()
            raw = path.read_bytes()
            self.digest.update(f"{prefix}{name}\0".encode() + raw + b"\0")
            try:
                file = YamlFile(raw.decode("utf-8"), f"{prefix}{name}")
            except UnicodeDecodeError:
                self.problems.append(Problem("", "not UTF-8 text", f"{prefix}{name}"))
                continue
            self.problems.extend(file.problems)
            self.files[f"{prefix}{name}"] = file

    def result(self) -> RuleBase:
        vocabulary, catalogue = self._vocabulary()
        weights = self._weights()
        sources = {}
        for name, entries in self._contents("sources"):
            for key, entry in (entries or {}).items():
                source = self._model(Source, entry, name, (key,))
                if source and key in sources and not name.startswith("overlay:"):
                    self.problems.append(Problem(key, "this source key is used twice", name, self._line(name, (key,))))
                if source:
                    sources[str(key)] = source
        findings = self._listed(Finding, "findings")
        red_flags = self._listed(RedFlag, "red_flags")
        causes = self._single(Cause, "causes")
        pathways = self._single(Pathway, "pathways")
        criteria = self._single(Criteria, "criteria")
        disagreements = self._listed(Disagreement, "disagreements")
        vocabulary |= derived_facts(findings, red_flags, causes)
        checker = Checker(vocabulary, set(sources), set(causes), set(pathways), self._place)
        conditions = checker.conditions(findings, red_flags, causes, pathways, criteria, disagreements)
        ordered = checker.ordered(findings)
        leaflet = self._leaflet(causes, pathways, weights)
        self.problems.extend(checker.problems)
        if self.problems or weights is None or catalogue is None:
            count = len(self.problems)
            title = f"the knowledge has {count} problem{'s' * (count != 1)}"
            raise KnowledgeError(title, self.problems)
        return RuleBase(
            version=weights.version,
            sha256=self.digest.hexdigest(),
            overlays=tuple(folder.name for folder in self.folders[1:]),
            vocabulary=vocabulary,
            catalogue=catalogue,
            sources=sources,
            findings=ordered,
            red_flags=red_flags,
            causes=causes,
            pathways=pathways,
            criteria=criteria,
            disagreements=disagreements,
            weights=weights,
            conditions=conditions,
            leaflet=leaflet,
            switched_off=tuple(sorted(self.off)),
        )

    def _contents(self, kind: str) -> Iterable[tuple[str, Any]]:
        for name, file in self.files.items():
            inner = name.split("/", 1)[1] if name.startswith("overlay:") else name
            if file.data is not None and (inner == f"{kind}.yaml" or inner.startswith(f"{kind}/")):
                yield name, file.data

    def _vocabulary(self) -> tuple[Vocabulary, Catalogue | None]:
        contents = {Path(name).stem: data for name, data in self._contents("facts")}
        try:
            return read_vocabulary(contents)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            self.problems.append(Problem("", f"the fact catalogue cannot be read: {error}", "facts"))
            return {}, None

    def _weights(self) -> Weights | None:
        weights = None
        for name, data in self._contents("weights"):
            weights = self._model(Weights, data, name, ()) or weights
        if weights is None:
            self.problems.append(Problem("", "weights.yaml is missing or unusable", "weights.yaml"))
        return weights

    def _leaflet(
        self, causes: dict[str, Cause], pathways: dict[str, Pathway], weights: Weights | None
    ) -> Leaflet | None:
        """Read the texts of the patient leaflet; an overlay may replace single ones."""
        written: dict[str, Any] = {}
        last = ""
        for name, data in self._contents("leaflet"):
            if isinstance(data, dict):
                written |= data
            last = name
        if not last:
            return None
        leaflet = self._model(Leaflet, written, last, ())
        burdens = weights.burden if weights else ()
        if leaflet:
            for path, message in problems_in(leaflet, {*causes, *self.off}, {*pathways, *self.off}, burdens):
                place = ".".join(str(step) for step in path)
                self.problems.append(Problem(place, message, last, self._line(last, path)))
        return leaflet

    def _listed(self, model: type[M], kind: str) -> dict[str, M]:
        """Read files that hold a list of documents under the name of their kind."""
        found: dict[str, M] = {}
        seen: dict[str, str] = {}
        for name, data in self._contents(kind):
            entries = data.get(kind) if isinstance(data, dict) else None
            if not isinstance(entries, list):
                self.problems.append(Problem(kind, f"a list under the key {kind} is wanted", name, 1))
                continue
            for index, entry in enumerate(entries):
                self._keep(found, seen, self._model(model, entry, name, (kind, index)), name, (kind, index))
        return found

    def _single(self, model: type[M], kind: str) -> dict[str, M]:
        """Read files that hold one document each."""
        found: dict[str, M] = {}
        seen: dict[str, str] = {}
        for name, data in self._contents(kind):
            self._keep(found, seen, self._model(model, data, name, ()), name, ())
        return found

    def _keep(
        self, found: dict[str, M], seen: dict[str, str], document: M | None, name: str, path: tuple[Any, ...]
    ) -> None:
        if document is None:
            return
        identity = str(document.id)  # type: ignore[attr-defined]
        replaces = name.startswith("overlay:") and not seen.get(identity, "").startswith("overlay:")
        if identity in found and not replaces:
            self.problems.append(
                Problem(identity, f"this id is already used in {seen[identity]}", name, self._line(name, path))
            )
        found[identity] = document
        seen[identity] = name
        self._origin[id(document)] = (name, path)

    def _model(self, model: type[M], data: object, name: str, path: tuple[Any, ...]) -> M | None:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            for item in error.errors():
                inner = tuple(step for step in item["loc"] if isinstance(step, (str, int)))
                message = item["msg"].removeprefix("Value error, ")
                if item["type"] == "extra_forbidden":
                    message = f"unknown key{nearest(str(inner[-1]), _field_names(model))}"
                place = ".".join(str(step) for step in (*path, *inner))
                self.problems.append(Problem(place, message, name, self._line(name, (*path, *inner))))
            return None

    def _line(self, name: str, path: tuple[Any, ...]) -> int | None:
        return self.files[name].line(path) if name in self.files else None

    def _place(self, document: object, path: tuple[Any, ...]) -> tuple[str, int | None]:
        """Return file and line of a path inside a document."""
        name, base = self._origin.get(id(document), ("", ()))
        return name, self._line(name, (*base, *path))


def _field_names(model: type[BaseModel]) -> set[str]:
    """Return every key that a document of this kind, or a part of it, may have."""
    names: set[str] = set()
    queue: list[Any] = [model]
    seen: set[int] = set()
    while queue:
        item = queue.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, type) and issubclass(item, BaseModel):
            for key, info in item.model_fields.items():
                names.add(info.alias or key)
                queue.append(info.annotation)
        else:
            queue.extend(getattr(item, "__args__", ()))
    return names


def derived_facts(findings: Iterable[str], red_flags: Iterable[str], causes: Iterable[str]) -> Vocabulary:
    """Return the facts that rules conclude: finding.X, red_flag.X and the standing cause.X."""
    facts = {}
    for name in findings:
        facts[f"finding.{name}"] = Fact(f"finding.{name}", f"finding: {name}", origin="finding", section="finding")
    for name in red_flags:
        facts[f"red_flag.{name}"] = Fact(f"red_flag.{name}", f"red flag: {name}", origin="red_flag", section="red_flag")
    for name in causes:
        facts[f"cause.{name}"] = Fact(
            f"cause.{name}",
            f"standing of {name}",
            "choice",
            "cause",
            "standing",
            values=STANDINGS,
            ordered=True,
        )
    return facts
