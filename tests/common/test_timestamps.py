from __future__ import annotations

import datetime as dt

import pytest

from tap_amazon_sp.common.timestamps import (
    format_timestamp,
    parse_timestamp,
    timestamp_normalizer,
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


def test_a_date_is_midnight_utc() -> None:
    assert format_timestamp(parse_timestamp("2026-01-31")) == "2026-01-31T00:00:00Z"


def test_parameters_carry_whole_milliseconds() -> None:
    instant = dt.datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=dt.timezone.utc)

    assert to_milliseconds(instant).microsecond == 123000


def test_nested_timestamps_are_found_by_the_schema() -> None:
    timestamp = {"type": ["string", "null"], "format": "date-time"}
    normalize = timestamp_normalizer(
        {
            "properties": {
                "id": {"type": "string"},
                "at": timestamp,
                "inner": {"properties": {"at": timestamp}},
                "list": {"type": "array", "items": {"properties": {"at": timestamp}}},
                "times": {"type": "array", "items": timestamp},
            }
        }
    )
    assert normalize is not None
    offset, utc = "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z"

    record = normalize(
        {
            "id": offset,
            "at": offset,
            "inner": {"at": offset, "other": offset},
            "list": [{"at": offset}, {"at": None}, "not an object"],
            "times": [offset, 5],
        }
    )

    assert record == {
        "id": offset,
        "at": utc,
        "inner": {"at": utc, "other": offset},
        "list": [{"at": utc}, {"at": None}, "not an object"],
        "times": [utc, 5],
    }


def test_a_value_of_another_type_than_in_the_schema_passes() -> None:
    timestamp = {"type": ["string", "null"], "format": "date-time"}
    normalize = timestamp_normalizer(
        {"properties": {"at": timestamp, "inner": {"properties": {"at": timestamp}}}}
    )
    assert normalize is not None

    assert normalize({"at": 1767225600, "inner": "gone"}) == {"at": 1767225600, "inner": "gone"}


def test_a_schema_without_timestamps_needs_no_work() -> None:
    assert timestamp_normalizer({"properties": {"id": {"type": "string"}}}) is None
