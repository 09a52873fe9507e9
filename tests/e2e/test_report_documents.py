"""Documents of all forms, as rows and as files, through the installed command."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tap_amazon_sp.reading.keys import NO_VALUE
from tap_amazon_sp.settings.reports import stream_name
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.simulator.reports.generated import GeneratedReports, Made
from tap_amazon_sp.simulator.reports.request import ReportRequest
from tests.made_documents import document_of, misfits
from tests.processes import DEVNULL, Command
from tests.sellers import GET_DOCUMENT, Seller, Sellers, days_ago, pending, report_ids
from tests.simulator.api_caller import REPORTS
from tests.tap_runs import (
    TapRun,
    bookmarks_in,
    catalog_of,
    discover,
    read_messages,
    run_tap,
    select,
)

LISTINGS = "GET_MERCHANT_LISTINGS_DATA"
"""How things are, tab-separated."""
REMOVALS = "GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA"
"""Of a time, tab-separated."""
RETURNS = "GET_CSV_MFN_PRIME_RETURNS_REPORT"
"""Of a time, comma-separated."""
TRANSACTIONS = "GET_DATE_RANGE_FINANCIAL_TRANSACTION_DATA"
"""Made in Seller Central only."""
TRAFFIC = "GET_SALES_AND_TRAFFIC_REPORT"
"""JSON with two arrays."""
FLAT_ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
FLAT_ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
XML_ORDERS = "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
XML_RETURNS = "GET_XML_RETURNS_DATA_BY_RETURN_DATE"
SETTLEMENTS = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
PLANNING, PLANNED = "GET_FBA_INVENTORY_PLANNING_DATA", "report_fba_inventory_planning"
"""How things are; thousands of rows in these tests."""
LARGE = "GET_AFN_INVENTORY_DATA"
UNKNOWN = "GET_SOMETHING_NEW_DATA"

MANY_ROWS = 2_500
LARGE_ROWS = 40_000
DOCUMENTS = "documents"


def world(**more: Any) -> SimulatorSettings:
    values: dict[str, Any] = {"orders": 60, "history_days": 60, "records": 5} | more
    return SimulatorSettings(speed=1e6, changes_per_minute=0, port=0, **values)


@pytest.fixture(scope="module")
def sellers() -> Iterator[Sellers]:
    settings = world(
        sellers=60,
        report_rows={PLANNING: MANY_ROWS, LARGE: LARGE_ROWS},
        report_types={UNKNOWN: "TSV", "GET_NEW_CSV_REPORT": "CSV", "GET_NEW_XML_REPORT": "XML"},
    )
    with Simulator(settings) as simulator:
        yield Sellers(simulator)


@pytest.fixture
def seller(sellers: Sellers, tmp_path: Path) -> Seller:
    return sellers.next(tmp_path)


Documents = Mapping[str, Callable[[ReportRequest], str | bytes]]


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the simulator give these documents of these types instead of its own."""
    made = GeneratedReports.made

    def put(documents: Documents, content_type: str = "text/plain;charset=UTF-8") -> None:
        def made_here(self: GeneratedReports, request: ReportRequest) -> Made | None:
            if (make := documents.get(request.type.name)) is None:
                return made(self, request)
            content = make(request)
            stored = content.encode() if isinstance(content, str) else content
            return Made(content_type, lambda: stored, zipped=True)

        monkeypatch.setattr(GeneratedReports, "made", made_here)

    return put


def one_day(report_type: str, **more: Any) -> dict[str, Any]:
    """An entry for a day that is over."""
    return {
        "report_type": report_type,
        "start_date": days_ago(3),
        "end_date": days_ago(2),
    } | more


