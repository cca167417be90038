"""Writing a synthetic cohort to a file: Parquet, CSV or JSON Lines, marked as synthetic, whole or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

from pathways.synth import cohort, pieces
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rules.rulebase import RuleBase

KINDS = {".parquet": "parquet", ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
LINES_AT_ONCE = 2000
NOTE = "Synthetic rows, drawn from the rules of Spinepath: no patient is behind any of them."


def write(base: RuleBase, path: Path, count: int, seed: int, told: Callable[[int], object] | None = None) -> None:
    """Write a synthetic cohort to a file; its ending says the kind. The same seed gives the same bytes.

    Raises CaseError for an ending that is not known. Until the last row is written, the file does not have its name.
    """
    kind = kind_of(path)
    part = path.with_name(f".{path.name}.part")
    try:
        if kind == "parquet":
            frame, about = cohort(base, count, seed, told), provenance(base, count, seed)
            frame.sink_parquet(part, compression="zstd", metadata=about, maintain_order=True)
        else:
            with part.open("wb") as file:
                for number, piece in enumerate(pieces(base, count, seed, told)):
                    _append(piece, file, kind, first=number == 0)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def kind_of(path: Path) -> str:
    """Return parquet, csv or jsonl by the ending of a path. Raises CaseError for another ending."""
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        message = f"the ending says the kind: one of {', '.join(KINDS)}, not {path.suffix or 'none'}"
        raise CaseError(f"{path} cannot be written", [Problem("", message)])
    return kind


def provenance(base: RuleBase, count: int, seed: int) -> dict[str, str]:
    """Return what a Parquet file of a synthetic cohort says of itself, beside the column `synthetic`."""
    about = {"rows": count, "seed": seed, "rule_base": base.version, "sha256": base.sha256, "note": NOTE}
    return {"spinepath.synthetic": json.dumps(about)}


def _append(piece: pl.DataFrame, file: BinaryIO, kind: str, *, first: bool) -> None:
    if kind == "csv":
        piece.write_csv(file, include_header=first)
    else:
        for some in piece.iter_slices(LINES_AT_ONCE):
            file.write(json_lines(some).encode())


def json_lines(frame: pl.DataFrame) -> str:
    """Return rows as JSON Lines, one object a row with what is known only."""
    entries = [_entry(name, dtype) for name, dtype in frame.schema.items()]
    line = pl.concat_str([pl.lit("{"), pl.concat_str(entries, separator=",", ignore_nulls=True), pl.lit("}\n")])
    return "".join(frame.select(line).to_series())


def _entry(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return a column as text `"name":value`; null where it is unknown."""
    value = pl.col(name)
    if dtype == pl.String:  # names of values, of causes and of rows: nothing to escape
        text = pl.concat_str([pl.lit('"'), value, pl.lit('"')])
    elif dtype == pl.Float64:
        text = value.cast(pl.String).str.strip_suffix(".0")
    else:
        text = value.cast(pl.String)
    return pl.concat_str([pl.lit(f'"{name}":'), text])
