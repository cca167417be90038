"""Loading the knowledge: read, check everything, and fingerprint. All problems at once, each with file and line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

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
from rules.factfiles import WANTED, FactEntry, entries, problems_between, shape_problems
from rules.folders import Folders, merged
from rules.language import facts_in
from rules.leaflet import Leaflet, problems_in
from rules.overlay import EXTENSIONS, KINDS, Off, extended, resolve, switched_off, tree_ids
from rules.places import Places
from rules.problems import KnowledgeError, Problem, nearest
from rules.shapes import shaped
from rules.vocabulary import STANDINGS, Catalogue, Fact, Vocabulary, read_vocabulary

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

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


@dataclass(frozen=True)
class Loaded:
    """What came of loading: every problem, where each part stands, and the rule base of what is sound.

    `base` is None only where facts or weights cannot be used at all. With problems it holds the sound documents: good
    for further checks, never for a case.
    """

    base: RuleBase | None
    problems: list[Problem]
    places: Places

    def sound(self) -> RuleBase:
        """Return the rule base. Raises KnowledgeError carrying every problem, if there is one."""
        if self.problems or self.base is None:
            count = len(self.problems)
            raise KnowledgeError(f"the knowledge has {count} problem{'s' * (count != 1)}", self.problems)
        return self.base


def load(folder: Path = KNOWLEDGE, overlays: Iterable[Path] = ()) -> RuleBase:
    """Load a knowledge folder, and lay other folders over it (add, replace, switch off).

    Raises KnowledgeError carrying every problem found.
    """
    return examine(folder, overlays).sound()


def examine(folder: Path = KNOWLEDGE, overlays: Iterable[Path] = ()) -> Loaded:
    """Load as `load` does, and return the problems instead of raising them."""
    return _Loading([folder, *overlays]).result()


class _Loading:
    """One loading: gathers documents from the folders, then checks them together."""

    def __init__(self, folders: list[Path]) -> None:
        self.folders = Folders(folders)
        self.problems = self.folders.problems
        self.places = Places(self.folders.files)
        self._misshapen: set[int] = set()
        self._unreadable: list[str] = []

    def result(self) -> Loaded:
        weights = self._weights()
        vocabulary, catalogue = self._vocabulary(weights)
        sources = self._sources()
        documents = self._documents()
        causes = {*documents["causes"], *self._unread("causes")}
        pathways = {*documents["pathways"], *self._unread("pathways")}
        vocabulary |= derived_facts(documents["findings"], documents["red_flags"], sorted(causes))
        checker = Checker(vocabulary, set(sources), causes, pathways, self.places.of)
        checker.unreadable = tuple(self._unreadable)
        checker.unsourced = bool(self.folders.broken("sources"))
        checker.conditions(**documents)
        documents["findings"] = checker.ordered(documents["findings"])
        leaflet = self._leaflet(causes, pathways, weights)
        self.problems.extend(checker.problems)
        if weights is None or catalogue is None:
            return Loaded(None, self.problems, self.places)
        base = RuleBase(
            version=weights.version,
            sha256=self.folders.sha256,
            overlays=tuple(self.folders.overlays),
            vocabulary=vocabulary,
            catalogue=catalogue,
            sources=sources,
            weights=weights,
            conditions=checker.trees,
            leaflet=leaflet,
            **documents,  # type: ignore[arg-type]
        )
        off = self._off(base)
        if self.problems:
            base = self._sound(base, checker.unusable)
        return Loaded(switched_off(base, off, self.places), self.problems, self.places)

    def _documents(self) -> dict[str, dict[str, Any]]:
        return {
            "findings": self._listed(Finding, "findings"),
            "red_flags": self._listed(RedFlag, "red_flags"),
            "causes": self._single(Cause, "causes"),
            "pathways": self._single(Pathway, "pathways"),
            "criteria": self._single(Criteria, "criteria"),
            "disagreements": self._listed(Disagreement, "disagreements"),
        }

    def _sound(self, base: RuleBase, unusable: set[str]) -> RuleBase:
        """Return the rule base without documents of a wrong shape or with a bad condition, and what rests on those."""
        documents: dict[str, dict[str, Any]] = {
            kind: {n: one for n, one in getattr(base, kind).items() if id(one) not in self._misshapen}
            for kind in ("findings", *KINDS)
        }
        trees: dict[str, Condition] = {}
        while True:
            before = trees
            own = {tree for kind, found in documents.items() for one in found.values() for tree in tree_ids(kind, one)}
            trees = {n: tree for n, tree in base.conditions.items() if n in own - unusable and _rests_on(tree, own)}
            if trees == before:
                break
            for kind, found in documents.items():
                documents[kind] = {n: one for n, one in found.items() if trees.keys() >= set(tree_ids(kind, one))}
        sources = {key: source for key, source in base.sources.items() if id(source) not in self._misshapen}
        changed: dict[str, Any] = {"sources": sources, "conditions": trees, **documents}
        return replace(base, **changed)

    def _unread(self, kind: str) -> list[str]:
        """Return the ids that files of a kind probably define, but cannot be read for."""
        return [PurePath(name).stem for name in self.folders.broken(kind)]

    def _vocabulary(self, weights: Weights | None) -> tuple[Vocabulary, Catalogue | None]:
        sections, where, sound = self._sections()
        for kind, prefix in (("facts", ""), ("findings", "finding."), ("red_flags", "red_flag.")):
            self._unreadable += [prefix] * bool(self.folders.broken(kind))
        lacking = [section for section in WANTED if section not in sections]
        if lacking and not self.folders.broken("facts"):
            self.problems.append(Problem("", f"the fact catalogue lacks {', '.join(lacking)}", "facts"))
        if lacking or not sound:
            self._unreadable.append("")
            return {}, None
        for section, path, message in problems_between(sections, weights.burden if weights else ()):
            self._problem(where[section], (section, *path), message)
        try:
            return read_vocabulary({"": sections})
        except (ValueError, LookupError) as error:
            self._unreadable.append("")
            if isinstance(error, ValueError):  # a lookup that fails was told above
                self.problems.append(Problem("", str(error), "facts"))
            return {}, None

    def _sections(self) -> tuple[dict[str, Any], dict[str, str], bool]:
        """Return the sections of the fact catalogue, the file of each, and whether all have the right shape."""
        sections: dict[str, Any] = {}
        where: dict[str, str] = {}
        sound = True
        for name, data in self.folders.contents("facts"):
            for section, part in self._mapping(name, data).items():
                if section in where and not self.folders.layer(name):
                    self._problem(name, (section,), f"this section is already in {where[section]}")
                whole = merged(sections.get(section), part)
                problems = shape_problems(section, whole)
                for path, message in problems:
                    self._problem(name, (section, *path), message)
                if not problems:
                    self._check_facts(name, section, part)
                sound = sound and not problems
                sections[section] = merged(sections.get(section), part)
                where[section] = name
        return sections, where, sound

    def _check_facts(self, name: str, section: str, part: dict[str, Any]) -> None:
        """Check the shape of every fact in a section; those that cannot be used are taken out."""
        for kind in part.get("kinds", ()):
            self.places.add_fact(f"{section}.{kind}", name, (section, "kinds", kind))
        for fact, _, path, entry in list(entries({section: part})):
            self.places.add_fact(fact, name, (section, *path))
            _, problems = shaped(FactEntry, entry)
            for inner, message in problems:
                self._problem(name, (section, *path, *inner), message)
            if problems:
                self._unreadable.append(fact)
                holder: Any = part
                for step in path[:-1]:
                    holder = holder[step]
                del holder[path[-1]]

    def _weights(self) -> Weights | None:
        return self._whole(Weights, "weights", needed=True)

    def _leaflet(self, causes: set[str], pathways: set[str], weights: Weights | None) -> Leaflet | None:
        """Read the texts of the patient leaflet; an overlay may replace single ones."""
        leaflet = self._whole(Leaflet, "leaflet")
        if leaflet:
            for path, message in problems_in(leaflet, causes, pathways, weights.burden if weights else ()):
                file, line = self.places.of(leaflet, path)
                self.problems.append(Problem(_dotted(path), message, file, line))
        return leaflet

    def _whole(self, model: type[M], kind: str, *, needed: bool = False) -> M | None:
        """Read the one document of a kind; what an overlay says is laid over it key by key."""
        written: Any = None
        last = f"{kind}.yaml"
        for name, data in self.folders.contents(kind):
            written, last = merged(written, data), name
        if written is None:
            if needed and not self.folders.broken(kind):
                self.problems.append(Problem("", f"{kind}.yaml is missing", last))
            return None
        document = self._model(model, written, last, ())
        return None if id(document) in self._misshapen else document

    def _sources(self) -> dict[str, Source]:
        sources: dict[str, Source] = {}
        layers: dict[str, int] = {}
        for name, data in self.folders.contents("sources"):
            layer = self.folders.layer(name)
            for key, entry in self._mapping(name, data).items():
                if layers.get(key) == layer:
                    self._problem(name, (key,), "this source key is used twice")
                sources[key] = self._model(Source, entry, name, (key,))
                layers[key] = layer
        return sources

    def _listed(self, model: type[M], kind: str) -> dict[str, M]:
        """Read files that hold a list of documents under the name of their kind."""
        found: dict[str, M] = {}
        seen: dict[str, str] = {}
        for name, data in self.folders.contents(kind):
            written = self._mapping(name, data)
            for key in written:
                if key != kind:
                    self._problem(name, (key,), f"unknown key; a list under the key {kind} is wanted")
            if not isinstance(written.get(kind), list):
                self._problem(name, (kind,), f"a list under the key {kind} is wanted")
                continue
            for index, entry in enumerate(written[kind]):
                document = self._model(model, entry, name, (kind, index))
                self._keep(found, seen, document, name, f"{kind}[{index}]")
        return found

    def _single(self, model: type[M], kind: str) -> dict[str, M]:
        """Read files that hold one document each, and what overlays add to them."""
        found: dict[str, M] = {}
        seen: dict[str, str] = {}
        for name, data in self.folders.contents(kind):
            if isinstance(data, dict) and "extend" in data:
                self._extend(found, kind, name, data)
            else:
                self._keep(found, seen, self._model(model, data, name, ()), name, PurePath(name).stem)
        return found

    def _keep(self, found: dict[str, M], seen: dict[str, str], document: M, name: str, otherwise: str) -> None:
        identity = str(document.id or otherwise)  # type: ignore[attr-defined]
        if identity in found and self.folders.layer(seen[identity]) == self.folders.layer(name):
            file, line = self.places.of(document)
            self.problems.append(Problem(identity, f"this id is already used in {seen[identity]}", file, line))
            self._misshapen.add(id(document))
        found[identity] = document
        seen[identity] = name

    def _extend(self, found: dict[str, M], kind: str, name: str, data: object) -> None:
        """Add to a document that is there."""
        extension: Any = self._model(EXTENSIONS[kind], data, name, ())
        document = found.get(extension.extend)
        if not self.folders.layer(name):
            self._problem(name, ("extend",), "only a folder laid over the knowledge extends; edit the document itself")
        elif document is None:
            self._problem(name, ("extend",), f"nothing to extend: {extension.extend}{nearest(extension.extend, found)}")
        else:
            whole = extended(document, extension)
            self.places.moved(whole, document)
            found[extension.extend] = whole
            if {id(document), id(extension)} & self._misshapen:
                self._misshapen.add(id(whole))

    def _off(self, base: RuleBase) -> set[str]:
        """Return what overlays switch off, by canonical ids."""
        names: set[str] = set()
        for name, data in self.folders.contents("off"):
            if not self.folders.layer(name):
                self._problem(name, (), "only a folder laid over the knowledge can switch something off")
                continue
            for number, written in enumerate(self._model(Off, data, name, ()).off):
                canonical, problem = resolve(base, written)
                if problem:
                    self._problem(name, ("off", number), problem)
                else:
                    names.add(canonical)
        return names

    def _mapping(self, name: str, data: Any) -> dict[str, Any]:
        if isinstance(data, dict):
            return data
        self._problem(name, (), "a mapping is wanted here")
        return {}

    def _model(self, model: type[M], data: object, name: str, path: tuple[str | int, ...]) -> M:
        document, problems = shaped(model, data)
        for inner, message in problems:
            self._problem(name, (*path, *inner), message)
        if problems:
            self._misshapen.add(id(document))
        self.places.add(document, name, path)
        return document

    def _problem(self, name: str, path: tuple[str | int, ...], message: str) -> None:
        self.problems.append(Problem(_dotted(path), message, name, self.places.line(name, path)))


def _rests_on(tree: Condition, trees: Container[str]) -> bool:
    """Are all findings and red flags that a condition names among these trees?"""
    return all(fact in trees for fact in facts_in(tree) if fact.startswith(("finding.", "red_flag.")))


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(str(step) for step in path)


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
