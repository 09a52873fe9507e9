from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.migration import airbyte, hotglue
from tap_amazon_sp.migration.airbyte_states import bookmarks_of as airbyte_bookmarks
from tap_amazon_sp.migration.conversion import (
    Conversion,
    OldState,
    check_different,
    convert,
    lines,
)
from tap_amazon_sp.migration.hotglue import bookmarks_of as hotglue_bookmarks
from tap_amazon_sp.migration.rules import OldBookmark
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.state_input import read_state, unread_bookmarks
from tap_amazon_sp.tap import TapAmazonSP
from tests.migration.old_states import AIRBYTE, HOTGLUE, OLD, SETTINGS, shown

NOW = dt.datetime(2026, 11, 28, 9, tzinfo=dt.timezone.utc)
DAY = dt.timedelta(days=1)
NONE = dt.timedelta(0)
Streams = list[AmazonStream]


def streams_of(**settings: Any) -> Streams:
    tap = TapAmazonSP(config=SETTINGS | settings, setup_mapper=False)
    return list(tap.run.streams)


@pytest.fixture(scope="module")
def streams() -> Streams:
    return streams_of()


@pytest.fixture(scope="module")
def streams_of_two() -> Streams:
    return streams_of(marketplace_ids=["US", "CA"])


def of_airbyte(streams: Streams, *states: Any, overlap: dt.timedelta = NONE) -> Conversion:
    old = [OldState(f"{n}.json", [*airbyte_bookmarks([one], "")]) for n, one in enumerate(states)]
    return convert(old, airbyte.RULES, streams, now=NOW, overlap=overlap)


def of_hotglue(streams: Streams, *states: Any) -> Conversion:
    old = [OldState(f"{n}.json", [*hotglue_bookmarks(one)]) for n, one in enumerate(states)]
    return convert(old, hotglue.RULES, streams, now=NOW, overlap=NONE)


def values(done: Conversion) -> dict[str, str]:
    bookmarks = done.added_to({}, None)["bookmarks"]
    return {name: bookmark["replication_key_value"] for name, bookmark in bookmarks.items()}


def test_states_of_airbyte_are_converted(streams: Streams) -> None:
    done = of_airbyte(streams, AIRBYTE)

    assert done.added_to({}, None) == {
        "bookmarks": {
            # The items were not read as far as the orders.
            "orders": {
                "streams": ["order_items", "orders"],
                "replication_key": "lastUpdatedTime",
                "replication_key_value": "2026-11-20T11:00:00Z",
            },
            "financial_events": {
                "replication_key": "_window_end",
                "replication_key_value": "2026-11-20T00:00:00Z",
            },
            "report_fba_reimbursements": {
                "replication_key": "_data_end_time",
                "replication_key_value": "2026-11-20T00:00:00Z",
            },
        }
    }
    assert not done.left_out


def test_the_overlap_is_read_again(streams: Streams) -> None:
    done = of_airbyte(streams, shown(Orders={"LastUpdateDate": OLD}), overlap=DAY)

    assert values(done) == {"orders": "2026-11-19T12:00:00Z"}
    assert [*lines(done, "P1D")] == [
        f"orders: read from 2026-11-19T12:00:00Z on ({OLD}, less an overlap of P1D)"
    ]


def test_the_tap_reads_what_is_converted(streams: Streams) -> None:
    state = of_airbyte(streams, AIRBYTE).added_to({}, None)

    assert read_state(state) == state
    assert unread_bookmarks(state, [stream.name for stream in streams], [None]) == []


def test_states_of_hotglue_are_converted(streams: Streams) -> None:
    done = of_hotglue(streams, HOTGLUE)

    # The clock of the machine may have been 14 hours ahead.
    assert values(done) == {
        "orders": OLD,
        "report_sales_and_traffic": "2026-11-19T00:00:00Z",
        "report_sales_and_traffic_by_asin": "2026-11-19T00:00:00Z",
    }
    assert done.converted[0].bookmark["streams"] == ["order_items", "orders"]


def test_each_marketplace_that_is_read_needs_a_bookmark(streams_of_two: Streams) -> None:
    done = of_hotglue(streams_of_two, HOTGLUE)

    assert "orders" not in values(done)
    assert "no `replication_key_value` of marketplace CA" in done.left_out[0]
    only_us = {"context": {"marketplace_id": "US"}, "replication_key_value": OLD}
    missing = of_hotglue(streams_of_two, {"bookmarks": {"orders": {"partitions": [only_us]}}})
    assert "no bookmark of A2EUQ1WTGCTBG2 (CA)" in missing.left_out[0]
    assert "which `marketplace_ids` names" in missing.left_out[0]


