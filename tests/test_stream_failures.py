"""What the log says of streams that failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tap_amazon_sp.amazon.errors import AccessDeniedError, ServiceError
from tap_amazon_sp.reading.orders_reader import OrdersReader
from tap_amazon_sp.settings.errors import SettingsError
from tests.offline_runs import Run

FEEDS = "feeds_2021-06-30.getFeeds"
SEARCH = "orders_2026-01-01.searchOrders"


def denied(operation_id: str) -> AccessDeniedError:
    return AccessDeniedError(
        operation_id,
        status=403,
        code="Unauthorized",
        message="Access to requested resource is denied.",
    )


def failing(error: Exception, *, of: str) -> Any:
    def pages(name: str, _: Mapping[str, Any]) -> list[Any]:
        return [error] if name == of else [{"feeds": [], "payload": []}]

    return pages


def test_a_refused_stream_names_the_roles_and_the_command_that_tries_all(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    error = denied("awd_2024-05-09.listInboundShipments")

    Run(monkeypatch, failing(error, of="listInboundShipments"), "awd_inbound_shipments")

    assert "Stream 'awd_inbound_shipments' failed: " in caplog.text
    assert "needs the role Amazon Warehousing and Distribution" in caplog.text
    assert "`amazon-sp doctor`" in caplog.text


def test_one_of_several_roles_suffices(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    error = denied(SEARCH)
    monkeypatch.setattr(OrdersReader, "_count", lambda *_: None)

    Run(monkeypatch, failing(error, of="searchOrders"), "orders", orders_api="2026-01-01")

    assert "one of the roles Inventory and Order Tracking, Pricing" in caplog.text
    assert "or Tax Remittance (Restricted)" in caplog.text


def test_a_custom_stream_has_the_roles_of_the_built_in_streams_of_its_operation(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    error = denied("ordersV0.getOrders")
    custom = {
        "name": "mine",
        "operation": "ordersV0.getOrders",
        "params": {"MarketplaceIds": ["ATVPDKIKX0DER"]},
    }

    Run(monkeypatch, failing(error, of="getOrders"), "mine", custom_streams=[custom])

    assert "Stream 'mine' failed: " in caplog.text
    assert "set `restricted_data` to true" in caplog.text
    assert "one of the roles Inventory and Order Tracking" in caplog.text


def test_a_stream_whose_roles_are_not_known_names_the_command(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Run(monkeypatch, failing(denied(FEEDS), of="getFeeds"), "feeds")

    assert "has a role for this operation" in caplog.text
    assert "`amazon-sp doctor`" in caplog.text


@pytest.mark.parametrize(
    "error",
    [ServiceError("ordersV0.getOrders", status=503), denied("ordersV0.getOrders")],
)
def test_streams_that_are_read_with_another_fail_with_it(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    run = Run(
        monkeypatch,
        failing(error, of="getOrders"),
        *("orders", "order_items", "order_buyer_info", "feeds"),
    )

    assert run.failure.startswith("3 of 4 streams failed: ")
    assert "orders" in run.failure
    assert "order_items (read with orders)" in run.failure
    assert "order_buyer_info (read with orders)" in run.failure


def test_what_stays_wrong_in_the_settings_is_not_said_to_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = SettingsError(["`x` is wrong"])

    alone = Run(monkeypatch, failing(wrong, of="getOrders"), "orders", "order_items")

    assert alone.failure.endswith("These fail again until the settings are changed")


def test_streams_that_fail_for_different_reasons_are_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def pages(name: str, _: Mapping[str, Any]) -> list[Any]:
        wrong = SettingsError(["`x` is wrong"])
        return [wrong if name == "getOrders" else ServiceError(FEEDS, status=503)]

    run = Run(monkeypatch, pages, "orders", "feeds")

    assert run.failure.endswith(
        "The next run goes on where these stopped, but fails again until the settings are changed "
        "for orders"
    )


def test_a_parent_that_fails_for_its_children_alone_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failure = ServiceError("ordersV0.getOrders", status=503)

    run = Run(monkeypatch, failing(failure, of="getOrders"), "order_items")

    assert run.failure.startswith("1 of 1 streams failed: ")
    assert "orders (not selected)" in run.failure
    assert "order_items (read with orders)" in run.failure


def test_an_account_that_is_refused_everything_may_be_in_another_region(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def pages(name: str, _: Mapping[str, Any]) -> list[Any]:
        return [denied("ordersV0.getOrders" if name == "getOrders" else FEEDS)]

    refused = Run(monkeypatch, pages, "orders", "order_items", "feeds")
    one_of_two = Run(
        monkeypatch, failing(denied(FEEDS), of="getFeeds"), "feeds", "marketplace_participations"
    )
    alone = Run(monkeypatch, pages, "orders", "order_items")

    sentence = "Amazon refuses everything in region na: the authorization may be for another one"
    assert sentence in refused.failure
    assert sentence not in one_of_two.failure
    # That says nothing of other operations.
    assert sentence not in alone.failure
