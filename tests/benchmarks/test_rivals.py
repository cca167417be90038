"""Each rival of the benchmark gives the reference's answers over random rules, so that only its speed is measured."""

import importlib

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.vocabulary import Fact
from tests.benchmarks.rivals import kleene
from tests.benchmarks.rivals.rules_given import RulesGiven
from tests.benchmarks.telling import counted_differently, differing
from tests.strategies import SMALL, conditions, facts_of

FOUND = {f"finding.{n}": Fact(f"finding.{n}", "found?", origin="finding") for n in range(3)}
STANDINGS = {"cause.wear": Fact("cause.wear", "where?", "choice", values=("unlikely", "possible"), ordered=True)}
EVERYTHING = {**SMALL, **FOUND, **STANDINGS}
TYPES = {"yes_no": pl.Boolean, "number": pl.Float64, "choice": pl.String}
RIVALS = {
    "durable": "durable_rules_engine",
    "clips": "clips",
    "zen": "zen",
    "rule_engine": "rule_engine",
    "openfisca": "openfisca_core",
    "bare": "polars",
}


def rules_of(data):
    """Random findings that rest on facts, rules that rest on those, and rules that rest on standings as well."""
    findings = [(name, data.draw(conditions(SMALL))) for name in FOUND]
    judged, decided = (
        [(f"{kind}{n}", rule) for n, rule in enumerate(data.draw(st.lists(conditions(facts), min_size=1, max_size=6)))]
        for kind, facts in (("judged", {**SMALL, **FOUND}), ("decided", EVERYTHING))
    )
    return RulesGiven([findings, judged, decided], EVERYTHING)


def written(path, cases, vocabulary):
    """Write cases as a table with a column for every fact."""
    schema = {name: TYPES[fact.type] for name, fact in vocabulary.items()}
    rows = [{name: case.get(name) for name in vocabulary} for case in cases]
    pl.DataFrame(rows, schema=schema).write_parquet(path)
    return path


@pytest.mark.parametrize("name", RIVALS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_rival_gives_the_answers_of_the_reference(name, tmp_path, data):
    pytest.importorskip(RIVALS[name], exc_type=ImportError)
    rules = rules_of(data)
    cases = data.draw(st.lists(st.tuples(facts_of(SMALL), facts_of(STANDINGS, origins=("asked",))), min_size=1))
    facts = written(tmp_path / "facts.parquet", [case for case, _ in cases], SMALL)
    standings = written(tmp_path / "standings.parquet", [standing for _, standing in cases], STANDINGS)
    found = []
    for module in (kleene, importlib.import_module(f"tests.benchmarks.rivals.{name}")):
        engine = module.Engine(rules)
        engine.prepare(facts, standings, len(cases))
        engine.run()
        found.append(engine.answers(len(cases)))
    assert found[1] == found[0]


def test_differences_are_told_by_case_and_rule():
    assert differing([{"a"}, {"b"}], [{"a"}, {"c"}, {"d"}]) == ["case 2: fires b", "case 2: lacks c"]
    assert not differing([{"a"}], [{"a"}])
    assert counted_differently({"a": 2, "b": 1}, {"a": 2}) == ["b: this engine 1, bare conditions 0"]
