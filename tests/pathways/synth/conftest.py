"""One synthetic cohort for all tests here."""

import polars as pl
import pytest

from pathways.synth import pieces


@pytest.fixture(scope="session")
def cohort(base):
    """Four thousand rows."""
    return pl.concat(pieces(base, 4000, seed=5))
