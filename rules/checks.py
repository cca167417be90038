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
    """Checks documents against each other; `problems` gathers what is wrong.

    Documents whose shape is wrong come with what could be read of them: what is missing is skipped here.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        sources: set[str],
        causes: set[str],
        pathways: set[str],
        place: Callable[[object, tuple[Any, ...]], tuple[str, int | None]],
    ) -> None:
        """Take what may be referred to, and a function from a part of a document and a path to file and line."""
        self.vocabulary = vocabulary
        self.sources = sources
        self.causes = causes
        self.pathways = pathways
        self.place = place
        self.problems: list[Problem] = []
        self.trees: dict[str, Condition] = {}
        self.unreadable: tuple[str, ...] = ()  # facts that exist but could not be read: said already, where they are
        self.unsourced = False  # are there sources that could not be read?
        self.unusable: set[str] = set()  # trees that are no good although they can be read

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
            self._rule(finding, f"finding.{name}", ASKED)
        for name, flag in red_flags.items():
            self._rule(flag, f"red_flag.{name}", ASKED)
            self._known(flag, ("points_to",), flag.points_to, self.causes, "cause")
        for cause in causes.values():
            self._cause(cause)
        for pathway in pathways.values():
            self._pathway(pathway)
        for criterion in criteria.values():
            self._criteria(criterion)
        for item in disagreements.values():
            self._disagreement(item)
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
                self.unusable.update(f"finding.{name}" for name in waiting)
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
            self._tree(cause, "considered_when", cause.considered_when, f"{cause.id}.considered_when", ASKED)
            if not cause.not_considered_because:
                self._problem(cause, ("considered_when",), cause.id, "considered_when needs not_considered_because")
        for number, prior in enumerate(cause.prior):
            last = number == len(cause.prior) - 1
            if prior.when is not None:
                self._tree(prior, "when", prior.when, f"{cause.id}.prior.{number}", ASKED)
            if (prior.when is None) != last:
                self._problem(prior, (), cause.id, "the last prior, and only it, has no `when`")
            self._cites(prior, prior.sources)
        for argument in cause.arguments:
            self._prefix(argument, argument.id, cause.id)
            self._rule(argument, argument.id, ASKED)
        for other in cause.confused_with:
            self._known(other, ("cause",), [other.cause], self.causes, "cause")
        self._facts(cause.vignette, "facts", cause.vignette.facts)

    def _pathway(self, pathway: Pathway) -> None:
        for rule in pathway.rules:
            self._prefix(rule, rule.id, pathway.id)
            self._rule(rule, rule.id, EVERYTHING)
        for kind in (pathway.evidence, pathway.harms, pathway.grades):
            for entry in kind:
                self._cites(entry, entry.sources)
        self._facts(pathway.vignette, "facts", pathway.vignette.facts)

    def _criteria(self, criteria: Criteria) -> None:
        self._known(criteria, ("about",), criteria.about, self.causes | self.pathways, "cause or pathway")
        self._cites(criteria, criteria.sources)
        for item in criteria.items:
            self._prefix(item, item.id, criteria.id)
            self._tree(item, "when", item.when, item.id, EVERYTHING)
            self._facts(item, "fires_on", item.fires_on)
            self._facts(item, "silent_on", item.silent_on)

    def _disagreement(self, item: Disagreement) -> None:
        self._tree(item, "shown_when", item.shown_when, f"disagreement.{item.id}", EVERYTHING)
        self._known(item, ("about",), item.about, self.causes | self.pathways, "cause or pathway")
        for position in item.positions:
            self._cites(position, position.sources)

    def _rule(self, rule: Rule, tree_id: str, origins: frozenset[str]) -> None:
        tree = self._tree(rule, "when", rule.when, tree_id, origins)
        self._cites(rule, rule.sources)
        self._facts(rule, "fires_on", rule.fires_on)
        self._facts(rule, "silent_on", rule.silent_on)
        for slot in SLOT.findall(rule.because):
            if tree is not None and slot not in set(facts_in(tree)):
                self._problem(rule, ("because",), tree_id, f"{{{slot}}} is not a fact of this condition")

    def _tree(self, part: object, key: str, raw: object, tree_id: str, origins: frozenset[str]) -> Condition | None:
        if raw is None:  # its shape was wrong, which has been said
            return None
        try:
            tree = parse(raw, self.vocabulary)
        except ConditionError as error:
            for message in str(error).splitlines():
                if not message.startswith(tuple(f"unknown fact {name}" for name in self.unreadable)):
                    self._problem(part, (key,), tree_id, message)
            return None
        for fact in facts_in(tree):
            if self.vocabulary[fact].origin not in origins:
                self._problem(part, (key,), tree_id, f"{fact} is not known yet where this rule is evaluated")
                self.unusable.add(tree_id)
        if tree_id in self.trees:
            self._problem(part, ("id",), tree_id, "this rule id is used twice")
            self.unusable.add(tree_id)
        if tree_id:
            self.trees[tree_id] = tree
        return tree

    def _facts(self, part: object, key: str, fragment: Mapping[str, Any] | None) -> None:
        for name, value in (fragment or {}).items():
            fact = self.vocabulary.get(name)
            if fact is None:
                if not name.startswith(self.unreadable):
                    self._problem(part, (key, name), name, f"unknown fact{nearest(name, self.vocabulary)}")
            elif problem := fact.problem_with(value):
                self._problem(part, (key, name), name, problem)

    def _cites(self, part: object, cites: Iterable[Cites]) -> None:
        for cite in cites:
            if cite.key and cite.key not in self.sources and not self.unsourced:
                self._problem(cite, ("key",), cite.key, f"unknown source{nearest(cite.key, self.sources)}")

    def _known(self, part: object, path: tuple[Any, ...], names: Iterable[str], known: set[str], kind: str) -> None:
        for name in names:
            if name and name not in known:
                self._problem(part, path, name, f"unknown {kind}{nearest(name, known)}")

    def _prefix(self, rule: object, rule_id: str, owner: str) -> None:
        if rule_id and not rule_id.startswith(f"{owner}."):
            self._problem(rule, ("id",), rule_id, f"the id of a rule of {owner} starts with `{owner}.`")

    def _problem(self, part: object, path: tuple[Any, ...], place: str, message: str) -> None:
        file, line = self.place(part, path)
        self.problems.append(Problem(place, message, file, line))
