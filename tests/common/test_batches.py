from __future__ import annotations

from tap_amazon_sp.common.batches import batches


def test_batches_are_full_but_for_the_last() -> None:
    rows = [{"n": number} for number in range(5)]

    assert [[row["n"] for row in page] for page in batches(rows, 2)] == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []
