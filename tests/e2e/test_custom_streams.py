"""Streams of `custom_streams`: what docs/custom_streams.md shows, and what it promises."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from jsonschema import Draft7Validator

from tap_amazon_sp.simulator import Simulator
from tests.processes import TAP, Command
from tests.tap_runs import TapRun, catalog_of, discover, run_tap, select
from tests.unknown_api import JsonHandler, serving

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "custom_streams.md").read_text("utf-8")
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


def run_only(folder: Path, settings: dict[str, Any], *streams: str, **options: Any) -> TapRun:
    catalog = catalog_of(*streams, settings=settings)
    return run_tap(folder, settings, catalog=catalog, **options)


def custom(simulator: Simulator, *entries: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return simulator.settings_for_tap() | settings | {"custom_streams": list(entries)}


def only_stream(run: TapRun) -> str:
    (name,) = run.counts
    return name


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: example["custom_streams"][0].get("name", "by_name")
)
def test_each_documented_example_runs_as_written(
    example: dict[str, Any], simulator: Simulator, tmp_path: Path
) -> None:
    settings = simulator.settings_for_tap() | example
    catalog = discover(settings)
    names = {entry["stream"] for entry in catalog["streams"]}
    built_in = {entry["stream"] for entry in discover()["streams"]}

    run = run_tap(tmp_path, settings, catalog=select(catalog, *(names - built_in)))

    assert run.exit_code == 0, run.log
    # Nobody has the SKUs of the example.
    assert names - built_in - run.counts.keys() <= {"stock_of_two"}
    for schema in run.of_type("SCHEMA"):
        validator = Draft7Validator(schema["schema"])
        for record in run.records(schema["stream"]):
            validator.validate(record)


def test_resources_come_inside_the_records(simulator: Simulator, tmp_path: Path) -> None:
    (example,) = [one for one in EXAMPLES if one.get("orders_api") == "v0"]
    settings = simulator.settings_for_tap() | example

    run = run_only(tmp_path, settings, "orders_with_items")

    truth = {
        order["orderId"]: {item["orderItemId"] for item in order["orderItems"]}
        for order in simulator.truth("orders")
        if order["salesChannel"]["marketplaceId"] == "ATVPDKIKX0DER"
    }
    assert truth == {
        order["AmazonOrderId"]: {item["OrderItemId"] for item in order["OrderItems"]}
        for order in run.records("orders_with_items")
    }
    (schema,) = run.of_type("SCHEMA")
    assert schema["key_properties"] == ["AmazonOrderId"]
    assert "OrderItemId" in schema["schema"]["properties"]["OrderItems"]["items"]["properties"]


def test_a_second_run_asks_only_for_what_is_new(simulator: Simulator, tmp_path: Path) -> None:
    settings = custom(simulator, {"operation": "awd_2024-05-09.listInboundShipments"})
    first = run_only(tmp_path, settings, "list_inbound_shipments")
    bookmark = first.bookmark("list_inbound_shipments")
    assert bookmark is not None
    simulator.clear_requests()

    second = run_only(tmp_path, settings, "list_inbound_shipments", state=first.last_state)

    (request,) = [one for one in simulator.requests if "listInbound" in one["operation"]]
    assert request["query"]["updatedAfter"] == bookmark
    assert first.counts["list_inbound_shipments"] > 0
    assert second.counts["list_inbound_shipments"] == 0


def test_reading_begins_at_the_streams_own_start_date(simulator: Simulator, tmp_path: Path) -> None:
    entry = {"operation": "finances_2024-06-19.listTransactions", "start_date": "2026-10-01"}

    run_only(tmp_path, custom(simulator, entry), "list_transactions")

    first = next(one for one in simulator.requests if "listTransactions" in one["operation"])
    assert first["query"]["postedAfter"] == "2026-10-01T00:00:00Z"


def test_whole_pages_hold_the_same_records(simulator: Simulator, tmp_path: Path) -> None:
    entry = {
        "name": "order_pages",
        "operation": "orders_2026-01-01.searchOrders",
        "params": {"maxResultsPerPage": 30},
        "emit": "page",
    }

    run = run_only(tmp_path, custom(simulator, entry), "order_pages")

    pages = [record["results"] for record in run.records("order_pages")]
    assert len(pages) >= len(simulator.truth("orders")) / 30
    assert {order["orderId"] for page in pages for order in page} == {
        order["orderId"] for order in simulator.truth("orders")
    }


def test_whole_pages_hold_what_lies_beside_the_records(
    simulator: Simulator, tmp_path: Path
) -> None:
    names = ("marketplaceId", "invoiceIdentifier")
    entry = {
        "name": "whole_invoices",
        "operation": "financesInvoices_2026-06-25.getInvoice",
        "parent": {"stream": "vendor_invoices", "fields": {name: name for name in names}},
        "primary_keys": [*names, "page_number"],
        "emit": "page",
    }

    run = run_only(tmp_path, custom(simulator, entry), "whole_invoices", "vendor_invoice_items")

    pages, items = run.records("whole_invoices"), run.records("vendor_invoice_items")
    assert run.exit_code == 0, run.log
    assert pages
    # Amazon's model does not require the header.
    headers = {page["invoiceIdentifier"]: page.get("invoiceHeader") for page in pages}
    assert sum(header is not None for header in headers.values()) > len(headers) / 2
    assert sum(len(page["results"]) for page in pages) == len(items)
    assert len({tuple(page[name] for name in entry["primary_keys"]) for page in pages}) == len(
        pages
    )
    assert all(item["invoiceHeader"] == headers[item["invoiceIdentifier"]] for item in items)


def test_parameters_come_from_another_stream_that_need_not_be_selected(
    simulator: Simulator, tmp_path: Path
) -> None:
    entry = {
        "name": "details",
        "operation": "orders_2026-01-01.getOrder",
        "parent": {"stream": "orders", "field": "orderId", "param": "orderId"},
    }

    run = run_only(tmp_path, custom(simulator, entry), "details")

    assert run.counts.keys() == {"details"}
    assert {record["orderId"] for record in run.records("details")} == {
        order["orderId"] for order in simulator.truth("orders")
    }


def test_a_custom_stream_may_be_the_parent_of_another(simulator: Simulator, tmp_path: Path) -> None:
    plans = {"name": "plans", "operation": "fulfillmentInbound_2024-03-20.listInboundPlans"}
    boxes = {
        "name": "boxes",
        "operation": "fulfillmentInbound_2024-03-20.listInboundPlanBoxes",
        "parent": {"stream": "plans", "param": "inboundPlanId"},
    }

    run = run_only(tmp_path, custom(simulator, boxes, plans), "plans", "boxes")

    assert run.exit_code == 0, run.log
    plan_ids = {record["inboundPlanId"] for record in run.records("plans")}
    assert plan_ids == {record["inboundPlanId"] for record in run.records("boxes")}


def test_mistakes_end_the_run_before_the_first_request(
    simulator: Simulator, tmp_path: Path
) -> None:
    run = run_tap(
        tmp_path,
        custom(
            simulator,
            {"operation": "orders_2026-01-01.serchOrders"},
            {"operation": "ordersV0.getOrder"},
            {"operations": "x"},
        ),
    )

    assert run.exit_code == 1
    assert "did you mean orders_2026-01-01.searchOrders" in run.log or "operations" in run.log
    assert "Traceback" not in run.log
    assert simulator.requests == []


# --- An API that the catalogue does not know -----------------------------------------------------


class Things(JsonHandler):
    """Answers with `pages`, one after the other, by their token."""

    pages: ClassVar[list[dict[str, Any]]] = []
    asked: ClassVar[list[tuple[str, dict[str, list[str]]]]] = []

    def content_of(self, path: str, query: dict[str, list[str]]) -> dict[str, Any]:
        self.asked.append((path, query))
        number = int(query.get("nextToken", query.get("pageToken", ["0"]))[0])
        return self.pages[number]


@pytest.fixture
def things() -> Iterator[str]:
    """The address of an API that the catalogue does not know."""
    Things.asked.clear()
    with serving(Things) as address:
        yield address


def test_the_schema_of_an_unknown_api_follows_from_its_records_and_grows(
    things: str, simulator: Simulator, tmp_path: Path
) -> None:
    Things.pages[:] = [
        {"things": [{"id": "a", "size": 1}, {"id": "b", "parts": [{"n": 1}]}], "nextToken": "1"},
        {"things": [{"id": "c", "size": 1.5, "parts": [{"colour": "red"}]}], "nextToken": "2"},
        {"things": [{"id": "d", "size": 2}]},
    ]
    entry = {
        "name": "things",
        "path": "/new/2027-01-01/things",
        "record_config": {"id_field": "id"},
        "rate": 1000,
    }

    run = run_only(tmp_path, custom(simulator, entry, endpoint=things), "things")

    assert run.exit_code == 0, run.log
    assert [record["id"] for record in run.records("things")] == ["a", "b", "c", "d"]
    kinds = [message["type"] for message in run.messages]
    assert kinds == ["SCHEMA", "RECORD", "RECORD", "SCHEMA", "RECORD", "RECORD"]
    for message in run.messages:
        if message["type"] == "SCHEMA":
            validator = Draft7Validator(message["schema"])
            assert message["key_properties"] == ["id"]
        else:
            validator.validate(message["record"])
    first, second = run.of_type("SCHEMA")
    assert first["schema"]["properties"]["size"]["type"] == ["integer", "null"]
    assert second["schema"]["properties"]["size"]["type"] == ["number", "null"]


def test_an_unknown_api_is_read_by_time(things: str, simulator: Simulator, tmp_path: Path) -> None:
    Things.pages[:] = [{"payload": {"things": [{"id": 1, "changed": "2026-11-01T00:00:00+01:00"}]}}]
    entry = {
        "name": "things",
        "path": "/new/2027-01-01/shops/{shop}/things",
        "ids": {"param": "shop", "values": ["x", "y"]},
        "results_key": "things",
        "updated_at_param": "changedSince",
        "updated_before": "changedUntil",
        "record_config": {"id_field": "id", "last_modified_field": "changed"},
        "start_date": "2026-11-20",
        "rate": 1000,
    }
    settings = custom(simulator, entry, endpoint=things, end_date="2026-11-20T12:00:00Z")

    run = run_only(tmp_path, settings, "things")

    assert run.exit_code == 0, run.log
    assert {path for path, _ in Things.asked} == {
        "/new/2027-01-01/shops/x/things",
        "/new/2027-01-01/shops/y/things",
    }
    assert all(
        query
        == {
            "changedSince": ["2026-11-20T00:00:00Z"],
            "changedUntil": ["2026-11-20T12:00:00Z"],
        }
        for _, query in Things.asked
    )
    assert run.records("things") == [
        {"shop": shop, "id": 1, "changed": "2026-10-31T23:00:00Z"} for shop in "xy"
    ]
    assert run.bookmark("things") == "2026-11-20T12:00:00Z"


@pytest.mark.parametrize(
    ("time_format", "expected"),
    [
        ("date-time", "2026-11-20T06:00:00Z"),
        ("date", "2026-11-20"),
        ("epoch", "1795154400"),
        ("epoch_ms", "1795154400000"),
    ],
)
def test_times_are_sent_in_the_form_that_was_chosen(
    time_format: str, expected: str, things: str, simulator: Simulator, tmp_path: Path
) -> None:
    Things.pages[:] = [{"things": []}]
    entry = {
        "name": "things",
        "path": "/new/things",
        "params": {"range": "from {start}"},
        "updated_after": "since",
        "time_format": time_format,
        "start_date": "2026-11-20T06:00:00Z",
        "rate": 1000,
    }
    settings = custom(simulator, entry, endpoint=things, end_date="2026-11-20T12:00:00Z")

    run_only(tmp_path, settings, "things")

    (asked,) = [query for _, query in Things.asked]
    assert asked == {"since": [expected], "range": [f"from {expected}"]}


def test_a_further_page_that_nobody_can_ask_for_is_never_lost_in_silence(
    things: str, simulator: Simulator, tmp_path: Path
) -> None:
    Things.pages[:] = [{"things": [{"id": 1}], "pagination": {"nextToken": "1"}}, {"things": []}]
    entry = {"name": "things", "path": "/new/things", "rate": 1000}

    run = run_only(tmp_path, custom(simulator, entry, endpoint=things), "things")

    assert run.exit_code == 1
    assert "set `next_token_param` to the parameter that takes it" in run.log

    entry |= {"next_token_param": "pageToken", "next_token_key": "pagination.nextToken"}
    run = run_only(tmp_path, custom(simulator, entry, endpoint=things), "things")

    assert run.exit_code == 0, run.log
    assert Things.asked[-1][1] == {"pageToken": ["1"]}


def test_results_that_are_not_where_they_were_said_to_be_are_told(
    things: str, simulator: Simulator, tmp_path: Path
) -> None:
    Things.pages[:] = [{"payload": {"widgets": [{"id": 1}]}}]
    entry = {"name": "things", "path": "/new/things", "results_key": "things", "rate": 1000}

    run = run_only(tmp_path, custom(simulator, entry, endpoint=things), "things")

    assert run.exit_code == 1
    assert "nothing at `results_key: things`, only payload, payload.widgets" in run.log


def test_a_schema_that_is_given_is_the_schema(
    things: str, simulator: Simulator, tmp_path: Path
) -> None:
    Things.pages[:] = [{"things": [{"id": 1, "name": "x"}]}]
    given = {"properties": {"id": {"type": "integer"}, "name": {"type": ["string", "null"]}}}
    entry = {"name": "things", "path": "/new/things", "schema": given, "rate": 1000}

    run = run_only(tmp_path, custom(simulator, entry, endpoint=things), "things")

    (schema,) = run.of_type("SCHEMA")
    assert schema["schema"]["properties"]["id"]["type"] == "integer"
    assert run.records("things") == [{"id": 1, "name": "x"}]


# --- What others tried ----------------------------------------------------------------------------


def test_resources_of_a_child_do_not_wait_for_ever(simulator: Simulator, tmp_path: Path) -> None:
    entry = {
        "name": "details",
        "operation": "orders_2026-01-01.getOrder",
        "parent": {"stream": "orders", "field": "orderId", "param": "orderId"},
        "extend_resources": [
            {"new_field_name": "itemsOfV0", "path": "/orders/v0/orders/{orderId}/orderItems"}
        ],
    }

    run = run_only(tmp_path, custom(simulator, entry), "details")

    assert run.exit_code == 0, run.log
    assert all(record["itemsOfV0"] for record in run.records("details"))


def test_a_child_of_an_unknown_api_has_a_schema_before_its_records(
    things: str, simulator: Simulator, tmp_path: Path
) -> None:
    Things.pages[:] = [{"things": [{"id": "a"}, {"id": "b"}]}]
    parents = {"name": "parents", "path": "/new/parents", "rate": 1000}
    kids = {
        "name": "kids",
        "path": "/new/parents/{parent}/kids",
        "parent": {"stream": "parents", "param": "parent", "field": "id"},
        "rate": 1000,
    }

    run = run_only(tmp_path, custom(simulator, parents, kids, endpoint=things), "kids")

    assert run.exit_code == 0, run.log
    assert [message["type"] for message in run.messages] == ["SCHEMA", *["RECORD"] * 4]
    assert run.records("kids")[0] == {"parent": "a", "id": "a"}


def test_an_empty_unknown_api_has_a_schema_all_the_same(
    things: str, simulator: Simulator, tmp_path: Path
) -> None:
    Things.pages[:] = [{"things": []}]
    entry = {"name": "things", "path": "/new/things", "record_config": {"id_field": "id"}}

    run = run_only(tmp_path, custom(simulator, entry, endpoint=things), "things")

    assert [message["type"] for message in run.messages] == ["SCHEMA"]


def test_what_a_record_says_itself_goes_before_what_was_asked_for(
    things: str, simulator: Simulator, tmp_path: Path
) -> None:
    Things.pages[:] = [{"things": [{"id": "t1"}, {"id": "t2"}]}]
    entry = {
        "name": "things",
        "path": "/new/shops/{id}/things",
        "ids": {"param": "id", "values": ["S1"]},
        "rate": 1000,
    }

    run = run_only(tmp_path, custom(simulator, entry, endpoint=things), "things")

    assert run.records("things") == [{"id": "t1"}, {"id": "t2"}]


@pytest.mark.parametrize("change", [{"updated_at_param": "since"}, {"params": {"q": ">{start}"}}])
def test_a_filter_without_an_end_is_asked_once(
    change: dict[str, Any], things: str, simulator: Simulator, tmp_path: Path
) -> None:
    Things.pages[:] = [{"things": [{"id": 1}]}]
    entry = {"name": "things", "path": "/new/things", "rate": 1000} | change

    run = run_only(tmp_path, custom(simulator, entry, endpoint=things), "things")

    assert len(Things.asked) == 1
    assert run.counts["things"] == 1


def test_another_form_of_time_keeps_the_end_of_the_window(
    simulator: Simulator, tmp_path: Path
) -> None:
    entry = {
        "name": "by_day",
        "operation": "awd_2024-05-09.listInboundShipments",
        "time_format": "date-time",
    }

    run = run_only(tmp_path, custom(simulator, entry), "by_day")

    requests = [one for one in simulator.requests if one["operation"] == entry["operation"]]
    assert all("updatedBefore" in request["query"] for request in requests)
    ids = [record["shipmentId"] for record in run.records("by_day")]
    assert len(ids) == len(set(ids)) > 0


def test_the_bookmark_waits_as_that_of_the_built_in_stream(
    simulator: Simulator, tmp_path: Path
) -> None:
    types = sorted({feed["feedType"] for feed in simulator.truth("feeds")})[:10]
    entry = {
        "name": "my_feeds",
        "operation": "feeds_2021-06-30.getFeeds",
        "params": {"feedTypes": types},
    }
    settings = custom(simulator, entry, feed_types=types)

    run = run_only(tmp_path, settings, "my_feeds", "feeds")

    built_in, own = run.bookmark("feeds"), run.bookmark("my_feeds")
    assert built_in is not None
    assert own is not None
    assert own[:16] == built_in[:16]


def test_pages_hold_records_with_their_resources(simulator: Simulator, tmp_path: Path) -> None:
    (example,) = [one for one in EXAMPLES if one.get("orders_api") == "v0"]
    (entry,) = example["custom_streams"]
    entry = {name: entry[name] for name in entry if name != "record_config"} | {"emit": "page"}
    settings = custom(simulator, entry, orders_api="v0", marketplace_ids=["US"])

    run = run_only(tmp_path, settings, "orders_with_items")

    assert run.exit_code == 0, run.log
    pages = run.records("orders_with_items")
    assert pages
    assert all(order["OrderItems"] for page in pages for order in page["results"])


def test_ids_may_be_marketplaces(simulator: Simulator, tmp_path: Path) -> None:
    entry = {
        "name": "features",
        "operation": "fulfillmentOutbound_2020-07-01.getFeatures",
        "ids": {"param": "marketplaceId", "values": ["ATVPDKIKX0DER"]},
    }
    settings = custom(simulator, entry, marketplace_ids=["US", "CA", "MX"])

    run_only(tmp_path, settings, "features")

    (request,) = [one for one in simulator.requests if one["operation"] == entry["operation"]]
    assert request["query"]["marketplaceId"] == "ATVPDKIKX0DER"


def test_a_key_that_no_record_has_is_told(
    things: str, simulator: Simulator, tmp_path: Path
) -> None:
    Things.pages[:] = [{"things": [{"ID": 1, "name": "x"}]}]
    entry = {"name": "things", "path": "/new/things", "record_config": {"id_field": "id"}}

    run = run_only(tmp_path, custom(simulator, entry, endpoint=things), "things")

    assert run.exit_code == 1
    assert "a record has no 'id', only ID, name" in run.log


@pytest.mark.parametrize(
    ("entries", "mistake"),
    [
        (
            [
                {
                    "operation": "orders_2026-01-01.getOrder",
                    "parent": {"stream": "nothing", "param": "orderId"},
                }
            ],
            "no stream 'nothing' to be its parent",
        ),
        ([{"operation": "nothing"}], "no operation 'nothing'"),
        ([{"name": "x"}], "give either"),
        ([{"path": 5}], "must be of type string"),
    ],
)
def test_mistakes_are_told_by_discovery_too(
    entries: list[dict[str, Any]], mistake: str, tmp_path: Path
) -> None:
    run = run_tap(tmp_path, {"custom_streams": entries}, "--discover")

    assert run.exit_code == 1
    assert mistake in run.log
    assert "Traceback" not in run.log


@pytest.mark.parametrize(
    ("entries", "exit_code", "told"),
    [
        ('[{"path": "/x", "name": "from_environment"}]', 0, "from_environment"),
        ("[{", 1, "`TAP_AMAZON_SP_CUSTOM_STREAMS` must hold JSON"),
    ],
)
def test_entries_come_from_the_environment(
    entries: str, exit_code: int, told: str, tmp_path: Path
) -> None:
    finished = Command(
        [TAP, "--config=ENV", "--discover"],
        tmp_path,
        environment=os.environ | {"TAP_AMAZON_SP_CUSTOM_STREAMS": entries},
    ).run()

    assert finished.returncode == exit_code
    assert told in finished.stdout + finished.stderr
    assert "Traceback" not in finished.stderr
