"""The checks that need all documents together: facts, sources, cross-references, examples' facts, cycles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rules.language import Condition, ConditionError, facts_in, parse
from rules.problems import Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rules.documents import Cause, Cites, Criteria, Disagreement, Finding, Pathway, RedFlag, Rule
    from rules.vocabulary import Vocabulary

SLOT = re.compile(r"\{([a-z0-9_.]+)\}")
ASKED = frozenset({"asked", "derived", "finding"})
EVERYTHING = ASKED | {"red_flag", "standing"}


class Checker:
    """Checks documents against each other; `problems` gathers what is wrong."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        sources: set[str],
        causes: set[str],
        pathways: set[str],
        place: Callable[[object, tuple[Any, ...]], tuple[str, int | None]],
    ) -> None:
        """Take what may be referred to, and a function from a document and a path to file and line."""
        self.vocabulary = vocabulary
        self.sources = sources
        self.causes = causes
        self.pathways = pathways
        self.place = place
        self.problems: list[Problem] = []
        self.trees: dict[str, Condition] = {}

    def conditions(
        self,
        findings: Mapping[str, Finding],
        red_flags: Mapping[str, RedFlag],
        causes: Mapping[str, Cause],
        pathways: Mapping[str, Pathway],
        criteria: Mapping[str, Criteria],
        disagreements: Mapping[str, Disagreement],
    ) -> dict[str, Condition]:
        """Check every document and return the condition trees by rule id."""
        for name, finding in findings.items():
            self._rule(finding, finding, (), f"finding.{name}", ASKED)
        for name, flag in red_flags.items():
            self._rule(flag, flag, (), f"red_flag.{name}", ASKED)
            self._known(flag, ("points_to",), flag.points_to, self.causes, "cause")
        for cause in causes.values():
            self._cause(cause)
        for pathway in pathways.values():
            self._pathway(pathway)
        for criterion in criteria.values():
            self._criteria(criterion)
        for item in disagreements.values():
            self._tree(item, ("shown_when",), item.shown_when, f"disagreement.{item.id}", EVERYTHING)
            self._known(item, ("about",), item.about, self.causes | self.pathways, "cause or pathway")
            for number, position in enumerate(item.positions):
                self._cites(item, ("positions", number), position.sources)
        return self.trees

    def ordered(self, findings: Mapping[str, Finding]) -> dict[str, Finding]:
        """Return the findings so that each comes after those it builds on; report cycles."""
        done: dict[str, Finding] = {}
        waiting = dict(findings)
        while waiting:
            ready = [name for name in waiting if not (self._needs(name) & waiting.keys())]
            if not ready:
                name = next(iter(waiting))
                others = ", ".join(sorted(waiting))
                self._problem(waiting[name], ("when",), name, f"findings build on each other in a circle: {others}")
                break
            for name in ready:
                done[name] = waiting.pop(name)
        return done

    def _needs(self, name: str) -> set[str]:
        tree = self.trees.get(f"finding.{name}")
        names = facts_in(tree) if tree else ()
        return {fact.removeprefix("finding.") for fact in names if fact.startswith("finding.")}

    def _cause(self, cause: Cause) -> None:
        if cause.considered_when is not None:
            self._tree(cause, ("considered_when",), cause.considered_when, f"{cause.id}.considered_when", ASKED)
            if not cause.not_considered_because:
                self._problem(cause, (), cause.id, "considered_when needs not_considered_because")
        for number, prior in enumerate(cause.prior):
            last = number == len(cause.prior) - 1
            if prior.when is not None:
                self._tree(cause, ("prior", number, "when"), prior.when, f"{cause.id}.prior.{number}", ASKED)
            if (prior.when is None) != last:
                self._problem(cause, ("prior", number), cause.id, "the last prior, and only it, has no `when`")
            self._cites(cause, ("prior", number), prior.sources)
        for number, argument in enumerate(cause.arguments):
            self._prefix(cause, ("arguments", number), argument.id, cause.id)
            self._rule(cause, argument, ("arguments", number), argument.id, ASKED)
        for number, other in enumerate(cause.confused_with):
            self._known(cause, ("confused_with", number), [other.cause], self.causes, "cause")
        self._facts(cause, ("vignette", "facts"), cause.vignette.facts)

    def _pathway(self, pathway: Pathway) -> None:
        for kind in ("indications", "prerequisites", "contraindications", "prepare"):
            for number, rule in enumerate(getattr(pathway, kind)):
                self._prefix(pathway, (kind, number), rule.id, pathway.id)
                self._rule(pathway, rule, (kind, number), rule.id, EVERYTHING)
        for kind in ("evidence", "harms", "grades"):
            for number, entry in enumerate(getattr(pathway, kind)):
                self._cites(pathway, (kind, number), entry.sources)
        self._facts(pathway, ("vignette", "facts"), pathway.vignette.facts)

    def _criteria(self, criteria: Criteria) -> None:
        self._known(criteria, ("about",), criteria.about, self.causes | self.pathways, "cause or pathway")
        self._cites(criteria, (), criteria.sources)
        for number, item in enumerate(criteria.items):
            self._prefix(criteria, ("items", number), item.id, criteria.id)
            self._tree(criteria, ("items", number, "when"), item.when, item.id, EVERYTHING)
            self._facts(criteria, ("items", number, "fires_on"), item.fires_on)
            self._facts(criteria, ("items", number, "silent_on"), item.silent_on)

    def _rule(self, document: object, rule: Rule, path: tuple[Any, ...], tree_id: str, origins: frozenset[str]) -> None:
        tree = self._tree(document, (*path, "when"), rule.when, tree_id, origins)
        self._cites(document, path, rule.sources)
        self._facts(document, (*path, "fires_on"), rule.fires_on)
        self._facts(document, (*path, "silent_on"), rule.silent_on)
        for slot in SLOT.findall(rule.because):
            if tree is not None and slot not in set(facts_in(tree)):
                self._problem(document, (*path, "because"), tree_id, f"{{{slot}}} is not a fact of this condition")

    def _tree(
        self, document: object, path: tuple[Any, ...], raw: object, tree_id: str, origins: frozenset[str]
    ) -> Condition | None:
        try:
            tree = parse(raw, self.vocabulary)
        except ConditionError as error:
            for message in str(error).splitlines():
                self._problem(document, path, tree_id, message)
            return None
        for fact in facts_in(tree):
            if self.vocabulary[fact].origin not in origins:
                self._problem(document, path, tree_id, f"{fact} is not known yet where this rule is evaluated")
        if tree_id in self.trees:
            self._problem(document, path, tree_id, "this rule id is used twice")
        self.trees[tree_id] = tree
        return tree

    def _facts(self, document: object, path: tuple[Any, ...], fragment: Mapping[str, Any]) -> None:
        for name, value in fragment.items():
            fact = self.vocabulary.get(name)
            if fact is None:
                self._problem(document, (*path, name), name, f"unknown fact{nearest(name, self.vocabulary)}")
            elif problem := fact.problem_with(value):
                self._problem(document, (*path, name), name, problem)

    def _cites(self, document: object, path: tuple[Any, ...], cites: Iterable[Cites]) -> None:
        for cite in cites:
            if cite.key not in self.sources:
                where = (*path, "sources")
                self._problem(document, where, cite.key, f"unknown source{nearest(cite.key, self.sources)}")

    def _known(self, document: object, path: tuple[Any, ...], names: Iterable[str], known: set[str], kind: str) -> None:
        for name in names:
            if name not in known:
                self._problem(document, path, name, f"unknown {kind}{nearest(name, known)}")

    def _prefix(self, document: object, path: tuple[Any, ...], rule_id: str, owner: str) -> None:
        if not rule_id.startswith(f"{owner}."):
            self._problem(document, path, rule_id, f"the id of a rule of {owner} starts with `{owner}.`")

    def _problem(self, document: object, path: tuple[Any, ...], place: str, message: str) -> None:
        file, line = self.place(document, path)
        self.problems.append(Problem(place, message, file, line))
