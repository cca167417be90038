"""Cases that are asked about: three published ones, judged once."""

import pytest

from pathways import library
from pathways.explain.names import Subject

NAMES = ("nonunion-c165", "adjacent-segment-c036", "infection-c047")


@pytest.fixture(scope="session")
def cases(base):
    """The cases by library name."""
    return {name: library.read(name, base).case for name in NAMES}


@pytest.fixture(scope="session", params=NAMES)
def subject(request, cases, reasoner):
    """Each case in turn, judged."""
    return Subject(cases[request.param], reasoner)
