"""Tables give the same truths as the reference, in both ways: as expressions, and as the bits of a program."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engines.columnar import Bits, column_type, truth
from rules.engines.kleene import truth as reference
from rules.engines.program import FALSE, SLICE, TRUE, Program
from rules.language import All, AnyOf, AtLeast, Compare, Not
from tests.strategies import SMALL, conditions, facts_of

CASES = st.lists(facts_of(SMALL), min_size=1, max_size=12)
COLUMNS = st.sets(st.sampled_from(sorted(SMALL)), min_size=1)


def table(cases, columns):
    kinds = {name: column_type(SMALL[name]) for name in sorted(columns)}
    return pl.DataFrame(
        [[case.get(name) for name in kinds] for case in cases], schema=kinds, orient="row", strict=False
    )


def known(cases, columns):
    return [{name: value for name, value in case.items() if name in columns} for case in cases]


@settings(max_examples=150, deadline=None)
@given(conditions(SMALL), CASES, COLUMNS)
def test_an_expression_has_the_truth_of_the_reference_in_every_row(condition, cases, columns):
    found = table(cases, columns).with_columns(truth(condition, SMALL, columns).alias("truth"))["truth"].to_list()
    assert found == [reference(condition, facts) for facts in known(cases, columns)]


@settings(max_examples=150, deadline=None)
@given(st.lists(conditions(SMALL), min_size=1, max_size=8), CASES, COLUMNS)
def test_bits_say_where_conditions_are_certainly_true_false_and_unknown(rules, cases, columns):
    program = Program()
    bits = Bits(program, SMALL, columns, {})
    wanted = {}
    for number, condition in enumerate(rules):
        wanted[f"yes {number}"] = bits.where(condition)
        wanted[f"no {number}"] = bits.where(condition, wanted=False)
        wanted[f"unknown {number}"] = bits.unknown(condition)
    found = program.ready(wanted).run(table(cases, columns))
    for row, facts in zip(found.iter_rows(named=True), known(cases, columns), strict=True):
        for number, condition in enumerate(rules):
            expected = reference(condition, facts)
            assert row[f"yes {number}"] is (expected is True)
            assert row[f"no {number}"] is (expected is False)
            assert row[f"unknown {number}"] is (expected is None)


@settings(max_examples=60, deadline=None)
@given(st.lists(conditions(SMALL), min_size=2, max_size=6), CASES)
def test_conclusions_are_followed_through_their_own_conditions(rules, cases):
    trees = {f"r{number}": condition for number, condition in enumerate(rules)}
    vocabulary = {**SMALL, **dict.fromkeys(trees, SMALL["b0"])}
    names = list(trees)
    last = AnyOf((All(tuple(Compare(name, "==", True) for name in names)), Not(Compare(names[0], "==", False))))
    program = Program()
    bits = Bits(program, vocabulary, SMALL, trees)
    wanted = {"yes": bits.where(last), "no": bits.where(last, wanted=False)}
    found = program.ready(wanted).run(table(cases, SMALL))
    for row, facts in zip(found.iter_rows(named=True), cases, strict=True):
        concluded = {name: reference(condition, facts) for name, condition in trees.items()}
        expected = reference(last, {name: value for name, value in concluded.items() if value is not None})
        assert (row["yes"], row["no"]) == (expected is True, expected is False)


def test_what_rests_on_columns_that_are_not_there_is_never_run():
    program = Program()
    bits = Bits(program, SMALL, ["b0"], {})
    assert bits.where(All((Compare("b0", "==", True), Compare("b1", "==", True)))) == FALSE
    assert bits.unknown(Compare("b1", "==", True)) == TRUE
    assert not program.steps
    assert program.ready({"nowhere": FALSE}).run(pl.DataFrame({"b0": [True, None]}))["nowhere"].to_list() == [
        False,
        False,
    ]


def test_many_slices_are_judged_like_one():
    rows = 2 * SLICE + 7
    numbers = pl.int_range(rows, eager=True) % 21
    frame = pl.DataFrame({"n0": numbers.cast(pl.Float64), "b0": numbers % 2 == 0})
    condition = AtLeast(2, (Compare("n0", ">", 5), Compare("b0", "==", True), Compare("n0", "<", 9)))
    program = Program()
    found = program.ready({"found": Bits(program, SMALL, ["n0", "b0"], {}).where(condition)}).run(frame)
    expected = frame.select(truth(condition, SMALL, ["n0", "b0"]))
    assert found.height == rows
    assert found["found"].to_list() == expected.to_series().to_list()


def test_an_empty_table_has_every_column():
    program = Program()
    bits = Bits(program, SMALL, SMALL, {})
    wanted = {"a": bits.where(Compare("b0", "==", True)), "b": TRUE}
    found = program.ready(wanted).run(pl.DataFrame(schema={name: column_type(fact) for name, fact in SMALL.items()}))
    assert found.schema == {"a": pl.Boolean, "b": pl.Boolean}
    assert found.is_empty()


@pytest.mark.parametrize("at", range(-1, 4))
def test_numbers_become_words_by_their_place(at):
    program = Program()
    number = program.column("n", pl.col("n"))
    found = program.ready({"word": program.words(number, ["low", "middle", "high", "top"], 100)}).run(
        pl.DataFrame({"n": pl.Series([at, at + 300 if at >= 0 else -5], dtype=pl.Int32)})
    )
    assert found["word"].to_list() == [["low", "middle", "high", "top"][at] if at >= 0 else None] * 2
