"""Which rules the library fires: every rule is counted once, and a rule fires where the assessment says so."""

import json

import pytest

from pathways import library
from pathways.assess import assess_facts
from pathways.coverage import constructed_cases, coverage, library_cases
from reports import covering
from rules.lookup import rules
from rules.rulebase import examine


@pytest.fixture(scope="module")
def whole(reasoner, base):
    return coverage(reasoner, [*library_cases(base), *constructed_cases(base)])


@pytest.fixture(scope="module")
def found(whole):
    return whole.only(library.names())


def test_every_rule_is_counted_once_and_the_shares_add_up(found, base):
    assert [entry.id for entry in found.rules] == [entry.id for entry in rules(base)]
    assert set(found.fired) == {entry.id for entry in found.rules}
    kinds = found.by_kind().values()
    assert sum(share.total for share in kinds) == found.overall.total == len(found.rules)
    assert sum(share.fired for share in kinds) == found.overall.fired
    assert len(found.never) == found.overall.total - found.overall.fired
    files = found.by_file(examine().places).values()
    assert sum(share.total for share in files) == found.overall.total
    assert [share.percent for share in files] == sorted(share.percent for share in files)


def test_a_rule_fires_on_the_cases_whose_assessment_traces_it(found, reasoner, base):
    facts = dict(library_cases(base))
    for name in list(facts)[:5]:
        trace = set(assess_facts(facts[name], reasoner).trace)
        fired = {rule for rule, cases in found.fired.items() if name in cases}
        assert fired == {rule for rule in trace if rule in found.fired}


def test_no_cases_fire_nothing(reasoner):
    found = coverage(reasoner, [])
    assert found.overall.fired == 0
    assert found.never == list(found.rules)


def test_constructed_cases_are_never_counted_as_published(found, whole, reasoner, base):
    assert found == coverage(reasoner, library_cases(base))
    assert set(found.cases) == set(library.names())
    assert set(whole.cases) == {*library.names(), *library.constructed_names()}


def test_published_and_constructed_cases_together_fire_over_nine_rules_in_ten(whole):
    assert whole.overall.percent > 90, [entry.id for entry in whole.never]


def test_the_forms_say_the_same(found, whole):
    places = examine().places
    data = json.loads(covering.as_json(found, whole, places))
    assert data["overall"]["fired"] == found.overall.fired
    assert data["never"] == [entry.id for entry in found.never]
    assert data["with_constructed"]["overall"]["fired"] == whole.overall.fired
    assert data["with_constructed"]["never"] == [entry.id for entry in whole.never]
    text = covering.as_markdown(found, whole, places)
    assert f"fire {found.overall.percent:.1f} %" in text
    assert f"for teaching, {whole.overall.percent:.1f} %" in text
    assert f"{len(found.never)} rules never fired" in text
    assert all(f"| {entry.id} |" in text for entry in found.never[:20])
