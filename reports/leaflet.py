"""What the patient leaflet says: the standing texts, and the plain words of what was concluded for this case.

Only the content is made here; `reports.readers` lays it out as a page or text, `reports.pdf` as paper.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reports import words
from reports.pages import Block, Item, Page, Part, listed, told
from rules.problems import KnowledgeError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathways.assessment import Assessment, CauseResult, PathwayResult
    from rules.leaflet import Leaflet
    from rules.rulebase import RuleBase

EMERGENCY = ("immediate", "same_day")
CAUSES = 3  # of each standing: a leaflet helps to talk, it does not list
WAYS = 5
TESTS = 5
EXPLANATION = re.compile(r"\s*[(:].*|,(?!.* or ).*")  # of a title: what follows the name itself


def leaflet(assessment: Assessment, base: RuleBase) -> Page:
    """Return the leaflet for an assessment. In an emergency it says little else.

    Raises KnowledgeError if the rule base has no texts for it.
    """
    texts = base.leaflet
    if texts is None:
        message = "a leaflet is made of the texts in leaflet.yaml, and this knowledge has none"
        raise KnowledgeError("no leaflet can be made", [Problem("", message, "leaflet.yaml")])
    # Nothing comes before an emergency: then the lines on whom the page is for move to its end.
    lead = () if is_emergency(assessment) else tuple(texts.for_whom)
    about = [*([] if lead else texts.for_whom), *texts.not_validated]
    about.append(texts.based_on.replace("{sources}", str(len(base.sources))))
    blocks = [
        *_alarm(assessment, texts),
        *_middle(assessment, texts),
        told(texts.headings.not_validated, about, "small"),
    ]
    return Page(texts.title, lead, tuple(blocks), words.provenance(assessment), texts.doctors_say)


def _middle(assessment: Assessment, texts: Leaflet) -> Iterator[Block]:
    headings = texts.headings
    causes = _causes(assessment, texts)
    if is_emergency(assessment):
        yield causes
        yield _ways(assessment, texts)
        yield listed(headings.watch_for, texts.watch_for, kind="watch")
        return
    yield told(headings.intro, texts.intro)
    yield listed(headings.watch_for, texts.watch_for, "" if assessment.present_red_flags else texts.no_flag, "watch")
    yield causes
    yield _ways(assessment, texts)
    yield from _unknown(assessment, texts)
    yield told(headings.what_happens_next, texts.what_happens_next)
    yield from _for_some(assessment, texts)
    yield told(headings.living_with_it, texts.living_with_it)
    yield listed(headings.questions_to_ask, texts.questions_to_ask)


def is_emergency(assessment: Assessment) -> bool:
    """Whether a red flag is present that cannot wait until tomorrow."""
    return any(flag.urgency in EMERGENCY for flag in assessment.present_red_flags)


def _alarm(assessment: Assessment, texts: Leaflet) -> Iterator[Block]:
    present = assessment.present_red_flags
    if not present:
        return
    alarm = texts.urgent.of(present[0].urgency)
    signs = dict.fromkeys(flag.in_plain_words for flag in present)
    first, *rest = alarm.says
    after = texts.urgent.after if is_emergency(assessment) else ""
    closing = [Part(text) for text in (*rest, texts.urgent.calm, after) if text]
    parts = (Part(first), Part(texts.urgent.why, tuple(Item(text) for text in signs)), *closing)
    yield Block(alarm.head, parts, "alarm" if is_emergency(assessment) else "soon")


def _causes(assessment: Assessment, texts: Leaflet) -> Block:
    found = words.leading(assessment)
    if not found:
        return told(texts.headings.causes, [texts.no_cause])
    intros = {
        "confirmed": texts.standings.confirmed,
        "probable": texts.standings.probable,
        "possible": texts.standings.possible,
    }
    parts: list[Part] = []
    for standing, intro in intros.items():
        named = [cause for cause in found if cause.standing == standing][:CAUSES]
        if standing == "possible":
            named = named[: max(1, CAUSES - sum(len(part.items) for part in parts))]
        if named:
            parts.append(Part(intro, tuple(_item(cause) for cause in named)))
    if sum(len(part.items) for part in parts) > 1:
        parts.append(Part(texts.more_causes))
    return Block(texts.headings.causes, tuple(parts))


def _item(result: CauseResult | PathwayResult) -> Item:
    return Item(result.in_plain_words, term=words.lower_first(EXPLANATION.sub("", result.title)))


def _ways(assessment: Assessment, texts: Leaflet) -> Block:
    ways = texts.pathways
    groups: list[tuple[str, tuple[str, ...]]] = [(ways.urgent, ("urgent",))]
    if not is_emergency(assessment):
        groups += [(ways.recommended_now, ("recommended_now",)), (ways.later, ("next", "to_be_considered"))]
    parts = []
    for intro, statuses in groups:
        named = [pathway for pathway in assessment.pathways if pathway.status in statuses][:WAYS]
        if named:
            parts.append(Part(intro, tuple(_item(pathway) for pathway in named)))
    return Block(texts.headings.ways, tuple(parts or [Part(texts.no_pathway)]))


def _unknown(assessment: Assessment, texts: Leaflet) -> Iterator[Block]:
    wanted = list(dict.fromkeys(texts.tests[missing.burden] for missing in assessment.missing))[:TESTS]
    if wanted:
        yield listed(texts.headings.unknown, wanted, texts.unknown)


def _for_some(assessment: Assessment, texts: Leaflet) -> Iterator[Block]:
    causes = {cause.id for cause in words.leading(assessment)}
    pathways = {pathway.id for pathway in words.active(assessment)}
    for section in texts.for_some:
        if causes & set(section.causes) or pathways & set(section.pathways):
            yield told(section.title, section.says)
