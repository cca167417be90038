"""What a question is about: the case, the conclusion and the facts that it names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from pathways.assess import default_reasoner
from pathways.assessment import Assessment
from pathways.case import Case
from pathways.explain.variants import LADDERS
from pathways.facts import project
from pathways.judged import Judged
from pathways.telling import Telling
from pathways.values import Values
from rules.inference import Reasoner
from rules.problems import Problem, SpinepathError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rules.documents import Cause, Finding, Pathway, RedFlag
    from rules.language import Value
    from rules.rulebase import RuleBase
    from rules.vocabulary import Fact

KINDS = ("cause", "pathway", "red_flag", "finding", "rule")
CONCLUDED = {
    "cause": ("possible", "probable", "confirmed"),
    "pathway": ("to_be_considered", "next", "recommended_now", "urgent"),
    "red_flag": ("present",),
    "finding": ("yes",),
    "rule": ("yes",),
}


class QuestionError(SpinepathError):
    """A question that names something which is not there, or that cannot be asked."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Something that the rules may conclude."""

    kind: str
    id: str
    title: str

    @property
    def rule_id(self) -> str:
        """The rule behind a finding, a red flag or a rule."""
        return self.id if self.kind == "rule" else f"{self.kind}.{self.id}"


@lru_cache(maxsize=4)
def reference(base: RuleBase) -> Reasoner:
    """Return the reference engine alone: enough to explain what both engines have agreed on."""
    alone = Reasoner(base)
    alone.unavailable = "this only explains what both engines have agreed on"
    return alone


class Subject:
    """A case that is asked about, judged when that is needed."""

    def __init__(self, about: Case | Assessment | Mapping[str, Value], reasoner: Reasoner | None = None) -> None:
        """Take a case, an assessment or flat facts. Raises QuestionError for an assessment by another rule base."""
        self.reasoner = reasoner or default_reasoner()
        self.base: RuleBase = self.reasoner.base
        self.case_id = "case"
        if isinstance(about, Case):
            self.case_id, self.facts = about.case_id, project(about, self.base)
        elif isinstance(about, Assessment):
            self.case_id, self.facts = about.case_id, dict(about.facts)
            self._same_rules(about)
        else:
            self.facts = dict(about)

    def _same_rules(self, assessment: Assessment) -> None:
        theirs, ours = assessment.rule_base, self.base
        if theirs.sha256 != ours.sha256:
            message = f"knowledge {theirs.version} ({theirs.sha256[:12]}), not {ours.version} ({ours.sha256[:12]})"
            hint = f"it was made with {message}; assess the case again, or use that knowledge"
            raise QuestionError("this assessment cannot be explained by these rules", [Problem("", hint)])

    @cached_property
    def judged(self) -> Judged:
        """The conclusions for the facts as they are."""
        return Judged(self.reasoner, self.facts)

    @cached_property
    def telling(self) -> Telling:
        """The sentences about them."""
        return Telling(self.reasoner, self.judged.inference, self.judged.grounds)

    def outcome(self, conclusion: Conclusion) -> str:
        """Return how a conclusion stands: a standing, a status, present, yes ..."""
        if conclusion.kind == "cause":
            return self.judged.standings[conclusion.id].name
        if conclusion.kind == "pathway":
            return self.judged.statuses[conclusion.id].name
        no, unknown, yes = LADDERS[conclusion.kind]
        return {False: no, None: unknown, True: yes}[self.judged.inference.truths[conclusion.rule_id]]


def conclusions(base: RuleBase) -> list[Conclusion]:
    """Return the red flags, causes and pathways of a rule base."""
    flags = [Conclusion("red_flag", name, flag.title) for name, flag in base.red_flags.items()]
    causes = [Conclusion("cause", name, cause.title) for name, cause in base.causes.items()]
    return [*flags, *causes, *(Conclusion("pathway", name, pathway.title) for name, pathway in base.pathways.items())]


def conclusion(name: str, base: RuleBase) -> Conclusion:
    """Find a conclusion by its name: a cause, pathway, red flag, finding or rule, with or without its kind before it.

    Raises QuestionError with the nearest names.
    """
    kind, _, rest = name.strip().partition(".")
    tried = [(kind, rest)] if kind in KINDS and rest else [(kind, name.strip()) for kind in KINDS]
    for kind, plain_name in tried:
        found = _find(kind, plain_name, base)
        if found:
            return found
    hint = nearest(tried[0][1], _names(base))
    message = f"there is no cause, pathway, red flag, finding or rule of that name{hint}"
    raise QuestionError(f"unknown conclusion {name}", [Problem(name, message)])


def _find(kind: str, name: str, base: RuleBase) -> Conclusion | None:
    if kind == "rule":
        return Conclusion("rule", name, name) if name in base.conditions else None
    shelves: dict[str, Mapping[str, Cause | Pathway | RedFlag | Finding]] = {
        "cause": base.causes,
        "pathway": base.pathways,
        "red_flag": base.red_flags,
        "finding": base.findings,
    }
    shelf = shelves[kind]
    return Conclusion(kind, name, shelf[name].title) if name in shelf else None


def _names(base: RuleBase) -> Iterable[str]:
    yield from (*base.causes, *base.pathways, *base.red_flags, *base.findings)
    yield from base.conditions


def fact_value(text: str, base: RuleBase) -> tuple[str, Value | None]:
    """Read `fact=value` as written; the value may be `unknown`. Raises QuestionError with the nearest names."""
    name, equals, written = text.partition("=")
    name, written = name.strip(), written.strip()
    if not equals:
        hint = "write FACT=VALUE, such as exam.slr_positive=yes"
        raise QuestionError(f"{text!r} is not a change", [Problem(text, hint)])
    fact = _fact(name, base)
    number = _number(written)
    return name, _read(fact, written if number is None else number, base)


def checked(name: str, value: object, base: RuleBase) -> Value | None:
    """Return a value as the fact takes it, in its own unit, None for unknown. Raises QuestionError."""
    fact = _fact(name, base)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and fact.unit_required:
        value = f"{value:g} {fact.unit}"
    return _read(fact, value, base)


def _fact(name: str, base: RuleBase) -> Fact:
    fact = base.vocabulary.get(name)
    if fact is None:
        hint = nearest(name, stated(base)) or "; `spinepath facts` lists them"
        raise QuestionError(f"unknown fact {name}", [Problem(name, f"there is no such fact{hint}")])
    if fact.origin not in ("asked", "derived"):
        message = "this is concluded by rules; change a fact that it rests on (`spinepath why` shows them)"
        raise QuestionError(f"{name} cannot be changed", [Problem(name, message)])
    return fact


def stated(base: RuleBase) -> list[str]:
    """Return the facts that a case may state, or that follow from how it is written down."""
    return [name for name, fact in base.vocabulary.items() if fact.origin in ("asked", "derived")]


def _read(fact: Fact, value: object, base: RuleBase) -> Value | None:
    problems: list[Problem] = []
    read = Values(base.vocabulary, problems).read(fact, value, fact.id)
    if problems:
        raise QuestionError(f"this value of {fact.id} cannot be used", problems)
    return read


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
