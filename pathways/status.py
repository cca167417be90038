"""From rules to the status of a pathway, and from statuses to an ordered plan. Safety first, always."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rules.documents import Pathway
    from rules.engines.kleene import Truth

StatusName = Literal["urgent", "recommended_now", "next", "to_be_considered", "not_indicated", "contraindicated"]
ORDER: tuple[StatusName, ...] = (
    "urgent",
    "recommended_now",
    "next",
    "to_be_considered",
    "contraindicated",
    "not_indicated",
)
NOT_HELD = ("emergency", "diagnostic")


@dataclass(frozen=True, slots=True)
class Status:
    """The status of a pathway, and the rules that it waits for."""

    name: StatusName
    waits_for: tuple[str, ...] = ()
    held: bool = False


def status_of(pathway: Pathway, truths: Mapping[str, Truth], *, emergency: bool) -> Status:
    """Return the status of a pathway. An absolute contraindication that is true always wins."""
    contraindications = [rule for rule in pathway.contraindications if truths[rule.id]]
    if any(rule.kind == "absolute" for rule in contraindications):
        return Status("contraindicated")
    recommended = {rule.recommend for rule in pathway.indications if truths[rule.id]}
    if "urgent" in recommended:
        return Status("urgent")
    if not recommended:
        return Status("not_indicated")
    if emergency and pathway.kind not in NOT_HELD:
        return Status("next", held=True)
    if "now" not in recommended or contraindications:
        return Status("to_be_considered")
    waits = tuple(rule.id for rule in pathway.prerequisites if not truths[rule.id])
    return Status("next", waits) if waits else Status("recommended_now")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the plan: pathways taken together, and when."""

    pathways: tuple[str, ...]
    when: str


WHEN: dict[StatusName, str] = {
    "urgent": "now, before anything else",
    "recommended_now": "now",
    "next": "next, once what it waits for is done",
    "to_be_considered": "to be considered",
}


def plan(pathways: Iterable[Pathway], statuses: Mapping[str, Status]) -> list[Step]:
    """Order the pathways: urgent ones, then what is recommended, then what comes next, each by stage."""
    steps: list[Step] = []
    by_stage = sorted(pathways, key=lambda pathway: (pathway.stage, pathway.id))
    for name, when in WHEN.items():
        chosen = [pathway for pathway in by_stage if statuses[pathway.id].name == name]
        if name == "urgent":
            groups = [[pathway.id for pathway in chosen]] if chosen else []
        else:
            stages = sorted({pathway.stage for pathway in chosen})
            groups = [[pathway.id for pathway in chosen if pathway.stage == stage] for stage in stages]
        steps.extend(Step(tuple(group), when) for group in groups)
    return steps
