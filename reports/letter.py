"""What the letter to the referring doctor says: one page's worth of the assessment, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports import words
from reports.pages import Block, Item, Page, Part, listed, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathways.assessment import Assessment, CauseResult, Citation, PathwayResult

CAUSES = 3
REASONS = 2
WAYS = 5
QUESTIONS = 4
SOURCES = 6
DIFFERENCES = 2
GREETING = "Dear colleague,"
SIGNATURE = "Read and checked by: ______________________________"
NO_FLAG = "No red flag is recorded. That does not exclude an emergency."
LIMITS = (
    "This summary was made with Spinepath, rule-based decision support that is not clinically validated and knows "
    "only what was entered. It does not replace history, examination, imaging or judgement. Its full report gives "
    "every fact, rule and source, the arguments for and against each cause, and the evidence against each pathway."
)
FOR_WHOM = "For the referring doctor; to be checked by the clinician who sends it."


def letter(assessment: Assessment) -> Page:
    """Return the letter for an assessment."""
    blocks = [_flags(assessment), _causes(assessment), _ways(assessment), *_open(assessment), *_differences(assessment)]
    blocks += [*_sources(assessment), told("About this letter", [LIMITS, SIGNATURE], "small")]
    lead = (FOR_WHOM, GREETING, f"{words.who(assessment)} {words.flags(assessment)}")
    return Page(
        f"Pain after lumbar surgery: summary of case {assessment.case_id}",
        lead,
        tuple(blocks),
        words.provenance(assessment),
    )


def _flags(assessment: Assessment) -> Block:
    present = assessment.present_red_flags
    ask = [missing.question for missing in assessment.missing if missing.key_red_flag]
    more = f" (the first {QUESTIONS} of {len(ask)} key questions; the report has them all)"
    more = more if len(ask) > QUESTIONS else ""
    items = tuple(Item(question) for question in ask[:QUESTIONS])
    asked = (Part(f"Not known, and to be asked first{more}:", items),) if ask else ()
    if not present:
        return Block("Red flags", (Part(NO_FLAG), *asked), "soon" if ask else "plain")
    flags = (Item(f"{flag.because} {flag.action}", _urgency(flag.title, flag.urgency)) for flag in present)
    return Block("Red flags", (Part("", tuple(flags)), *asked), "alarm")


def _urgency(title: str, urgency: str) -> str:
    return f"{title}: act {words.URGENCY[urgency]}."


def _causes(assessment: Assessment) -> Block:
    found = words.leading(assessment)
    if not found:
        return told("Likely causes", ["Nothing known so far argues for a particular cause."])
    rest = [words.lower_first(cause.title) for cause in found[CAUSES:]]
    also = (Part(f"Also in view: {words.joined(rest)}."),) if rest else ()
    return Block("Likely causes", (Part("", tuple(_cause(cause) for cause in found[:CAUSES])), *also))


def _cause(cause: CauseResult) -> Item:
    said = [cause.note] if cause.note else []
    for label, directions in (("For", ("confirms", "for")), ("Against", ("excludes", "against"))):
        reasons = [a.because for a in cause.arguments if a.counted and a.direction in directions][:REASONS]
        if reasons:
            said.append(f"{label}: {' '.join(reasons)}")
    if cause.standing != "confirmed":
        said.append(_ended(f"Next: {cause.next_test}"))
    return Item(" ".join(said), f"{cause.title}: {words.STANDING[cause.standing]}.")


def _ways(assessment: Assessment) -> Block:
    active = words.active(assessment)
    items = [_way(pathway) for pathway in active[:WAYS]]
    refused = [p for p in assessment.pathways if p.status == "contraindicated" and p.reasons]
    items += [Item(p.cautions[0].because, f"{p.title}: contraindicated here.") for p in refused if p.cautions]
    rest = [words.lower_first(pathway.title) for pathway in active[WAYS:]]
    also = (Part(f"Also to be weighed: {words.joined(rest)}."),) if rest else ()
    if not items:
        return told("Suggested way forward", ["No pathway is indicated by what is known."])
    return Block("Suggested way forward", (Part("", tuple(items)), *also))


def _way(pathway: PathwayResult) -> Item:
    said = [reason.because for reason in pathway.reasons[:1]]
    said += [_ended(f"First: {wait.text}") for wait in pathway.waits_for[:REASONS]]
    said += [f"Caution: {caution.because}" for caution in pathway.cautions[:1]]
    said += [_ended(f"Prepare: {item.text}") for item in pathway.prepare[:1]]
    if pathway.held_by_emergency:
        said.insert(0, "Held until the emergency is dealt with.")
    return Item(" ".join(said), f"{pathway.title}: {words.STATUS[pathway.status]}.")


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _open(assessment: Assessment) -> Iterator[Block]:
    questions = [missing.question for missing in assessment.missing if not missing.key_red_flag][:QUESTIONS]
    if questions:
        yield listed("What is not known and would help most", questions)


def _differences(assessment: Assessment) -> Iterator[Block]:
    shown = {cause.id for cause in words.leading(assessment)[:CAUSES]}
    shown |= {pathway.id for pathway in words.active(assessment)[:WAYS]}
    items = [Item(item.default, item.question) for item in assessment.disagreements if shown & set(item.about)]
    if items:
        yield Block("Where sources differ, and what is taken here", (Part("", tuple(items[:DIFFERENCES])),))


def _sources(assessment: Assessment) -> Iterator[Block]:
    from reports.documents import cited

    found: dict[str, Citation] = {}
    for flag in assessment.present_red_flags:
        found |= {source.key: source for source in flag.sources}
    for cause in words.leading(assessment)[:CAUSES]:
        found |= {source.key: source for argument in cause.arguments for source in argument.sources}
    for pathway in words.active(assessment)[:WAYS]:
        found |= {source.key: source for reason in pathway.reasons[:1] for source in reason.sources}
    shown = [f"{source.cite} {words.link(source)}".rstrip() for source in found.values()][:SOURCES]
    if shown:
        total = len(cited(assessment))
        yield listed("Main sources", shown, f"The full report cites {total} sources, line by line.", "small")
