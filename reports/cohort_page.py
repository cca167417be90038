"""The page that sums up a cohort: plots with their tables, and, with labels, agreement with the known diagnosis."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pathways.overview.groups import TITLES
from pathways.standing import LEADING
from reports import charts, cohort_labels
from reports.documents import TEMPLATES, environment
from reports.words import STANDING, STATUS
from rules.regions import comparisons

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pathways.overview.agreement import Agreement
    from pathways.overview.overview import Group, Overview
    from reports.charts import Bar
    from rules.rulebase import RuleBase

SHOWN = 20
FEWEST = 10  # smaller groups are not broken down
ACTIVE = ("urgent", "recommended_now", "next", "to_be_considered")
NONE = "no cause in view"
BANDS = {"never": 0.0, "in less than 1 of 1,000": 0.001, "in 1 to 10 of 1,000": 0.01, "in 1 to 10 of 100": 0.1}
OFTEN = "in more than 10 of 100"
Table = tuple[list[str], list[list[str]]]


@dataclass(frozen=True)
class Run:
    """What a run says of itself: where the cases came from, what became of them, and by which rules.

    `lines` are told as they are, name and value; `notes` stand on top.
    """

    title: str
    lines: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()


def html(overview: Overview, base: RuleBase, run: Run, agreement: Agreement | None = None) -> str:
    """Return the summary of a cohort as one HTML page that needs no network."""
    env = environment()
    env.filters |= {"number": charts.number, "percent": charts.percent, "clipped": charts.short}
    style = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "cohort.css"))
    page = _Page(overview, base)
    return env.get_template("cohort.html.jinja").render(
        style=style,
        run=run,
        o=overview,
        page=page,
        agreement=agreement and cohort_labels.view(agreement, base),
        FEWEST=FEWEST,
        NONE=NONE,
    )


class _Page:
    """What the page shows, ready to be laid out."""

    def __init__(self, overview: Overview, base: RuleBase) -> None:
        self.o = overview
        self.base = base
        self.causes = {name: cause.title for name, cause in base.causes.items()} | {"": NONE}
        self.families = list(dict.fromkeys(cause.family for cause in base.causes.values()))

    def paragraph(self) -> str:
        """Return the cohort in a few sentences."""
        o = self.o
        first = [f"{self.causes[name]} ({self._of(count)})" for name, count in o.first.items() if name][:3]
        urgent = "No case is an emergency by what is known." if not o.emergencies else ""
        sentences = [
            f"{charts.number(o.rows)} cases were judged.",
            urgent or f"In {self._of(o.emergencies)} a red flag is present that wants action at once or the same day.",
            f"First in view most often: {'; '.join(first)}." if first else "No case has a cause in view.",
        ]
        if o.first.get(""):
            sentences.append(f"In {self._of(o.first[''])} nothing known speaks for a cause.")
        return " ".join(sentences)

    def warnings(self) -> Iterator[str]:
        """Yield what must be known before anything else is read."""
        if self.o.synthetic:
            every = "All" if self.o.synthetic == self.o.rows else charts.number(self.o.synthetic)
            yield f"{every} of these cases are synthetic: drawn from the rules, no patient is behind them."

    def _of(self, count: int) -> str:
        return charts.percent(count / self.o.rows if self.o.rows else None)

    def causes_chart(self) -> list[Bar]:
        """Return how the causes stand, the most frequent first."""
        return [
            charts.bar(self.causes[name], {word: self.o.standings[name][word] for word in LEADING}, self.o.rows)
            for name in self._by_frequency()[:SHOWN]
        ]

    def causes_table(self) -> Table:
        """Return the same for every cause, with how often it comes first."""
        rows = [
            [self.causes[name], *self._cells([self.o.first.get(name, 0), *self.o.standings[name].values()])]
            for name in self._by_frequency()
        ]
        return ["Cause", "first", *(STANDING[word] for word in next(iter(self.o.standings.values())))], rows

    def _by_frequency(self) -> list[str]:
        def leading(name: str) -> int:
            return sum(self.o.standings[name][word] for word in LEADING)

        return sorted(self.o.standings, key=lambda name: (-leading(name), name))

    def _cells(self, counts: Sequence[int]) -> list[str]:
        return [f"{charts.number(count)} ({self._of(count)})" if count else "0" for count in counts]

    def flags_chart(self) -> list[Bar]:
        """Return how often each red flag is present, most often first."""
        return [
            charts.bar(
                self.base.red_flags[name].title,
                {"present": counts["present"], "unknown": counts["unknown"]},
                self.o.rows,
                self._of(counts["present"]),
            )
            for name, counts in self._flags()[:SHOWN]
        ]

    def flags_table(self) -> Table:
        """Return every red flag."""
        rows = [
            [self.base.red_flags[name].title, *self._cells(list(counts.values()))] for name, counts in self._flags()
        ]
        return ["Red flag", "present", "unknown", "absent"], rows

    def _flags(self) -> list[tuple[str, dict[str, int]]]:
        return sorted(self.o.flags.items(), key=lambda item: (-item[1]["present"], item[0]))

    def pathways_chart(self) -> list[Bar]:
        """Return the statuses of the pathways, most often indicated first."""
        return [
            charts.bar(self.base.pathways[name].title, {word: counts[word] for word in ACTIVE}, self.o.rows)
            for name, counts in self._pathways()
        ]

    def pathways_table(self) -> Table:
        """Return every pathway with its statuses."""
        rows = [
            [self.base.pathways[name].title, *self._cells(list(counts.values()))] for name, counts in self._pathways()
        ]
        return ["Pathway", *STATUS.values()], [[row[0], *row[1:]] for row in rows]

    def _pathways(self) -> list[tuple[str, dict[str, int]]]:
        return sorted(self.o.statuses.items(), key=lambda item: (-sum(item[1][word] for word in ACTIVE), item[0]))

    def kinds(self) -> list[str]:
        """Return the kinds of pathways, in the order of their stages."""
        by_stage = sorted(self.base.pathways.values(), key=lambda pathway: (pathway.stage, pathway.id))
        return list(dict.fromkeys(pathway.kind for pathway in by_stage))

    def kind_legend(self) -> dict[str, str]:
        """Return the kinds of pathways in words."""
        return {kind: kind for kind in self.kinds()}

    def flow_chart(self) -> charts.Flow | None:
        """Return how the plans go from step to step."""
        return charts.flow(self.o.flow, self.kinds())

    def flow_table(self) -> Table:
        """Return the most frequent ways through the first steps of the plan."""
        ways = sorted(self.o.flow.items(), key=lambda item: (-item[1], item[0]))
        steps = len(ways[0][0]) if ways else 0
        rows = [[*(kind or "–" for kind in way), *self._cells([count])] for way, count in ways[:SHOWN]]
        return [*(f"step {step}" for step in range(1, steps + 1)), "cases"], rows

    def steps_table(self) -> Table:
        """Return in which step of the plan each pathway comes."""
        rows = [
            [self.base.pathways[name].title, *self._cells(list(counts.values()))]
            for name, counts in self.o.steps.items()
            if any(counts.values())
        ]
        return ["Pathway", *(f"step {step}" for step in next(iter(self.o.steps.values()), {}))], rows

    def missing_chart(self) -> list[Bar]:
        """Return the facts that would matter most often and are not known."""
        if self.o.missing:
            return [
                charts.bar(self.base.vocabulary[name].ask, {"urgent": first, "next": others}, self.o.rows)
                for name, (first, others) in list(self.o.missing.items())[:SHOWN]
            ]
        return [
            charts.bar(
                self.base.vocabulary[name].ask,
                {"known": self.o.known.get(name, 0)},
                self.o.rows,
                f"known in {self._of(self.o.known.get(name, 0))}",
            )
            for name, _ in self._missing()[:SHOWN]
        ]

    def missing_table(self) -> Table:
        """Return the same in figures; where nothing was asked for, with the number of rules that rest on each fact."""
        if self.o.missing:
            asked = [
                [f"{self.base.vocabulary[name].ask} ({name})", *self._cells(counts), *self._cells([sum(counts)])]
                for name, counts in self.o.missing.items()
            ]
            return ["Fact", "most valuable", "among the next four", "together"], asked
        rows = [
            [f"{self.base.vocabulary[name].ask} ({name})", *self._cells([self.o.known.get(name, 0)]), str(asked)]
            for name, asked in self._missing()[: 3 * SHOWN]
        ]
        return ["Fact", "known in", "rules that ask for it"], rows

    def _missing(self) -> list[tuple[str, int]]:
        """Return facts with how many rules ask for them: those first that are missed most and cost least to know."""
        asked: Counter[str] = Counter()
        for condition in self.base.conditions.values():
            asked.update({leaf.fact for leaf in comparisons(condition)})
        facts = [fact.id for fact in self.base.vocabulary.values() if fact.origin == "asked" and asked[fact.id]]

        def missed(name: str) -> tuple[float, str]:
            burden = self.base.weights.burden[self.base.vocabulary[name].burden].value
            return -asked[name] * (self.o.rows - self.o.known.get(name, 0)) / burden, name

        return [(name, asked[name]) for name in sorted(facts, key=missed)]

    def groups(self) -> Iterator[tuple[str, list[Group], int]]:
        """Yield each way to group the cases with its groups, and how many groups are too small to be shown."""
        kinds = dict.fromkeys(group.kind for group in self.o.groups)
        for kind in kinds:
            groups = [group for group in self.o.groups if group.kind == kind]
            shown = [group for group in groups if group.rows >= FEWEST]
            yield TITLES[kind], shown, len(groups) - len(shown)

    def groups_chart(self, groups: Sequence[Group]) -> list[Bar]:
        """Return the families of the first causes in each group."""
        bars = []
        for group in groups:
            by_family = dict.fromkeys((*self.families, "none"), 0)
            for cause, count in group.first.items():
                by_family[self.base.causes[cause].family if cause else "none"] += count
            named = {self.family_class(name): count for name, count in by_family.items()}
            bars.append(charts.bar(group.name, named, group.rows, f"{charts.number(group.rows)} cases"))
        return bars

    def family_class(self, family: str) -> str:
        """Return the class that colors a family."""
        return f"family-{self.families.index(family) + 1}" if family in self.families else "none"

    def family_legend(self) -> dict[str, str]:
        """Return the families by the class that colors them."""
        return {self.family_class(family): family for family in self.families} | {"none": NONE}

    def groups_table(self, groups: Sequence[Group]) -> Table:
        """Return each group with its emergencies and its most frequent first causes."""
        rows = []
        for group in groups:
            ranked = sorted(group.first.items(), key=lambda item: (-item[1], item[0]))[:5]
            causes = [f"{self.causes[name]} {charts.percent(count / group.rows)}" for name, count in ranked]
            emergencies = charts.percent(group.emergencies / group.rows)
            rows.append([group.name, charts.number(group.rows), emergencies, "; ".join(causes)])
        return ["Group", "cases", "emergencies", "first causes"], rows

    def rules_chart(self) -> list[Bar]:
        """Return how many rules fire how often."""
        counts = dict.fromkeys((*BANDS, OFTEN), 0)
        for fired in self.o.fired.values():
            share = fired / self.o.rows if self.o.rows else 0.0
            counts[next((name for name, most in BANDS.items() if share <= most), OFTEN)] += 1
        whole = len(self.o.fired)
        return [charts.bar(name, {"known": count}, whole, f"{count:,} rules") for name, count in counts.items()]

    def rules_table(self) -> Table:
        """Return the rules that fire most often."""
        ranked = sorted(self.o.fired.items(), key=lambda item: (-item[1], item[0]))[: 2 * SHOWN]
        return ["Rule", "fires in"], [[name, *self._cells([count])] for name, count in ranked]

    def by_owner(self, rules: Sequence[str]) -> Mapping[str, list[str]]:
        """Return rules by the cause, pathway or list that they belong to."""
        owners: dict[str, list[str]] = {}
        for rule in rules:
            owner, _, name = rule.rpartition(".")
            owners.setdefault(owner or rule, []).append(name)
        return owners
