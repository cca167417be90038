"""Agreement with the known diagnosis, ready to be laid out on the page of a cohort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pathways.overview.agreement import COHEN, LIKELY, WEIGHTED
from pathways.overview.groups import TITLES
from reports import charts
from reports.words import STANDING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pathways.overview.agreement import Accuracy, Agreement, GroupAgreement
    from pathways.overview.intervals import Kappa
    from reports.charts import Dot
    from rules.rulebase import RuleBase

SHOWN = 20
CONFUSED = 30
FEWEST = 10
NONE = "no cause in view"
Table = tuple[list[str], list[list[str]]]


@dataclass(frozen=True)
class Cell:
    """A cell of the confusion plot: where it is, how dark, and what it says."""

    row: int
    column: int
    share: float
    says: str


@dataclass(frozen=True)
class View:
    """Everything that the page shows of the agreement."""

    column: str
    about: list[str]
    overall: list[Dot]
    overall_table: Table
    notes: tuple[str, ...]
    causes: list[Dot]
    causes_table: Table
    calibration: list[Dot]
    calibration_table: Table
    names: list[str]
    titles: dict[str, str]
    cells: list[Cell]
    matrix: Table
    confused: Table
    groups: list[tuple[str, list[Dot], Table]]


def view(agreement: Agreement, base: RuleBase) -> View:
    """Return agreement with the known diagnosis in words and figures."""
    titles = {name: cause.title for name, cause in base.causes.items()} | {"": NONE}
    names = _most_frequent(agreement)
    return View(
        column=agreement.column,
        about=_about(agreement),
        overall=[
            charts.dot("the first cause is the label", agreement.first),
            charts.dot("the label is among the first three", agreement.three),
        ],
        overall_table=_overall(agreement),
        notes=(COHEN, WEIGHTED),
        causes=[charts.dot(titles[item.cause], item.sensitivity) for item in _by_count(agreement)[:SHOWN]],
        causes_table=_causes(agreement, titles),
        calibration=[
            charts.dot(STANDING[word], share, word) for word, share in agreement.standings.items() if share.whole
        ],
        calibration_table=_calibration(agreement),
        names=names,
        titles=titles,
        cells=_cells(agreement, names, titles),
        matrix=_matrix(agreement, names, titles),
        confused=_confused(agreement, titles),
        groups=[_group(kind, agreement.groups) for kind in dict.fromkeys(group.kind for group in agreement.groups)],
    )


def _about(agreement: Agreement) -> list[str]:
    likely = " or ".join(LIKELY)
    lines = [f"{charts.number(agreement.labeled)} cases have a label in the column {agreement.column}."]
    if agreement.unlabeled:
        lines.append(f"{charts.number(agreement.unlabeled)} have none.")
    if agreement.strange:
        lines.append(f"{charts.number(agreement.strange)} have a label that is no cause of this rule base: left out.")
    lines.append(f"A cause counts as found where it stands {likely}. Intervals are Wilson's, 95 %.")
    return lines


def _kappa(found: Kappa | None) -> str:
    if found is None:
        return "not defined: all in one category"
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def _overall(agreement: Agreement) -> Table:
    rows = [
        ["The first cause is the label", charts.interval(agreement.first)],
        ["The label is among the first three", charts.interval(agreement.three)],
        ["Cohen's kappa", _kappa(agreement.kappa)],
        ["Weighted kappa", _kappa(agreement.weighted)],
    ]
    return ["Measure", "value (95 % interval)"], rows


def _by_count(agreement: Agreement) -> list[Accuracy]:
    return sorted(agreement.causes, key=lambda item: (-item.labeled, item.cause))


def _causes(agreement: Agreement, titles: dict[str, str]) -> Table:
    rows = [
        [
            titles[item.cause],
            charts.number(item.labeled),
            charts.interval(item.first),
            charts.interval(item.three),
            charts.interval(item.sensitivity),
            charts.interval(item.specificity),
        ]
        for item in _by_count(agreement)
    ]
    return ["Cause", "labeled", "first", "first three", "sensitivity", "specificity"], rows


def _calibration(agreement: Agreement) -> Table:
    rows = [
        [STANDING[word], charts.number(share.whole), charts.number(share.part), charts.interval(share)]
        for word, share in agreement.standings.items()
    ]
    return ["A cause that stands", "times", "is the label", "share"], rows


def _most_frequent(agreement: Agreement) -> list[str]:
    return [item.cause for item in _by_count(agreement)[:SHOWN]]


def _cells(agreement: Agreement, names: Sequence[str], titles: dict[str, str]) -> list[Cell]:
    totals = {item.cause: item.labeled for item in agreement.causes}
    cells = []
    for (label, said), count in agreement.confusion.items():
        if label in names and said in names:
            share = count / totals[label]
            says = f"{titles[label]}: {titles[said]} first in {charts.number(count)} ({charts.percent(share)})"
            cells.append(Cell(names.index(label), names.index(said), round(max(share**0.5, 0.04), 3), says))
    return cells


def _matrix(agreement: Agreement, names: Sequence[str], titles: dict[str, str]) -> Table:
    rows = []
    for number, label in enumerate(names, 1):
        counts = [agreement.confusion.get((label, said), 0) for said in names]
        total = sum(count for (true, _), count in agreement.confusion.items() if true == label)
        none = agreement.confusion.get((label, ""), 0)
        others = total - sum(counts) - none
        rows.append([f"{number} {titles[label]}", *map(charts.number, (*counts, others, none))])
    return ["Known diagnosis", *(str(number) for number in range(1, len(names) + 1)), "another", NONE], rows


def _confused(agreement: Agreement, titles: dict[str, str]) -> Table:
    wrong = [(count, label, said) for (label, said), count in agreement.confusion.items() if label != said]
    wrong.sort(key=lambda item: (-item[0], item[1], item[2]))
    rows = [[titles[label], titles[said], charts.number(count)] for count, label, said in wrong[:CONFUSED]]
    return ["Known diagnosis", "first cause instead", "cases"], rows


def _group(kind: str, groups: Sequence[GroupAgreement]) -> tuple[str, list[Dot], Table]:
    mine = [group for group in groups if group.kind == kind and group.first.whole >= FEWEST]
    rows = []
    for group in mine:
        value = group.difference.value
        points = "" if value is None else f"{100 * value:+.1f} ({_signed(group.difference.low, group.difference.high)})"
        shares = [charts.interval(group.first), charts.interval(group.three)]
        rows.append([group.name, charts.number(group.first.whole), *shares, points])
    columns = ["Group", "labeled", "first", "first three", "first: points above or below all others"]
    return TITLES[kind], [charts.dot(group.name, group.first) for group in mine], (columns, rows)


def _signed(low: float, high: float) -> str:
    return f"{100 * low:+.1f} to {100 * high:+.1f}"
