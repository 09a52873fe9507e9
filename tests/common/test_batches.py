from __future__ import annotations

from tap_amazon_sp.common.batches import batches, chunks


def test_all_batches_but_the_last_are_full() -> None:
    rows = [{"n": number} for number in range(5)]

    assert [[row["n"] for row in page] for page in batches(rows, 2)] == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []


def test_a_sequence_is_cut_into_chunks() -> None:
    assert list(chunks("abcde", 2)) == [["a", "b"], ["c", "d"], ["e"]]
    assert list(chunks("abcde", None)) == [["a", "b", "c", "d", "e"]]
