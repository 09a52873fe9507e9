from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from dateutil.parser import isoparse

from tap_amazon_sp.common.timestamps import (
    format_timestamp,
    parse_timestamp,
    read_date,
    read_date_time,
    to_milliseconds,
    to_utc,
)


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("2026-01-01T10:00:00+09:00", "2026-01-01T01:00:00Z"),
        ("2026-01-01T23:00:00-08:00", "2026-01-02T07:00:00Z"),
        ("2026-01-01T10:00:00.123+00:00", "2026-01-01T10:00:00.123000Z"),
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z"),
        ("2026-01-01T10:00:00.5Z", "2026-01-01T10:00:00.5Z"),
        ("2026-01-01T10:00:00", "2026-01-01T10:00:00Z"),
        ("2026-01-01T10:00Z", "2026-01-01T10:00:00Z"),
        ("20260101T100000+0100", "2026-01-01T09:00:00Z"),
    ],
)
def test_timestamps_are_written_in_utc_with_z(sent: str, written: str) -> None:
    assert to_utc(sent) == written


@pytest.mark.parametrize(
    "text", ["REDACTED", "", "soon", "2026-13-01T00:00:00+00:00", "9999-12-31T23:59:59-08:00"]
)
def test_text_that_is_not_a_timestamp_is_kept(text: str) -> None:
    assert to_utc(text) == text


def test_instants_compare_whatever_their_offset() -> None:
    assert parse_timestamp("2026-01-01T23:00:00-08:00") > parse_timestamp("2026-01-02T06:59:59Z")


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T10:11:12Z",
        "2026-01-31T10:11:12.345Z",
        "2026-01-31T10:11:12.345678Z",
        "2026-01-31T10:11:12.3Z",
        "2024-02-29T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999Z",
        "2026-01-31T10:11+00:00",
        "20260131T101112.345678Z",
    ],
)
def test_a_timestamp_is_the_same_instant_however_it_is_read(text: str) -> None:
    read = parse_timestamp(text)

    assert read == isoparse(text)
    assert read.tzinfo is dt.timezone.utc


def test_a_time_that_does_not_exist_is_refused() -> None:
    for text in ("2026-02-30T10:00:00Z", "2026-01-31T25:00:00Z", "2025-02-29T10:00:00Z"):
        with pytest.raises(ValueError, match=r"."):
            parse_timestamp(text)


def test_a_date_is_midnight_utc() -> None:
    assert format_timestamp(parse_timestamp("2026-01-31")) == "2026-01-31T00:00:00Z"


def test_parameters_carry_whole_milliseconds() -> None:
    instant = dt.datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=dt.timezone.utc)

    assert to_milliseconds(instant).microsecond == 123000


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("2026-01-01T10:00:00.123456789Z", "2026-01-01T10:00:00.123456789Z"),
        ("2028-02-29T10:00:00.5Z", "2028-02-29T10:00:00.5Z"),
        ("2020-06-09 14:00:00Z", "2020-06-09T14:00:00Z"),
        ("2020-06-09t14:00:00z", "2020-06-09T14:00:00Z"),
        (" 2020-06-09T14:00:00Z\n", "2020-06-09T14:00:00Z"),
        ("2026-01-01T24:00:00Z", "2026-01-02T00:00:00Z"),
        ("2026-01-31", "2026-01-31T00:00:00Z"),
        ("Mon Oct 28 18:49:32 UTC 2019", "2019-10-28T18:49:32Z"),
        ("Mon Oct 28 18:49:32 PDT 2019", "2019-10-29T01:49:32Z"),
        (Decimal("1.596578152E9"), "2020-08-04T21:55:52Z"),
        (1596578152, "2020-08-04T21:55:52Z"),
        (1596578152123, "2020-08-04T21:55:52.123000Z"),
        (1596578152.5, "2020-08-04T21:55:52.500000Z"),
        ("1.596578152E9", "2020-08-04T21:55:52Z"),
        ("1596578152", "2020-08-04T21:55:52Z"),
    ],
)
def test_a_time_is_read_in_any_form_that_can_be_read_in_one_way(value: Any, written: str) -> None:
    assert read_date_time(value) == written


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2024-02-30T00:00:00.000Z",
        "2027-02-29T00:00:00Z",
        "2026-01-01T23:59:60Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-08:00",
        "yesterday",
        "2026",
        "Mon Oct 28 18:49:32 IST 2019",
        "Thu Feb 30 18:49:32 UTC 2019",
        "\uff12026-01-01T00:00:00Z",
        "9" * 5000,
        10**5000,
        5,
        20260101,
        -1596578152,
        float("nan"),
        float("inf"),
        True,
        None,
        {},
        ["2026-01-01T00:00:00Z"],
    ],
    ids=lambda value: str(type(value)) if isinstance(value, int) else None,
)
def test_another_value_is_no_time(value: Any) -> None:
    assert read_date_time(value) is None


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-01-31", "2026-01-31"),
        ("20260131", "2026-01-31"),
        ("2026-01-31T00:00:00Z", "2026-01-31"),
        ("2026-01-31T00:00:00.000Z", "2026-01-31"),
        ("2026-01-31T00:00:00+09:00", None),
        ("2026-01-31T10:00:00Z", None),
        ("2026-02-30", None),
        ("31.01.2026", None),
        (20260131, None),
    ],
)
def test_a_day_is_read_if_no_time_zone_can_change_it(value: Any, day: str | None) -> None:
    assert read_date(value) == day
