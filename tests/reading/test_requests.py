from __future__ import annotations

from tap_amazon_sp.reading.requests import chunks


def test_a_sequence_is_cut_into_chunks() -> None:
    assert list(chunks("abcde", 2)) == [["a", "b"], ["c", "d"], ["e"]]
    assert list(chunks("abcde", None)) == [["a", "b", "c", "d", "e"]]