def test_an_old_state_of_one_marketplace_does_not_do_for_two(streams_of_two: Streams) -> None:
    us, ca = (shown(Orders={"LastUpdateDate": one}) for one in (OLD, "2026-11-18T00:00:00Z"))

    assert "give the old states of all of them" in of_airbyte(streams_of_two, us).left_out[0]
    # Of both, the earlier one counts.
    assert values(of_airbyte(streams_of_two, us, ca)) == {"orders": "2026-11-18T00:00:00Z"}
    other = shown(OrderItems={"use_global_cursor": True, "state": {"LastUpdateDate": OLD}})
    assert "1.json has no bookmark of it" in of_airbyte(streams_of_two, us, other).left_out[0]


@pytest.mark.parametrize(
    ("left", "right", "are_different"),
    [
        ((OLD, None), (OLD, None), False),
        ((OLD, "x"), (OLD, None), False),
        ((OLD, "x"), (OLD, "y"), True),
        ((OLD, "x"), ("2026-11-18T00:00:00Z", "x"), False),
        ((OLD, None), ("2026-11-18T00:00:00Z", None), True),
    ],
)
def test_the_state_of_a_connection_counts_for_one_marketplace(
    left: Any, right: Any, *, are_different: bool
) -> None:
    states = [
        OldState(f"{n}.json", [OldBookmark("Orders", text)], connection)
        for n, (text, connection) in enumerate((left, right))
    ]

    if are_different:
        check_different(states)
    else:
        with pytest.raises(SettingsError, match=r"^0.json and 1.json are states of one connection"):
            check_different(states)


def test_without_marketplaces_in_the_settings_nobody_knows_what_one_state_is_of() -> None:
    done = of_airbyte(streams_of(marketplace_ids=[]), AIRBYTE)

    assert [*values(done)] == ["financial_events"]
    assert all("set `marketplace_ids`" in sentence for sentence in done.left_out)


def test_of_two_entries_of_a_stream_the_earlier_one_counts(streams: Streams) -> None:
    earlier, later = (
        shown(Orders={"LastUpdateDate": one}) for one in ("2026-11-18T00:00:00Z", OLD)
    )

    for state in ([*earlier, *later], [*later, *earlier]):
        assert values(of_airbyte(streams, state)) == {"orders": "2026-11-18T00:00:00Z"}


def test_a_time_in_the_future_is_not_certain_even_if_its_connector_goes_back(
    streams: Streams,
) -> None:
    future = {"LastUpdateDate": "2026-12-24T00:00:00Z"}
    state = {"use_global_cursor": True, "lookback_window": 5_000_000, "state": future}

    done = of_airbyte(streams, shown(Orders=state))

    assert not done.converted
    assert "'2026-12-24T00:00:00Z' is in the future" in done.left_out[0]


@pytest.mark.parametrize(
    ("name", "state", "reason"),
    [
        ("VendorOrders", {"changedBefore": OLD}, "its records change after their time"),
        ("ListFinancialEventGroups", {"FinancialEventGroupStart": OLD}, "its records change"),
        ("VendorOrdersStatus", {"createdBefore": OLD}, "not its later changes"),
        ("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE", {"dataEndTime": OLD}, "no longer"),
        ("GET_SELLER_FEEDBACK_DATA", {"date": OLD}, "`reports` has no GET_SELLER_FEEDBACK_DATA"),
        ("Orders", {"LastUpdateDate": "2026-11-29T00:00:00Z"}, "is in the future"),
        ("Orders", {"LastUpdateDate": "soon"}, "is not a time"),
        ("Orders", {}, "has read nothing"),
    ],
)
def test_what_is_not_certain_is_left_out(
    streams: Streams, name: str, state: Any, reason: str
) -> None:
    done = of_airbyte(streams, shown(**{name: state}))

    assert not done.converted
    (sentence,) = done.left_out
    assert sentence.startswith(name)
    assert reason in sentence


def test_an_entry_that_is_missing_is_shown_with_its_options(streams: Streams) -> None:
    done = of_hotglue(streams, {"bookmarks": {"fba_inventory_ledger_detailed": {"x": 1}}})

    (sentence,) = done.left_out
    assert sentence == (
        "fba_inventory_ledger_detailed: `reports` has no GET_LEDGER_DETAIL_VIEW_DATA with "
        '"options": {"eventType": "Adjustments"}: add it, and convert again'
    )
    # What is the default need not be written.
    done = of_hotglue(streams_of(reports=[]), HOTGLUE)
    assert "`reports` has no GET_SALES_AND_TRAFFIC_REPORT: add it" in done.left_out[0]


