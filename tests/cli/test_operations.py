from __future__ import annotations

from tap_amazon_sp.amazon import catalogue
from tests.cli.running import run


def test_all_operations_are_listed() -> None:
    finished = run("operations", "--output", "jsonl")

    assert [line["operation"] for line in finished.lines] == [
        operation.id for operation in catalogue.operations()
    ]
    assert len(finished.lines) == 384


def test_an_api_may_be_named_in_full_or_by_its_beginning() -> None:
    whole = run("operations", "feeds_2021-06-30", "--output", "json").json
    several = run("operations", "orders", "--output", "json").json

    assert {record["operation"].partition(".")[0] for record in whole} == {"feeds_2021-06-30"}
    assert {record["operation"].partition(".")[0] for record in several} == {
        "ordersV0",
        "orders_2026-01-01",
    }


def test_words_are_searched_in_names_and_paths() -> None:
    found = run("operations", "--search", "FEED", "--search", "document", "--output", "jsonl").lines

    assert [record["operation"] for record in found] == [
        "feeds_2021-06-30.createFeedDocument",
        "feeds_2021-06-30.getFeedDocument",
    ]


def test_a_table_says_what_operations_need() -> None:
    lines = run("operations", "--search", "searchorders").stdout.splitlines()
    needs = {
        record["operation"]: record["needs"] for record in run("operations", "--output=json").json
    }

    assert lines[0].split() == ["operation", "method", "path", "rate", "burst", "needs"]
    assert lines[1].split()[:5] == [
        "orders_2026-01-01.searchOrders",
        "GET",
        "/orders/2026-01-01/orders",
        "0.0056",
        "20",
    ]
    assert needs["notifications.getDestinations"][0] == (
        "grantless token of scope sellingpartnerapi::notifications"
    )
    assert "restricted data token for buyerInfo" in needs["ordersV0.getOrderItems"]
    assert "vendor account" in needs["vendorOrders.getPurchaseOrders"]
    assert any(need.startswith("role ") for need in needs["vendorOrders.getPurchaseOrders"])


def test_what_is_not_there_is_said() -> None:
    nothing = run("operations", "--search", "nosuchthing")
    no_api = run("operations", "fedes_2021-06-30")

    assert (nothing.exit_code, nothing.stdout) == (1, "")
    assert no_api.exit_code == 2
    assert "did you mean `feeds_2021-06-30`" in no_api.errors[0]
