"""Verbs for a table of cases: batch."""

from __future__ import annotations

import sys
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reports.commands.shared import KnowledgeOption, OverlayOption, bar, fail, reasoner_for

if TYPE_CHECKING:
    from pathways.cohort.run import Done, Run
    from pathways.cohort.spark.run import SparkRun


SHOWN_COLUMNS = 3


class Engine(StrEnum):
    """What judges the rows."""

    columnar = "columnar"
    production = "production"
    spark = "spark"


def batch(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="IN...",
            help="Tables (Parquet, CSV, JSON Lines, Arrow), folders of tables or case files, or globs. A column is a "
            "fact (`spinepath facts --format csv` prints them all), an empty cell is unknown.",
        ),
    ],
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="The result: .parquet, .csv or .jsonl; one row a case.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="A YAML file that renames and recodes columns.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show the first rows as they are understood.")
    ] = False,
    keep: Annotated[
        list[str] | None, typer.Option("--keep", help="Carry this column over to the result (may be repeated).")
    ] = None,
    drop: Annotated[list[str] | None, typer.Option("--drop", help="Leave this column out (may be repeated).")] = None,
    missing: Annotated[
        bool, typer.Option("--missing", help="Also the most valuable missing facts of every case.")
    ] = False,
    fired: Annotated[
        str | None, typer.Option("--fired", help="Also a long table, one line for each case and rule that fired.")
    ] = None,
    summary: Annotated[
        Path | None, typer.Option("--summary", metavar="FILE.html", help="Also one page with plots and their tables.")
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(
            "--labels",
            metavar="COLUMN",
            help="A column with the known diagnosis (ids or titles of causes): how well the results agree with it, "
            "here and in detail on the page.",
        ),
    ] = None,
    quarantine: Annotated[
        str | None,
        typer.Option("--quarantine", help="Where rows with a wrong value are told (OUT.quarantine.csv by default)."),
    ] = None,
    engine: Annotated[
        Engine,
        typer.Option(
            "--engine",
            help="columnar: Polars; production: durable-rules, row by row; spark: Polars on the workers of a Spark "
            "cluster, where inputs and outputs may be URIs and a result is a folder.",
        ),
    ] = Engine.columnar,
    master: Annotated[
        str | None,
        typer.Option("--master", metavar="URL", help="With --engine spark: which one (as it is set up, or local[*])."),
    ] = None,
    spark_conf: Annotated[
        list[str] | None,
        typer.Option("--spark-conf", metavar="KEY=VALUE", help="A setting of Spark (may be repeated)."),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(
            "--sample",
            min=0,
            help="How many rows durable-rules derives again, to compare every field (1 in 5,000, 20 to 1,000 of them).",
        ),
    ] = None,
    k: Annotated[
        int, typer.Option("--k", min=1, help="Report groups (age band, operation, levels) smaller than this.")
    ] = 5,
    chunk: Annotated[
        int, typer.Option("--chunk", min=1, max=1_000_000, help="Most rows in one piece of work.")
    ] = 250_000,
    restart: Annotated[
        bool, typer.Option("--restart", help="Throw away what an unfinished run of this output has done.")
    ] = False,
    knowledge: KnowledgeOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Assess a table of anonymized cases, a row each; a run that was stopped goes on with the same command.

    A row with a wrong value is told in the quarantine file, and all others go on; then the exit code is 1. What looks
    as if it identified a patient stops the run: a screen, not a guarantee.
    """
    from pathways.cohort.run import Options

    if summary and not summary.parent.is_dir():
        fail(f"{summary.parent}: there is no such folder")
    if (master or spark_conf) and engine is not Engine.spark:
        fail("--master and --spark-conf are for --engine spark")
    if output is None and not dry_run:
        fail("name the result with -o, or look first with --dry-run")
    options = Options(
        inputs=tuple(inputs),
        output=Path(output or "out.parquet"),
        mapping=mapping,
        keep=tuple(dict.fromkeys([*(keep or ()), *([labels] if labels else [])])),
        drop=tuple(drop or ()),
        missing=missing,
        fired=Path(fired) if fired else None,
        quarantine=Path(quarantine) if quarantine else None,
        engine=engine.value,
        sample=sample,
        k=k,
        chunk=chunk,
        restart=restart,
        summary=summary,
        labels=labels,
    )
    reasoner = reasoner_for(knowledge, overlay)
    if dry_run:
        from reports.intake import show_understood

        show_understood(options, reasoner.base)
        return
    from reports.cohort_summary import page as summary_page
    from rules.problems import nearest

    output = str(output)
    run: Run | SparkRun
    if engine is Engine.spark:
        from pathways.cohort.spark.run import SparkRun
        from pathways.cohort.spark.session import Cluster

        run = SparkRun(options, reasoner, Cluster(output, fired, quarantine, master, tuple(spark_conf or ())))
    else:
        from pathways.cohort.run import Run

        run = Run(options, reasoner)
    named = [source.columns for source in run.intake.sources]
    if labels and all(columns is not None and labels not in columns for columns in named):
        known = [name for columns in named for name in columns or () if name not in reasoner.base.vocabulary]
        fail(f"{labels}: no input has this column of labels{nearest(labels, known)}")
    page = partial(summary_page, base=reasoner.base, title=options.output.name, labels=labels)
    try:
        with bar() as progress:
            done = run.run(progress, page)
    except KeyboardInterrupt:
        fail("stopped; the same command goes on where this one ended", 130)
    _tell(run, done, output.rstrip("/"), quarantine)
    if labels and done.tally is not None:
        from reports.agreeing import as_text

        print(as_text(done.tally, reasoner.base, labels))
    if done.quarantined:
        raise SystemExit(1)


def _tell(run: Run | SparkRun, done: Done, output: str, quarantine: str | None) -> None:
    from pathways.cohort.mapping import BLANK
    from reports.cohort_summary import in_quarantine

    if done.resumed:
        print(f"resumed: {done.resumed:,} rows had been done before", file=sys.stderr)
    print(f"{_many(done.rows, 'row')} = {_many(done.results, 'result')} + {done.quarantined:,} in quarantine")
    engines = " and ".join(run.reasoner.engines)
    print(f"{_many(done.sampled, 'row')} derived again with {engines}: no difference in any field")
    if run.reasoner.unavailable:
        print(run.reasoner.unavailable)
    small = done.manifest["small_groups"]
    if small["small_groups"]:
        print(
            f"in groups of fewer than {small['k']} alike in age band, operation and levels: "
            f"{_many(small['cases_in_small_groups'], 'case')} "
            f"({small['small_groups']:,} of {_many(small['groups'], 'group')})"
        )
    if done.manifest["repeated_case_ids"]:
        print(f"{done.manifest['repeated_case_ids']:,} cases share their case id with another; rows tell them apart")
    print(done.manifest["screen"])
    if done.quarantined:
        print(f"in quarantine: {quarantine or f'{output}.quarantine.csv'}")
        for line in in_quarantine(done.manifest["refused"], SHOWN_COLUMNS):
            print(f"  {line}")
        if _may_be_empty_boxes(done) and not run.intake.mapping.blank_not_done:
            print(f"if a form says `no` to all of what was not done, `{BLANK}: yes` in a mapping counts it as unknown")
    if run.options.summary:
        print(f"summary: {run.options.summary}")
    print(f"written: {output} ({output}.manifest.json)")


def _may_be_empty_boxes(done: Done) -> bool:
    from pathways.consistency import NOT_DONE

    return any(told["reason"].startswith(NOT_DONE) for told in done.manifest["refused"]["most"])


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"
