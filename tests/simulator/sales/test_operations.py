"""Sales metrics cover an interval without gaps."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.simulator.api_caller import ApiCaller
from tests.simulator.conftest import MARKETPLACES

METRICS = "/sales/v1/orderMetrics"
US = {"marketplaceIds": MARKETPLACES[0]}
TIME_ZONE = {"granularityTimeZone": "US/Pacific"}


def intervals(api: ApiCaller, **params: Any) -> list[str]:
    answer = api.get(METRICS, **US, **params)
    assert answer.status_code == 200, answer.text
    return [metrics["interval"] for metrics in answer.json()["payload"]]


def test_days_begin_where_the_time_zone_says(api: ApiCaller) -> None:
    found = intervals(
        api,
        interval="2026-10-31T00:00:00-07:00--2026-11-02T12:00:00-08:00",
        granularity="Day",
        **TIME_ZONE,
    )

    # The second day has 25 hours; the third is cut off.
    assert found == [
        "2026-10-31T00:00-07:00--2026-11-01T00:00-07:00",
        "2026-11-01T00:00-07:00--2026-11-02T00:00-08:00",
        "2026-11-02T00:00-08:00--2026-11-02T12:00-08:00",
    ]


@pytest.mark.parametrize(
    ("granularity", "count"), [("Hour", 744), ("Day", 31), ("Week", 5), ("Month", 1), ("Total", 1)]
)
def test_an_interval_is_cut_by_its_granularity(
    api: ApiCaller, granularity: str, count: int
) -> None:
    found = intervals(
        api,
        interval="2026-10-01T00:00:00Z--2026-11-01T00:00:00Z",
        granularity=granularity,
        granularityTimeZone="UTC",
    )

    assert len(found) == count
    assert found[0].startswith("2026-10-01T00:00Z--")
    assert found[-1].endswith("--2026-11-01T00:00Z")
    for one, following in itertools.pairwise(found):
        assert one.partition("--")[2] == following.partition("--")[0]


def test_the_same_part_has_the_same_sales(api: ApiCaller) -> None:
    day = {**US, "granularity": "Day", "granularityTimeZone": "UTC"}
    one = api.get(METRICS, **day, interval="2026-10-01T00:00:00Z--2026-10-03T00:00:00Z").json()
    other = api.get(METRICS, **day, interval="2026-10-02T00:00:00Z--2026-10-04T00:00:00Z").json()

    assert one["payload"][1] == other["payload"][0]
    assert one["payload"][0]["totalSales"]["currencyCode"] == "USD"


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({"granularity": "Day"}, "granularityTimeZone"),
        ({"granularity": "Day", "granularityTimeZone": "Nowhere/Land"}, "granularityTimeZone"),
        ({"granularity": "Hour", "interval": "2026-10-01T00:00:00Z"}, "interval"),
        (
            {
                "granularity": "Hour",
                "interval": "2026-10-02T00:00:00Z--2026-10-01T00:00:00Z",
            },
            "interval",
        ),
        ({"granularity": "Hour", "asin": "A", "sku": "B"}, "asin"),
        ({"granularity": "Hour", "marketplaceIds": "NOWHERE"}, "marketplaceIds"),
    ],
)
def test_wrong_parameters_are_refused(api: ApiCaller, params: dict[str, str], name: str) -> None:
    interval = {"interval": "2026-10-01T00:00:00Z--2026-10-02T00:00:00Z"}

    assert name in api.refused(METRICS, **{**US, **interval, **params})
