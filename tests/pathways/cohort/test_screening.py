"""What may identify a patient is found, and what cannot is let through."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways.cohort.screening import (
    IdentifyingError,
    identifying_name,
    kind_of,
    masked,
    quotes_masked,
    screen_column,
    small_groups,
)

IDENTIFYING = [
    ("2021-03-04", "date"),
    ("4.3.2021", "date"),
    ("03/04/21", "date"),
    ("seen 4 March 2021 in clinic", "date"),
    ("Mar 4, 2021", "date"),
    ("joe.bloggs@example.org", "e-mail"),
    ("+44 20 7946 0958", "telephone"),
    ("(555) 123-4567", "telephone"),
    ("555-123-4567", "telephone"),
    ("030 901820 12", "telephone"),
    ("12345678", "record"),
    ("MRN 483920", "record"),
    ("A1234567", "record"),
    ("SN4F7K2Q9ZX1", "record"),
    ("Mr Smith came back after the second operation with more pain than before", "free text"),
    ("she said it began after lifting a box", "free text"),
]
HARMLESS = [
    *["yes", "L4-L5", "site A", "2", "3.5", "12 weeks", "case-17", "grade 2/3", "probable", "C5/6", "90+", "60-69"],
    *["recurrent_disc_herniation", "T12-L1", "1.5 mg/L", "batch 12", "male", "ICD M96.1", "v2.1.0"],
]


@pytest.mark.parametrize(("text", "kind"), IDENTIFYING)
def test_an_identifier_is_known_for_what_it_looks_like(text, kind):
    assert kind in kind_of(text)
    with pytest.raises(IdentifyingError, match=r"row 2, column note") as error:
        screen_column(pl.Series("note", ["fine", text, "fine"]), pl.Series([1, 2, 3]), "a.csv")
    assert text not in str(error.value)


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_values_pass(text):
    assert kind_of(text) is None
    screen_column(pl.Series("note", [text, None]), pl.Series([1, 2]), "a.csv")


def test_a_number_that_only_counts_the_rows_passes_and_another_does_not():
    rows = pl.Series(range(1_000_001, 1_000_004))
    screen_column(pl.Series("id", [f"case-{n}" for n in rows]), rows, "a.csv")
    screen_column(pl.Series("id", [n - 1 for n in rows]), rows, "a.csv")
    with pytest.raises(IdentifyingError, match="record or serial"):
        screen_column(pl.Series("id", [f"case-{n + 5}" for n in rows]), rows, "a.csv")
    with pytest.raises(IdentifyingError, match="record or serial"):
        screen_column(pl.Series("id", [n + 5 for n in rows]), rows, "a.csv")


def test_random_pseudonyms_pass():
    names = ["9f86d081884c7d659a2feaa0c55ad015", "7f3b1a52-9c3e-4a7b-8d2f-0123456789ab"]
    screen_column(pl.Series("id", names), pl.Series([1, 2]), "a.csv")


def test_dates_and_old_ages_are_found_by_their_type_and_name():
    rows = pl.Series([1, 2])
    with pytest.raises(IdentifyingError, match="a date"):
        screen_column(pl.Series("when", [None, "2020-01-01"]).str.to_date(), rows, "a.parquet")
    with pytest.raises(IdentifyingError, match="over 89"):
        screen_column(pl.Series("age_at_visit", [60, 94]), rows, "a.parquet")
    screen_column(pl.Series("age_at_visit", [60, 90]), rows, "a.parquet")
    screen_column(pl.Series("stage", [60, 94]), rows, "a.parquet")


@given(st.text("ABC'\"\\\n0123456789 ", min_size=6, max_size=80))
def test_a_masked_value_never_shows_more_than_its_beginning(text):
    assert text[2:] not in masked(text)
    assert len(masked(text)) < 30
    assert text[2:] not in quotes_masked(f"one of 1, 2 is wanted, not {text!r}, please")


@pytest.mark.parametrize("name", ["Name", "patient.mrn", "Date of birth", "date-of-birth", "ZIP", "free text"])
def test_names_of_columns_that_identify(name):
    assert identifying_name(name)


def test_groups_of_all_parts_are_counted_together():
    one = pl.DataFrame({"age": [50.0, 60.0, None], "size": [3, 1, 4]})
    other = pl.DataFrame({"age": [50.0, None], "size": [2, 2]})
    assert small_groups([one, other], 5) == {
        "by": ["age"],
        "k": 5,
        "groups": 3,
        "small_groups": 1,
        "cases_in_small_groups": 1,
    }
