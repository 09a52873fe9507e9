"""Transfers of money to the seller: payouts, those expected, and where they go.

Facts: Amazon's model `transfers_2024-06-01`.
"""

from __future__ import annotations

from typing import Any

from tap_amazon_sp.reading.declared_schemas import TEXT
from tap_amazon_sp.reading.snapshots import SnapshotStream
from tap_amazon_sp.reading.stream import first_at, values_at
from tap_amazon_sp.reading.windows import WindowedStream

ROLES = ("Finance and Accounting",)


class Payouts(WindowedStream):
    """Payouts to the seller, with the history of their status.

    The bookmark waits for the oldest payout that is still on its way.
    """

    name = "payouts"
    operation_id = "transfers_2024-06-01.listPayouts"
    roles = ROLES
    primary_keys = ("id",)
    replication_key = "creationDate"
    updated_after = "createdAfter"
    unfinished = {"currentStatus": frozenset({"STARTED", "IN_TRANSIT"})}


class ExpectedPayouts(SnapshotStream):
    """Payouts that Amazon expects to make, by account, day and settlement.

    They have no id. `scheduledDay` and `periodStart` are the days of `scheduledDate` and of the
    beginning of `period`, `settlement` is what identifies the settlement; each is empty where
    Amazon does not say it.
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
    lifted = {
        "partnerId": "partnerMetadata.partnerId",
        "accountType": "partnerMetadata.accountType",
        "marketplaceId": "partnerMetadata.marketplaceId",
        "currencyCode": "amount.currencyCode",
    }
    added_properties = {"scheduledDay": TEXT, "periodStart": TEXT, "settlement": TEXT}

    def prepare(self, record: dict[str, Any]) -> dict[str, Any]:
        """Add the days, as a key cannot be a date that may be missing, and the settlement."""
        record["scheduledDay"] = (record.get("scheduledDate") or "").partition("T")[0]
        period_start = first_at(record, ["period", "startDate"]) or ""
        record["periodStart"] = period_start.partition("T")[0]
        identifiers = values_at(record, ["relatedIdentifiers"])
        record["settlement"] = " ".join(
            sorted(" ".join(map(str, found.values())) for found in identifiers)
        )
        return record


class PaymentMethods(SnapshotStream):
    """Bank accounts, cards and wallets of the seller, by marketplace."""

    name = "payment_methods"
    operation_id = "transfers_2024-06-01.getPaymentMethods"
    roles = ROLES
    primary_keys = ("marketplaceId", "paymentMethodId")
    from_request = {"marketplaceId": "marketplaceId"}


STREAMS = (Payouts, ExpectedPayouts, PaymentMethods)
