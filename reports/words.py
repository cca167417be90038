"""Words shared by every report: names of standings and statuses, limits, and the paragraph to read aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways.standing import LEADING

if TYPE_CHECKING:
    from pathways.assessment import Assessment, CauseResult, Citation, PathwayResult

STANDING = {
    "confirmed": "confirmed",
    "probable": "probable",
    "possible": "possible",
    "nothing_to_say": "nothing to say yet",
    "unlikely": "unlikely",
    "excluded": "excluded",
}
STATUS = {
    "urgent": "urgent",
    "recommended_now": "recommended now",
    "next": "next",
    "to_be_considered": "to be considered",
    "not_indicated": "not indicated",
    "contraindicated": "contraindicated",
}
URGENCY = {"immediate": "immediately", "same_day": "the same day", "within_days": "within days"}
DIRECTION = {"for": "argues for", "against": "argues against", "confirms": "confirms", "excludes": "excludes"}
AUDIENCE = "For clinicians who look after adults with persistent or new pain after lumbar spine surgery."
LIMITS = (
    "Spinepath is rule-based decision support and is not clinically validated. It does not replace history, "
    "examination, imaging or judgement. It knows only the facts listed here; what is unknown is said to be unknown, "
    "and no missing red flag rules an emergency out. Scores assume that arguments are independent, which they are not "
    "entirely: read them as an order, not as probabilities. Options are given with reasons, not orders."
)


def outcome(name: str) -> str:
    """Return a standing, a status or a truth as a reader would say it."""
    return STANDING.get(name) or STATUS.get(name) or name.replace("_", " ")


def leading(assessment: Assessment) -> list[CauseResult]:
    """Return the causes that something speaks for, best first."""
    return [cause for cause in assessment.causes if cause.standing in LEADING]


def active(assessment: Assessment) -> list[PathwayResult]:
    """Return the pathways that are urgent, recommended, next or to be considered."""
    return [p for p in assessment.pathways if p.status in ("urgent", "recommended_now", "next", "to_be_considered")]


def joined(items: list[str], last: str = "and") -> str:
    """Join names as a sentence does."""
    if len(items) <= 1:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def lower_first(text: str) -> str:
    """Return a title as it stands inside a sentence (abbreviations keep their capitals)."""
    return text if len(text) > 1 and text[1].isupper() else text[:1].lower() + text[1:]


def short(title: str) -> str:
    """Return the part of a title before its explanation, for lists inside a sentence."""
    return lower_first(title.partition(" (")[0].partition(",")[0])


def link(citation: Citation) -> str:
    """Return the address of a source, or an empty string."""
    if citation.doi:
        return f"https://doi.org/{citation.doi}"
    if citation.pmid:
        return f"https://pubmed.ncbi.nlm.nih.gov/{citation.pmid}/"
    return citation.url or ""


def provenance(assessment: Assessment) -> str:
    """Return which program and knowledge made this, in a line."""
    base = assessment.rule_base
    program = f"Spinepath {assessment.package_version}, knowledge {base.version} ({base.sha256[:12]})"
    made = f"Case {assessment.case_id}. {program}"
    changes = [f"local overlay {', '.join(base.overlays)}"] if base.overlays else []
    changes += [f"switched off: {', '.join(base.switched_off)}"] if base.switched_off else []
    return "; ".join([made, *changes]) + "."


def paragraph(assessment: Assessment) -> str:
    """Return one paragraph that a colleague could read aloud."""
    sentences = [
        who(assessment),
        flags(assessment),
        *_causes(assessment),
        _plan(assessment),
        _open(assessment),
        _not_used(assessment),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _not_used(assessment: Assessment) -> str:
    """Say which studies were made before the last operation, and so count for nothing."""
    operations, studies = assessment.case.get("surgery") or [], assessment.case.get("imaging") or []
    since = operations[-1].get("months_ago") if operations else None
    if since is None:
        return ""
    early = [(study["modality"], study["months_ago"]) for study in studies if (study.get("months_ago") or 0) > since]
    told = [f"{name.upper() if len(name) <= 3 else name.replace('_', ' ')} {ago(months)} ago" for name, months in early]
    return f"Not used, because made before the last operation: {joined(told)}." if told else ""


def who(assessment: Assessment) -> str:
    """Return who the patient is in one sentence: age, sex, pain, operations, course."""
    facts = assessment.facts
    age, sex = facts.get("person.age"), facts.get("person.sex")
    person = {"female": "woman", "male": "man"}.get(str(sex), "patient")
    aged = f"{age:g}-year-old " if isinstance(age, (int, float)) else ""
    if isinstance(age, (int, float)) and age >= 90:
        aged = "90-or-older "
    article = "An" if aged.startswith(("8", "11", "18")) else "A"
    count = facts.get("surgery.count", 1)
    operations = "a lumbar operation" if count == 1 else f"{count} lumbar operations"
    since = facts.get("months_since_surgery")
    when = f", the last {ago(since)} ago" if isinstance(since, (int, float)) and count != 1 else ""
    if isinstance(since, (int, float)) and count == 1:
        when = f" {ago(since)} ago"
    where = {"back": "mainly back pain", "leg": "mainly leg pain", "both": "back and leg pain"}
    pain = where.get(str(facts.get("pain.predominant")), "pain")
    trend = facts.get("course.trend")
    tail = f", {trend}" if trend else ""
    return f"{article} {aged}{person} with {pain} after {operations}{when}{tail}."


def ago(months: float) -> str:
    """Return a number of months as one says it."""
    if months < 0.5:
        days = round(months * 30.4375)
        return f"{days} day{'s' * (days != 1)}" if days else "hours"
    if months < 2:
        return f"{round(months * 30.4375 / 7)} weeks"
    if months < 36:
        return f"{round(months):g} months"
    return f"{round(months / 12):g} years"


def flags(assessment: Assessment) -> str:
    """Return in one sentence which red flags are present, or that none is recorded."""
    present = assessment.present_red_flags
    if present:
        pressing = [flag for flag in present if flag.urgency == present[0].urgency]
        more = len(present) - len(pressing[:3])
        named = joined([lower_first(flag.title) for flag in pressing[:3]])
        others = f" {more} more red flag{'s are' if more > 1 else ' is'} present." if more else ""
        return f"First: {named}; act {URGENCY[present[0].urgency]}.{others}"
    unknown = [missing for missing in assessment.missing if missing.key_red_flag]
    if unknown:
        questions = (
            "one key red-flag question is" if len(unknown) == 1 else f"{len(unknown)} key red-flag questions are"
        )
        return f"No red flag is recorded, but {questions} open."
    return "No red flag is recorded, which does not exclude an emergency."


def _causes(assessment: Assessment) -> list[str]:
    found = leading(assessment)
    if not found:
        return ["Nothing known so far argues for a particular cause."]
    first = found[0]
    verb = {"confirmed": "is confirmed", "probable": "is probable", "possible": "is possible"}[first.standing]
    reasons = [a.because.rstrip(".") for a in first.arguments if a.direction in ("for", "confirms") and a.counted][:2]
    told = [f"{first.title} {verb}.", *(f"{reason}." for reason in reasons)]
    others = [f"{short(cause.title)} ({cause.standing})" for cause in found[1:4]]
    if others:
        told.append(f"Also in view: {joined(others)}.")
    return told


def _plan(assessment: Assessment) -> str:
    by_id = {pathway.id: short(pathway.title) for pathway in assessment.pathways}
    now = [by_id[p] for step in assessment.plan if step.when.startswith("now") for p in step.pathways][:5]
    return f"The rules suggest to consider now: {joined(now)}." if now else ""


def _open(assessment: Assessment) -> str:
    rest = [missing for missing in assessment.missing if not missing.key_red_flag][:2]
    if not rest:
        return ""
    return "What would help most: " + joined([lower_first(missing.question.rstrip("?")) for missing in rest]) + "."
