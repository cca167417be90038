"""The reasoning of one case as a graph: the facts that count, findings, causes and red flags, pathways."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pathways.explain.answers import Edge, Graph, Item, Node, plain
from pathways.explain.names import Subject
from pathways.explain.why import grounds
from pathways.standing import points

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pathways.assessment import Assessment
    from pathways.case import Case
    from rules.documents import Pathway
    from rules.inference import Reasoner
    from rules.language import Value

FACTS, FINDINGS, CONCLUSIONS, PATHWAYS = range(4)
MOST = {FACTS: 24, FINDINGS: 9, CONCLUSIONS: 9, PATHWAYS: 9}
LINES = 7  # facts told in one box
IN_VIEW = ("possible", "probable", "confirmed")
TAKEN = ("urgent", "recommended_now", "next", "to_be_considered")
RECOMMENDED = {"urgent": 100, "now": 60, "consider": 30}
FLAG = 150


def graph(about: Case | Assessment | Mapping[str, Value], reasoner: Reasoner | None = None) -> Graph:
    """Return what matters for a case as boxes and arrows: leading causes, present red flags, active pathways."""
    return draw(Subject(about, reasoner))


def draw(subject: Subject) -> Graph:
    """Return the graph of a judged case."""
    return _Drawing(subject).result()


class _Drawing:
    """Gathers boxes and arrows from the conclusions back to the facts."""

    def __init__(self, subject: Subject) -> None:
        self.base, self.judged = subject.base, subject.judged
        self.facts, self.truths = self.judged.inference.facts, self.judged.inference.truths
        self.left_out: dict[str, int] = {}
        causes = [n for n in self.judged.ranked_causes() if self.judged.standings[n].name in IN_VIEW]
        flags = [n for n in self.base.red_flags if self.truths[f"red_flag.{n}"]]
        taken = [n for n in self.judged.ranked_pathways() if self.judged.statuses[n].name in TAKEN]
        self.flags = flags[: MOST[CONCLUSIONS] // 2]
        self.causes = causes[: MOST[CONCLUSIONS] - len(self.flags)]
        self.pathways = taken[: MOST[PATHWAYS]]
        self._count("red flags", len(flags) - len(self.flags))
        self._count("causes", len(causes) - len(self.causes))
        self._count("pathways", len(taken) - len(self.pathways))
        self.weights: dict[tuple[str, str, bool], int] = {}

    def _count(self, what: str, number: int) -> None:
        if number > 0:
            self.left_out[what] = number

    def result(self) -> Graph:
        """Return the graph."""
        for name in self.flags:
            self._rule(f"red_flag.{name}", f"red_flag.{name}", FLAG, against=False)
        for name in self.causes:
            self._cause(name)
        for name in self.pathways:
            self._pathway(self.base.pathways[name])
        findings = self._findings()
        self._bypass(findings)
        for name in findings:
            self._facts_of(name, name)
        facts = self._facts()
        shown = {*facts, *findings, *(f"red_flag.{n}" for n in self.flags), *(f"cause.{n}" for n in self.causes)}
        edges = [
            Edge(start=start, end=end, against=against, weight=weight)
            for (start, end, against), weight in self.weights.items()
            if start in shown
        ]
        return Graph(nodes=self._nodes(findings, facts), edges=edges, left_out=self.left_out)

    def _add(self, start: str, end: str, weight: int, *, against: bool) -> None:
        key = (start, end, against)
        self.weights[key] = max(weight, self.weights.get(key, 0))

    def _rule(self, rule_id: str, end: str, weight: int, *, against: bool) -> None:
        """Draw the facts and findings that make a rule true (or a finding false) towards a box."""
        holds = self.truths[rule_id]
        if holds is None:
            return
        for leaf in grounds(self.base.conditions[rule_id], holds, self.facts):
            self._add(leaf.fact, end, weight, against=against)

    def _cause(self, name: str) -> None:
        standing = self.judged.standings[name]
        for argument in self.base.causes[name].arguments:
            if argument.id in standing.counted:
                against = argument.direction in ("against", "excludes")
                weight = abs(points(argument, self.base.weights)) or FLAG
                self._rule(argument.id, f"cause.{name}", weight, against=against)

    def _pathway(self, pathway: Pathway) -> None:
        end = f"pathway.{pathway.id}"
        for indication in pathway.indications:
            if self.truths[indication.id]:
                self._rule(indication.id, end, RECOMMENDED[indication.recommend], against=False)
        for caution in pathway.contraindications:
            if self.truths[caution.id]:
                self._rule(caution.id, end, RECOMMENDED["now"], against=True)

    def _facts_of(self, rule_id: str, end: str) -> None:
        """Draw the stated facts of a finding towards it, through the findings below."""
        weight = max(weight for (start, _, _), weight in self.weights.items() if start == end)
        for leaf in grounds(self.base.conditions[rule_id], bool(self.truths[rule_id]), self.facts):
            if self._derived(leaf.fact):
                self._facts_of(leaf.fact, end)
            else:
                self._add(leaf.fact, end, weight, against=False)

    def _derived(self, name: str) -> bool:
        return name.startswith("finding.") and name in self.base.conditions and self.truths[name] is not None

    def _findings(self) -> list[str]:
        """Return the findings that matter most."""
        used: Counter[str] = Counter()
        for (start, _, _), weight in self.weights.items():
            if self._derived(start):
                used[start] += weight
        ranked = sorted(used, key=lambda name: (-used[name], name))
        self._count("findings", len(ranked) - MOST[FINDINGS])
        return ranked[: MOST[FINDINGS]]

    def _bypass(self, findings: list[str]) -> None:
        """Draw the facts of findings that are not shown straight to where those lead."""
        waiting = True
        while waiting:
            hidden = [key for key in self.weights if self._derived(key[0]) and key[0] not in findings]
            waiting = bool(hidden)
            for start, end, against in hidden:
                weight = self.weights.pop((start, end, against))
                self._rule(start, end, weight, against=against)

    def _facts(self) -> list[str]:
        """Return the facts that matter most; a fact that bears on a pathway alone, beside causes, is not drawn."""
        reached = {end for start, end, _ in self.weights if not self._stated(start)}
        for start, end, against in list(self.weights):
            if self._stated(start) and end.startswith("pathway.") and end in reached:
                del self.weights[(start, end, against)]
        used: Counter[str] = Counter()
        for (start, _, _), weight in self.weights.items():
            if self._stated(start):
                used[start] += weight
        ranked = sorted(used, key=lambda name: (-used[name], name))
        self._count("facts", len(ranked) - MOST[FACTS])
        return ranked[: MOST[FACTS]]

    def _stated(self, name: str) -> bool:
        kind, _, rest = name.partition(".")
        return not self._derived(name) and kind != "red_flag" and not (kind == "cause" and rest in self.base.causes)

    def _nodes(self, findings: list[str], facts: list[str]) -> list[Node]:
        nodes = self._boxes(facts)
        for name in findings:
            title = self.base.findings[name.removeprefix("finding.")].title
            says = "yes" if self.truths[name] else "no"
            nodes.append(Node(id=name, column=FINDINGS, kind="finding", title=title, detail=says, look=says))
        for name in self.flags:
            flag = self.base.red_flags[name]
            nodes.append(
                Node(
                    id=f"red_flag.{name}",
                    column=CONCLUSIONS,
                    kind="red flag",
                    title=flag.title,
                    detail="red flag",
                    look="urgent",
                )
            )
        for name in self.causes:
            standing = self.judged.standings[name]
            detail = f"{plain(standing.name)}, score {standing.score:+d}"
            nodes.append(self._node("cause", name, CONCLUSIONS, self.base.causes[name].title, detail, standing.name))
        for name in self.pathways:
            status = self.judged.statuses[name].name
            title = self.base.pathways[name].title
            nodes.append(self._node("pathway", name, PATHWAYS, title, plain(status), status))
        return nodes

    def _node(self, kind: str, name: str, column: int, title: str, detail: str, look: str) -> Node:
        return Node(id=f"{kind}.{name}", column=column, kind=kind, title=title, detail=detail, look=look)

    def _boxes(self, facts: Iterable[str]) -> list[Node]:
        """Return one box for each section of the facts, in the order of the catalogue."""
        order = {name: number for number, name in enumerate(self.base.vocabulary)}
        sections: dict[str, list[str]] = {}
        for name in sorted(facts, key=order.__getitem__):
            sections.setdefault(self.base.vocabulary[name].section, []).append(name)
        titles = {
            **self.base.catalogue.sections,
            "surgery": "Operations",
            "treatments": "Treatments",
            "blocks": "Blocks",
        }
        titles |= {name: about["title"] for name, about in self.base.catalogue.modalities.items()}
        return [
            Node(
                id=f"section.{section}",
                column=FACTS,
                kind="facts",
                title=titles.get(section, section.capitalize()),
                detail="",
                look="fact",
                items=[Item(id=name, text=self._line(name)) for name in names[:LINES]],
                more=max(0, len(names) - LINES),
            )
            for section, names in sections.items()
        ]

    def _line(self, name: str) -> str:
        """Return a fact with its value on one short line."""
        fact = self.base.vocabulary[name]
        words = name.partition(".")[2] if fact.section and "." in name else name
        words = words.replace("_", " ").replace(".", ", ")
        value = plain(self.facts[name])
        return f"{words}: {value}{' ' + fact.unit if fact.type == 'number' and fact.unit else ''}"
