"""The forms of a result: Parquet as judged, wide and typed; CSV and JSON Lines with the fired rules as one column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pathways.cohort.joining import join_parquet, join_text
from pathways.cohort.understanding import CASE_ID, FILE, ROW
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import BinaryIO

    from rules.documents import Pathway

SUFFIXES = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
FIRED, WAITS, PLAN = "fired", "waits_for", "plan"
STATED = ("finding.", "red_flag.")
TRUE = ("yes", "present")


def form_of(path: Path) -> str:
    """Return the form that a file's suffix asks for. Raises CaseError for another suffix."""
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        message = f"the suffix says the form: {', '.join(SUFFIXES)}"
        raise CaseError(f"{path} cannot be written", [Problem("", message)])
    return form


def write_part(frame: pl.DataFrame, form: str, path: Path) -> None:
    """Write a part of an output. Text parts have no header."""
    if form == "parquet":
        frame.write_parquet(path, compression="zstd", statistics=False, row_group_size=max(frame.height, 1))
    elif form == "csv":
        lists = pl.selectors.list()
        frame.with_columns(lists.list.join(" ")).write_csv(path, include_header=False)
    else:
        frame.write_ndjson(path)


def join_parts(parts: Sequence[Path], form: str, columns: Sequence[str], to: BinaryIO) -> None:
    """Write an output from its parts, in order."""
    if form == "parquet":
        join_parquet(parts, to)
    else:
        header = pl.DataFrame(schema=dict.fromkeys(columns, pl.String)).write_csv() if form == "csv" else ""
        join_text(parts, to, header.encode())


def readable(result: pl.DataFrame, pathways: Sequence[Pathway]) -> pl.DataFrame:
    """Return a result with what fired, what is waited for and the plan as lists, for forms that people read."""
    rules = [name for name in result.columns if name.startswith("rule.")]
    waits = [name for name in result.columns if name.startswith("waits.")]
    steps = [name for name in result.columns if name.startswith("step.")]
    left = result.drop(*rules, *waits, *steps)
    return left.with_columns(
        plan(result, pathways).alias(PLAN),
        lists(result.select(waits), "waits.").alias(WAITS),
        lists(result.select(rules), "rule.").alias(FIRED),
    )


def lists(bits: pl.DataFrame, prefix: str) -> pl.Series:
    """Return for each row the names of the columns that are true, without the prefix, in the order of the columns."""
    names = [name.removeprefix(prefix) for name in bits.columns]
    pairs = true_cells(bits).with_columns(pl.Series(names, dtype=pl.String).gather(pl.col("column")).alias("name"))
    grouped = pairs.group_by("at", maintain_order=True).agg(pl.col("name"))
    rows = pl.DataFrame({"at": pl.int_range(bits.height, dtype=pl.UInt32, eager=True)})
    found = rows.join(grouped, on="at", how="left", maintain_order="left")["name"]
    return found.fill_null(pl.Series([[]], dtype=pl.List(pl.String)))


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
    return result.select(columns).join(different.with_columns(told.alias(PLAN)), on=columns, maintain_order="left")[
        PLAN
    ]


def _plan_text(steps: tuple[int, ...], names: Sequence[str]) -> str:
    taken: dict[int, list[str]] = {}
    for step, name in zip(steps, names, strict=True):
        if step:
            taken.setdefault(step, []).append(name)
    return " > ".join(" + ".join(taken[step]) for step in sorted(taken))


def fired(result: pl.DataFrame) -> pl.DataFrame:
    """Return the long table of everything that fired: one line a case and rule, findings and red flags among them."""
    rules = [pl.col(name).alias(name.removeprefix("rule.")) for name in result.columns if name.startswith("rule.")]
    stated = [pl.col(name).is_in(TRUE).alias(name) for name in result.columns if name.startswith(STATED)]
    bits = result.select(*stated, *rules)
    cells = true_cells(bits)
    about = result.select(name for name in (FILE, ROW, CASE_ID) if name in result.columns)
    names = pl.Series(bits.columns, dtype=pl.String).cast(pl.Enum(bits.columns))
    return about[cells["at"]].with_columns(names.gather(cells["column"]).alias("rule"))
