"""Fixtures shared by all tests: the real knowledge, loaded once."""

import pytest

from pathways.assess import default_base
from rules.inference import Reasoner


@pytest.fixture(scope="session")
def base():
    """The knowledge that comes with the package."""
    return default_base()


@pytest.fixture(scope="session")
def reasoner(base):
    """Both engines over that knowledge."""
    return Reasoner(base)
