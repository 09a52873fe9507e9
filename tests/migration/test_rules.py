from __future__ import annotations

import datetime as dt

import pytest

from tap_amazon_sp.common.timestamps import EPOCH, parse_timestamp
from tap_amazon_sp.migration.rules import OldBookmark, Rule

DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("rule", "text", "read_to"),
    [
        (Rule(), "2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z"),
        (Rule(), "2026-11-20T12:00:00+05:30", "2026-11-20T06:30:00Z"),
        # UTC, unless the old connector writes the time of its machine.
        (Rule(), "2026-11-20T12:00:00", "2026-11-20T12:00:00Z"),
        (Rule(local_times=True), "2026-11-20T12:00:00", "2026-11-19T22:00:00Z"),
        (Rule(local_times=True), "2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z"),
        # A run may have ended within the day.
        (Rule(whole_days=True), "2026-11-20", "2026-11-20T00:00:00Z"),
        (Rule(whole_days=True), "2026-11-20T23:59:59Z", "2026-11-20T00:00:00Z"),
        (
            Rule(whole_days=True, local_times=True),
            "2026-11-20T10:00:00",
            "2026-11-19T00:00:00Z",
        ),
    ],
)
def test_a_bookmark_is_the_time_up_to_which_everything_was_surely_read(
    rule: Rule, text: str, read_to: str
) -> None:
    assert rule.read_to(text) == parse_timestamp(read_to)


@pytest.mark.parametrize("rule", [Rule(), Rule(local_times=True, whole_days=True)])
@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "1970-01-01", "1969-12-31T23:59:59"])
def test_a_time_before_the_first_records_is_one_that_a_state_can_hold(
    rule: Rule, text: str
) -> None:
    assert EPOCH <= rule.read_to(text) <= EPOCH + DAY


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "9999-12-31T23:59:59-14:00"])
def test_what_is_not_a_time_is_refused(text: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        Rule().read_to(text)


@pytest.mark.parametrize("value", [1763640000, True, {}, []])
def test_a_bookmark_that_is_not_text_is_not_a_time(value: object) -> None:
    found = OldBookmark.at("Orders", value)

    assert found.text is None
    assert found.doubt == "its bookmark is not a time"
