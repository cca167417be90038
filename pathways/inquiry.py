"""What is missing: the unknown facts that could change most, for the least burden. Key red flags come first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways.assessment import Missing
from rules.support import unknown_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathways.assess import Judged

URGENCY_WEIGHT = {"immediate": 300, "same_day": 200, "within_days": 100}
RELEVANCE = {"probable": 4, "possible": 4, "nothing_to_say": 1, "unlikely": 1, "confirmed": 0, "excluded": 0}
DECISIVE = 150
INDICATION = {"urgent": 100, "now": 60, "consider": 20}
LISTED = 25


def missing(judged: Judged) -> list[Missing]:
    """Return the missing facts, most valuable first.

    The value of a fact is the weight of each rule that it could settle, shared among the facts that the rule lacks,
    over the burden of finding it out. Findings of a modality that was never used count together as that study.
    """
    base = judged.base
    gains: dict[str, float] = {}
    touched: dict[str, dict[str, float]] = {}
    for rule_id, owner, weight in _open_rules(judged):
        lacking = unknown_facts(base.conditions[rule_id], judged.inference.facts, base.conditions)
        asked = {_asked(name, judged) for name in lacking}
        for name in sorted(asked):
            share = weight / len(asked)
            gains[name] = gains.get(name, 0) + share
            by_owner = touched.setdefault(name, {})
            by_owner[owner] = by_owner.get(owner, 0) + share
    found = [_missing(name, gain, touched[name], judged) for name, gain in gains.items()]
    order = list(base.vocabulary)
    found.sort(key=lambda m: (not m.key_red_flag, -m.value, order.index(m.fact)))
    keys = [m for m in found if m.key_red_flag]
    return keys + [m for m in found if not m.key_red_flag][:LISTED]


def _open_rules(judged: Judged) -> Iterator[tuple[str, str, float]]:
    """Yield (rule id, what it bears on, weight) for every rule that is unknown."""
    base, truths = judged.base, judged.inference.truths
    for name, flag in base.red_flags.items():
        if truths[f"red_flag.{name}"] is None:
            yield f"red_flag.{name}", name, URGENCY_WEIGHT[flag.urgency]
    for name, cause in base.causes.items():
        relevance = RELEVANCE[judged.standings[name].name]
        for argument in cause.arguments:
            if relevance and truths[argument.id] is None:
                strength = argument.for_ or argument.against
                weight = base.weights.strengths[strength].value if strength else DECISIVE
                yield argument.id, name, relevance * weight
    for name, pathway in base.pathways.items():
        status = judged.statuses[name]
        for indication in pathway.indications:
            if truths[indication.id] is None:
                yield indication.id, name, INDICATION[indication.recommend]
        if status.name not in ("not_indicated", "contraindicated"):
            for rule in (*pathway.contraindications, *pathway.prerequisites):
                if truths[rule.id] is None:
                    yield rule.id, name, INDICATION["now"]


def _asked(name: str, judged: Judged) -> str:
    """Return the fact to ask for: the study itself where a modality was not used, the finding otherwise."""
    fact = judged.base.vocabulary[name]
    modality = fact.section
    if modality in judged.base.catalogue.modalities:
        if judged.inference.facts.get(f"{modality}.done") is not True:
            return f"{modality}.done"
        return ".".join(name.split(".")[:2])
    return name


def _missing(name: str, gain: float, touched: dict[str, float], judged: Judged) -> Missing:
    base = judged.base
    fact = base.vocabulary[name]
    burden, question = fact.burden, fact.ask
    modality = fact.section
    if modality in base.catalogue.modalities:
        about = base.catalogue.modalities[modality]
        if name.endswith(".done"):
            burden, question = about["burden"], f"{about['title']} after the operation: what does it show?"
        else:
            burden = "record"
    change = sorted(touched, key=lambda owner: (-touched[owner], owner))[:8]
    value = round(gain / base.weights.burden[burden].value)
    return Missing(
        fact=name,
        question=question,
        burden=burden,
        value=value,
        key_red_flag=fact.key_red_flag,
        would_change=change,
    )
