"""The date range reports, which sellers make in Seller Central."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.api_caller import REPORTS, ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator
from tests.simulator.reports.test_operations import download, rows
from tests.simulator_tables import table_of

TRANSACTIONS = "GET_DATE_RANGE_FINANCIAL_TRANSACTION_DATA"
HOLDS = "GET_DATE_RANGE_FINANCIAL_HOLDS_DATA"
SETTLEMENTS = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"


def listed(api: ApiCaller, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(
        f"{REPORTS}/reports", reportTypes=kind, pageSize=100
    ).json()["reports"]
    return found


def table(api: ApiCaller, report: dict[str, Any]) -> list[dict[str, str]]:
    content, content_type = download(api, report["reportDocumentId"])
    assert content_type.startswith("text/csv;charset=")
    head, *rows = table_of(TRANSACTIONS, content.decode())
    return [dict(zip(head, row, strict=True)) for row in rows]


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


@pytest.mark.parametrize("kind", [TRANSACTIONS, HOLDS])
def test_they_cannot_be_requested_but_are_listed(api: ApiCaller, kind: str) -> None:
    body = {"reportType": kind, "marketplaceIds": MARKETPLACES[:1]}

    refused = api.call("POST", f"{REPORTS}/reports", json=body)

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "InvalidInput"
    reports = listed(api, kind)
    assert len(reports) > 2
    assert all(table(api, report) for report in reports)


def test_lines_before_the_header_say_what_the_amounts_are(api: ApiCaller) -> None:
    content, _ = download(api, listed(api, TRANSACTIONS)[0]["reportDocumentId"])

    before, _, table = content.decode().partition("\r\n\r\n")

    assert '"All amounts in USD, unless specified"' in before.splitlines()
    assert table.startswith('"date/time","settlement id","type","order id",')


def test_amounts_add_up(api: ApiCaller) -> None:
    found = table(api, listed(api, TRANSACTIONS)[0])
    amounts = [*found[0]]
    amounts = amounts[amounts.index("product sales") : amounts.index("total")]

    assert len(found) > 10
    for row in found:
        assert sum(number(row[name]) for name in amounts) == number(row["total"]), row


def test_transactions_are_those_of_the_settlements(start: StartSimulator) -> None:
    api = start(orders=1000)
    settlements = {
        report["dataStartTime"]: report["reportDocumentId"]
        for report in listed(api, SETTLEMENTS)
        if report["marketplaceIds"] == MARKETPLACES[:1]
    }

    for report in listed(api, TRANSACTIONS):
        head, *lines = rows(download(api, settlements[report["dataStartTime"]])[0])
        *found, transfer = table(api, report)
        assert Counter(
            (row["order id"], row["sku"]) for row in found if row["order id"]
        ) == Counter(
            (line["order-id"], line["sku"])
            for line in lines
            if line["amount-description"] == "Principal" and line["amount-type"] == "ItemPrice"
        )
        assert {row["settlement id"] for row in (*found, transfer)} == {head["settlement-id"]}
        reserve = sum(
            Decimal(line["amount"]) for line in lines if "Reserve" in line["amount-description"]
        )
        total = Decimal(head["total-amount"])
        assert sum(number(row["total"]) for row in found) + reserve == total
        assert transfer["type"] == "Transfer"
        assert transfer["order id"] == ""
        assert number(transfer["total"]) == -total


def test_types_are_those_of_seller_central(api: ApiCaller) -> None:
    found = {row["type"] for report in listed(api, TRANSACTIONS) for row in table(api, report)}

    assert found == {
        "Order",
        "Refund",
        "Service Fee",
        "FBA Inventory Fee",
        "Adjustment",
        "Transfer",
    }


def test_what_is_held_back_is_released_in_later_reports(start: StartSimulator) -> None:
    api = start(orders=1000)
    earlier, *_, first = listed(api, HOLDS)
    held = [row for report in (earlier, first) for row in table(api, report)]
    released = {
        (row["order id"], row["sku"], row["date/time"])
        for report in listed(api, TRANSACTIONS)
        for row in table(api, report)
    }

    assert held
    assert {row["type"] for row in held} == {"Order"}
    later = {(row["order id"], row["sku"], row["date/time"]) for row in table(api, first)}
    assert later <= released
