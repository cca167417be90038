"""From the counts and the manifest of a run to its summary page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pathways.overview.agreement import agreement
from pathways.overview.overview import overview
from reports import cohort_page
from reports.charts import number
from rules.problems import CaseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathways.overview.agreement import Agreement
    from pathways.overview.tally import Tally
    from rules.rulebase import RuleBase


def page(counts: Tally, manifest: dict[str, Any], base: RuleBase, title: str, labels: str | None = None) -> str:
    """Return the summary of a run as one HTML page."""
    found: Agreement | None = None
    notes: list[str] = []
    if labels is not None:
        try:
            found = agreement(counts, base, labels)
        except CaseError as error:
            notes = [f"The column {labels} was not compared: {problem.message}." for problem in error.problems]
    run = cohort_page.Run(f"Cohort {title}", list(lines(manifest)), notes)
    return cohort_page.html(overview(counts, base), base, run, found)


def lines(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a manifest says of a run, as name and value."""
    counts, sample = manifest["counts"], manifest["sample"]
    yield (
        "Cases",
        f"{number(counts['rows'])} rows read: {number(counts['results'])} judged, "
        f"{number(counts['quarantined'])} in quarantine with the reason",
    )
    for line in in_quarantine(manifest["refused"]):
        yield "In quarantine", line
    engines = " and ".join(sample["engines"])
    yield (
        "Checked",
        f"{number(sample['rederived'])} rows drawn at random were derived again, one by one, with {engines}: "
        f"{number(sample['differences'])} differences in any field",
    )
    for source in manifest["inputs"]:
        for file in source.get("files", [source]):
            yield "Input", file["name"] + (f", SHA-256 {file['sha256']}" if file["sha256"] else "")
    base = manifest["rule_base"]
    yield "Rule base", f"{base['version']}, SHA-256 {base['sha256']}"
    for name, words in (("overlays", "Overlays"), ("switched_off", "Switched off")):
        if base[name]:
            yield words, ", ".join(base[name])
    yield "Versions", f"Spinepath {manifest['package_version']}, Polars {manifest['polars_version']}"
    small = manifest["small_groups"]
    yield (
        "Small groups",
        f"{number(small['cases_in_small_groups'])} cases are in groups of fewer than {small['k']} with the same age "
        f"band, operation and levels ({number(small['small_groups'])} of {number(small['groups'])} groups)",
    )
    yield "Anonymity", manifest["screen"]


def in_quarantine(refused: dict[str, Any], most: int = 10) -> Iterator[str]:
    """Yield in which columns most was refused, how often, and where first."""
    shown = refused["most"][:most]
    for told in shown:
        often = f"{number(told['refused'])} time{'s' * (told['refused'] != 1)}"
        first = f"first in row {number(told['row'])} of {told['file']}: {told['reason']}"
        yield f"{told['column'] or 'the whole row'}: {often}, {first}"
    if more := refused["columns"] - len(shown):
        yield f"and in {number(more)} more column{'s' * (more != 1)}"
