from __future__ import annotations

import datetime as dt

import pytest

from tap_amazon_sp.common.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("PT30M", dt.timedelta(minutes=30)),
        ("P2D", dt.timedelta(days=2)),
        ("P1W", dt.timedelta(weeks=1)),
        ("P1DT6H", dt.timedelta(days=1, hours=6)),
        ("PT0S", dt.timedelta(0)),
    ],
)
def test_durations_are_iso_8601(text: str, duration: dt.timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["1 day", "P1M", "P1Y", "-P1D", "", "P"])
def test_what_has_no_fixed_length_is_not_a_duration(text: str) -> None:
    with pytest.raises(ValueError, match="not an ISO 8601 duration"):
        parse_duration(text)
