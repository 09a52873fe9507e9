"""All accounts of a seller's money agree to the cent, in every currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.simulator.api_caller import REPORTS, ApiCaller
from tests.simulator.finances.finance_calls import (
    TRANSFERS,
    Record,
    amounts_in,
    answer_of,
    events,
    groups,
    identifiers,
    leaves_in,
    money,
    transactions,
)
from tests.simulator.reports.test_operations import download, rows

SETTLEMENTS = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
UNPAID = {"Transfer"}


@pytest.fixture(scope="module")
def of_settlements(seller: ApiCaller) -> dict[str, list[Record]]:
    """The lines of each settlement report, by id; the first one is its head."""
    found = {}
    query: Record = {"reportTypes": SETTLEMENTS, "pageSize": 100}
    for report in seller.get(f"{REPORTS}/reports", **query).json()["reports"]:
        lines = rows(download(seller, report["reportDocumentId"])[0])
        found[lines[0]["settlement-id"]] = lines
    return found


@pytest.fixture(scope="module")
def posted(seller: ApiCaller) -> list[Record]:
    return transactions(seller)


@pytest.fixture(scope="module")
def truth(seller: ApiCaller) -> list[Record]:
    return seller.simulator.truth("books")


def by_settlement(posted: list[Record]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for each in posted:
        if each["transactionStatus"] == "RELEASED" and each["transactionType"] not in UNPAID:
            sums[identifiers(each)["SETTLEMENT_ID"]] += money(each["totalAmount"])
    return sums


def test_reports_transactions_events_and_truth_have_the_same_sums_in_each_settlement(
    seller: ApiCaller,
    of_settlements: dict[str, list[Record]],
    posted: list[Record],
    truth: list[Record],
    tell: Callable[[str], None],
) -> None:
    of_truth: dict[str, Decimal] = defaultdict(Decimal)
    for line in truth:
        if line["settlementId"] is not None and line["transactionType"] not in UNPAID:
            of_truth[line["settlementId"]] += Decimal(line["amount"])
    ids = {
        identifiers(each)["FINANCIAL_EVENT_GROUP_ID"]: identifiers(each)["SETTLEMENT_ID"]
        for each in posted
        if "SETTLEMENT_ID" in identifiers(each)
    }
    of_events = {
        settlement: sum(
            (
                amounts_in(event)
                for _, event in events(seller, f"/financialEventGroups/{group}/financialEvents")
            ),
            Decimal(0),
        )
        for group, settlement in ids.items()
    }
    totals = {
        ids[group["FinancialEventGroupId"]]: Decimal(str(group["OriginalTotal"]["CurrencyAmount"]))
        for group in groups(seller)
        if group["FinancialEventGroupId"] in ids
    }
    currencies = {line["currency"] for line in truth}

    assert by_settlement(posted) == of_truth
    assert of_events == of_truth
    assert totals == of_truth
    assert len(of_settlements) == 7 * 4
    for name, (head, *lines) in of_settlements.items():
        assert sum(Decimal(line["amount"]) for line in lines) == Decimal(head["total-amount"])
        assert Decimal(head["total-amount"]) == of_truth.get(name, Decimal(0)), name
    assert currencies == {"USD", "CAD", "MXN", "BRL"}
    tell(
        f"{len(of_truth)} settlements in {len(currencies)} currencies: settlement reports, "
        "transactions, events and truth differ by 0"
    )


def test_lines_of_settlements_are_those_of_the_truth(
    of_settlements: dict[str, list[Record]], truth: list[Record]
) -> None:
    expected = sorted(
        (line["settlementId"], line["orderItemId"] or "", line["amountDescription"], line["amount"])
        for line in truth
        if line["settlementId"] in of_settlements and line["transactionType"] not in UNPAID
    )

    shown = sorted(
        (name, line["order-item-code"], line["amount-description"], line["amount"])
        for name, (_, *lines) in of_settlements.items()
        for line in lines
    )

    assert shown == expected
    assert len(shown) > 3000


def test_breakdowns_add_up_to_their_transactions_and_items(posted: list[Record]) -> None:
    for each in posted:
        total = money(each["totalAmount"])
        assert leaves_in(each["breakdowns"]) == total
        assert sum(money(part["breakdownAmount"]) for part in each["breakdowns"]) == total
        for item in each["items"]:
            assert leaves_in(item["breakdowns"]) == money(item["totalAmount"])
        if each["items"]:
            assert sum(money(item["totalAmount"]) for item in each["items"]) == total


def test_what_was_shipped_is_what_was_ordered(seller: ApiCaller, truth: list[Record]) -> None:
    ordered = {
        item["orderItemId"]: (order["fulfillment"]["fulfillmentStatus"], item)
        for order in seller.simulator.truth("orders")
        for item in order["orderItems"]
    }
    shipped = {
        line["orderItemId"]: line
        for line in truth
        if (line["transactionType"], line["component"]) == ("Shipment", "Principal")
    }

    for name, line in shipped.items():
        status, item = ordered[name]
        assert status in ("SHIPPED", "PARTIALLY_SHIPPED")
        assert item["fulfillment"]["quantityFulfilled"] == line["quantity"]
        prices = {part["type"]: part["subtotal"] for part in item["proceeds"]["breakdowns"]}
        assert Decimal(prices["ITEM"]["amount"]) == Decimal(line["amount"])
        assert prices["ITEM"]["currencyCode"] == line["currency"]
    fulfilled = {
        name for name, (_, item) in ordered.items() if item["fulfillment"]["quantityFulfilled"]
    }
    assert shipped.keys() == fulfilled


def test_refunds_follow_their_shipments(truth: list[Record]) -> None:
    moments: dict[str, dict[str, str]] = defaultdict(dict)
    for line in truth:
        if line["orderItemId"]:
            moments[line["transactionType"]][line["orderItemId"]] = line["postedDate"]

    assert len(moments["Refund"]) > 20
    for item, refunded in moments["Refund"].items():
        assert moments["Shipment"][item] < refunded


def test_transfers_pay_the_settlements(seller: ApiCaller, posted: list[Record]) -> None:
    sums = by_settlement(posted)
    transfers = {
        identifiers(each)["SETTLEMENT_ID"]: money(each["totalAmount"])
        for each in posted
        if each["transactionType"] == "Transfer"
    }
    payouts = {
        each["relatedIdentifiers"][0]["relatedIdentifierValue"]: money(each["amount"])
        for each in answer_of(seller, f"{TRANSFERS}/payouts")["payouts"]
    }
    closed = {
        each["FinancialEventGroupId"]: each["FundTransferStatus"]
        for each in groups(seller)
        if each["ProcessingStatus"] == "Closed"
    }

    assert len(transfers) > 20
    for settlement, paid in transfers.items():
        assert sums[settlement] == -paid
    assert payouts == {name: -paid for name, paid in transfers.items() if paid < 0}
    assert set(closed.values()) == {"Succeeded", "Processing"}


def test_deferred_money_is_released_by_another_transaction(posted: list[Record]) -> None:
    by_id = {each["transactionId"]: each for each in posted}
    statuses = defaultdict(list)
    for each in posted:
        statuses[each["transactionStatus"]].append(each)

    assert len(by_id) == len(posted)
    assert {*statuses} == {"DEFERRED", "RELEASED", "DEFERRED_RELEASED"}
    for each in statuses["DEFERRED_RELEASED"]:
        release = by_id[identifiers(each)["RELEASE_TRANSACTION_ID"]]
        assert identifiers(release)["DEFERRED_TRANSACTION_ID"] == each["transactionId"]
        assert release["totalAmount"] == each["totalAmount"]
        assert release["transactionStatus"] == "RELEASED"
        assert release["postedDate"] == each["contexts"][0]["maturityDate"] > each["postedDate"]
    for each in statuses["DEFERRED"]:
        assert "RELEASE_TRANSACTION_ID" not in identifiers(each)
        assert "SETTLEMENT_ID" not in identifiers(each)
