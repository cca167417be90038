"""The verb for synthetic cohorts: synth."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reports.commands.shared import KnowledgeOption, OverlayOption, fail, reasoner_for

if TYPE_CHECKING:
    from rich.progress import Progress

MOST = 1_000_000_000


def synth(
    count: Annotated[int, typer.Option("-n", "--count", help="How many cases.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="A .parquet, .csv or .jsonl file to write.")],
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same file.")] = 0,
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Draw a synthetic cohort: plausible cases with a hidden true cause, to try everything without a patient.

    The rows are drawn from the rules themselves: causes by their published shares, facts by how much each argument says
    that they speak for a cause, most facts unknown as in practice. The column true_cause holds the hidden cause, and
    the column synthetic marks the rows as synthetic. What a rule base finds in them says that its chain works, not that
    it is right.

    Try: spinepath synth -n 10000 -o cohort.parquet, then spinepath batch cohort.parquet -o results.parquet
    --labels true_cause.
    """
    from pathways.synth.files import kind_of, write

    if not 1 <= count <= MOST:
        fail(f"-n takes a number from 1 to {MOST:,}, not {count:,}")
    kind_of(output)
    if not output.parent.is_dir():
        fail(f"{output.parent}: there is no such folder")
    base = reasoner_for(knowledge, overlay).base
    with _progress() as progress:
        task = progress.add_task("drawing cases", total=count)
        write(base, output, count, seed, lambda rows: progress.advance(task, rows))
    print(f"written: {output} ({count:,} synthetic cases, seed {seed})", file=sys.stderr)


def _progress() -> Progress:
    """Return a progress bar on the terminal's error output; quiet when piped."""
    from rich.console import Console
    from rich.progress import Progress

    return Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)
