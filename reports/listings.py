"""Lists of what is in the knowledge: causes, pathways, red flags, findings, checklists, sources, rules."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from rules.documents import Argument, CriterionItem, Indication
from rules.lookup import cited_by, parts, rules, used_by
from rules.wording import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rules.documents import Document, Source
    from rules.lookup import Entry
    from rules.rulebase import RuleBase

Row = dict[str, str]
SHORT = 40


def listing(base: RuleBase, what: str) -> list[Row]:
    """Return one row for each thing of a kind; every row has the same columns, the id first."""
    return MAKERS[what](base)


def _causes(base: RuleBase) -> list[Row]:
    return [
        {
            "id": cause.id,
            "title": cause.title,
            "family": cause.family,
            "codes": " ".join(code for codes in cause.codes.values() for code in codes),
            "arguments": str(len(cause.arguments)),
            "sources": str(len(sources_of(cause))),
        }
        for cause in base.causes.values()
    ]


def _pathways(base: RuleBase) -> list[Row]:
    ordered = sorted(base.pathways.values(), key=lambda pathway: (pathway.stage, pathway.id))
    return [
        {
            "id": pathway.id,
            "title": pathway.title,
            "kind": pathway.kind,
            "stage": str(pathway.stage),
            "rules": str(len(pathway.rules)),
            "sources": str(len(sources_of(pathway))),
        }
        for pathway in ordered
    ]


def _red_flags(base: RuleBase) -> list[Row]:
    urgencies = list(base.weights.urgency_hours)
    ordered = sorted(base.red_flags.values(), key=lambda flag: urgencies.index(flag.urgency))
    return [
        {
            "id": flag.id,
            "title": flag.title,
            "urgency": flag.urgency,
            "basis": flag.basis,
            "points to": ", ".join(flag.points_to),
        }
        for flag in ordered
    ]


def _findings(base: RuleBase) -> list[Row]:
    used = used_by(base)
    return [
        {
            "id": name,
            "title": finding.title,
            "basis": finding.basis,
            "used by": str(len(used.get(f"finding.{name}", ()))),
            "when": in_words(base.conditions[f"finding.{name}"], base.vocabulary),
        }
        for name, finding in base.findings.items()
    ]


def _criteria(base: RuleBase) -> list[Row]:
    return [
        {
            "id": criteria.id,
            "title": criteria.title,
            "issuer": criteria.issuer,
            "number": criteria.number,
            "date": criteria.date,
            "country": criteria.country,
            "items": str(len(criteria.items)),
        }
        for criteria in base.criteria.values()
    ]


def _disagreements(base: RuleBase) -> list[Row]:
    return [
        {"id": item.id, "question": item.question, "about": ", ".join(item.about), "default": item.default}
        for item in base.disagreements.values()
    ]


def _sources(base: RuleBase) -> list[Row]:
    citing = cited_by(base)
    return [
        {
            "id": key,
            "source": full_citation(source),
            "kind": source.kind,
            "opened": source.opened,
            "cited": str(len(citing.get(key, ()))),
        }
        for key, source in sorted(base.sources.items())
    ]


def _rules(base: RuleBase) -> list[Row]:
    return [
        {
            "id": entry.id,
            "kind": entry.kind,
            "says": conclusion(entry),
            "basis": getattr(entry.part, "basis", "criteria"),
            "when": in_words(base.conditions[entry.id], base.vocabulary),
        }
        for entry in rules(base)
    ]


MAKERS: dict[str, Callable[[RuleBase], list[Row]]] = {
    "causes": _causes,
    "pathways": _pathways,
    "red_flags": _red_flags,
    "findings": _findings,
    "criteria": _criteria,
    "disagreements": _disagreements,
    "sources": _sources,
    "rules": _rules,
}


def conclusion(entry: Entry) -> str:
    """Return what a rule concludes, in a few words."""
    part: Any = entry.part
    if isinstance(part, Argument):
        ratio = f" (likelihood ratio {part.lr:g})" if part.lr is not None else ""
        strength = f", {part.strength}" if part.strength != "decisive" else ""
        return f"{part.direction} {entry.owner}{strength}{ratio}"
    if isinstance(part, Indication):
        return f"{entry.owner}: {RECOMMEND[part.recommend]}"
    if isinstance(part, CriterionItem):
        return part.says
    for name in ("needs", "do", "title"):
        if getattr(part, name, ""):
            return f"{entry.owner}: {getattr(part, name)}" if entry.owner else str(getattr(part, name))
    return f"{entry.owner}: {part.kind} reason against" + (f", until {part.until}" if part.until else "")


RECOMMEND = {"urgent": "urgent", "now": "recommended now", "consider": "to be considered"}


def sources_of(document: Document) -> list[str]:
    """Return the keys of every source that a document cites, in the order of reading."""
    return list(dict.fromkeys(c.key for _, part in parts(document, "") for c in getattr(part, "sources", ())))


def full_citation(source: Source) -> str:
    """Return a source in one line."""
    return f"{source.title.rstrip('.')}. {source.cite}" if source.title else source.cite


def link(source: Source) -> str:
    """Return the address of a source, or an empty string."""
    if source.doi:
        return f"https://doi.org/{source.doi}"
    if source.pmid:
        return f"https://pubmed.ncbi.nlm.nih.gov/{source.pmid}/"
    if source.pmcid:
        return f"https://www.ncbi.nlm.nih.gov/pmc/articles/{source.pmcid}/"
    return source.url or ""


def chosen(rows: Iterable[Row], search: str, where: dict[str, str]) -> list[Row]:
    """Return the rows that hold a text in any column and have these values in these."""
    wanted = search.lower()
    return [
        row
        for row in rows
        if any(wanted in value.lower() for value in row.values())
        and all(row[column].lower() == value.lower() for column, value in where.items())
    ]


def as_text(rows: Iterable[Row], width: int) -> str:
    """Return rows as blocks: the id, its short values on one line, and each long value on lines of its own."""
    blocks = []
    for row in rows:
        name, *values = row.values()
        short = ", ".join(value for value in values if value and len(value) <= SHORT)
        long = [value for value in values if len(value) > SHORT]
        lines = [line for value in (short, *long) for line in wrap(value, max(width, 40) - 4)]
        blocks.append("\n".join([name, *(f"    {line}" for line in lines)]))
    return "\n".join(blocks) + "\n"


def as_markdown(rows: list[Row]) -> str:
    """Return rows as a Markdown table."""

    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"

    columns = list(rows[0])
    return line(columns) + line(["---"] * len(columns)) + "".join(line(row.values()) for row in rows)
