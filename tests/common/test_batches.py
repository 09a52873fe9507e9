from __future__ import annotations

from collections.abc import Iterator

from tap_amazon_sp.common.batches import LOOKED_AT, batches, batches_by_size, chunks


def test_all_batches_but_the_last_are_full() -> None:
    rows = [{"n": number} for number in range(5)]

    assert [[row["n"] for row in page] for page in batches(rows, 2)] == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []


def test_a_sequence_is_cut_into_chunks() -> None:
    assert list(chunks("abcde", 2)) == [["a", "b"], ["c", "d"], ["e"]]
    assert list(chunks("abcde", None)) == [["a", "b", "c", "d", "e"]]


def test_batches_of_small_items_are_full() -> None:
    numbers = range(10 * LOOKED_AT)

    found = list(batches_by_size(numbers, 4 * LOOKED_AT, lambda: 0, max_size=1))

    assert [len(batch) for batch in found] == [4 * LOOKED_AT, 4 * LOOKED_AT, 2 * LOOKED_AT]
    assert list(batches_by_size([], 2, lambda: 0, max_size=1)) == []


def test_a_batch_is_full_once_its_items_are_as_large_as_they_may_be() -> None:
    size = 0

    def items() -> Iterator[int]:
        nonlocal size
        for number in range(2 * LOOKED_AT + 1):
            size += 10
            yield number

    found = list(batches_by_size(items(), 1000, lambda: size, max_size=10 * LOOKED_AT - 1))

    assert [len(batch) for batch in found] == [LOOKED_AT, LOOKED_AT, 1]
    assert [number for batch in found for number in batch] == list(range(2 * LOOKED_AT + 1))
