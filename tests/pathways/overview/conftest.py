"""A cohort judged by the table engine, and the same rows judged one by one."""

import polars as pl
import pytest

from pathways.assess import judge
from pathways.cohort.judging import CohortJudge
from pathways.overview.groups import group_columns
from pathways.synth import pieces

ABOUT = ("synthetic", "case_id", "true_cause")


@pytest.fixture(scope="session")
def rows(base):
    """Three hundred synthetic rows."""
    return next(pieces(base, 300, seed=8))


@pytest.fixture(scope="session")
def facts(base, rows):
    """Their facts, typed."""
    columns = [name for name in rows.columns if name not in ABOUT]
    return rows.select(columns).cast(CohortJudge(base, columns).schema())


@pytest.fixture(scope="session")
def results(base, rows, facts):
    """The results for them, as `spinepath batch` has them when it counts."""
    found = CohortJudge(base, facts.columns).judge(facts)
    kept = rows.select(pl.int_range(1, pl.len() + 1).alias("row"), *ABOUT)
    return pl.concat([kept, found, facts.select(group_columns(facts.columns))], how="horizontal")


@pytest.fixture(scope="session")
def one_by_one(facts, reasoner):
    """The same rows judged by both engines for single cases."""
    known = [{name: value for name, value in row.items() if value is not None} for row in facts.iter_rows(named=True)]
    return [judge(row, reasoner) for row in known]
