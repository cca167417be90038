"""Lints on what needs tending: what nothing uses, sources nobody opened, dates gone by, texts with empty slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.checks import SLOT
from rules.documents import Based, Document, Rule
from rules.language import asked_by
from rules.lookup import cited_by, documents, parts
from rules.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.places import Places
    from rules.rulebase import RuleBase

Found = tuple[str, Problem]
IDENTIFIERS = ("doi", "pmid", "pmcid")


def found(base: RuleBase, places: Places, today: str) -> Iterator[Found]:
    """Yield (code, problem) for what needs tending; review dates only if `today` (YYYY-MM) is given."""
    yield from _unused(base, places)
    yield from _sources(base, places)
    for name, document in documents(base):
        for owner, part in parts(document, name):
            yield from _slots(owner, part, places)
            if isinstance(part, Based) and today and part.review_by < today:
                says = f"was to be reviewed by {part.review_by}"
                yield "K406", Problem(owner, says, *places.of(part, ("review_by",)))


def _unused(base: RuleBase, places: Places) -> Iterator[Found]:
    used = asked_by(base.conditions.values())
    stems = {_stem(name) for name in used}
    for name in dict.fromkeys(_stem(fact.id) for fact in base.vocabulary.values() if fact.origin == "asked"):
        if name not in stems:
            yield "K401", Problem(name, "no rule uses this fact", *places.of_fact(name))
    for name, finding in base.findings.items():
        if f"finding.{name}" not in used:
            yield "K402", Problem(name, "no rule uses this finding", *places.of(finding))


def _stem(fact: str) -> str:
    """Return a fact without the part that says where or how: `mri.disc_herniation.index` is `mri.disc_herniation`."""
    return ".".join(fact.split(".")[:2])


def _sources(base: RuleBase, places: Places) -> Iterator[Found]:
    citing = cited_by(base)
    seen: dict[tuple[str, str], str] = {}
    for key, source in base.sources.items():
        where = places.of(source)
        if key not in citing:
            yield "K403", Problem(key, "nothing cites this source", *where)
        if source.opened == "no":
            by = f"; cited by {', '.join(line.owner for line in citing.get(key, ()))}" if key in citing else ""
            yield "K404", Problem(key, f"nobody opened this source{by}", *where)
        for kind in IDENTIFIERS:
            value = getattr(source, kind)
            other = seen.setdefault((kind, str(value).lower()), key) if value else key
            if other != key:
                yield "K405", Problem(key, f"has the {kind.upper()} of {other}", *where)


def _slots(owner: str, part: Document, places: Places) -> Iterator[Found]:
    """Yield slots in texts other than the `because` of a rule: only those are filled in."""
    for name in type(part).model_fields:
        text = getattr(part, name)
        if isinstance(text, str) and SLOT.search(text) and not (name == "because" and isinstance(part, Rule)):
            yield (
                "K407",
                Problem(owner, f"{SLOT.findall(text)[0]} in {name} is never filled in", *places.of(part, (name,))),
            )
