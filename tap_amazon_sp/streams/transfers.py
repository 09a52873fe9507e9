"""Transfers of money to the seller: payouts, expected payouts and payment methods.

Facts: Amazon's model `transfers_2024-06-01`.
"""

from __future__ import annotations

from typing import Any

from tap_amazon_sp.common.json_paths import first_at, values_at
from tap_amazon_sp.reading.snapshot import Snapshot
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.windows import Windows
from tap_amazon_sp.singer.schemas import TEXT

ROLES = ("Finance and Accounting",)


class Payouts(AmazonStream):
    """Payouts to the seller, with the history of their status.

    The bookmark does not move past the oldest payout that is still in transit.
    """

    name = "payouts"
    operation_id = "transfers_2024-06-01.listPayouts"
    roles = ROLES
    primary_keys = ("id",)
    replication_key = "creationDate"
    read = Windows(
        "createdAfter", unfinished={"currentStatus": frozenset({"STARTED", "IN_TRANSIT"})}
    )


class ExpectedPayouts(AmazonStream):
    """Payouts that Amazon expects to make, by account, day and settlement.

    They have no id, so these properties are part of the key: `scheduledDay` is the day of
    `scheduledDate`, `periodStart` is the day on which `period` begins, and `settlement` identifies
    the settlement. Each is empty if Amazon does not send the value.
    """

    name = "expected_payouts"
    operation_id = "transfers_2024-06-01.listExpectedPayouts"
    roles = ROLES
    primary_keys = (
        "partnerId",
        "accountType",
        "marketplaceId",
        "scheduledDay",
        "periodStart",
        "settlement",
        "currencyCode",
    )
    optional_keys = primary_keys
    lifted = {
        "partnerId": "partnerMetadata.partnerId",
        "accountType": "partnerMetadata.accountType",
        "marketplaceId": "partnerMetadata.marketplaceId",
        "currencyCode": "amount.currencyCode",
    }
    added_properties = {"scheduledDay": TEXT, "periodStart": TEXT, "settlement": TEXT}
    read = Snapshot()

    def transform(self, record: dict[str, Any]) -> dict[str, Any]:
        """Add the days and the settlement as text: a key cannot be a date that may be missing."""
        record["scheduledDay"] = (record.get("scheduledDate") or "").partition("T")[0]
        period_start = first_at(record, ["period", "startDate"]) or ""
        record["periodStart"] = period_start.partition("T")[0]
        identifiers = values_at(record, ["relatedIdentifiers"])
        record["settlement"] = " ".join(
            sorted(" ".join(map(str, found.values())) for found in identifiers)
        )
        return record


class PaymentMethods(AmazonStream):
    """Bank accounts, cards and wallets of the seller, by marketplace."""

    name = "payment_methods"
    operation_id = "transfers_2024-06-01.getPaymentMethods"
    roles = ROLES
    primary_keys = ("marketplaceId", "paymentMethodId")
    from_request = {"marketplaceId": "marketplaceId"}
    read = Snapshot()
