"""The benchmark of orders sees what is wrong, and runs as fast as it may."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.builds import NoHistoryError, other_build
from benchmarks.order_lag import PERIOD, Period, Target, row
from benchmarks.order_truth import ITEMS, ORDERS, compare, differences
from benchmarks.orders import COMBINED, LOOP, REPORT, REPORT_SPEED, SEARCH_ALONE, SOURCES
from tests.fast_clock import BEGIN, FastClock

MARKETPLACE = "ATVPDKIKX0DER"


def an_order(number: int, **more: Any) -> dict[str, Any]:
    """Return an order with two items."""
    return {
        "orderId": f"{number}",
        "createdTime": "2026-11-13T17:54:59Z",
        "lastUpdatedTime": "2026-11-14T17:54:59Z",
        "salesChannel": {"marketplaceId": MARKETPLACE},
        "fulfillment": {"fulfillmentStatus": "SHIPPED"},
        "orderItems": [
            {"orderItemId": "1", "quantityOrdered": 2},
            {"orderItemId": "2", "quantityOrdered": 1, "product": {"asin": "B0"}},
        ],
        **more,
    }


def items_of(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the records of its items."""
    of_order = {
        "orderId": order["orderId"],
        "lastUpdatedTime": order["lastUpdatedTime"],
        "marketplaceId": MARKETPLACE,
        "createdTime": order["createdTime"],
        "fulfillmentStatus": order["fulfillment"]["fulfillmentStatus"],
    }
    return [item | of_order for item in order["orderItems"]]


def written(folder: Path, *records: tuple[str, dict[str, Any]]) -> Path:
    """Write messages of a run."""
    lines = [json.dumps({"type": "STATE", "value": {}})]
    lines += [
        json.dumps({"type": "RECORD", "stream": stream, "record": record})
        for stream, record in records
    ]
    path = folder / "output.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_what_equals_the_truth_is_neither_missing_nor_wrong(tmp_path: Path) -> None:
    order = an_order(1)
    record = order | {"_source": None, "buyer": None}
    output = written(tmp_path, (ORDERS, record), *((ITEMS, item) for item in items_of(order)))

    found = compare(output, json.dumps([order]).encode())

    for stream, number in ((ORDERS, 1), (ITEMS, 2)):
        assert found[stream].found == number
        assert not found[stream].missing
        assert not found[stream].wrong
        assert not found[stream].beyond


def test_what_the_tap_adds_may_be_missing_but_not_wrong(tmp_path: Path) -> None:
    order = an_order(1)
    first, second = items_of(order)
    of_older_build = {name: first[name] for name in first if name != "createdTime"}
    wrong = second | {"fulfillmentStatus": "UNSHIPPED"}
    output = written(
        tmp_path, (ORDERS, order | {"marketplaceId": "A1"}), (ITEMS, of_older_build), (ITEMS, wrong)
    )

    found = compare(output, json.dumps([order]).encode())

    assert found[ORDERS].properties == {"marketplaceId": 1}
    assert found[ITEMS].properties == {"fulfillmentStatus": 1}


def test_missing_and_additional_records_are_counted(tmp_path: Path) -> None:
    one, other = an_order(1), an_order(2)
    output = written(tmp_path, (ORDERS, one), (ORDERS, an_order(3)), (ITEMS, items_of(one)[0]))

    found = compare(output, json.dumps([one, other]).encode())

    assert (found[ORDERS].missing, found[ORDERS].beyond) == (1, 1)
    assert (found[ITEMS].missing, found[ITEMS].beyond) == (3, 0)


def test_the_last_record_counts(tmp_path: Path) -> None:
    order = an_order(1)
    older = order | {"lastUpdatedTime": "2026-11-13T17:54:59Z"}
    truth = json.dumps([order]).encode()

    right = compare(written(tmp_path, (ORDERS, older), (ORDERS, order)), truth)
    stale = compare(written(tmp_path, (ORDERS, order), (ORDERS, older)), truth)

    assert not right[ORDERS].wrong
    assert stale[ORDERS].wrong == 1
    assert stale[ORDERS].properties == {"lastUpdatedTime": 1}


