"""The forms of a result: Parquet as judged, wide and typed; CSV and JSON Lines with the fired rules as one column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pathways.cohort.joining import join_parquet, join_text
from pathways.cohort.understanding import CASE_ID, FILE, ROW
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import BytesIO
    from pathlib import Path

    from pathways.cohort.joining import Writable
    from rules.documents import Pathway

SUFFIXES = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
FIRED, WAITS, PLAN = "fired", "waits_for", "plan"


def form_of(path: Path) -> str:
    """Return the form that a file's suffix asks for. Raises CaseError for another suffix."""
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        message = f"the suffix says the form: {', '.join(SUFFIXES)}"
        raise CaseError(f"{path} cannot be written", [Problem("", message)])
    return form


def write_part(frame: pl.DataFrame, form: str, path: Path | BytesIO) -> None:
    """Write a part of an output. Text parts have no header."""
    if form == "parquet":
        rows = max(frame.height, 1)
        frame.write_parquet(path, compression="zstd", compression_level=1, statistics=False, row_group_size=rows)
    elif form == "csv":
        lists = pl.selectors.list()
        frame.with_columns(lists.list.join(" ")).write_csv(path, include_header=False)
    else:
        frame.write_ndjson(path)


def join_parts(parts: Sequence[Path], form: str, columns: Sequence[str], to: Writable) -> None:
    """Write an output from its parts, in order."""
    if form == "parquet":
        join_parquet(parts, to)
    else:
        join_text(parts, to, header(columns) if form == "csv" else b"")


def header(columns: Sequence[str]) -> bytes:
    """Return the first line of a CSV file with these columns."""
    return pl.DataFrame(schema=dict.fromkeys(columns, pl.String)).write_csv().encode()


def readable(result: pl.DataFrame, pathways: Sequence[Pathway]) -> pl.DataFrame:
    """Return a result with findings in words, and the plan, what is waited for and what fired in one column each."""
    rules, waits, steps, absent = (
        [name for name in result.columns if name.startswith(kind)] for kind in ("rule.", "waits.", "step.", "no.")
    )
    found = [name for name in result.columns if name.startswith("finding.")]
    findings = dict.fromkeys([*found, *(f"finding.{name.removeprefix('no.')}" for name in absent)])
    others = pl.exclude(*rules, *waits, *steps, *absent, *found)
    left = result.select(others, *(_in_words(name, result.columns) for name in findings))
    return left.with_columns(
        plan(result, pathways).alias(PLAN),
        lists(result.select(waits), "waits.").alias(WAITS),
        lists(result.select(rules), "rule.").alias(FIRED),
    )


def _in_words(finding: str, columns: Sequence[str]) -> pl.Expr:
    no = f"no.{finding.removeprefix('finding.')}"
    there = pl.col(finding) if finding in columns else pl.lit(False)
    absent = pl.col(no) if no in columns else pl.lit(False)
    yes, not_there, unknown = (pl.lit(word) for word in ("yes", "no", "unknown"))
    return pl.when(there).then(yes).when(absent).then(not_there).otherwise(unknown).alias(finding)


def lists(bits: pl.DataFrame, prefix: str) -> pl.Series:
    """Return for each row the names of the columns that are true, without the prefix, in the order of the columns."""
    names = pl.Series([name.removeprefix(prefix) for name in bits.columns], dtype=pl.String)
    cells = true_cells(bits)
    named = pl.DataFrame({"at": cells["at"], "name": names.gather(cells["column"])})
    grouped = named.group_by("at", maintain_order=True).agg("name")
    rows = pl.DataFrame({"at": pl.int_range(bits.height, dtype=pl.UInt32, eager=True)})
    found = rows.join(grouped, on="at", how="left", maintain_order="left")
    return found.select(pl.col("name").fill_null([]))["name"]


def true_cells(bits: pl.DataFrame) -> pl.DataFrame:
    """Return where bits are true as (at, column), by row and then by column."""
    width = max(bits.width, 1)
    cells = [series.arg_true().cast(pl.UInt64) * width + at for at, series in enumerate(bits.get_columns())]
    cell = (pl.concat(cells) if cells else pl.Series([], dtype=pl.UInt64)).sort()
    return pl.DataFrame({"at": (cell // width).cast(pl.UInt32), "column": (cell % width).cast(pl.UInt32)})


def plan(result: pl.DataFrame, pathways: Sequence[Pathway]) -> pl.Series:
    """Return the plan of each row in one line, such as `mri + second_opinion > scs_trial`: step after step."""
    ordered = sorted(pathways, key=lambda pathway: (pathway.stage, pathway.id))
    columns = [f"step.{pathway.id}" for pathway in ordered]
    different = result.select(columns).unique(maintain_order=True)
    told = pl.Series([_plan_text(row, [pathway.id for pathway in ordered]) for row in different.iter_rows()])
    told = told.cast(pl.String)  # of no rows, too
    different = different.with_columns(told.alias(PLAN))
    return result.select(columns).join(different, on=columns, how="left", maintain_order="left")[PLAN]


def _plan_text(steps: tuple[int, ...], names: Sequence[str]) -> str:
    taken: dict[int, list[str]] = {}
    for step, name in zip(steps, names, strict=True):
        if step:
            taken.setdefault(step, []).append(name)
    return " > ".join(" + ".join(taken[step]) for step in sorted(taken))


def fired(result: pl.DataFrame) -> pl.DataFrame:
    """Return the long table of everything that fired: one line a case and rule, findings and red flags among them."""
    flags = [(pl.col(name) == "present").alias(name) for name in result.columns if name.startswith("red_flag.")]
    findings = [name for name in result.columns if name.startswith("finding.")]
    rules = [pl.col(name).alias(name.removeprefix("rule.")) for name in result.columns if name.startswith("rule.")]
    bits = result.select(*flags, *findings, *rules)
    cells = true_cells(bits)
    about = result.select(name for name in (FILE, ROW, CASE_ID) if name in result.columns)
    names = pl.Series(bits.columns, dtype=pl.String).cast(pl.Enum(bits.columns))
    return about[cells["at"]].with_columns(names.gather(cells["column"]).alias("rule"))