def test_reports_of_how_things_are_need_no_bookmark(streams: Streams) -> None:
    done = of_airbyte(streams, shown(GET_AFN_INVENTORY_DATA={"dataEndTime": "2026-11-20"}))

    assert done.needless == ["GET_AFN_INVENTORY_DATA"]
    assert [*lines(done, "P1D")] == [
        "GET_AFN_INVENTORY_DATA: needs no bookmark here, as each run reads how things are then"
    ]


def test_options_tell_entries_of_a_type_apart(streams: Streams) -> None:
    state = {"queryEndDate": "2026-11-20T23:59:59Z"}

    def names(old: str) -> set[str]:
        return {*values(of_airbyte(streams, shown(**{old: state})))}

    assert names("GET_SALES_AND_TRAFFIC_REPORT") == {"report_sales_and_traffic_by_asin"}
    assert names("GET_SALES_AND_TRAFFIC_REPORT_BY_DATE") == {"report_sales_and_traffic"}
    assert names("GET_SALES_AND_TRAFFIC_REPORT_BY_MONTH") == {"by_month_by_asin"}


def test_a_day_that_was_not_over_is_read_again(streams: Streams) -> None:
    # The end of today is in the future, and yesterday was read.
    today = shown(GET_SALES_AND_TRAFFIC_REPORT_BY_DATE={"queryEndDate": "2026-11-28T23:59:59Z"})

    assert values(of_airbyte(streams, today)) == {
        "report_sales_and_traffic": "2026-11-28T00:00:00Z"
    }


def test_a_stream_of_another_kind_is_named(streams: Streams) -> None:
    done = of_airbyte(streams, shown(Customers={"id": 5}))

    assert [*lines(done, "P1D")] == [
        "Not converted: Customers: no stream of that name with a bookmark is known here"
    ]


def test_bookmarks_of_accounts_are_added_to_those_of_others(streams: Streams) -> None:
    done = of_airbyte(streams, shown(Orders={"LastUpdateDate": OLD}))
    part = done.converted[0].bookmark

    of_one = done.added_to({"bookmarks": {"feeds": {}}}, {"_account": "one"})
    of_both = done.added_to(done.added_to(of_one, {"_account": "two"}), {"_account": "one"})

    one, two = ({"context": {"_account": name}, **part} for name in ("one", "two"))
    assert of_one == {"bookmarks": {"feeds": {}, "orders": {"partitions": [one]}}}
    assert of_both["bookmarks"]["orders"] == {"partitions": [two, one]}


ODD: tuple[Any, ...] = (
    None,
    True,
    5,
    1e300,
    "",
    "x",
    "9999-12-31T23:59:59Z",
    "0001-01-01",
    [],
    {},
    [{}],
    {"a": 1},
)


def places_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    children: Any = value.items() if isinstance(value, dict) else ()
    for name, inner in enumerate(value) if isinstance(value, list) else children:
        yield from places_in(inner, (*path, name))


def damaged(value: Any) -> Iterator[Any]:
    """Yield copies of a JSON value in which one part is another one, or is missing."""
    for *way, last in places_in(value):
        for odd in (*ODD, ...):
            whole = copy.deepcopy(value)
            holder = whole
            for step in way:
                holder = holder[step]
            if odd is ...:
                del holder[last]
            else:
                holder[last] = odd
            yield whole


@pytest.mark.parametrize(
    ("whole", "connector"),
    [(AIRBYTE, of_airbyte), (HOTGLUE, of_hotglue)],
    ids=["airbyte", "hotglue"],
)
def test_a_damaged_state_never_makes_a_later_bookmark(
    streams: Streams, whole: Any, connector: Any
) -> None:
    right: Mapping[str, str] = values(connector(streams, whole))
    outcomes = {"refused": 0, "converted": 0}

    for state in damaged(whole):
        try:
            found = values(connector(streams, state))
        except SettingsError:
            outcomes["refused"] += 1
            continue
        outcomes["converted"] += 1
        for name, value in found.items():
            # Without the items, the orders count; without the last slice, an earlier one.
            limit = max(parse_timestamp(right[name]), parse_timestamp(OLD))
            assert parse_timestamp(value) <= limit, state

    assert min(outcomes.values()) > 10
