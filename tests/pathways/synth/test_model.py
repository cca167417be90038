"""The parts of the model: random streams, spreads, conditions over tables, and rates by likelihood ratio."""

from types import SimpleNamespace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathways.synth import assumptions, chance
from pathways.synth.assumptions import KNOTS
from pathways.synth.histories import quantile, share_below
from pathways.synth.rates import MOST, rates, usual
from pathways.synth.signs import Signs
from pathways.synth.tables import holds, spread
from rules.engines.columnar import column_type
from rules.engines.kleene import truth
from rules.problems import KnowledgeError
from tests.strategies import SMALL, conditions, facts_of

WORD = (1 << 64) - 1


def splitmix(seed, stream, row):
    """SplitMix64 as published, in whole numbers of Python."""
    mixed = (row * chance.STEP + chance.key(seed, stream)) & WORD
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & WORD
    return mixed ^ (mixed >> 31)


class TestChance:
    @given(st.integers(0, 2**40), st.integers(0, 10**9), st.text(max_size=20))
    def test_a_stream_is_splitmix(self, seed, first, stream):
        drawn = pl.DataFrame([chance.counters(first, 3)]).select(chance.draw(seed, stream)).to_series()
        assert drawn.to_list() == [splitmix(seed, stream, first + n) for n in range(3)]

    def test_halves_fall_below_a_threshold_as_often_as_asked_and_independently(self):
        bits = pl.DataFrame([chance.counters(0, 50_000)]).select(chance.draw(1, "x").alias("bits"))
        halves = bits.select(chance.upper(pl.col("bits")).alias("u"), chance.lower(pl.col("bits")).alias("l"))
        below = halves.select(pl.all() < chance.threshold(0.3))
        assert below["u"].mean() == pytest.approx(0.3, abs=0.01)
        assert below["l"].mean() == pytest.approx(0.3, abs=0.01)
        assert (below["u"] & below["l"]).mean() == pytest.approx(0.09, abs=0.01)

    def test_streams_do_not_follow_each_other(self):
        frame = pl.DataFrame([chance.counters(0, 50_000)])
        both = frame.select(
            chance.uniform(chance.upper(chance.draw(1, name))).alias(name) for name in ("pain.back", "pain.leg")
        )
        assert abs(both.select(pl.corr("pain.back", "pain.leg")).item()) < 0.02


points = st.lists(st.integers(-50, 500), min_size=len(KNOTS), max_size=len(KNOTS)).map(sorted)


class TestSpread:
    @given(points, st.floats(0, 1))
    def test_a_table_reads_a_spread_as_the_histories_do(self, at, share):
        drawn = pl.DataFrame({"share": [share]}).select(spread(at, pl.col("share"), 0.1)).item()
        assert drawn == pytest.approx(quantile(at, share), abs=0.051)
        assert at[0] <= drawn <= at[-1]

    @given(points, st.floats(0, 1))
    def test_the_share_below_a_quantile_is_the_share(self, at, share):
        value = quantile(at, share)
        below = share_below(at, value)
        assert quantile(at, below) == pytest.approx(value, abs=1e-6)


class TestConditions:
    @given(conditions(SMALL), st.lists(facts_of(SMALL, origins=("asked",)), min_size=1, max_size=4))
    @settings(max_examples=200)
    def test_a_condition_holds_where_the_reference_says_true(self, condition, rows):
        frame = pl.DataFrame(
            [pl.Series(name, [row.get(name) for row in rows], dtype=column_type(fact)) for name, fact in SMALL.items()]
        )
        base = SimpleNamespace(vocabulary=SMALL, conditions={})
        held = frame.select(holds(condition, base, set(SMALL)).alias("held"))["held"].to_list()
        wanted = [truth(condition, row) is True for row in rows]
        assert (held * len(rows) if len(held) == 1 else held) == wanted

    def test_findings_are_followed_down_to_what_was_drawn(self, base):
        frame = pl.DataFrame({"pain.predominant": ["leg", "back", None], "pain.leg": [None, False, True]})
        rule = base.conditions["finding.leg_pain"]
        assert frame.select(holds(rule, base, set(frame.columns)).alias("x"))["x"].to_list() == [True, False, True]


@pytest.fixture(scope="module")
def assumed(base):
    return assumptions.read(base)


@pytest.fixture(scope="module")
def signs(base, assumed):
    return Signs(base, assumed)


class TestRates:
    def test_shares_are_shares(self, base, assumed, signs):
        for variable in signs.variables.values():
            for row in rates(variable, list(base.causes), assumed):
                assert all(-1e-9 <= share <= 1 for share in row), variable.fact
                assert sum(row) == pytest.approx(1)

    def test_sensitivity_and_false_positive_rate_have_the_ratio_of_the_knowledge(self, base, assumed, signs):
        checked = 0
        for variable in signs.variables.values():
            if variable.kind != "yes_no" or usual(variable, assumed)[1] >= 0.5:
                continue
            causes = list(base.causes)
            table = dict(zip(causes, rates(variable, causes, assumed), strict=True))
            silent = next((c for c in causes if not variable.speaks(c, 0) and not variable.speaks(c, 1)), None)
            for cause in causes if silent else ():
                ratio = variable.speaks(cause, 1)
                if ratio and not variable.speaks(cause, 0):
                    assert table[cause][1] / table[silent][1] == pytest.approx(10 ** (ratio / 100)), variable.fact
                    assert table[cause][1] <= MOST + 1e-9
                    checked += 1
        assert checked > 300

    def test_the_strongest_argument_of_a_cause_makes_its_sign_frequent(self, base, assumed, signs):
        causes = list(base.causes)
        table = dict(zip(causes, rates(signs.variables["pain.worse_cough"], causes, assumed), strict=True))
        assert table["recurrent_disc_herniation"][1] > 3 * table["facet_pain"][1]
        assert table["epidural_fibrosis"][1] < table["facet_pain"][1]

    def test_a_sign_of_place_moves_the_finding_there(self, base, assumed, signs):
        causes = list(base.causes)
        variable = signs.variables["mri.disc_herniation"]
        table = dict(zip(causes, rates(variable, causes, assumed), strict=True))
        at_index, above = variable.cells.index("index"), variable.cells.index("adjacent_above")
        assert table["adjacent_segment_disease"][above] > table["adjacent_segment_disease"][at_index]
        assert table["recurrent_disc_herniation"][above] < table["recurrent_disc_herniation"][at_index]


class TestAssumptions:
    def test_every_name_that_does_not_fit_is_told_at_once(self, base, tmp_path):
        text = assumptions.FILE.read_text(encoding="utf-8")
        text = text.replace("pain.back: 0.75", "pain.bakc: 0.75").replace("procedures: [plif]", "procedures: [plfi]")
        text = text.replace("then: {pain.leg: yes}", "then: {pain.leg: 3}", 1)
        file = tmp_path / "assumptions.yaml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(KnowledgeError) as error:
            assumptions.read(base, file)
        told = str(error.value)
        assert "pain.bakc" in told
        assert "plfi" in told
        assert "pain.leg" in told

    def test_a_share_above_one_is_refused_with_its_place(self, base, tmp_path):
        file = tmp_path / "assumptions.yaml"
        text = assumptions.FILE.read_text(encoding="utf-8").replace("directed: 0.3", "directed: 3")
        file.write_text(text, encoding="utf-8")
        with pytest.raises(KnowledgeError, match="directed"):
            assumptions.read(base, file)
