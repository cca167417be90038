"""Fixtures shared by all tests: the real knowledge, loaded once."""

import pytest
from hypothesis import settings

from pathways.assess import default_base
from rules.inference import Reasoner

settings.register_profile("no clock", deadline=None)  # how long an example takes says nothing on a busy machine
settings.load_profile("no clock")


@pytest.fixture(scope="session")
def base():
    """The knowledge that comes with the package."""
    return default_base()


@pytest.fixture(scope="session")
def reasoner(base):
    """Both engines over that knowledge."""
    return Reasoner(base)
