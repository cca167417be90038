"""The reading grade: against hand-counted syllables, known sentences, and any text at all."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import readability
from reports.readability import grade, syllables

# Counted by ear.
SPOKEN = {
    1: "a pain nerve leg scar back healed looks moved asked joined mind these voice",
    2: "doctor surgeon cases watches needed being rises settled table weakness lumbar driven headaches",
    3: "medicine hospital example infection MRI",
    4: "operation emergency",
    5: "examination",
}


@pytest.mark.parametrize(("count", "word"), [(n, word) for n, text in SPOKEN.items() for word in text.split()])
def test_syllables_as_spoken(count, word):
    assert syllables(word) == count


def test_the_examples_in_its_words_hold():
    assert doctest.testmod(readability).failed == 0


def test_the_grade_of_a_sentence_counted_by_hand():
    # 6 words in 1 sentence, 6 syllables: 0.39 * 6 + 11.8 * 1 - 15.59
    assert grade(["The cat sat on the mat."]) == pytest.approx(-1.45)
    # 8 words in 2 sentences, 13 syllables
    assert grade(["Your doctor asks first.", "Then comes an examination."]) == pytest.approx(
        0.39 * 8 / 2 + 11.8 * 13 / 8 - 15.59, abs=0.01
    )


def test_long_sentences_and_long_words_are_harder():
    plain = grade(["The scar holds a nerve.", "Most scars do not hurt."])
    joined = grade(["The scar holds a nerve and most scars do not hurt."])
    hard = grade(
        ["Epidural fibrosis immobilizes radicular structures.", "Cicatrization predominantly remains asymptomatic."]
    )
    assert plain < joined < hard
    assert hard > 12


def test_no_text_has_grade_zero():
    assert grade([]) == 0
    assert grade(["", "123, ..."]) == 0


@given(st.lists(st.text(max_size=200), max_size=5))
def test_any_text_has_a_grade(texts):
    assert -20 < grade(texts) < 4000


@given(st.text(alphabet=st.characters(categories=["L"]), min_size=1, max_size=30))
def test_any_word_has_a_syllable(word):
    assert syllables(word) >= 1