def test_a_record_from_a_report_may_lack_what_one_of_the_api_may_not(tmp_path: Path) -> None:
    truth = json.dumps([an_order(1, programs=["PRIME"])]).encode()
    record = {"orderId": "1", "orderItems": [{"orderItemId": "2", "quantityOrdered": 1}]}
    partial = record | {"_source": "report", "_report": {"orderStatus": "Shipped"}}

    of_report = compare(written(tmp_path, (ORDERS, partial)), truth)[ORDERS]
    of_api = compare(written(tmp_path, (ORDERS, record)), truth)[ORDERS]

    assert (of_report.from_reports, of_report.wrong) == (1, 0)
    properties = {"orderId", "orderItems[].orderItemId", "orderItems[].quantityOrdered"}
    assert set(of_report.claimed) == properties
    assert of_api.wrong == 1
    assert {"programs", "orderItems[]"} < set(of_api.properties)


@pytest.mark.parametrize(
    ("record", "path"),
    [
        ({"orderItems": [{"orderItemId": "2", "quantityOrdered": 2}]}, "quantityOrdered"),
        ({"orderItems": [{"orderItemId": "9"}]}, "orderItems[]"),
        ({"orderItems": [{"orderItemId": "1", "product": {"asin": "B0"}}]}, "product"),
        ({"salesChannel": {"marketplaceId": "A1"}}, "salesChannel.marketplaceId"),
        ({"programs": ["PRIME"]}, "programs"),
        ({"lastUpdatedTime": "2026-11-14T17:54:58Z"}, "lastUpdatedTime"),
    ],
)
def test_what_a_partial_record_has_must_be_right(record: dict[str, Any], path: str) -> None:
    (found,) = differences(record, an_order(1), complete=False)

    assert found.endswith(path)


def test_the_same_moment_may_be_written_in_another_way() -> None:
    record = {"lastUpdatedTime": "2026-11-14T18:54:59+01:00"}

    assert not list(differences(record, an_order(1), complete=False))


def test_shortest_times_are_those_of_the_usage_plans() -> None:
    """The figures are those of the facts that the benchmark is about."""
    hour = 3600
    assert SOURCES[SEARCH_ALONE].shortest(2500) == pytest.approx(893, abs=1)
    assert SOURCES[SEARCH_ALONE].shortest(100_000) / hour == pytest.approx(48.6, abs=0.05)
    assert SOURCES[COMBINED].shortest(2500) == pytest.approx(536, abs=1)
    assert SOURCES[COMBINED].shortest(10_000) / hour == pytest.approx(2.09, abs=0.005)
    assert SOURCES[COMBINED].shortest(100_000) / hour == pytest.approx(25.7, abs=0.05)


def test_a_speed_is_no_higher_than_programs_on_one_machine_manage() -> None:
    assert SOURCES[LOOP].speed(10_000, 60) * 60 == pytest.approx(SOURCES[LOOP].shortest(10_000))
    assert SOURCES[COMBINED].speed(1_000_000, 60) * 0.5 == pytest.approx(60)
    assert SOURCES[SEARCH_ALONE].speed(10, 60) == 1
    assert SOURCES[REPORT].speed(10_000, 60) == REPORT_SPEED


def test_a_commit_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoHistoryError, match="commit 0123abc is not in the git history"):
        other_build("0123abc", tmp_path / "build")


class StoppedClock(FastClock):
    """A clock that a test moves itself."""

    def __init__(self) -> None:
        super().__init__(1.0)
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


def test_the_lag_of_a_change_is_that_of_its_first_record() -> None:
    clock, periods = StoppedClock(), dict[int, Period]()
    target = Target(clock, periods)

    def write(order_id: str, changed_after: float) -> None:
        changed = (BEGIN + dt.timedelta(seconds=changed_after)).isoformat()
        record = {"orderId": order_id, "lastUpdatedTime": changed}
        line = json.dumps({"type": "RECORD", "stream": "orders", "record": record}) + "\n"
        target.write(line[:20])
        target.write(line[20:])

    clock.seconds = 100
    write("1", 40)
    write("2", 90)
    clock.seconds = PERIOD + 10
    write("1", 40)
    write("2", PERIOD)
    target.write('{"type": "STATE", "value": {"bookmarks": {}}}\n')

    assert periods[0].lags == [60, 10]
    assert periods[1].lags == [10]
    assert target.state == {"bookmarks": {}}


def test_a_period_without_changes_has_no_lag() -> None:
    period = Period(runs=[600.0])

    shown = row(1, "search", period)

    assert shown[:7] == ["6 - 12", "search", "1", "10 min", "0", "", ""]
