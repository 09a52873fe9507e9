"""Several accounts in one run: records, state, settings and failures of each by itself."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar

import pytest
from jsonschema import Draft7Validator

from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.streams import built_in_streams
from tests.processes import Command
from tests.small_world import known_ids, small_world
from tests.tap_runs import (
    TapRun,
    bookmarks_in,
    catalog_of,
    read_messages,
    run_tap,
    tap_arguments,
    written_too_late,
)
from tests.unknown_api import JsonHandler, serving

ACCOUNTS = ("seller", "seller-2", "seller-3")
SEARCH = "orders_2026-01-01.searchOrders"
US_AND_BRAZIL = ["ATVPDKIKX0DER", "A2Q3Y263D00KWC"]
# No windows before the first orders.
START = (dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=61)).isoformat()


@pytest.fixture(scope="module")
def shared_sellers() -> Iterator[Simulator]:
    settings = SimulatorSettings(sellers=3, orders=180, speed=100_000, changes_per_minute=0, port=0)
    with Simulator(settings) as simulator:
        yield simulator


@pytest.fixture
def sellers(shared_sellers: Simulator) -> Iterator[Simulator]:
    """Three sellers who stand still, with an empty request log and no faults."""
    shared_sellers.clear_requests()
    shared_sellers.clear_faults()
    yield shared_sellers
    shared_sellers.clear_faults()


def settings_of(sellers: Simulator, **by_account: dict[str, Any]) -> dict[str, Any]:
    """Settings for all sellers; those of one by its name with an underscore."""
    settings = sellers.settings_for_tap() | {"start_date": START}
    for entry in settings["accounts"]:
        entry.update(by_account.get(entry["name"].replace("-", "_"), {}))
    return settings


def order_ids(sellers: Simulator, account: str) -> list[str]:
    return sorted(order["orderId"] for order in sellers.truth("orders", account))


def written_ids(run: TapRun, account: str, name: str = "orderId") -> list[str]:
    return sorted(record[name] for record in run.records("orders", account))


def ordered(records: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(record, sort_keys=True) for record in records)


@pytest.fixture(scope="module")
def first_run(shared_sellers: Simulator, tmp_path_factory: pytest.TempPathFactory) -> TapRun:
    shared_sellers.clear_faults()
    run = run_tap(tmp_path_factory.mktemp("first"), settings_of(shared_sellers))
    assert run.exit_code == 0, run.log
    return run


# --- Records and state ----------------------------------------------------------------------------


def test_each_sellers_records_come_once_and_carry_their_account(
    first_run: TapRun, sellers: Simulator
) -> None:
    for account in ACCOUNTS:
        orders = sellers.truth("orders", account)
        assert written_ids(first_run, account) == order_ids(sellers, account)
        assert sorted(
            (record["orderId"], record["orderItemId"])
            for record in first_run.records("order_items", account)
        ) == sorted(
            (order["orderId"], item["orderItemId"])
            for order in orders
            for item in order["orderItems"]
        )
    by_account = Counter(message["record"]["_account"] for message in first_run.of_type("RECORD"))
    assert by_account.keys() == set(ACCOUNTS)


def test_the_account_is_the_first_key_of_every_stream(first_run: TapRun) -> None:
    schemas = first_run.of_type("SCHEMA")

    # One for all accounts.
    assert Counter(schema["stream"] for schema in schemas) == dict.fromkeys(first_run.counts, 1)
    for schema in schemas:
        assert schema["key_properties"][0] == "_account"
        assert schema["schema"]["properties"]["_account"] == {"type": ["string"]}
        validator = Draft7Validator(schema["schema"])
        for record in first_run.records(schema["stream"]):
            validator.validate(record)


def test_the_state_has_a_partition_for_each_account(first_run: TapRun) -> None:
    for stream in ("orders", "feeds"):
        bookmark = first_run.last_state["bookmarks"][stream]
        assert "replication_key_value" not in bookmark
        contexts = [part["context"] for part in bookmark["partitions"]]
        assert sorted(contexts, key=str) == [{"_account": account} for account in ACCOUNTS]


def test_a_second_run_reads_on_from_each_accounts_bookmark(
    first_run: TapRun, sellers: Simulator, tmp_path: Path
) -> None:
    state = first_run.last_state
    # As if this account had been read until an hour ago only.
    ago = format_timestamp(
        dt.datetime.now(dt.timezone.utc).replace(microsecond=0) - dt.timedelta(hours=1)
    )
    bookmarks_in(state)["orders", "seller-2"]["replication_key_value"] = ago

    second = run_tap(tmp_path, settings_of(sellers), state=state)

    assert second.exit_code == 0, second.log
    assert second.counts["orders"] == second.counts["order_items"] == 0
    asked = [request for request in sellers.requests if request["operation"] == SEARCH]
    assert sorted(request["account"] for request in asked) == list(ACCOUNTS)
    for request in asked:
        since = ago
        if request["account"] != "seller-2":
            since = first_run.bookmark("orders", request["account"]) or ""
        assert request["query"]["lastUpdatedAfter"] == since


def test_one_request_at_a_time_reads_an_accounts_streams_one_after_the_other(
    first_run: TapRun, sellers: Simulator, tmp_path: Path
) -> None:
    run = run_tap(tmp_path, settings_of(sellers) | {"max_parallel_requests": 1})

    assert run.exit_code == 0, run.log
    assert run.counts == first_run.counts
    for account in ACCOUNTS:
        for stream in run.counts:
            assert ordered(run.records(stream, account)) == ordered(
                first_run.records(stream, account)
            )
        asked = [one["operation"] for one in sellers.requests if one["account"] == account]
        blocks = [operation for operation, _ in groupby(asked)]
        assert len(blocks) == len(set(blocks)), blocks


def test_items_that_take_a_call_go_to_the_account_of_their_order(
    sellers: Simulator, tmp_path: Path
) -> None:
    run = run_tap(tmp_path, settings_of(sellers) | {"orders_api": "v0"})

    assert run.exit_code == 0, run.log
    for account in ACCOUNTS:
        assert written_ids(run, account, "AmazonOrderId") == order_ids(sellers, account)
        assert sorted(
            (record["AmazonOrderId"], record["OrderItemId"])
            for record in run.records("order_items", account)
        ) == sorted(
            (order["orderId"], item["orderItemId"])
            for order in sellers.truth("orders", account)
            for item in order["orderItems"]
        )


def test_stream_maps_and_flattening_see_the_account(sellers: Simulator, tmp_path: Path) -> None:
    settings = settings_of(sellers) | {
        "stream_maps": {
            "orders": {"orderItems": "__NULL__", "shop": "_account"},
            "order_items": {"__filter__": "_account != 'seller-2'"},
        },
        "flattening_enabled": True,
        "flattening_max_depth": 1,
    }

    run = run_tap(tmp_path, settings)

    assert run.exit_code == 0, run.log
    for schema in run.of_type("SCHEMA"):
        assert schema["key_properties"][0] == "_account"
        validator = Draft7Validator(schema["schema"])
        for record in run.records(schema["stream"]):
            validator.validate(record)
    for account in ACCOUNTS:
        orders = run.records("orders", account)
        assert sorted(order["orderId"] for order in orders) == order_ids(sellers, account)
        assert all(order["shop"] == account for order in orders)
        assert not any("orderItems" in order for order in orders)
        assert all("salesChannel__marketplaceId" in order for order in orders)
        assert bool(run.records("order_items", account)) == (account != "seller-2")


# --- Settings of an account -----------------------------------------------------------------------


def test_an_account_says_what_is_read_of_it_since_when_and_where(
    sellers: Simulator, tmp_path: Path
) -> None:
    orders = {account: sellers.truth("orders", account) for account in ACCOUNTS}
    times = sorted(order["lastUpdatedTime"] for order in orders["seller-2"])
    middle = times[len(times) // 2]
    settings = settings_of(
        sellers,
        seller={"streams": ["order_items"]},
        seller_2={"start_date": middle},
        seller_3={"marketplace_ids": ["US"]},
    )

    run = run_tap(tmp_path, settings)

    assert run.exit_code == 0, run.log
    of_first = {
        message["stream"]
        for message in run.of_type("RECORD")
        if message["record"]["_account"] == "seller"
    }
    assert of_first == {"order_items"}
    assert {record["orderId"] for record in run.records("order_items", "seller")} == set(
        order_ids(sellers, "seller")
    )
    operations = {one["operation"] for one in sellers.requests if one["account"] == "seller"}
    assert operations == {SEARCH, "sales.getOrderMetrics"}
    assert written_ids(run, "seller-2") == sorted(
        order["orderId"] for order in orders["seller-2"] if order["lastUpdatedTime"] >= middle
    )
    in_the_us = [
        order["orderId"]
        for order in orders["seller-3"]
        if order["salesChannel"]["marketplaceId"] == "ATVPDKIKX0DER"
    ]
    assert 0 < len(in_the_us) < len(orders["seller-3"])
    assert written_ids(run, "seller-3") == sorted(in_the_us)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": None}, "`accounts`[1] needs a `name`"),
        ({"name": " "}, "`accounts`[1] ' ' needs a `name`"),
        ({"name": "seller"}, "`accounts`[1] 'seller': another account has this name"),
        ({"refresh_token": None}, "`accounts`[1] 'seller-2': `refresh_token` is required"),
        ({"streams": ["order"]}, "`accounts` 'seller-2': `streams` names 'order'"),
        ({"start_dat": "hush"}, "`accounts`[1] takes no `start_dat`"),
        (
            {"marketplace_ids": ["DE"]},
            "`accounts`[1] 'seller-2': `marketplace_ids`: DE is in region eu, but `region` is na",
        ),
        ({"refresh_token": ["hush"]}, "`accounts`[1]['refresh_token'] must be of type string"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_mistake_in_an_account_is_told_in_a_sentence_before_the_first_request(
    changes: dict[str, Any], sentence: str, sellers: Simulator, tmp_path: Path
) -> None:
    settings = settings_of(sellers)
    for number, entry in enumerate(settings["accounts"]):
        entry.update({"refresh_token": "Atzr|hush-hush"} | (changes if number == 1 else {}))
        for name in [name for name, value in entry.items() if value is None]:
            del entry[name]

    run = run_tap(tmp_path, settings)

    assert run.exit_code == 1
    told = [line for line in run.log.splitlines() if "| ERROR" in line]
    assert len(told) == 2
    assert sentence in told[0]
    assert "Config validation failed" in told[1]
    assert "Traceback" not in run.log
    assert "hush" not in run.log
    assert sellers.requests == []


# --- Failures -------------------------------------------------------------------------------------


def test_an_account_that_lost_its_authorization_fails_alone_and_catches_up_later(
    sellers: Simulator, tmp_path: Path
) -> None:
    sellers.inject(
        "status",
        operation="lwa.token",
        account="seller-2",
        status=400,
        code="invalid_grant",
        count=None,
    )

    failed = run_tap(tmp_path, settings_of(sellers))

    assert failed.exit_code == 1
    assert failed.log.count("Account 'seller-2' cannot be read") == 1
    assert failed.log.count("Authorize the application again and set `refresh_token`") == 1
    assert "Stream '" not in failed.log
    assert "Traceback" not in failed.log
    streams = ("feeds", "marketplace_participations", "order_items", "orders")
    names = ", ".join(f"{stream} of seller-2" for stream in streams)
    (end,) = [line for line in failed.log.splitlines() if "streams failed" in line]
    assert "4 of 12 streams failed" in end
    assert sorted(end.split("failed: ")[1].split(". ")[0].split(", ")) == names.split(", ")
    for account in ("seller", "seller-3"):
        assert written_ids(failed, account) == order_ids(sellers, account)
        assert failed.bookmark("orders", account)
        assert failed.bookmark("feeds", account)
    assert failed.bookmark("orders", "seller-2") is None

    sellers.clear_faults()
    later = run_tap(tmp_path, settings_of(sellers), state=failed.last_state)

    assert later.exit_code == 0, later.log
    assert written_ids(later, "seller-2") == order_ids(sellers, "seller-2")
    assert written_ids(later, "seller") == written_ids(later, "seller-3") == []
    assert bookmarks_in(later.last_state).keys() == {
        (stream, account) for stream in ("orders", "feeds") for account in ACCOUNTS
    }


def test_an_authorization_lost_in_the_middle_of_a_run_keeps_what_was_read(
    sellers: Simulator, tmp_path: Path
) -> None:
    # The access token expires with the second page, and there is no other.
    sellers.inject("expired_token", operation=SEARCH, account="seller-2", skip=1)
    sellers.inject(
        "status",
        operation="lwa.token",
        account="seller-2",
        skip=1,
        status=400,
        code="invalid_grant",
        count=None,
    )

    failed = run_tap(tmp_path, settings_of(sellers))

    assert failed.exit_code == 1
    assert failed.log.count("Account 'seller-2' cannot be read") == 1
    assert "orders of seller-2" in failed.log
    assert bookmarks_in(failed.last_state)["orders", "seller-2"]["window"]
    assert written_too_late(failed.messages) == []
    for account in ("seller", "seller-3"):
        assert written_ids(failed, account) == order_ids(sellers, account)

    sellers.clear_faults()
    later = run_tap(tmp_path, settings_of(sellers), state=failed.last_state)

    assert later.exit_code == 0, later.log
    assert {*written_ids(failed, "seller-2"), *written_ids(later, "seller-2")} == set(
        order_ids(sellers, "seller-2")
    )


def test_an_operation_refused_to_one_account_fails_its_streams_alone(
    sellers: Simulator, tmp_path: Path
) -> None:
    sellers.inject(
        "status", operation=SEARCH, account="seller-3", status=403, code="Unauthorized", count=None
    )

    run = run_tap(tmp_path, settings_of(sellers))

    assert run.exit_code == 1
    assert run.log.count("Stream 'orders of seller-3' failed") == 1
    names = "order_items of seller-3 (read with orders), orders of seller-3."
    assert f"2 of 12 streams failed: {names}" in run.log
    assert "cannot be read" not in run.log
    assert run.records("orders", "seller-3") == []
    assert run.bookmark("orders", "seller-3") is None
    assert run.bookmark("feeds", "seller-3")
    for account in ("seller", "seller-2"):
        assert written_ids(run, account) == order_ids(sellers, account)
    for stream in ("feeds", "marketplace_participations"):
        assert all(run.records(stream, account) for account in ACCOUNTS)


# --- Rate limits ----------------------------------------------------------------------------------


def test_two_entries_with_one_authorization_share_its_rate_limits(tmp_path: Path) -> None:
    world = SimulatorSettings(sellers=2, orders=100, speed=2000, changes_per_minute=0, port=0)
    by_five = {
        "name": "orders_by_five",
        "operation": SEARCH,
        "params": {"maxResultsPerPage": 5},
        "selected_by_default": True,
    }
    with Simulator(world) as simulator:
        settings = settings_of(simulator) | {"custom_streams": [by_five]}
        one, _ = settings["accounts"]
        one["streams"] = ["orders_by_five"]
        settings["accounts"] = [one, one | {"name": "the same"}]

        run = run_tap(tmp_path, settings)

        assert run.exit_code == 0, run.log
        ids = [
            sorted(record["orderId"] for record in run.records("orders_by_five", account))
            for account in ("seller", "the same")
        ]
        assert ids[0] == ids[1] == order_ids(simulator, "seller")
        calls = simulator.metrics[SEARCH]
        # More than the bucket holds, and each entry alone would stay within it or nearly.
        assert calls["calls"] > 40
        assert calls["throttled"] == 0


# --- Schemas that follow from the data ------------------------------------------------------------


SHOP_PAGES = 15


THINGS: dict[str, Any] = {
    "name": "things",
    "path": "/new/2027-01-01/things",
    "record_config": {"id_field": "id"},
    "rate": 1000,
    "burst": 1000,
    "selected_by_default": True,
}


class Shop(JsonHandler):
    """Answers with `pages`, one after the other, by their token; each shop has its own path.

    The shops answer together, so that both accounts have a page at the same time.
    """

    pages: ClassVar[dict[str, list[list[dict[str, Any]]]]] = {}
    together: ClassVar = threading.Barrier(2, timeout=30)

    def content_of(self, path: str, query: dict[str, list[str]]) -> dict[str, Any]:
        self.together.wait()
        number = int(query.get("nextToken", ["0"])[0])
        pages = self.pages[path.split("/")[1]]
        answer: dict[str, Any] = {"things": pages[number]}
        if number + 1 < len(pages):
            answer["nextToken"] = str(number + 1)
        return answer


@pytest.fixture
def shops() -> Iterator[str]:
    """The address of an API that the catalogue does not know."""
    with serving(Shop) as address:
        yield address


def test_accounts_widen_one_schema_of_an_unknown_api(
    shops: str, sellers: Simulator, tmp_path: Path
) -> None:
    # Each page asks for something that the schema does not have yet, and at the same time one shop
    # has a text where the other has a number.
    Shop.pages.clear()
    for account, part in (("seller", "left"), ("seller-2", "right")):
        Shop.pages[account] = [
            [
                {
                    "id": f"{page}-{number}",
                    "size": number if account == "seller" else number + 0.5,
                    "parts": [{f"{part}{page}": 1}],
                    f"of{page}": "text" if account == "seller" else number,
                }
                for number in range(50)
            ]
            for page in range(SHOP_PAGES)
        ]
    settings = settings_of(sellers) | {"custom_streams": [THINGS]}
    settings["accounts"] = [
        entry | {"endpoint": f"{shops}/{entry['name']}", "streams": ["things"]}
        for entry in settings["accounts"][:2]
    ]

    run = run_tap(tmp_path, settings)

    assert run.exit_code == 0, run.log
    properties: dict[str, Any] = {}
    for message in run.messages:
        if message["type"] == "SCHEMA":
            assert message["key_properties"] == ["_account", "id"]
            before, properties = properties, message["schema"]["properties"]
            assert before.keys() <= properties.keys()
            validator = Draft7Validator(message["schema"])
        elif message["type"] == "RECORD":
            validator.validate(message["record"])
    for account, pages in Shop.pages.items():
        assert [record["id"] for record in run.records("things", account)] == [
            thing["id"] for page in pages for thing in page
        ]
    assert properties["_account"]["type"] == ["string"]
    assert properties["size"]["type"] == ["number", "null"]
    assert properties["of0"]["type"] == ["string", "null"]
    assert len(properties["parts"]["items"]["properties"]) == 2 * SHOP_PAGES


def test_a_new_field_of_one_account_widens_the_schema_of_all(
    sellers: Simulator, tmp_path: Path
) -> None:
    sellers.inject("extra_field", operation=SEARCH, account="seller-2", count=None)
    sellers.inject("extra_field", operation=SEARCH, account="seller-3", count=None, field="another")

    run = run_tap(tmp_path, settings_of(sellers))

    assert run.exit_code == 0, run.log
    validators: dict[str, Draft7Validator] = {}
    properties: set[str] = set()
    for message in run.messages:
        if message["type"] == "SCHEMA":
            if message["stream"] == "orders":
                assert properties < set(message["schema"]["properties"])
                properties = set(message["schema"]["properties"])
            validators[message["stream"]] = Draft7Validator(message["schema"])
        elif message["type"] == "RECORD":
            validators[message["stream"]].validate(message["record"])
            if message["stream"] == "orders":
                assert properties.issuperset(message["record"])
    assert {"simulatorExtraField", "another"} <= properties
    for account in ACCOUNTS:
        assert written_ids(run, account) == order_ids(sellers, account)


# --- Everything at once ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def everything() -> Iterator[Simulator]:
    """A small world of three sellers."""
    world = replace(small_world(records=10, longest_page=4).settings, sellers=3, orders=60)
    with Simulator(world) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def lines(everything: Simulator, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The lines that reading all built-in streams of all accounts gives."""
    settings = settings_of(everything) | {
        "marketplace_ids": US_AND_BRAZIL,
        "restricted_data": True,
    }
    for number, entry in enumerate(settings["accounts"], 1):
        entry["seller_id"] = f"A{number}SIMULATEDSELLER"
        entry["stream_ids"] = known_ids(everything, "2026-01-01", entry["name"])
    folder = tmp_path_factory.mktemp("everything")
    names = [stream.name for stream in built_in_streams()]
    arguments = tap_arguments(folder, settings, catalog=catalog_of(*names, settings=settings))
    finished = Command(arguments, folder).run()
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.splitlines(keepends=True)


