"""What is missing: the unknown facts that could change most, for the least burden. Key red flags come first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways.assessment import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathways.judged import Judged
    from rules.rulebase import RuleBase

URGENCY_WEIGHT = {"immediate": 300, "same_day": 200, "within_days": 100}
RELEVANCE = {"probable": 4, "possible": 4, "nothing_to_say": 1, "unlikely": 1, "confirmed": 0, "excluded": 0}
DECISIVE = 150
INDICATION = {"urgent": 100, "now": 60, "consider": 20}
LISTED = 25


def missing(judged: Judged) -> list[Missing]:
    """Return the missing facts, most valuable first.

    The value of a fact is the weight of each rule that it could settle, shared among the facts that the rule lacks,
    over the burden of finding it out. Findings of a modality that was never used count together as that study.
    Key red flags come before all others, in the order of the catalogue.
    Shares are whole thousandths, so that any order of adding them gives the same sum.
    """
    base = judged.base
    asked_for = _Asked(judged)
    weighed = [(owner, weight, asked_for.shares(owner, rules)) for owner, weight, rules in _open_rules(judged)]
    gains: dict[str, int] = {}
    for _, weight, shares in weighed:
        for name, share in shares.items():
            gains[name] = gains.get(name, 0) + weight * share
    costs = judged.reasoner.memory.recall("", {}, lambda: _costs(judged), "costs")
    values = {name: gain // costs[name][0] for name, gain in gains.items()}
    ranked = sorted(gains, key=lambda name: (costs[name][1], -values[name] * costs[name][1], costs[name][2]))
    keys = sum(base.vocabulary[name].key_red_flag for name in gains)
    listed = ranked[: keys + LISTED]
    bearing = {name: [(owner, weight * s[name]) for owner, weight, s in weighed if name in s] for name in listed}
    return [_missing(name, values[name], bearing[name], judged) for name in listed]


Weighed = list[tuple[str, int]]


def _open_rules(judged: Judged) -> Iterator[tuple[str, int, Weighed]]:
    """Yield (what the rules bear on, how relevant that is, its rules with their weights)."""
    base = judged.base
    flags, arguments, indications, others = judged.reasoner.memory.recall("", {}, lambda: weighed(base), "weighed")
    for name, rules in flags.items():
        yield name, 1, rules
    for name, rules in arguments.items():
        relevance = RELEVANCE[judged.standings[name].name]
        if relevance:
            yield name, relevance, rules
    for name, rules in indications.items():
        yield name, 1, rules
        if judged.statuses[name].name not in ("not_indicated", "contraindicated"):
            yield name, 1, others[name]


def weighed(base: RuleBase) -> tuple[dict[str, Weighed], ...]:
    """Return the rules of red flags, causes and pathways (indications apart from the rest) with their weights."""
    flags = {name: [(f"red_flag.{name}", URGENCY_WEIGHT[flag.urgency])] for name, flag in base.red_flags.items()}
    arguments: dict[str, Weighed] = {}
    for name, cause in base.causes.items():
        strengths = [(a.id, a.for_ or a.against) for a in cause.arguments]
        arguments[name] = [(rule, base.weights.strengths[s].value if s else DECISIVE) for rule, s in strengths]
    indications = {n: [(r.id, INDICATION[r.recommend]) for r in p.indications] for n, p in base.pathways.items()}
    others = {
        n: [(r.id, INDICATION["now"]) for r in (*p.contraindications, *p.prerequisites)]
        for n, p in base.pathways.items()
    }
    return flags, arguments, indications, others


class _Asked(dict[str, str]):
    """The fact to ask for: the study itself where a modality was not used, the finding otherwise."""

    def __init__(self, judged: Judged) -> None:
        self.judged = judged
        self.done = tuple(
            m for m in judged.base.catalogue.modalities if judged.inference.facts.get(f"{m}.done") is True
        )

    def __missing__(self, name: str) -> str:
        modality = self.judged.base.vocabulary[name].section
        asked = name
        if modality in self.judged.base.catalogue.modalities:
            asked = ".".join(name.split(".")[:2]) if modality in self.done else f"{modality}.done"
        self[name] = asked
        return asked

    def shares(self, owner: str, rules: Weighed) -> dict[str, int]:
        """Return what each fact to ask for could settle of these rules, in thousandths of their weights."""
        name = owner if len(rules) != 1 else rules[0][0]
        first = rules[0][0] if rules else ""
        memory, facts = self.judged.reasoner.memory, self.judged.inference.facts
        return memory.recall(name, facts, lambda: self._shares(rules), "shares", first, self.done)

    def _shares(self, rules: Weighed) -> dict[str, int]:
        shares: dict[str, int] = {}
        truths = self.judged.inference.truths
        for rule, weight in rules:
            if truths[rule] is None:
                asked = {self[name] for name in self.judged.grounds.lacking(rule)}
                each = 1000 * weight // len(asked)
                for name in asked:
                    shares[name] = shares.get(name, 0) + each
        return {name: shares[name] for name in sorted(shares)}


def _costs(judged: Judged) -> dict[str, tuple[int, bool, int]]:
    """Return for each fact: a thousand times its burden, whether it may wait (no key red flag), and its place."""
    burdens, vocabulary = judged.base.weights.burden, judged.base.vocabulary
    return {
        name: (1000 * burdens[burden(name, judged.base)].value, not fact.key_red_flag, number)
        for number, (name, fact) in enumerate(vocabulary.items())
    }


def burden(name: str, base: RuleBase) -> str:
    """Return the burden of finding a fact out: a study not made costs the study, one made its report."""
    fact = base.vocabulary[name]
    about = base.catalogue.modalities.get(fact.section)
    if about is None:
        return fact.burden
    return about["burden"] if name.endswith(".done") else "record"


def _missing(name: str, value: int, bearing: Weighed, judged: Judged) -> Missing:
    fact = judged.base.vocabulary[name]
    question = fact.ask
    about = judged.base.catalogue.modalities.get(fact.section)
    if about is not None and name.endswith(".done"):
        question = f"{about['title']} after the operation: what does it show?"
    shares: dict[str, int] = {}
    for owner, share in bearing:
        shares[owner] = shares.get(owner, 0) + share
    change = sorted(shares, key=lambda owner: (-shares[owner], owner))[:8]
    return Missing(
        fact=name,
        question=question,
        burden=burden(name, judged.base),
        value=value,
        key_red_flag=fact.key_red_flag,
        would_change=change,
    )
