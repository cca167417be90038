"""One entry of the knowledge told in full, as headed lines: for the terminal, and for other programs as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports.listings import conclusion, full_citation, link, sources_of
from rules.documents import Argument, CriterionItem, Rule
from rules.lookup import cited_by, used_by
from rules.wording import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rules.documents import Cause as CauseDocument
    from rules.documents import Cites, Criteria, Disagreement, Pathway, RedFlag, Source
    from rules.lookup import Entry
    from rules.places import Places
    from rules.rulebase import RuleBase
    from rules.vocabulary import Fact

Card = list[tuple[str, list[str]]]
OPENED = {
    "full": "read in full",
    "abstract": "its abstract was read",
    "secondary": "read about in another text",
    "no": "not opened",
}


def card(base: RuleBase, entry: Entry, places: Places) -> Card:
    """Return (heading, lines) for one entry: what it says, when, why, on what basis, and where it is written."""
    told = MAKERS.get(entry.kind, _rule)(base, entry)
    file, line = places.of_fact(entry.part.id) if entry.kind == "fact" else places.of(entry.part)
    if file:
        told.append(("written in", [f"{file}:{line}" if line else file]))
    return [(heading, [line for line in lines if line]) for heading, lines in told if any(lines)]


def _rule(base: RuleBase, entry: Entry) -> Card:
    part: Any = entry.part
    told: Card = [(entry.kind.replace("_", " "), [conclusion(entry)])]
    told.append(("when", [in_words(base.conditions[entry.id], base.vocabulary)]))
    if isinstance(part, Argument):
        told.append(("group", [f"{part.group} (only the strongest of a group counts)" if part.group else ""]))
    if isinstance(part, Rule):
        told.append(("because", [part.because]))
        told.append(("basis", [f"{part.basis}; to be looked at again by {part.review_by}"]))
        told.append(("sources", citations(base, part.sources)))
    if isinstance(part, (Rule, CriterionItem)):
        told.append(("fires on", [fragment(part.fires_on)]))
        told.append(("silent on", [fragment(part.silent_on)]))
    return told


def _red_flag(base: RuleBase, entry: Entry) -> Card:
    flag: RedFlag = entry.part
    return [
        ("red flag", [flag.title]),
        ("urgency", [flag.urgency.replace("_", " ")]),
        ("action", [flag.action]),
        ("in plain words", [flag.in_plain_words]),
        ("accuracy", [flag.accuracy]),
        ("points to", [", ".join(flag.points_to)]),
        *_rule(base, entry)[1:],
    ]


def _finding(base: RuleBase, entry: Entry) -> Card:
    return [*_rule(base, entry), ("used by", used_by(base).get(entry.id, []))]


def _cause(base: RuleBase, entry: Entry) -> Card:
    cause: CauseDocument = entry.part
    gate = base.conditions.get(f"{cause.id}.considered_when")
    priors = []
    for number, prior in enumerate(cause.prior):
        condition = base.conditions.get(f"{cause.id}.prior.{number}")
        where = f"where {in_words(condition, base.vocabulary)}" if condition else "otherwise"
        priors.append(f"{prior.share:.1%} {where}: {prior.because} ({prior.basis})")
    return [
        ("cause", [cause.title]),
        ("family", [cause.family]),
        ("codes", [f"{system}: {', '.join(codes)}" for system, codes in cause.codes.items()]),
        ("what it is", [cause.summary]),
        ("in plain words", [cause.in_plain_words]),
        ("follows", [cause.follows]),
        ("time course", [cause.time_course]),
        ("considered when", [in_words(gate, base.vocabulary)] if gate else []),
        ("before any argument", priors),
        ("arguments", [f"{a.direction:<9} {a.strength:<9} {a.id}: {a.because}" for a in cause.arguments]),
        ("confirmed by", list(cause.confirm_by)),
        ("next test", [cause.next_test]),
        ("confused with", [f"{other.cause}: {other.by}" for other in cause.confused_with]),
        ("vignette", [f"{fragment(cause.vignette.facts)} -> at least {cause.vignette.expect}"]),
        ("sources", _keys(base, sources_of(cause))),
    ]


def _pathway(base: RuleBase, entry: Entry) -> Card:
    pathway: Pathway = entry.part
    return [
        ("pathway", [pathway.title]),
        ("kind", [f"{pathway.kind}, stage {pathway.stage}"]),
        ("what it is", [pathway.summary]),
        ("in plain words", [pathway.in_plain_words]),
        ("indications", [f"{rule.recommend:<9} {rule.id}: {rule.because}" for rule in pathway.indications]),
        ("first", [f"{rule.id}: {rule.needs}" for rule in pathway.prerequisites]),
        ("against", [f"{rule.kind:<9} {rule.id}: {rule.because}" for rule in pathway.contraindications]),
        ("prepare", [f"{rule.id}: {rule.do}" for rule in pathway.prepare]),
        ("success", [f"{pathway.success} Judged after: {pathway.judge_after}"]),
        ("then", [f"If it succeeds: {pathway.if_success}", f"If not: {pathway.if_failure}"]),
        ("gate", [pathway.gate]),
        ("evidence", [f"{line.direction:<9} {line.says}" for line in pathway.evidence]),
        ("harms", [line.says for line in pathway.harms]),
        ("graded by", [f"{grade.by}: {grade.grade}" for grade in pathway.grades]),
        ("vignette", [f"{fragment(pathway.vignette.facts)} -> at least {pathway.vignette.expect}"]),
        ("sources", _keys(base, sources_of(pathway))),
    ]


def _checklist(base: RuleBase, entry: Entry) -> Card:
    criteria: Criteria = entry.part
    return [
        ("checklist", [criteria.title]),
        ("issued by", [f"{criteria.issuer}, {criteria.number}, {criteria.date}, {criteria.country}"]),
        ("about", [", ".join(criteria.about)]),
        ("note", [criteria.note]),
        (
            "items",
            [f"{i.id}: {i.says} [{in_words(base.conditions[i.id], base.vocabulary)}]" for i in criteria.items],
        ),
        ("sources", citations(base, criteria.sources)),
    ]


def _disagreement(base: RuleBase, entry: Entry) -> Card:
    item: Disagreement = entry.part
    positions = [
        line for position in item.positions for line in (f"- {position.says}", *citations(base, position.sources))
    ]
    return [
        ("question", [item.question]),
        ("about", [", ".join(item.about)]),
        ("shown when", [in_words(base.conditions[entry.id], base.vocabulary)]),
        ("positions", positions),
        ("default here", [item.default]),
        ("because", [item.because]),
    ]


def _source(base: RuleBase, entry: Entry) -> Card:
    source: Source = entry.part
    key = entry.id.removeprefix("source.")
    lines = [f"{line.owner}: {line.shows}" for line in cited_by(base).get(key, ())]
    return [
        ("source", [full_citation(source)]),
        ("kind", [source.kind]),
        ("opened", [OPENED[source.opened]]),
        ("link", [link(source)]),
        (f"cited by {len(lines)} line{'s' * (len(lines) != 1)}", lines),
    ]


def _fact(base: RuleBase, entry: Entry) -> Card:
    fact: Fact = entry.part
    return [
        ("fact", [fact.ask]),
        ("takes", [fact.describe()]),
        ("codes", [f"{system}: {code}" for system, code in fact.code.items()]),
        ("where it comes from", [f"{fact.origin}, {fact.burden}"]),
        ("used by", used_by(base).get(fact.id, [])),
    ]


MAKERS: dict[str, Callable[[RuleBase, Entry], Card]] = {
    "red_flag": _red_flag,
    "finding": _finding,
    "cause": _cause,
    "pathway": _pathway,
    "criteria": _checklist,
    "disagreement": _disagreement,
    "source": _source,
    "fact": _fact,
}


def citations(base: RuleBase, cites: Iterable[Cites]) -> list[str]:
    """Return each source in full, with what it shows and its address."""
    lines = []
    for cite in cites:
        source = base.sources[cite.key]
        lines.append(f"{cite.key}: {full_citation(source)} ({OPENED[source.opened]}) {link(source)}".rstrip())
        lines.append(f"  shows: {cite.for_}")
    return lines


def _keys(base: RuleBase, keys: Iterable[str]) -> list[str]:
    return [f"{key}: {full_citation(base.sources[key])} {link(base.sources[key])}".rstrip() for key in keys]


def fragment(facts: Mapping[str, Any]) -> str:
    """Return facts as a case writes them, in one line."""
    words = {True: "yes", False: "no"}
    return ", ".join(f"{name}: {words[v] if isinstance(v, bool) else v}" for name, v in facts.items())


def show(cards: Iterable[tuple[str, Card]]) -> None:
    """Print cards in the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    for number, (title, told) in enumerate(cards):
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for heading, lines in told:
            grid.add_row(heading, Text("\n".join(lines)))
        console.print(("\n" if number else "") + title, style="bold")
        console.print(grid)
