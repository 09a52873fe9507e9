"""Orders from both Orders APIs, from reports, of several accounts, and flattened, are the same."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from demo.postgres import PostgresAddress
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.dbt.expected_orders import differences, items_of
from tests.tap_runs import catalog_of, run_tap
from tests.warehouses import BEGIN, Row, Warehouse

LATER = dt.timedelta(days=5)
ACCOUNTS = ("east", "west")
BUILD = ("build", "--select", "+orders", "stg_amazon_sp__order_item_charges")


@dataclasses.dataclass(frozen=True)
class Sources:
    """What the tap wrote about one seller in several ways, and the seller's orders in the end."""

    v0: str
    flattened: str
    report: str
    after_report: str
    orders: Sequence[Row]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """Two runs with v0 and the newer API, and two with reports and the newer API."""
    ahead, since = dt.timedelta(0), time.monotonic()
    world = SimulatorSettings(
        orders=60,
        history_days=60,
        changes_per_minute=0.01,
        speed=1e6,
        port=0,
        region="na",
        now=lambda: BEGIN + ahead + dt.timedelta(seconds=time.monotonic() - since),
    )
    folder = tmp_path_factory.mktemp("sources")

    def run(
        start: dt.datetime, state: dict[str, Any] | None = None, **settings: Any
    ) -> tuple[str, dict[str, Any]]:
        given = simulator.settings_for_tap() | {
            "start_date": format_timestamp(start),
            "report_poll_interval": 0.1,
            **settings,
        }
        catalog = catalog_of("orders", "order_items", settings=given)
        finished = run_tap(folder, given, catalog=catalog, state=state)
        assert finished.exit_code == 0, finished.log
        return finished.output, finished.last_state

    with Simulator(world) as simulator:
        token = simulator.settings_for_tap()["refresh_token"]
        several: dict[str, Any] = {
            "accounts": [{"name": name, "refresh_token": token} for name in ACCOUNTS],
            "flattening_enabled": True,
            "flattening_max_depth": 3,
        }
        long_ago = BEGIN - dt.timedelta(days=75)
        v0, _ = run(long_ago, orders_api="v0", restricted_data=True, **several)
        report, state = run(long_ago, orders_history="report")
        ahead = LATER
        flattened, _ = run(BEGIN, **several)
        after_report, _ = run(long_ago, state, orders_history="report")
        orders = simulator.truth("orders")
    return Sources(v0, flattened, report, after_report, orders)


def from_older_reports(messages: str) -> Iterator[str]:
    """Yield messages with items without ids of Amazon, and orders with a word nobody explains."""
    occurrences: Counter[tuple[str, str]] = Counter()
    for line in messages.splitlines(keepends=True):
        message = json.loads(line)
        record = message.get("record")
        if record and message["stream"] == "orders":
            if record["_report"]["orderStatus"] == "Shipped - Delivered to Buyer":
                record["_report"]["orderStatus"] = "Shipping"
            yield json.dumps(message) + "\n"
        elif record and message["stream"] == "order_items":
            sku = record["product"]["sellerSku"]
            occurrences[record["orderId"], sku] += 1
            record["orderItemId"] = f"{sku}:{occurrences[record['orderId'], sku]}"
            yield json.dumps(message) + "\n"
        else:
            yield line


@pytest.fixture(scope="module")
def built(
    sources: Sources, postgres: PostgresAddress, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Warehouse]:
    """A warehouse that had Orders v0 before, and one whose past is from reports."""
    moved = Warehouse(
        "postgres", tmp_path_factory.mktemp("moved"), postgres, "moved", "moved_models"
    )
    past = Warehouse("duckdb", tmp_path_factory.mktemp("past"), postgres, "past", "past_models")

    def move() -> None:
        moved.load(sources.v0)
        for name in ("orders", "order_items"):
            moved.rows(f"ALTER TABLE moved.{name} RENAME TO {name}_v0")
        moved.load(sources.flattened)
        moved.dbt(*BUILD)

    def read_past() -> None:
        past.load("".join(from_older_reports(sources.report)))
        past.dbt(*BUILD)
        past.load(sources.after_report)
        past.dbt(*BUILD)

    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(move), pool.submit(read_past)]:
            done.result()
    return {"moved": moved, "past": past}


@pytest.fixture
def expected(sources: Sources) -> dict[str, dict[str, Any]]:
    """The items of all orders by id, without what sources differ in."""
    found = {key: row for order in sources.orders for key, row in items_of(order).items()}
    for row in found.values():
        del row["source"]
        if row["is_cancelled"] == "True":
            # Orders v0 names no promotions of cancelled orders, reports no currency.
            del row["promotion_ids"], row["currency"]
    return found


def test_orders_of_v0_go_on_in_the_newer_api(
    built: Mapping[str, Warehouse], expected: Mapping[str, Mapping[str, Any]]
) -> None:
    rows = built["moved"].rows("SELECT * FROM order_items")

    assert {row["source"] for row in rows} == {"v0", "api"}
    for account in ACCOUNTS:
        own = [row for row in rows if row["account"] == account]
        assert len(own) == len(expected)
        of_account = {key: {**row, "account": account} for key, row in expected.items()}
        assert not differences(own, "order_item_id", of_account)


def test_items_of_reports_are_replaced_even_if_their_ids_were_made(
    built: Mapping[str, Warehouse], expected: Mapping[str, Mapping[str, Any]]
) -> None:
    occurrences: Counter[tuple[str, str]] = Counter()
    made = {}
    for key, row in expected.items():
        occurrences[row["order_id"], row["sku"]] += 1
        number = occurrences[row["order_id"], row["sku"]]
        made[row["order_id"], f"{row['sku']}:{number}"] = key
    rows = [
        {
            **row,
            "order_item_id": made.get(
                (row["order_id"], row["order_item_id"]), row["order_item_id"]
            ),
        }
        for row in built["past"].rows("SELECT * FROM order_items")
    ]

    assert {row["source"] for row in rows} == {"report", "api"}
    assert len(rows) == len(expected)
    assert not differences(rows, "order_item_id", expected)


@pytest.mark.parametrize("name", ["moved", "past"])
def test_charges_add_up_to_the_items(built: Mapping[str, Warehouse], name: str) -> None:
    rows = built[name].rows(
        """
        SELECT source, count(*) AS items, sum(abs(total - charged)) AS difference
        FROM order_items
        JOIN (
            SELECT account, order_id, order_item_id, source, sum(amount) AS charged
            FROM stg_amazon_sp__order_item_charges
            GROUP BY account, order_id, order_item_id, source
        ) AS charges USING (account, order_id, order_item_id, source)
        WHERE NOT is_cancelled
        GROUP BY source
        """
    )

    assert {row["source"]: row["difference"] for row in rows} == dict.fromkeys(
        [row["source"] for row in rows], 0
    )
    assert len(rows) == 2
    assert all(row["items"] > 10 for row in rows)


def test_a_word_that_nobody_explains_is_no_status(built: Mapping[str, Warehouse]) -> None:
    rows = built["past"].rows("SELECT * FROM orders WHERE amazon_status = 'Shipping'")

    assert {(row["status"], str(row["is_cancelled"])) for row in rows} == {(None, "False")}
    assert all(row["total"] > 0 for row in rows)
