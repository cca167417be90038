"""The whole knowledge as a static site: one page a cause, pathway and case, lists of the rest, and a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from pathways import library
from pathways.coverage import coverage, library_cases
from pathways.judged import Judged
from pathways.library.scoring import SAID
from reports.cards import OPENED, fragment
from reports.documents import TEMPLATES, environment
from reports.listings import conclusion, full_citation, link, sources_of
from rules.checks import SLOT
from rules.evidence import backing, tallies
from rules.inference import Reasoner
from rules.language import All, AtLeast, Compare, Condition, Not
from rules.lookup import cited_by, entries, rules, short, used_by
from rules.overlay import tree_ids
from rules.wording import compared, in_words

if TYPE_CHECKING:
    from pathways.coverage import Coverage
    from rules.lookup import Entry
    from rules.places import Places
    from rules.rulebase import RuleBase

Page = tuple[str, str]
URGENT_FIRST = ("immediate", "same_day", "within_days")
MENU = (
    ("index.html", "Start"),
    ("causes.html", "Causes"),
    ("pathways.html", "Pathways"),
    ("red-flags.html", "Red flags"),
    ("findings.html", "Findings"),
    ("criteria.html", "Criteria"),
    ("disagreements.html", "Where sources differ"),
    ("rules.html", "All rules"),
    ("cases.html", "Cases"),
    ("facts.html", "Facts"),
    ("sources.html", "Sources"),
)


@dataclass(frozen=True)
class Node:
    """A condition for a reader: a comparison of a fact, or a heading with what it joins."""

    fact: str = ""
    says: str = ""
    parts: tuple[Node, ...] = ()


@dataclass(frozen=True)
class CaseView:
    """What the rules make of one library case."""

    name: str
    about: library.About
    flags: list[str]
    causes: list[tuple[str, str]]
    pathways: list[tuple[str, str]]
    fired: list[Entry]


@dataclass(frozen=True)
class Site:
    """What the pages are made of."""

    base: RuleBase
    places: Places
    fired: Coverage
    cases: list[CaseView]
    used: dict[str, list[str]]
    href: dict[str, str]


def build(base: RuleBase, places: Places) -> list[Page]:
    """Return every page of the site as (path, text)."""
    reasoner = Reasoner(base)
    facts = dict(library_cases(base))
    found = coverage(reasoner, facts.items())
    cases = [_case(name, Judged(reasoner, facts[name]), found) for name in facts]
    made = Site(base, places, found, cases, used_by(base), _addresses(base))
    pages = [("style.css", _style())]
    for path, template, about in _plan(made):
        pages.append((path, _render(made, path, template, about)))
    return pages


def _plan(site: Site) -> list[tuple[str, str, dict[str, Any]]]:
    """Return (path, template, what it is about) for every page."""
    base = site.base
    plan: list[tuple[str, str, dict[str, Any]]] = [
        ("index.html", "index", {"index": _search_index(site), "tallies": tallies(base)}),
        ("causes.html", "causes", {"families": _grouped(base.causes.values(), "family")}),
        ("pathways.html", "pathways", {"stages": _grouped(base.pathways.values(), "stage")}),
        ("red-flags.html", "red_flags", {"flags": _by_urgency(base)}),
        ("findings.html", "findings", {}),
        ("criteria.html", "criteria", {}),
        ("disagreements.html", "disagreements", {}),
        ("rules.html", "rules", {"rules": list(rules(base))}),
        ("cases.html", "cases", {}),
        ("facts.html", "facts", {"sections": _sections(base)}),
        ("sources.html", "sources", {"cited": cited_by(base)}),
    ]
    for cause in base.causes.values():
        plan.append((f"causes/{cause.id}.html", "cause", {"cause": cause, "bearing": _bearing(site, cause.id)}))
    for pathway in base.pathways.values():
        about = {"pathway": pathway, "bearing": _bearing(site, pathway.id)}
        plan.append((f"pathways/{pathway.id}.html", "pathway", about))
    plan += [(f"cases/{case.name}.html", "case", {"case": case}) for case in site.cases]
    return plan


def _render(site: Site, path: str, template: str, about: dict[str, Any]) -> str:
    top = "../" * path.count("/")

    def href(name: str) -> str:
        return top + site.href[name]

    def slots(text: str) -> Markup:
        return Markup(SLOT.sub(r"<code>\1</code>", str(escape(text))))

    base = site.base
    return (
        environment()
        .get_template(f"site/{template}.html.jinja")
        .render(
            site=site,
            base=base,
            top=top,
            path=path,
            menu=MENU,
            href=href,
            slots=slots,
            outline=lambda name: outline(base.conditions[name], base),
            one_line=lambda name: in_words(base.conditions[name], base.vocabulary),
            cases_of=lambda name: site.fired.fired.get(name, ()),
            backing=lambda rule: backing(rule, base),
            sources_of=sources_of,
            conclusion=conclusion,
            citation=full_citation,
            link_of=link,
            fragment=fragment,
            OPENED=OPENED,
            **about,
        )
    )


def outline(condition: Condition, base: RuleBase) -> Node:
    """Return a condition as nested headings and comparisons."""
    if isinstance(condition, Compare):
        says = compared(condition, base.vocabulary).removeprefix(condition.fact)
        return Node(fact=condition.fact, says=says)
    if isinstance(condition, Not):
        return Node(says="not", parts=(outline(condition.part, base),))
    parts = tuple(outline(part, base) for part in condition.parts)
    if isinstance(condition, AtLeast):
        return Node(says=f"at least {condition.count} of", parts=parts)
    return Node(says="all of" if isinstance(condition, All) else "any of", parts=parts)


def _case(name: str, judged: Judged, found: Coverage) -> CaseView:
    truths = judged.inference.truths
    said = [cause for cause in judged.ranked_causes() if judged.standings[cause].name in SAID]
    active = [p for p in judged.ranked_pathways() if judged.statuses[p].name != "not_indicated"]
    return CaseView(
        name=name,
        about=library.about(name),
        flags=[flag for flag in judged.base.red_flags if truths[f"red_flag.{flag}"]],
        causes=[(cause, judged.standings[cause].name) for cause in said],
        pathways=[(pathway, judged.statuses[pathway].name) for pathway in active],
        fired=[entry for entry in found.rules if truths[entry.id]],
    )


def _addresses(base: RuleBase) -> dict[str, str]:
    """Return the address of everything that has a name, by its full id; facts also by the name that conditions use."""
    pages = {
        "red_flag": "red-flags.html",
        "finding": "findings.html",
        "disagreement": "disagreements.html",
        "source": "sources.html",
        "criteria": "criteria.html",
        "criterion": "criteria.html",
        "fact": "facts.html",
    }
    found: dict[str, str] = {}
    for entry in entries(base):
        if entry.kind in ("cause", "pathway"):
            found[entry.id] = f"{entry.kind}s/{short(entry)}.html"
        elif entry.kind in pages:
            found[entry.id] = f"{pages[entry.kind]}#{entry.id}"
        else:
            folder = "causes" if entry.kind == "argument" else "pathways"
            found[entry.id] = f"{folder}/{entry.owner}.html#{entry.id}"
        if entry.kind == "fact":
            found[short(entry)] = found[entry.id]
    for cause in base.causes.values():
        for tree in tree_ids("causes", cause):
            found.setdefault(tree, f"causes/{cause.id}.html")
    return found


def _bearing(site: Site, name: str) -> dict[str, list[Any]]:
    """Return what else speaks of a cause or pathway: flags that point to it, rules on its standing, and so on."""
    base = site.base
    resting = [rule for rule in site.used.get(f"cause.{name}", ()) if not rule.startswith(f"{name}.")]
    return {
        "flags": [flag for flag in base.red_flags.values() if name in flag.points_to],
        "resting": resting,
        "criteria": [criteria for criteria in base.criteria.values() if name in criteria.about],
        "disagreements": [item for item in base.disagreements.values() if name in item.about],
        "cases": [case for case in site.cases if name in dict([*case.causes, *case.pathways])],
        "established": [case for case in site.cases if name in (*case.about.established, *case.about.first_step)],
    }


def _grouped(documents: Any, attribute: str) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for document in sorted(documents, key=lambda document: (getattr(document, attribute), document.title)):
        groups.setdefault(getattr(document, attribute), []).append(document)
    return groups


def _by_urgency(base: RuleBase) -> list[Any]:
    return sorted(base.red_flags.values(), key=lambda flag: URGENT_FIRST.index(flag.urgency))


def _sections(base: RuleBase) -> dict[str, list[Any]]:
    sections: dict[str, list[Any]] = {}
    for fact in base.vocabulary.values():
        if fact.origin in ("asked", "derived"):
            sections.setdefault(fact.section, []).append(fact)
    return sections


def _search_index(site: Site) -> list[list[str]]:
    """Return [kind, title, more words, address] for everything that can be searched for."""
    rows = []
    for entry in entries(site.base):
        part = entry.part
        more = " ".join(str(getattr(part, name, "")) for name in ("in_plain_words", "cite") if getattr(part, name, ""))
        title = SLOT.sub("...", entry.title)
        rows.append([entry.kind.replace("_", " "), title, f"{entry.id} {more}".strip(), site.href[entry.id]])
    rows += [["case", case.about.title, case.name, f"cases/{case.name}.html"] for case in site.cases]
    return rows


def _style() -> str:
    folder = TEMPLATES
    return "".join((folder / name).read_text(encoding="utf-8") for name in ("report.css", "site/site.css"))
