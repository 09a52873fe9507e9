"""What docs/operations.md shows is run here, a test for each operation by name."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tap_amazon_sp.cli import main
from tap_amazon_sp.simulator import Simulator
from tests.cli.conftest import environment_of
from tests.cli.running import Finished, requests_of

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
LINES = dict(re.findall(r"^\| `([\w.-]+)` \| `(amazon-sp .*)` \|$", PAGE, re.MULTILINE))
FILES = dict(re.findall(r"^`(\w+\.json)`:\n\n```json\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL))
NAMED_IN_ISSUE = {
    "feeds_2021-06-30": "cancelFeed createFeed createFeedDocument getFeed getFeeds getFeedDocument",
    "ordersV0": (
        "getOrder getOrders getOrderItems getOrderAddress getOrderBuyerInfo getOrderItemsBuyerInfo"
        " confirmShipment"
    ),
    "merchantFulfillmentV0": "createShipment getShipment cancelShipment",
    "notifications": (
        "createDestination getDestination getDestinations deleteDestination createSubscription"
        " getSubscription getSubscriptionById deleteSubscriptionById"
    ),
    "catalogItems_2022-04-01": "getCatalogItem searchCatalogItems",
    "listingsItems_2021-08-01": (
        "getListingsItem putListingsItem patchListingsItem deleteListingsItem"
    ),
    "reports_2021-06-30": (
        "createReport getReports getReport cancelReport createReportSchedule getReportSchedules"
        " getReportSchedule cancelReportSchedule getReportDocument"
    ),
    "vendorOrders": "getPurchaseOrders getPurchaseOrder",
    "application_2023-11-30": "rotateApplicationClientSecret",
}
SELLER = "A1SIMULATEDSELLER"
US = "ATVPDKIKX0DER"
GRANTLESS = (
    "notifications.createDestination",
    "notifications.getDestinations",
    "notifications.getDestination",
    "notifications.deleteDestination",
    "notifications.getSubscriptionById",
    "notifications.deleteSubscriptionById",
    "application_2023-11-30.rotateApplicationClientSecret",
)
INVALID = "INVALID"


class Lines:
    """Runs lines of the page, their placeholders filled in with what there is."""

    def __init__(self, world: Simulator, folder: Path) -> None:
        self._world = world
        self._environment = environment_of(world.settings_for_tap() | {"restricted_data": True})
        self._ids: dict[str, str] = {}
        self._makers: dict[str, Callable[[], Any]] = {
            "SELLER_ID": lambda: SELLER,
            "SKU": lambda: self._listing()["sku"],
            "ASIN": lambda: self._listing()["summaries"][0]["asin"],
            "ORDER_ID": lambda: self._order()["orderId"],
            "ORDER_ITEM_ID": lambda: self._order()["orderItems"][0]["orderItemId"],
            "SHIPMENT_ID": lambda: self._made("merchantFulfillmentV0.createShipment")["ShipmentId"],
            "FEED_ID": lambda: self._made("feeds_2021-06-30.createFeed")["feedId"],
            "FEED_DOCUMENT_ID": lambda: self._first("feeds", "resultFeedDocumentId"),
            "DESTINATION_ID": lambda: self._made("notifications.createDestination")[
                "destinationId"
            ],
            "SUBSCRIPTION_ID": lambda: self._made("notifications.getSubscription")[
                "subscriptionId"
            ],
            "REPORT_ID": lambda: self._made("reports_2021-06-30.createReport")["reportId"],
            "SCHEDULE_ID": lambda: self._made("reports_2021-06-30.createReportSchedule")[
                "reportScheduleId"
            ],
            "REPORT_DOCUMENT_ID": lambda: self._first("reports", "reportDocumentId"),
            "PURCHASE_ORDER_NUMBER": lambda: self._first("purchase_orders", "purchaseOrderNumber"),
        }
        for name, content in FILES.items():
            (folder / name).write_text(self.filled_in(content), encoding="utf-8")

    def run(self, operation_id: str) -> Finished:
        """Run the line of an operation."""
        words = shlex.split(self.filled_in(LINES[operation_id]))
        assert words[0] == "amazon-sp"
        result = CliRunner().invoke(main, words[1:], env=self._environment)
        return Finished(result.exit_code, result.stdout, result.stderr)

    def filled_in(self, text: str) -> str:
        names = "|".join(sorted(self._makers, key=len, reverse=True))
        return re.sub(rf"\b({names})\b", lambda match: self.id(match[1]), text)

    def id(self, name: str) -> str:
        """What a placeholder stands for; the same until the end."""
        if name not in self._ids:
            self._ids[name] = str(self._makers[name]())
        return self._ids[name]

    def _made(self, operation_id: str) -> Mapping[str, Any]:
        finished = self.run(operation_id)
        assert finished.exit_code == 0, finished.stderr
        made: Mapping[str, Any] = finished.json
        payload: Mapping[str, Any] = made.get("payload", made)
        return payload

    def _first(self, domain: str, name: str) -> Any:
        return next(record[name] for record in self._world.truth(domain) if name in record)

    def _order(self) -> dict[str, Any]:
        orders = self._world.truth("orders")
        return next(one for one in orders if one["salesChannel"]["marketplaceId"] == US)

    def _listing(self) -> dict[str, Any]:
        listings = self._world.truth(
            "listingsItems_2021-08-01.searchListingsItems", path_parameters={"sellerId": SELLER}
        )
        return listings[0]


@pytest.fixture
def lines(world: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lines:
    monkeypatch.chdir(tmp_path)
    return Lines(world, tmp_path)


@pytest.mark.parametrize("operation_id", LINES)
def test_the_line_performs_its_operation(operation_id: str, lines: Lines, world: Simulator) -> None:
    finished = lines.run(operation_id)

    # What a made-up seller's listings are found to be is the simulator's choice.
    is_invalid = f": {INVALID}\n" in finished.stderr
    assert finished.exit_code == (1 if is_invalid else 0), finished.stderr
    assert [one["status"] // 100 for one in requests_of(world, operation_id)][-1:] == [2]


def test_every_operation_named_in_the_issue_has_a_line() -> None:
    named = {f"{api}.{name}" for api, names in NAMED_IN_ISSUE.items() for name in names.split()}

    assert len(named) == 42
    assert named <= set(LINES)


def test_every_file_of_the_page_is_used() -> None:
    assert {name for line in LINES.values() for name in re.findall(r"\w+\.json", line)} == set(
        FILES
    )
    assert len(FILES) == 5


def test_a_cancelled_feed_is_cancelled(lines: Lines) -> None:
    lines.run("feeds_2021-06-30.cancelFeed")

    assert lines.run("feeds_2021-06-30.getFeed").json["processingStatus"] == "CANCELLED"


def test_a_cancelled_report_is_cancelled(lines: Lines) -> None:
    lines.run("reports_2021-06-30.cancelReport")

    assert lines.run("reports_2021-06-30.getReport").json["processingStatus"] == "CANCELLED"


@pytest.mark.parametrize(
    ("reading", "deleting"),
    [
        ("notifications.getDestination", "notifications.deleteDestination"),
        ("notifications.getSubscriptionById", "notifications.deleteSubscriptionById"),
        ("reports_2021-06-30.getReportSchedule", "reports_2021-06-30.cancelReportSchedule"),
    ],
)
def test_what_was_deleted_is_not_found(reading: str, deleting: str, lines: Lines) -> None:
    before, deleted, after = (lines.run(name) for name in (reading, deleting, reading))

    assert (before.exit_code, deleted.exit_code, after.exit_code) == (0, 0, 3)
    assert "HTTP 404" in after.errors[0]


def test_what_was_created_is_read_by_its_id(lines: Lines) -> None:
    destination = lines.run("notifications.getDestination").json["payload"]
    subscription = lines.run("notifications.createSubscription").json["payload"]

    assert destination["name"] == "orders"
    assert subscription["destinationId"] == destination["destinationId"]


def test_what_is_asked_by_id_is_what_is_answered(lines: Lines) -> None:
    answers = {
        "ORDER_ID": lines.run("ordersV0.getOrder").json["payload"]["AmazonOrderId"],
        "FEED_ID": lines.run("feeds_2021-06-30.getFeed").json["feedId"],
        "REPORT_ID": lines.run("reports_2021-06-30.getReport").json["reportId"],
        "SKU": lines.run("listingsItems_2021-08-01.getListingsItem").json["sku"],
        "ASIN": lines.run("catalogItems_2022-04-01.getCatalogItem").json["asin"],
        "PURCHASE_ORDER_NUMBER": lines.run("vendorOrders.getPurchaseOrder").json["payload"][
            "purchaseOrderNumber"
        ],
    }

    assert answers == {name: lines.id(name) for name in answers}


def test_a_submitted_feed_is_what_the_file_holds(lines: Lines, world: Simulator) -> None:
    feed_id = lines.run("feeds_2021-06-30.createFeed").json["feedId"]

    feed = next(one for one in world.truth("feeds") if one["feedId"] == feed_id)
    assert (feed["feedType"], feed["marketplaceIds"]) == ("JSON_LISTINGS_FEED", [US])


def test_all_orders_are_listed(lines: Lines, world: Simulator) -> None:
    listed = lines.run("orders_2026-01-01.searchOrders").lines

    assert {order["orderId"] for order in listed} == {
        order["orderId"] for order in world.truth("orders") if order["createdTime"] >= "2026-01-01"
    }


@pytest.mark.parametrize("operation_id", GRANTLESS)
def test_what_belongs_to_the_application_takes_a_grantless_token(
    operation_id: str, lines: Lines, world: Simulator
) -> None:
    lines.run(operation_id)

    # An account's own token is refused there.
    assert {one["status"] // 100 for one in requests_of(world, operation_id)} == {2}
    assert {one.get("account") for one in requests_of(world, operation_id)} == {None}


def test_files_of_the_page_are_json() -> None:
    assert all(json.loads(content) for content in FILES.values())
