from __future__ import annotations

import pytest

from tap_amazon_sp.settings.errors import MAX_SENTENCE, SettingsError, without_long_values


@pytest.mark.parametrize("sentence", ["`a` is wrong", "x" * 300, "a b " * 900])
def test_sentences_of_an_ordinary_length_stay(sentence: str) -> None:
    assert without_long_values(sentence) == sentence


def test_a_long_value_is_cut_and_the_end_of_the_sentence_stays() -> None:
    error = SettingsError([f"`a` cannot be {'x' * 70_000!r}; it is written as P1D"])

    assert str(error) == f"`a` cannot be '{'x' * 99}… it is written as P1D"


def test_a_long_text_of_words_is_cut_in_the_middle() -> None:
    found = without_long_values("`a` " + "long text " * 7000 + "is wrong")

    assert found.startswith("`a` long text")
    assert found.endswith("is wrong")
    assert len(found) < MAX_SENTENCE + 10
