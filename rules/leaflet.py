"""The standing texts of the patient leaflet: their shape, and what they may refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from rules.documents import Document, Text, Urgency
from rules.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

Texts = Annotated[list[Text], Field(min_length=1)]
SectionId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Alarm(Document):
    """What a patient is told when a red flag of one urgency is present."""

    head: Text
    says: Texts


class Alarms(Document):
    """The opening of a leaflet with a red flag, by urgency; `why` leads to the signs, `calm` and `after` follow."""

    immediate: Alarm
    same_day: Alarm
    within_days: Alarm
    why: Text
    calm: Text
    after: Text

    def of(self, urgency: Urgency) -> Alarm:
        """Return what is said for an urgency."""
        return {"immediate": self.immediate, "same_day": self.same_day, "within_days": self.within_days}[urgency]


class InView(Document):
    """What introduces the causes in view, by their standing."""

    confirmed: Text
    probable: Text
    possible: Text


class Ways(Document):
    """What introduces the pathways, by when they come."""

    urgent: Text
    recommended_now: Text
    later: Text


class Headings(Document):
    """The headings of the leaflet."""

    watch_for: Text
    intro: Text
    causes: Text
    ways: Text
    unknown: Text
    what_happens_next: Text
    living_with_it: Text
    questions_to_ask: Text
    not_validated: Text


class Section(Document):
    """Paragraphs for those whose causes in view, or open pathways, are named here."""

    id: SectionId
    title: Text
    causes: list[str] = []
    pathways: list[str] = []
    says: Texts


class Leaflet(Document):
    """Every standing text of the leaflet. What differs from patient to patient is in causes, pathways and red flags."""

    title: Text
    for_whom: Texts
    urgent: Alarms
    no_flag: Text
    no_cause: Text
    standings: InView
    more_causes: Text
    pathways: Ways
    no_pathway: Text
    unknown: Text
    tests: dict[str, Text]
    intro: Texts
    what_happens_next: Texts
    living_with_it: Texts
    watch_for: Texts
    questions_to_ask: Texts
    for_some: list[Section]
    headings: Headings
    doctors_say: Text
    based_on: Text
    not_validated: Texts


def problems_in(
    leaflet: Leaflet, causes: Collection[str], pathways: Collection[str], burdens: Iterable[str]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield (path in the file, message) for every name that is not known and every burden without words."""
    for number, section in enumerate(leaflet.for_some):
        for kind, known in (("causes", causes), ("pathways", pathways)):
            for place, name in enumerate(getattr(section, kind)):
                if name not in known:
                    yield ("for_some", number, kind, place), f"unknown {kind[:-1]} {name}{nearest(name, known)}"
    for burden in burdens:
        if burden not in leaflet.tests:
            yield ("tests",), f"the burden {burden} has no plain words"
