from __future__ import annotations

import pytest

from tap_amazon_sp.documents.values import read_date, read_instant


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026-01-31", "2026-01-31"),
        ("2026/01/31", "2026-01-31"),
        ("31.01.2026", "2026-01-31"),
        ("01/02/2026", None),
        ("2026-02-30", None),
        ("2026-01-31T00:00:00+09:00", None),
    ],
)
def test_day_labels_are_read_and_never_moved(text: str, date: str | None) -> None:
    assert read_date(text) == date


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-31T08:00:00+00:00", "2026-01-31T08:00:00Z"),
        ("2026-01-31T08:00:00Z", "2026-01-31T08:00:00Z"),
        ("2026-01-31T08:00:00-08:00", "2026-01-31T16:00:00Z"),
        ("2026-01-31T08:00:00.123+0900", "2026-01-30T23:00:00.123Z"),
        ("2026-06-09 05:23:19 UTC", "2026-06-09T05:23:19Z"),
        ("09.06.2026 05:23:19 UTC", "2026-06-09T05:23:19Z"),
        ("2026/06/09 05:23:19 JST", "2026-06-08T20:23:19Z"),
        ("2026-01-31 23:59:59 PST", "2026-02-01T07:59:59Z"),
        # Two zones have this name; none at all; no time; no day.
        ("2026-06-09 05:23:19 IST", None),
        ("2026-06-09 05:23:19", None),
        ("2026-06-09", None),
        ("2026-02-30T08:00:00Z", None),
        ("2026-01-31T25:00:00Z", None),
    ],
)
def test_instants_are_read_where_there_is_one_way_to(text: str, instant: str | None) -> None:
    assert read_instant(text) == instant
