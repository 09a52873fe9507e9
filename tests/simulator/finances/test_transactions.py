from __future__ import annotations

from decimal import Decimal

import pytest

from tests.sellers import days_ago
from tests.simulator.api_caller import ApiCaller
from tests.simulator.conftest import MARKETPLACES
from tests.simulator.finances.finance_calls import (
    FINANCES,
    answer_of,
    identifiers,
    money,
    transactions,
)

US, CA = MARKETPLACES[:2]
PATH = f"{FINANCES}/transactions"


def test_an_order_or_a_group_has_its_transactions(seller: ApiCaller) -> None:
    everything = transactions(seller)
    refund = next(each for each in everything if each["transactionType"] == "Refund")
    for name in ("ORDER_ID", "FINANCIAL_EVENT_GROUP_ID"):
        value = identifiers(refund)[name]

        found = transactions(seller, relatedIdentifierName=name, relatedIdentifierValue=value)

        assert found == [each for each in everything if identifiers(each).get(name) == value]
        assert refund in found


def test_with_the_us_marketplace_amazon_leaves_out_what_sellers_ship(seller: ApiCaller) -> None:
    everything = transactions(seller)
    own = [each for each in everything if each["marketplaceDetails"]["marketplaceId"] == US]

    shown = transactions(seller, marketplaceId=US)

    hidden = [each for each in own if each not in shown]
    networks = {
        item["contexts"][0]["fulfillmentNetwork"] for each in hidden for item in each["items"]
    }
    assert networks == {"MFN"}
    assert len(shown) + len(hidden) == len(own)
    canadian = [each for each in everything if each["marketplaceDetails"]["marketplaceId"] == CA]
    assert transactions(seller, marketplaceId=CA) == canadian


def test_a_status_filters(seller: ApiCaller) -> None:
    for status in ("DEFERRED", "RELEASED", "DEFERRED_RELEASED"):
        found = transactions(seller, transactionStatus=status)
        assert {each["transactionStatus"] for each in found} == {status}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, "postedAfter"),
        ({"relatedIdentifierName": "ORDER_ID"}, "relatedIdentifierValue"),
        (
            {"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": "1"},
            "relatedIdentifierName",
        ),
        ({"postedAfter": days_ago(-1)}, "postedAfter"),
        ({"postedAfter": days_ago(2), "postedBefore": days_ago(3)}, "postedBefore"),
    ],
)
def test_what_amazon_does_not_take_is_refused(
    seller: ApiCaller, arguments: dict[str, str], named: str
) -> None:
    assert named in seller.refused(PATH, **arguments)


def test_a_time_of_more_than_180_days_is_empty(seller: ApiCaller) -> None:
    assert answer_of(seller, PATH, postedAfter=days_ago(181))["payload"]["transactions"] == []
    assert answer_of(seller, PATH, postedAfter=days_ago(179))["payload"]["transactions"]


def test_balances_add_up_now_and_in_the_past(seller: ApiCaller) -> None:
    now = answer_of(seller, f"{FINANCES}/balances")["balances"]
    past = answer_of(seller, f"{FINANCES}/balances", asOfDate=days_ago(20)[:10])["balances"]

    for balances in (now, past):
        assert len(balances) == 5 * 4
        by_market: dict[str, dict[str, Decimal]] = {}
        for each in balances:
            market = by_market.setdefault(each["partnerMetadata"]["marketplaceId"], {})
            market[each["balanceType"]] = money(each["amount"])
            if each["balances"]:
                inner = sum(money(part["amount"]) for part in each["balances"])
                assert inner == money(each["amount"])
        for amounts in by_market.values():
            assert amounts["TOTAL"] == amounts["AVAILABLE"] + amounts["RESERVED"]
    assert {each["asOfDate"][:10] for each in past} == {days_ago(20)[:10]}
    (deferred,) = answer_of(
        seller, f"{FINANCES}/balances", balanceType="DEFERRED", marketplaceIds=[US]
    )["balances"]
    held = transactions(seller, transactionStatus="DEFERRED")
    assert money(deferred["amount"]) == sum(
        money(each["totalAmount"])
        for each in held
        if each["marketplaceDetails"]["marketplaceId"] == US
    )


def test_summaries_of_days_add_up_to_what_was_released(seller: ApiCaller) -> None:
    first, last = days_ago(40), days_ago(10)
    released = [
        each
        for each in transactions(seller, postedAfter=first, postedBefore=last)
        if each["transactionStatus"] == "RELEASED" and each["transactionType"] != "Transfer"
    ]
    sums: dict[str, Decimal] = {}
    for day in range(40, 10, -1):
        on = days_ago(day)[:10]
        period = {"periodStart": on, "periodEnd": on}
        for each in answer_of(seller, f"{FINANCES}/summary", **period)["summaries"]:
            market = each["partnerMetadata"]["marketplaceId"]
            sums[market] = sums.get(market, Decimal(0)) + money(each["netProceeds"])

    expected: dict[str, Decimal] = {}
    for each in released:
        market = each["marketplaceDetails"]["marketplaceId"]
        expected[market] = expected.get(market, Decimal(0)) + money(each["totalAmount"])
    assert sums == expected