def own(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the document holds of a record."""
    return {name: value for name, value in record.items() if not name.startswith("_")}


def texts(values: Any) -> list[str]:
    """Return values as a flat file has them; instants are left as they are."""
    return ["" if value is None else str(value) for value in values]


def good(run: TapRun, stream: str) -> list[dict[str, Any]]:
    """Return the records of a stream in a run in which all is well."""
    assert run.exit_code == 0, run.log
    assert misfits(run) == {}
    records = run.records(stream)
    assert records
    return records


def failure(run: TapRun) -> str:
    """Return how a run says that a stream failed."""
    assert run.exit_code == 1, run.log
    (line,) = [line for line in run.log.splitlines() if "' failed: " in line]
    return line.partition("' failed: ")[2]


def schemas(run: TapRun, stream: str) -> list[dict[str, Any]]:
    """Return the properties in each SCHEMA of a stream."""
    return [
        message["schema"]["properties"]
        for message in run.of_type("SCHEMA")
        if message["stream"] == stream
    ]


# --- Character sets -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marketplace", "settings", "codec", "letters"),
    [
        ("JP", {"region": "fe"}, "cp932", "東京"),
        ("DE", {"region": "eu"}, "cp1252", "ö"),
        ("US", {"report_charsets": {LISTINGS: "UTF-16"}}, "utf-16", "ö"),
    ],
)
def test_documents_are_read_in_the_character_set_they_are_in(
    tmp_path: Path, marketplace: str, settings: dict[str, Any], codec: str, letters: str
) -> None:
    with Simulator(world(sellers=2, **settings)) as simulator:
        seller = Sellers(simulator).next(tmp_path)

        run = seller.run(reports=[LISTINGS], marketplace_ids=[marketplace])

        (report,) = seller.ordered
        document = document_of(simulator, seller.name, report)
    records = good(run, "report_merchant_listings")
    header, *lines = document.decode(codec).splitlines()
    names = [name.replace("-", "_") for name in header.split("\t")]
    table = [dict(zip(names, line.split("\t"), strict=True)) for line in lines]
    assert [texts(own(record).values())[:2] for record in records] == [
        [row["item_name"], row["item_description"]] for row in table
    ]
    assert [record["item_note"] for record in records] == [row["item_note"] for row in table]
    assert letters in "".join(value for row in table for value in row.values())
    assert "�" not in json.dumps(records, ensure_ascii=False)


# --- JSON, XML and settlements --------------------------------------------------------------------


def nodes_in(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(nodes_in, value.values()))
    return 1 + sum(map(nodes_in, value)) if isinstance(value, list) else 1


def test_a_json_report_with_a_million_nodes_is_read_to_its_end(tmp_path: Path) -> None:
    with Simulator(world(sellers=2, report_rows={TRAFFIC: 30_000})) as simulator:
        seller = Sellers(simulator).next(tmp_path)

        run = seller.run(reports=[one_day(TRAFFIC, record_path="salesAndTrafficByAsin")])

        (report,) = seller.ordered
        content = json.loads(document_of(simulator, seller.name, report), parse_float=Decimal)
    rows = content["salesAndTrafficByAsin"]
    assert nodes_in(content) > 1_000_000
    assert run.exit_code == 0, run.log
    records = run.records("report_sales_and_traffic")
    assert [
        (record["parent_asin"], record["traffic_by_asin"]["page_views"]) for record in records
    ] == [(row["parentAsin"], row["trafficByAsin"]["pageViews"]) for row in rows]
    assert [record["_row_number"] for record in records] == [*range(1, len(rows) + 1)]
    # Every thousandth is checked: all would take longer than everything else here.
    some = [
        message
        for message in run.messages
        if message["type"] == "SCHEMA" or message.get("record", {}).get("_row_number", 0) % 999 == 1
    ]
    assert len(some) > 30
    assert misfits(TapRun(run.exit_code, some, run.log)) == {}


@pytest.fixture
def busy_seller(tmp_path: Path) -> Iterator[Seller]:
    """A seller with orders on each day."""
    with Simulator(world(orders=600, sellers=3)) as simulator:
        yield Sellers(simulator).next(tmp_path)


def test_an_xml_report_gives_nested_records(busy_seller: Seller) -> None:
    seller = busy_seller
    entry = one_day(XML_ORDERS)
    items_alone = entry | {"name": "items_alone", "record_path": "Message.Order.OrderItem"}

    # The report is that of the whole region.
    run = seller.run(reports=[entry, items_alone], marketplace_ids=["US", "CA", "MX", "BR"])

    records = good(run, "report_xml_all_orders_data_by_order_date_general")
    orders = [
        order
        for report in seller.ordered
        if "reportDocumentId" in report
        for order in ET.fromstring(  # noqa: S314 - made by the simulator
            document_of(seller.simulator, seller.name, report)
        ).findall("./Message/Order")
    ]
    assert [record["amazon_order_id"] for record in records] == [
        order.findtext("AmazonOrderID") for order in orders
    ]
    for record, order in zip(records, orders, strict=True):
        assert [item["sku"] for item in record["order_item"]] == [
            item.findtext("SKU") for item in order.findall("OrderItem")
        ]
        city = order.findtext("FulfillmentData/Address/City")
        assert record["fulfillment_data"]["address"]["city"] == city
    assert [own(record) for record in good(run, "items_alone")] == [
        item for record in records for item in record["order_item"]
    ]


def test_every_order_of_the_region_comes_once_with_its_marketplace(seller: Seller) -> None:
    entries = [
        {"report_type": name, "start_date": days_ago(10), "end_date": days_ago(2)}
        for name in (FLAT_ORDERS, XML_ORDERS)
    ]

    run = seller.run(reports=entries, marketplace_ids=["US", "CA", "MX", "BR"])

    expected = {
        (item["orderItemId"], order["salesChannel"]["marketplaceId"])
        for order in seller.simulator.truth("orders", seller.name)
        if days_ago(10) <= order["createdTime"] < days_ago(2)
        for item in order["orderItems"]
    }
    rows = good(run, "report_flat_file_all_orders_data_by_order_date_general")
    orders = good(run, "report_xml_all_orders_data_by_order_date_general")
    found = [(row["order_item_id"], row["_marketplace_id"]) for row in rows]
    in_xml = [
        (item["amazon_order_item_code"], order["_marketplace_id"])
        for order in orders
        for item in order["order_item"]
    ]
    outside = {row["order_item_id"] for row in rows if row["sales_channel"] == "Non-Amazon"}
    assert sorted(found) == sorted(in_xml)
    assert {place for place in found if place[0] not in outside} == expected
    assert len(found) == len(expected) + len(outside)
    assert len({marketplace for _, marketplace in expected}) > 1
    assert {marketplace for item, marketplace in found if item in outside} <= {NO_VALUE}
    # One report for each window, not one for each marketplace.
    windows = [(report["reportType"], report["dataStartTime"]) for report in seller.ordered]
    assert len(windows) == len({*windows})


def test_settlements_are_each_read_once_as_they_come(seller: Seller) -> None:
    entry = {
        "report_type": SETTLEMENTS,
        "start_date": days_ago(89),
        "marketplace_ids": ["ATVPDKIKX0DER"],
    }
    first = seller.run(reports=[entry])
    records = good(first, "report_v2_settlement_report_data_flat_file_v2")
    listed = [
        report
        for report in seller.simulator.truth("reports", seller.name)
        if report["reportType"] == SETTLEMENTS and report["marketplaceIds"] == ["ATVPDKIKX0DER"]
    ]
    listed.sort(key=lambda report: str(report["createdTime"]))
    expected = []
    for report in listed:
        header, *lines = document_of(seller.simulator, seller.name, report).decode().splitlines()
        names = header.split("\t")
        at = names.index("settlement-id"), names.index("amount-description")
        expected += [tuple(line.split("\t")[place] for place in at) for line in lines]
    assert len(listed) > 1
    assert [
        (record["settlement_id"], record["amount_description"] or "") for record in records
    ] == expected
    assert {record["_report_id"] for record in records} == {one["reportId"] for one in listed}
    # Amazon says the currency in the first line of each document alone.
    assert {record["_currency"] for record in records} == {"USD"}
    assert [record["currency"] for record in records if record["currency"]] == ["USD"] * len(listed)
    assert seller.ordered == []

    second = seller.run(reports=[entry], state=first.last_state)

    assert second.exit_code == 0, second.log
    assert second.records("report_v2_settlement_report_data_flat_file_v2") == []


# --- Awkward flat files ---------------------------------------------------------------------------


def test_quotes_and_line_breaks_stay_in_their_values(
    seller: Seller, put: Callable[..., None]
) -> None:
    texts_of_csv = ['two lines,\n"quoted"', 'a "b" c', "line\r\nend", "5,00 €", ""]
    stream = io.StringIO()
    csv.writer(stream).writerows([["date/time", "description", "total"]])
    csv.writer(stream).writerows([["x", text, "1"] for text in texts_of_csv])
    tabs = 'sku\titem-name\n1\t5" pipe\n2\t"Best" towel\n3\t"two\nlines"\n4\tplain\n'
    put({RETURNS: lambda _: stream.getvalue(), LISTINGS: lambda _: tabs})

    run = seller.run(reports=[one_day(RETURNS), LISTINGS])

    assert [
        record["description"] for record in good(run, "report_csv_mfn_prime_returns")
    ] == texts_of_csv
    assert [own(record) for record in good(run, "report_merchant_listings")] == [
        {"sku": "1", "item_name": '5" pipe'},
        {"sku": "2", "item_name": '"Best" towel'},
        {"sku": "3", "item_name": "two\nlines"},
        {"sku": "4", "item_name": "plain"},
    ]


def test_values_stay_as_amazon_sent_them(seller: Seller, put: Callable[..., None]) -> None:
    header = "seller-sku\tasin1\tproduct-id\tprice\tquantity\titem-note\n"
    rows = "0012\t0439023483\t00439023483000000000001\t10.00\t3\t1e5\n7\t1234567890\t12\t\t\t-0\n"
    put({LISTINGS: lambda _: header + rows})

    run = seller.run(reports=[LISTINGS])

    first, second = good(run, "report_merchant_listings")
    assert own(first) == {
        "seller_sku": "0012",
        "asin1": "0439023483",
        "product_id": "00439023483000000000001",
        "price": 10.0,
        "quantity": 3,
        "item_note": "1e5",
    }
    assert own(second) == {
        "seller_sku": "7",
        "asin1": "1234567890",
        "product_id": "12",
        "price": None,
        "quantity": None,
        "item_note": "-0",
    }


def test_lines_with_more_or_fewer_fields_than_the_header_lose_nothing(
    seller: Seller, put: Callable[..., None]
) -> None:
    put({LISTINGS: lambda _: "seller-sku\tprice\na\t1\nb\nc\t3\tmore\tand more\n\nd\t4\t\n"})

    run = seller.run(reports=[LISTINGS])

    assert [
        own(record) | {"extra": record.get("_extra_columns")}
        for record in good(run, "report_merchant_listings")
    ] == [
        {"seller_sku": "a", "price": 1, "extra": None},
        {"seller_sku": "b", "price": None, "extra": None},
        {"seller_sku": "c", "price": 3, "extra": ["more", "and more"]},
        {"seller_sku": "d", "price": 4, "extra": None},
    ]


def test_a_value_that_is_not_of_its_columns_kind_is_kept(
    seller: Seller, put: Callable[..., None]
) -> None:
    def listings(request: ReportRequest) -> str:
        del request
        lines = [f"sku-{number}\t{number}.50\t{number}" for number in range(1, 6001)]
        lines[4499] = "sku-4500\tn/a\t4500"
        return "\n".join(["seller-sku\tprice\tquantity", *lines])

    put({LISTINGS: listings})

    first = seller.run(reports=[LISTINGS])
    records = good(first, "report_merchant_listings")

    assert [record["seller_sku"] for record in records] == [f"sku-{n}" for n in range(1, 6001)]
    assert [record["price"] for record in records][4498:4501] == [4499.5, None, 4501.5]
    assert [record.get("_misfits") for record in records][4498:4501] == [
        None,
        {"price": "n/a"},
        None,
    ]
    kinds = [found["price"]["type"] for found in schemas(first, "report_merchant_listings")]
    assert kinds == [["number", "null"]]
    assert all(isinstance(record["quantity"], int) for record in records)


def test_a_misfit_in_one_window_leaves_the_next_ones_consistent(
    seller: Seller, put: Callable[..., None]
) -> None:
    def removals(request: ReportRequest) -> str:
        day = dt.datetime.fromtimestamp(request.start, dt.timezone.utc)
        shipped = {days_ago(4): "1", days_ago(3): "about 2", days_ago(2): "3"}
        return f"order-id\tshipped-quantity\nA\t{shipped[f'{day:%Y-%m-%dT%H:%M:%SZ}']}\n"

    put({REMOVALS: removals})
    entry = one_day(REMOVALS, start_date=days_ago(4), end_date=days_ago(1), window="DAY")

    run = seller.run(reports=[entry])

    stream = "report_fba_fulfillment_removal_shipment_detail"
    records = good(run, stream)
    assert [record["shipped_quantity"] for record in records] == [1, None, 3]
    assert records[1]["_misfits"] == {"shipped_quantity": "about 2"}


# --- Downloads ------------------------------------------------------------------------------------


def all_rows_came_once(seller: Seller, run: TapRun) -> bool:
    assert run.exit_code == 0, run.log
    (report,) = seller.ordered
    header, *lines = document_of(seller.simulator, seller.name, report).decode().splitlines()
    at = header.split("\t").index("sku")
    assert len(lines) == MANY_ROWS
    return [(record["_row_number"], record["sku"]) for record in run.records(PLANNED)] == [
        (number, line.split("\t")[at]) for number, line in enumerate(lines, 1)
    ]


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("not_gzip", None),
        ("truncated_gzip", 1),
        ("truncated", 1),
        ("expired_url", 1),
    ],
)
def test_what_goes_wrong_with_a_download_is_mended_without_duplicate_rows(
    seller: Seller, kind: str, count: int | None
) -> None:
    seller.inject(kind, DOCUMENTS, count=count)

    run = seller.run(reports=[PLANNING])

    assert all_rows_came_once(seller, run)
    addresses = len(seller.calls(GET_DOCUMENT))
    assert addresses == (2 if kind == "expired_url" else 1)
    if count is not None:
        waiting = seller.simulator.faults
        assert seller.name not in {fault["account"] for fault in waiting}


def test_a_document_that_stays_truncated_fails_and_is_read_by_the_next_run(seller: Seller) -> None:
    seller.inject("truncated_gzip", DOCUMENTS, count=None)

    first = seller.run(reports=[PLANNING])

    assert "gzip ends too early" in failure(first)
    assert pending(first, PLANNED) == seller.ordered_ids
    seller.simulator.clear_faults()
    second = seller.run(reports=[PLANNING], state=first.last_state)
    assert all_rows_came_once(seller, second)


SENTENCE = "Date range exceeded. Report can be requested only upto 30 days."


def test_what_is_not_a_document_moves_no_bookmark_and_leaves_no_file(
    seller: Seller, put: Callable[..., None]
) -> None:
    folder = seller.folder / "files"
    documents = {
        REMOVALS: (SENTENCE, f"it says: {SENTENCE}"),
        RETURNS: ("<!DOCTYPE html><html></html>", "is an HTML page"),
        XML_RETURNS: ("<Error><Code>SlowDown</Code></Error>", "an error of the store (SlowDown)"),
        "GET_NEW_CSV_REPORT": ('[{"a": 1}, {"a": "2', "is not JSON, or incomplete"),
        LISTINGS: ('{"errorDetails": "No listings"}', "only says: No listings"),
        PLANNING: ("", "is empty"),
    }
    entries = [
        one_day(name, save_to=str(folder)) for name in documents if name not in (LISTINGS, PLANNING)
    ]
    entries.append({"report_type": LISTINGS, "save_to": str(folder), "format": "jsonl"})
    entries.append({"report_type": PLANNING, "save_to": str(folder)})
    put({name: lambda _, text=text: text for name, (text, _) in documents.items()})

    first = seller.run(reports=[*entries, one_day(UNKNOWN)])

    assert first.exit_code == 1
    failures = [line for line in first.log.splitlines() if "' failed: " in line]
    for name, (_, reason) in documents.items():
        (line,) = (line for line in failures if f"'{stream_name(name)}' failed" in line)
        assert reason in line
        assert "replication_key_value" not in first.last_state["bookmarks"][stream_name(name)]
        assert pending(first, stream_name(name))
    assert first.records("report_something_new")
    assert not folder.exists() or not [*folder.iterdir()]
    assert "Traceback" not in first.log


# --- Types that nobody knows ----------------------------------------------------------------------


def test_columns_of_unknown_types_are_discovered(seller: Seller) -> None:
    names = (UNKNOWN, "GET_NEW_CSV_REPORT", "GET_NEW_XML_REPORT")

    run = seller.run(reports=[one_day(name) for name in names])

    columns = ["record_id", "date", "sku", "asin", "product_name", "quantity", "amount"]
    for stream in ("report_something_new", "report_new_csv"):
        assert list(own(good(run, stream)[0])) == columns
        (properties,) = schemas(run, stream)
        assert {str(properties[name]) for name in columns} == {str({"type": ["string", "null"]})}
    assert list(own(good(run, "report_new_xml")[0])) == ["id", "date", "sku", "quantity", "amount"]
    assert f"{UNKNOWN} is not a report type that is known here" in run.log


# --- Names and keys of columns --------------------------------------------------------------------


def test_columns_may_keep_amazons_names_and_keys_may_be_given(
    seller: Seller, put: Callable[..., None]
) -> None:
    put({LISTINGS: lambda _: "seller-sku\tItem Name\tprice\nA1\tx\t1\nA2\ty\t2\n"})

    run = seller.run(
        reports=[
            {"report_type": LISTINGS, "column_names": "original"},
            {"report_type": LISTINGS, "name": "listings", "keys": ["seller_sku"]},
            {
                "report_type": LISTINGS,
                "name": "listings_as_they_are",
                "column_names": "original",
                "keys": ["_marketplace_id", "seller-sku"],
            },
        ]
    )

    assert [own(record) for record in good(run, "report_merchant_listings")] == [
        {"seller-sku": "A1", "item-name": "x", "price": 1},
        {"seller-sku": "A2", "item-name": "y", "price": 2},
    ]
    keys = {message["stream"]: message["key_properties"] for message in run.of_type("SCHEMA")}
    assert keys == {
        "report_merchant_listings": ["_data_start_time", "_marketplace_id", "_row_number"],
        "listings": ["seller_sku"],
        "listings_as_they_are": ["_marketplace_id", "seller-sku"],
    }
    assert [record["seller_sku"] for record in good(run, "listings")] == ["A1", "A2"]


def test_a_key_that_is_no_column_is_told(seller: Seller) -> None:
    run = seller.run(reports=[{"report_type": LISTINGS, "keys": ["sku"]}])

    assert "a record has no 'sku', only item_name, item_description, listing_id" in failure(run)
    assert run.of_type("RECORD") == []


def test_a_key_that_a_json_record_lacks_is_told(seller: Seller) -> None:
    run = seller.run(reports=[one_day(TRAFFIC, record_path="salesAndTrafficByDate", keys=["day"])])

    assert "a record has no 'day', only date, " in failure(run)


# --- Where records are ----------------------------------------------------------------------------


def test_records_are_read_where_the_path_says(seller: Seller, put: Callable[..., None]) -> None:
    content = {"meta": {"n": 6}, "first": [{"n": 1}], "inner": {"second": [{"n": 2}, {"n": 3}]}}
    put(
        {
            UNKNOWN: lambda _: json.dumps([{"n": 4}, {"n": 5}]),
            "GET_NEW_CSV_REPORT": lambda _: json.dumps(content),
        },
        "application/json",
    )
    paths = {"found_first": None, "found_second": "inner.second", "found_object": "meta"}

    run = seller.run(
        reports=[
            UNKNOWN,
            *(
                {"report_type": "GET_NEW_CSV_REPORT", "name": name, "record_path": path}
                for name, path in paths.items()
            ),
        ]
    )

    found = {
        stream: [record["n"] for record in good(run, stream)]
        for stream in ("report_something_new", *paths)
    }
    assert found == {
        "report_something_new": [4, 5],
        "found_first": [1],
        "found_second": [2, 3],
        "found_object": [6],
    }


NOTHING_THERE = [{"n": number} for number in range(50_000)]


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ({"rows": NOTHING_THERE[:2]}, "lines"),
        ({"rows": NOTHING_THERE[:2]}, "rows.lines"),
        pytest.param({"rows": NOTHING_THERE}, "lines", id="a long document"),
        pytest.param(
            "<Report><Record><n>1</n></Record><Record><n>2</n></Record></Report>",
            "Line",
            id="XML",
        ),
    ],
)
def test_a_wrong_path_is_told(
    seller: Seller, put: Callable[..., None], content: Any, path: str
) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    put({UNKNOWN: lambda _: text}, "application/octet-stream")

    run = seller.run(reports=[{"report_type": UNKNOWN, "record_path": path}])

    told = failure(run)
    assert f"nothing at `{path}`" in told
    assert run.of_type("RECORD") == []


# --- Files ----------------------------------------------------------------------------------------


def test_documents_are_stored_as_delivered(seller: Seller) -> None:
    folder = seller.folder / "files"
    entry = one_day(RETURNS, save_to=str(folder), window="DAY", start_date=days_ago(4))

    run = seller.run(reports=[entry, {"report_type": LISTINGS, "save_to": folder.as_uri()}])

    records = good(run, "report_csv_mfn_prime_returns")
    good(run, "report_merchant_listings")
    for report in seller.ordered:
        files = [*folder.glob(f"*{report['reportId']}*")]
        assert len(files) == 1
        document = document_of(seller.simulator, seller.name, report)
        assert files[0].read_bytes() == document
    of_day = {
        report["dataStartTime"][:10].replace("-", ""): report["reportId"]
        for report in seller.ordered
        if report["reportType"] == RETURNS
    }
    names = {
        f"{RETURNS}_{day}T000000Z_{day}T235959.999Z_{report_id}.csv"
        for day, report_id in of_day.items()
    }
    assert {path.name for path in folder.glob(f"{RETURNS}*")} == names
    assert {record["_file"] for record in records} == {str(folder / name) for name in names}
    assert len([*folder.iterdir()]) == len(seller.ordered) == 3


def test_rows_are_stored_in_another_format(seller: Seller) -> None:
    entries = [
        {
            "report_type": LISTINGS,
            "name": form,
            "save_to": str(seller.folder / form),
            "format": form,
        }
        for form in ("jsonl", "csv", "parquet")
    ]

    run = seller.run(reports=entries)

    assert len(seller.ordered) == 1
    tables = {}
    for form in ("jsonl", "csv", "parquet"):
        records = good(run, form)
        (file,) = (seller.folder / form).iterdir()
        assert file.suffix == f".{form}"
        assert {record["_file"] for record in records} == {str(file)}
        if form == "jsonl":
            lines = file.read_text(encoding="utf-8").splitlines()
            tables[form] = [json.loads(line) for line in lines]
        elif form == "csv":
            with file.open(encoding="utf-8", newline="") as stream:
                tables[form] = list(csv.DictReader(stream))
        else:
            parquet = pytest.importorskip("pyarrow.parquet")
            tables[form] = parquet.read_table(file).to_pylist()
        assert len(tables[form]) == len(records)
        assert [texts(row[name] for name in ("seller_sku", "asin1")) for row in tables[form]] == [
            texts(record[name] for name in ("seller_sku", "asin1")) for record in records
        ]
        assert [float(row["price"]) for row in tables[form]] == [
            float(record["price"]) for record in records
        ]
        assert list(tables[form][0]) == list(own(records[0]))


def test_files_may_go_wherever_fsspec_reaches(seller: Seller) -> None:
    run = seller.run(reports=[{"report_type": LISTINGS, "save_to": "memory://reports"}])

    files = {record["_file"] for record in good(run, "report_merchant_listings")}
    (report,) = seller.ordered
    assert len(files) == 1
    assert files.pop().startswith(f"memory://reports/{LISTINGS}_")
    assert report["processingStatus"] == "DONE"


def test_a_folder_that_cannot_be_written_is_told(seller: Seller) -> None:
    file = seller.folder / "taken"
    file.write_text("", encoding="utf-8")

    run = seller.run(reports=[{"report_type": LISTINGS, "save_to": str(file)}])

    told = failure(run)
    assert "`save_to`" in told
    assert str(file) in told


def test_types_that_are_files_give_one_record_each(seller: Seller) -> None:
    folder = seller.folder / "files"
    entries = [
        {"report_type": "GET_EASYSHIP_DOCUMENTS", "start_date": days_ago(60)},
        {"report_type": "FEE_DISCOUNTS_REPORT"},
    ]

    run = seller.run(
        reports=[entry | {"save_to": str(folder)} for entry in entries], restricted_data=True
    )

    known = {one["reportId"]: one for one in seller.simulator.truth("reports", seller.name)}
    for stream, start in (("report_easyship_documents", b"%PDF"), ("report_fee_discounts", b"PK")):
        for record in good(run, stream):
            document = document_of(seller.simulator, seller.name, known[record["_report_id"]])
            assert document.startswith(start)
            assert Path(record["_file"]).read_bytes() == document
            assert own(record) == {}
            assert record["_row_number"] == 1
    assert len([*folder.iterdir()]) == run.counts.total() > 2


def stop(arguments: list[str], number: signal.Signals) -> list[dict[str, Any]]:
    """Stop a run after its first record; returns the messages before."""
    with Command(arguments).start(stderr=DEVNULL) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        # Nobody reads on, so that it stands still before its end.
        while '"RECORD"' not in lines[-1]:
            lines.append(process.stdout.readline())
        process.send_signal(number)
        process.stdout.read()
    return read_messages("".join(lines))


def test_a_killed_run_leaves_no_half_of_a_document(seller: Seller) -> None:
    folder = seller.folder / "files"
    entries = [{"report_type": LARGE, "save_to": str(folder)}]

    messages = stop(seller.arguments(reports=entries), signal.SIGKILL)

    (begun,) = folder.iterdir()
    assert begun.suffix == ".part"
    state = [message["value"] for message in messages if message["type"] == "STATE"][-1]
    run = seller.run(reports=entries, state=state)
    records = run.records("report_afn_inventory")
    assert run.exit_code == 0, run.log
    assert len(records) == LARGE_ROWS
    (whole,) = (path for path in folder.iterdir() if path != begun)
    assert {record["_file"] for record in records} == {str(whole)}
    assert whole.read_bytes().count(b"\n") == LARGE_ROWS + 1
    assert len(seller.ordered) == 1


def test_a_stopped_run_leaves_no_file(seller: Seller) -> None:
    folder = seller.folder / "files"

    stop(seller.arguments(reports=[{"report_type": LARGE, "save_to": str(folder)}]), signal.SIGTERM)

    assert list(folder.iterdir()) == []


# --- Selection and stream maps --------------------------------------------------------------------


def test_deselected_columns_take_no_others_with_them(seller: Seller) -> None:
    settings = seller.settings(reports=[LISTINGS, one_day(TRAFFIC)])
    streams = ("report_merchant_listings", "report_sales_and_traffic")
    catalog = select(
        discover(settings),
        *streams,
        without=(
            "report_merchant_listings._report_type",
            "report_merchant_listings.item_note",
            "report_sales_and_traffic.traffic_by_date",
        ),
    )

    run = run_tap(seller.folder, settings, catalog=catalog)
    whole = seller.run(reports=[LISTINGS, one_day(TRAFFIC)])

    for stream, gone in (
        (streams[0], {"_report_type", "item_note"}),
        (streams[1], {"traffic_by_date"}),
    ):
        names = set(good(whole, stream)[0])
        assert gone < names
        assert {name for record in good(run, stream) for name in record} == names - gone
        assert gone.isdisjoint(schemas(run, stream)[-1])
        assert len(run.records(stream)) == len(whole.records(stream))


def test_stream_maps_see_the_columns_of_a_flat_file(
    seller: Seller, put: Callable[..., None]
) -> None:
    put({LISTINGS: lambda _: "seller-sku\tprice\tstatus\na1\t1.5\tActive\nb2\t2\tInactive\n"})
    maps = {
        "report_merchant_listings": {
            "sku_in_capitals": "seller_sku.upper()",
            "status": None,
            "__filter__": "status == 'Active'",
        }
    }

    run = seller.run(reports=[LISTINGS], stream_maps=maps)

    (record,) = good(run, "report_merchant_listings")
    assert own(record) == {"seller_sku": "a1", "price": 1.5, "sku_in_capitals": "A1"}
    assert "status" not in schemas(run, "report_merchant_listings")[-1]


# --- Entries and accounts -------------------------------------------------------------------------


def test_amazons_own_request_is_an_entry(seller: Seller) -> None:
    request = {
        "reportType": RETURNS,
        "marketplaceIds": ["ATVPDKIKX0DER"],
        "dataStartTime": days_ago(5),
        "dataEndTime": days_ago(3).replace("00:00:00", "11:30:00"),
    }

    run = seller.run(reports=[request])

    records = good(run, "report_csv_mfn_prime_returns")
    (report,) = seller.ordered
    assert [report[name][:19] for name in ("dataStartTime", "dataEndTime")] == [
        request["dataStartTime"][:19],
        request["dataEndTime"][:19],
    ]
    assert len(records) > 4
    again = seller.run(reports=[request], state=run.last_state)
    assert again.exit_code == 0, again.log
    assert again.records("report_csv_mfn_prime_returns") == []
    assert len(seller.ordered) == 1


@pytest.mark.parametrize("name", [FLAT_ORDERS, XML_ORDERS])
def test_each_order_of_the_region_comes_once(seller: Seller, name: str) -> None:
    entry = {"report_type": name, "name": "orders_of_days", "lookback": "PT0S"}
    times = {"start_date": days_ago(20), "end_date": days_ago(0), "window": "P10D"}

    run = seller.run(reports=[entry | times], marketplace_ids=["US", "CA"])

    records = good(run, "orders_of_days")
    bodies = [report["marketplaceIds"] for report in seller.ordered]
    assert bodies == [["ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"]] * len({*starts_of(seller.ordered)})
    known = {"Amazon.com": "ATVPDKIKX0DER", "Amazon.ca": "A2EUQ1WTGCTBG2", "Non-Amazon": NO_VALUE}
    assert {
        (record["sales_channel"], record["_marketplace_id"]) for record in records
    } <= known.items()
    # The orders of the region, each under one marketplace.
    places: dict[str, set[str]] = {}
    for record in records:
        places.setdefault(record["amazon_order_id"], set()).add(record["_marketplace_id"])
    assert {len(found) for found in places.values()} == {1}
    (since, until) = (days_ago(20), days_ago(0))
    # Not all sellers have orders in each marketplace.
    of_places: dict[str, set[str]] = {}
    for order in seller.simulator.truth("orders", seller.name):
        if since <= order["createdTime"] < until:
            marketplace_id = order["salesChannel"]["marketplaceId"]
            of_places.setdefault(marketplace_id, set()).add(order["orderId"])
    wanted = of_places.get("ATVPDKIKX0DER", set()) | of_places.get("A2EUQ1WTGCTBG2", set())
    assert wanted
    assert wanted <= places.keys()
    is_told = re.search(r"`marketplace_ids` does not name: \d+ \(Amazon.com.", run.log) is not None
    assert is_told == (not of_places.keys() <= {*known.values()})


def starts_of(reports: list[dict[str, Any]]) -> list[str]:
    return [report["dataStartTime"] for report in reports]


def test_reports_that_others_made_are_read_once_each(seller: Seller) -> None:
    """Made in Seller Central, and requested by another application; also of an unknown type."""
    for name in (LISTINGS, UNKNOWN):
        times = {"dataStartTime": days_ago(5), "dataEndTime": days_ago(3)}
        body = {"reportType": name, "marketplaceIds": ["ATVPDKIKX0DER"]} | times
        assert seller.api.call("POST", f"{REPORTS}/reports", json=body).status_code == 202
    requested = seller.ordered_ids
    entries = [
        {"report_type": TRANSACTIONS, "name": "transactions"},
        {"report_type": LISTINGS, "name": "listings", "mode": "listed", "start_date": days_ago(1)},
        {"report_type": UNKNOWN, "name": "unknown", "mode": "listed"},
    ]

    first = seller.run(reports=entries)
    second = seller.run(reports=entries, state=first.last_state)

    assert [run.exit_code for run in (first, second)] == [0, 0], first.log + second.log
    assert seller.ordered_ids == requested
    assert report_ids(first, "listings") + report_ids(first, "unknown") == requested
    made = [
        one
        for one in seller.simulator.truth("reports", seller.name)
        if one["reportType"] == TRANSACTIONS
    ]
    assert len(report_ids(first, "transactions")) == len(made) > 1
    assert not second.counts


def test_accounts_share_a_stream_and_its_schema(
    sellers: Sellers, tmp_path: Path, put: Callable[..., None]
) -> None:
    here, there = sellers.next(tmp_path), sellers.next(tmp_path)
    seller_ids = {
        f"A{one.number}SIMULATEDSELLER": price for one, price in ((here, "1.5"), (there, "nothing"))
    }

    def listings(request: ReportRequest) -> str:
        price = seller_ids[request.seller_id]
        return f"seller-sku\tprice\nA\t{price}\nB\t{price}\n"

    put({LISTINGS: listings})
    accounts = [{"name": one.name, "refresh_token": one.refresh_token} for one in (here, there)]
    settings = here.settings(
        accounts=accounts,
        reports=[{"report_type": LISTINGS, "save_to": str(tmp_path / "files")}],
    )
    del settings["refresh_token"]
    catalog = catalog_of("report_merchant_listings", settings=settings)

    run = run_tap(tmp_path, settings, catalog=catalog)

    records = good(run, "report_merchant_listings")
    # The first one decides whether the column is one of numbers.
    found = {
        (record["_account"], record["seller_sku"]): str(
            record.get("_misfits", record)["price"] if record["price"] is None else record["price"]
        )
        for record in records
    }
    assert found == {
        (here.name, "A"): "1.5",
        (here.name, "B"): "1.5",
        (there.name, "A"): "nothing",
        (there.name, "B"): "nothing",
    }
    files = {record["_account"]: Path(record["_file"]) for record in records}
    for account, file in files.items():
        assert file.parent == tmp_path / "files" / account
        assert file.is_file()
    state = bookmarks_in(run.last_state)
    assert {place for place in state if place[0] == "report_merchant_listings"} == {
        ("report_merchant_listings", here.name),
        ("report_merchant_listings", there.name),
    }
