"""Running the vignettes of causes and pathways, and the emergency signs, through the whole way to conclusions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways import standing, status
from pathways.judged import HOLDING, Judged
from rules.lints import Note
from rules.problems import Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.documents import Cause, Pathway
    from rules.inference import Reasoner
    from rules.places import Places


def notes(reasoner: Reasoner, places: Places) -> Iterator[Note]:
    """Yield a note for each vignette that does not reach what it expects, and each emergency that holds nothing up."""
    for cause in reasoner.base.causes.values():
        name: str = Judged(reasoner, cause.vignette.facts).standings[cause.id].name
        yield from _compared(cause, "standing", name, standing.ORDER, places)
    elective: list[Pathway] = []
    for pathway in reasoner.base.pathways.values():
        judged = Judged(reasoner, pathway.vignette.facts)
        yield from _compared(pathway, "status", judged.statuses[pathway.id].name, status.ORDER, places)
        held = status.status_of(pathway, judged.inference.truths, emergency=True)
        if held.name == "recommended_now" and pathway.kind not in status.NOT_HELD:
            elective.append(pathway)
    for name, flag in reasoner.base.red_flags.items():
        if flag.urgency not in HOLDING:
            continue
        going_on = [] if Judged(reasoner, flag.fires_on).emergency else ["every elective pathway"]
        for title in going_on + [pathway.title for pathway in elective]:
            says = f"acts {flag.urgency.replace('_', ' ')} but does not stop {title}"
            yield Note("K502", Problem(f"red_flag.{name}", says, *places.of(flag, ("fires_on",))))


def _compared(
    document: Cause | Pathway, what: str, name: str, order: tuple[str, ...], places: Places
) -> Iterator[Note]:
    """Yield a note if the vignette of a document is not at least where it expects to be."""
    expect = document.vignette.expect
    where = places.of(document.vignette, ("expect",))
    if expect not in order:
        hint = nearest(expect, order)
        says = f"the vignette expects {expect!r}, which is no {what}{hint}; it is one of {', '.join(order)}"
        yield Note("K202", Problem(document.id, says, *where))
    elif order.index(name) > order.index(expect):
        yield Note("K202", Problem(document.id, f"the vignette expects {expect} and reaches {name}", *where))
