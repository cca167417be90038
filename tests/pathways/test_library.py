"""The library: published cases, each with its citation, held to what was established and to its urgency."""

import pytest

from pathways import library
from pathways.library.scoring import scores, totals
from rules.problems import CaseError


@pytest.fixture(scope="module")
def found(reasoner):
    return scores(reasoner)


def test_there_are_many_cases_each_with_a_citation_and_a_known_cause(base):
    names = library.names()
    assert len(names) >= 90
    for name in names:
        about = library.about(name)
        assert about.citation
        assert about.story
        assert set(about.established) <= set(base.causes), name
        assert set(about.first_step) <= set(base.pathways), name


def test_an_unknown_name_gives_the_nearest_ones(base):
    with pytest.raises(CaseError, match="did you mean"):
        library.read(library.names()[0][:-1] + "x", base)


def test_the_established_cause_leads(found):
    reached = totals(found)
    first, cases = reached["established cause first"]
    in_three, _ = reached["established cause in the first three"]
    assert first / cases >= 0.7
    assert in_three / cases >= 0.85


def test_urgent_cases_are_flagged(found):
    missed = [s.name for s in found if s.urgent and not s.flagged]
    assert len(missed) <= 2, missed


def test_constructed_cases_read_are_marked_and_name_known_causes(base):
    names = library.constructed_names()
    assert len(names) >= 60
    assert not set(names) & set(library.names())
    for name in names:
        case = library.read(name, base)
        about = case.about
        assert about.constructed, name
        assert (about.citation, about.url) == ("Constructed for teaching; not a patient", ""), name
        assert name.endswith(f"-{about.source_id.lower()}"), name
        assert about.established, name
        assert set(about.established) <= set(base.causes), name
        assert set(about.first_step) <= set(base.pathways), name
    assert len({library.about(name).source_id for name in names}) == len(names)
    assert not any(library.about(name).constructed for name in library.names())
