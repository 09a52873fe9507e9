"""Balances, on any day, are what the books say."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.sellers import days_ago
from tests.simulator.api_caller import ApiCaller
from tests.simulator.finances.finance_calls import FINANCES, answer_of, money

US = "ATVPDKIKX0DER"


@pytest.fixture(scope="module")
def lines(seller: ApiCaller) -> list[dict[str, Any]]:
    """The lines of the books in the US."""
    return [line for line in seller.simulator.truth("books") if line["marketplaceId"] == US]


def balances(seller: ApiCaller, **params: Any) -> dict[str, Decimal]:
    found = answer_of(seller, f"{FINANCES}/balances", marketplaceIds=US, **params)["balances"]
    return {each["balanceType"]: money(each["amount"]) for each in found}


def test_balances_are_what_was_posted_and_not_yet_paid(
    seller: ApiCaller, lines: list[dict[str, Any]]
) -> None:
    found = balances(seller)
    deferred = sum(Decimal(line["amount"]) for line in lines if not line["isReleased"])

    assert found["TOTAL"] == sum(Decimal(line["amount"]) for line in lines)
    assert found["DEFERRED"] == deferred != 0
    assert found["RESERVED"] == found["DEFERRED"] + found["ACCOUNT_LEVEL_RESERVE"]
    assert found["TOTAL"] == found["AVAILABLE"] + found["RESERVED"]


def first_of_a_month() -> dt.date:
    return (dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=35)).date().replace(day=1)


@pytest.mark.parametrize(
    "day",
    [
        days_ago(80)[:10],
        days_ago(33)[:10],
        # The subscription is charged in the first second of the next day.
        str(first_of_a_month() - dt.timedelta(days=1)),
        str(first_of_a_month()),
    ],
    ids=["80 days ago", "33 days ago", "last of a month", "first of a month"],
)
def test_a_balance_of_a_day_is_that_at_its_end(
    seller: ApiCaller, lines: list[dict[str, Any]], day: str
) -> None:
    expected = sum(Decimal(line["amount"]) for line in lines if line["postedDate"][:10] <= day)

    assert balances(seller, asOfDate=day)["TOTAL"] == expected != 0


@pytest.mark.parametrize("day", ["2020-01-01", "0001-01-01"])
def test_before_the_first_order_there_is_no_money(seller: ApiCaller, day: str) -> None:
    assert set(balances(seller, asOfDate=day).values()) == {Decimal(0)}


def test_a_day_to_come_is_today(seller: ApiCaller) -> None:
    assert balances(seller, asOfDate="9999-12-31") == balances(seller)
