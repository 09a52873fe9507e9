"""Reads the Finances and Transfers APIs of a simulator to their ends."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.sellers import days_ago
from tests.simulator.api_caller import ApiCaller

FINANCES = "/finances/2024-06-19"
FINANCES_V0 = "/finances/v0"
TRANSFERS = "/finances/transfers/2024-06-01"

Record = dict[str, Any]


def answer_of(api: ApiCaller, path: str, **params: Any) -> Record:
    answer = api.get(path, **params)
    assert answer.status_code == 200, answer.text
    content: Record = answer.json()
    return content


def transactions(api: ApiCaller, **params: Any) -> list[Record]:
    found: list[Record] = []
    token: dict[str, str] = {}
    while True:
        wanted = {"postedAfter": days_ago(179)} | params
        payload = answer_of(api, f"{FINANCES}/transactions", **wanted, **token)["payload"]
        found += payload["transactions"]
        if "nextToken" not in payload:
            return found
        token = {"nextToken": payload["nextToken"]}


def groups(api: ApiCaller) -> list[Record]:
    wanted = {"FinancialEventGroupStartedAfter": days_ago(179), "MaxResultsPerPage": 100}
    payload = answer_of(api, f"{FINANCES_V0}/financialEventGroups", **wanted)["payload"]
    assert "NextToken" not in payload
    found: list[Record] = payload["FinancialEventGroupList"]
    return found


def events(api: ApiCaller, path: str, **params: Any) -> list[tuple[str, Record]]:
    """Return the events of all pages, each with the name of its list."""
    found: list[tuple[str, Record]] = []
    token: dict[str, str] = {}
    while True:
        payload = answer_of(api, FINANCES_V0 + path, **params, **token)["payload"]
        found += [
            (name, event) for name, each in payload["FinancialEvents"].items() for event in each
        ]
        if "NextToken" not in payload:
            return found
        token = {"NextToken": payload["NextToken"]}


def amounts_in(event: Any) -> Decimal:
    """Return the sum of all amounts in an event of Finances v0, wherever they are."""
    if isinstance(event, list):
        return sum(map(amounts_in, event), Decimal(0))
    if not isinstance(event, dict):
        return Decimal(0)
    if "transactionValue" in event:
        return amounts_in(event["transactionValue"])
    if "AdjustmentAmount" in event:
        return amounts_in(event["AdjustmentAmount"])
    if "CurrencyAmount" in event:
        return Decimal(str(event["CurrencyAmount"]))
    return sum(map(amounts_in, event.values()), Decimal(0))


def leaves_in(breakdowns: list[Record] | None) -> Decimal:
    """Return the sum of the innermost amounts of breakdowns of Finances 2024-06-19."""
    return sum(
        (
            leaves_in(each["breakdowns"])
            if each.get("breakdowns")
            else Decimal(str(each["breakdownAmount"]["currencyAmount"]))
            for each in breakdowns or ()
        ),
        Decimal(0),
    )


def money(amount: Record) -> Decimal:
    return Decimal(str(amount["currencyAmount"]))


def identifiers(transaction: Record) -> dict[str, str]:
    return {
        each["relatedIdentifierName"]: each["relatedIdentifierValue"]
        for each in transaction["relatedIdentifiers"]
    }