def test_all_streams_of_all_accounts_write_whole_lines_with_a_schema_before_each_record(
    lines: list[str],
) -> None:
    validators: dict[str, Draft7Validator] = {}
    keys: dict[str, list[str]] = {}
    seen: Counter[tuple[str, ...]] = Counter()
    accounts: dict[str, set[str]] = {}
    for line in lines:
        assert line.endswith("\n")
        message = json.loads(line)
        if message["type"] == "SCHEMA":
            # None is found to be wanting, and all accounts share it.
            assert message["stream"] not in validators
            validators[message["stream"]] = Draft7Validator(message["schema"])
            keys[message["stream"]] = message["key_properties"]
        elif message["type"] == "RECORD":
            stream, record = message["stream"], message["record"]
            validators[stream].validate(record)
            accounts.setdefault(stream, set()).add(record["_account"])
            key = (stream, *(str(record[name]) for name in keys[stream]))
            seen[key] += 1
        else:
            assert message["type"] == "STATE"
    assert [key for key, count in seen.items() if count > 1] == []
    assert accounts == {stream.name: {*ACCOUNTS} for stream in built_in_streams()}


def test_every_state_is_true_for_every_stream_of_every_account(
    everything: Simulator, lines: list[str]
) -> None:
    messages = read_messages("".join(lines))
    assert written_too_late(messages) == []

    # What Amazon has, too.
    changed = {
        account: {
            order["orderId"]: order["lastUpdatedTime"]
            for order in everything.truth("orders", account)
            if order["salesChannel"]["marketplaceId"] in US_AND_BRAZIL
        }
        for account in ACCOUNTS
    }
    written: set[tuple[str, str]] = set()
    states = 0
    for message in messages:
        if message["type"] == "RECORD" and message["stream"] == "orders":
            written.add((message["record"]["_account"], message["record"]["orderId"]))
        if message["type"] == "STATE":
            states += 1
            bookmarks = bookmarks_in(message["value"])
            for account, orders in changed.items():
                bookmark = bookmarks.get(("orders", account), {}).get("replication_key_value", "")
                claimed = {(account, order) for order, time in orders.items() if time < bookmark}
                assert claimed <= written
    assert states > 10
