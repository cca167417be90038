"""What the benchmark runs on: synthetic cohorts of any size, nested case files as lines, the reference's answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl
import yaml

from pathways import library
from pathways.judged import Judged
from pathways.synth import numbered
from pathways.synth.files import write
from rules.inference import DENIED
from tests.benchmarks.rivals.rules_given import STANDING, concludes, read_cases

if TYPE_CHECKING:
    from pathlib import Path

    from rules.inference import Reasoner
    from rules.rulebase import RuleBase

FOREIGN = ("synthetic", "true_cause")
SEED = 0


def cohort(folder: Path, base: RuleBase, rows: int) -> Path:
    """Return a synthetic cohort, drawn now unless it was drawn before from the same knowledge."""
    path = folder / f"cohort-{rows}-{base.sha256[:12]}.parquet"
    if not path.exists():
        for old in folder.glob(f"cohort-{rows}-*.parquet"):
            old.unlink()
        write(base, path, rows, SEED)
    return path


def repeated(path: Path, times: int) -> Path:
    """Return a cohort with the rows of another several times over, each with a case id of its own."""
    longer = path.with_name(f"{path.stem}-times-{times}.parquet")
    rows = pl.concat([pl.scan_parquet(path)] * times).drop("case_id").with_row_index("number", offset=1)
    case_id = numbered(pl.col("number")).alias("case_id")
    rows.select(case_id, pl.exclude("number")).sink_parquet(longer, compression="zstd", maintain_order=True)
    return longer


def nested_lines(folder: Path, lines: int) -> Path:
    """Return JSON Lines of nested case files: the library's cases over and over, at another age and other times."""
    path = folder / "nested.jsonl"
    texts = [(library.FOLDER / f"{name}.yaml").read_text(encoding="utf-8") for name in library.names()]
    cases: list[dict[str, Any]] = [yaml.safe_load(text)["case"] for text in texts]
    with path.open("w", encoding="utf-8") as file:
        for number in range(lines):
            case = cases[number % len(cases)]
            again = number // len(cases)
            changed = {"person": {**case.get("person", {}), "age": 60 + again % 30}}
            for name in ("surgery", "imaging"):
                changed[name] = [_later(entry, again % 997 / 10) for entry in case.get(name, [])]
            file.write(json.dumps({**case, **changed}) + "\n")
    return path


def _later(entry: dict[str, Any], months: float) -> dict[str, Any]:
    """Return an operation or a study so many months longer ago."""
    ago = entry.get("months_ago")
    return {**entry, "months_ago": round(ago + months, 3)} if isinstance(ago, (int, float)) else entry


def standings(path: Path, result: Path, base: RuleBase) -> None:
    """Write the standings in a result as facts, for the rules that rest on them."""
    columns = [pl.col(f"{STANDING}{name}") for name in base.causes]
    known = pl.scan_parquet(result).select(columns).with_columns(pl.all().cast(pl.String))
    said = pl.all().replace("nothing_to_say", None)
    known.with_columns(said).sink_parquet(path)


def reference(cases: Path, given: Path, rows: int, reasoner: Reasoner) -> list[set[str]]:
    """Return what the first cases fire, by the reference and durable-rules; the standings given are not looked at."""
    return [_fired(Judged(reasoner, case.facts)) for case in read_cases(cases, given, rows)]


def _fired(judged: Judged) -> set[str]:
    truths = judged.inference.truths
    fired = {name for name, holds in truths.items() if holds}
    return fired | {DENIED + name for name, holds in truths.items() if holds is False and concludes(name)}


def told(result: Path, rows: int) -> list[set[str]]:
    """Return what the first cases fired as a result of `spinepath batch` tells it."""
    return [_told(row) for row in pl.read_parquet(result, n_rows=rows).iter_rows(named=True)]


def _told(row: dict[str, Any]) -> set[str]:
    fired: set[str] = set()
    for column, value in row.items():
        kind, _, name = column.partition(".")
        if kind == "red_flag" and value in ("present", "absent"):
            fired.add(column if value == "present" else DENIED + column)
        elif value is True and kind in ("finding", "no", "rule"):
            fired.add({"finding": column, "no": f"{DENIED}finding.{name}", "rule": name}[kind])
    return fired


def totals(result: Path) -> dict[str, int]:
    """Return how many cases of a result fired each rule."""
    scan = pl.scan_parquet(result)
    counted = []
    for column in scan.collect_schema():
        kind, _, name = column.partition(".")
        if kind == "red_flag":
            counted.append((pl.col(column) == "present").sum().alias(column))
            counted.append((pl.col(column) == "absent").sum().alias(DENIED + column))
        elif kind in ("finding", "no", "rule"):
            fired = {"finding": column, "no": f"{DENIED}finding.{name}", "rule": name}[kind]
            counted.append(pl.col(column).sum().alias(fired))
    return scan.select(counted).collect(engine="streaming").row(0, named=True)
