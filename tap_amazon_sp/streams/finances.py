"""Finances: transactions, balances and summaries, and the older groups and events.

Facts: Amazon's models `finances_2024-06-19` and `financesV0`; its changelog entry on the end of
Finances v0 (its events are removed on 2027-08-27, its groups stay).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tap_amazon_sp.amazon.answer_checks import not_documented
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.amazon.marketplaces import marketplace_label
from tap_amazon_sp.common.json_paths import at_path, gaps_at, values_at
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.common.windows import DAY, Window, start_of_day
from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.pipeline import Request
from tap_amazon_sp.reading.reader import Parameters
from tap_amazon_sp.reading.snapshot import Snapshot
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.window_plan import WINDOW_END
from tap_amazon_sp.reading.windows import Windows
from tap_amazon_sp.singer.schemas import ANY_OBJECT, TEXT, property_schemas

ROLES = ("Finance and Accounting",)
EVENT_ROLES = ("Finance and Accounting", "Amazon Fulfillment")

EVENT_LISTS = (
    "ShipmentEventList",
    "ShipmentSettleEventList",
    "RefundEventList",
    "GuaranteeClaimEventList",
    "EBTRefundReimbursementOnlyEventList",
    "ChargebackEventList",
    "PayWithAmazonEventList",
    "ServiceProviderCreditEventList",
    "RetrochargeEventList",
    "RentalTransactionEventList",
    "ProductAdsPaymentEventList",
    "ServiceFeeEventList",
    "SellerDealPaymentEventList",
    "DebtRecoveryEventList",
    "LoanServicingEventList",
    "AdjustmentEventList",
    "SAFETReimbursementEventList",
    "SellerReviewEnrollmentPaymentEventList",
    "FBALiquidationEventList",
    "CouponPaymentEventList",
    "ImagingServicesFeeEventList",
    "NetworkComminglingTransactionEventList",
    "AffordabilityExpenseEventList",
    "AffordabilityExpenseReversalEventList",
    "RemovalShipmentEventList",
    "RemovalShipmentAdjustmentEventList",
    "TrialShipmentEventList",
    "TDSReimbursementEventList",
    "AdhocDisbursementEventList",
    "TaxWithholdingEventList",
    "ChargeRefundEventList",
    "FailedAdhocDisbursementEventList",
    "ValueAddedServiceChargeEventList",
    "CapacityReservationBillingEventList",
)
"""The lists of events in an answer, one for each kind of event; unknown lists are read, too."""

EVENT_DATES = ("PostedDate", "postedDate", "TransactionPostedDate", "TransactionCreationDate")
"""The names of the posting time in the various kinds of events; some kinds have none."""


NO_EVENTS = "properties beside the lists of events"
OF_OTHERS = "transactions of marketplaces that `marketplace_ids` does not name"


class FinancialTransactions(AmazonStream):
    """Transactions with their breakdowns: what was charged, refunded, paid and held back.

    Orders may appear up to 48 hours late, so every run reads the last 48 hours again. A deferred
    transaction changes when it is released, so the bookmark does not move past the oldest deferred
    transaction. The requests do not name a marketplace: if they name the US marketplace, Amazon
    leaves out orders that sellers ship themselves. If `marketplace_ids` is set, the tap leaves out
    the transactions of other marketplaces, and logs how many there were.
    """

    name = "financial_transactions"
    operation_id = "finances_2024-06-19.listTransactions"
    roles = ROLES
    primary_keys = ("sellingPartnerId", "transactionId")
    optional_keys = ("sellingPartnerId",)
    replication_key = "postedDate"
    lifted = {"sellingPartnerId": "sellingPartnerMetadata.sellingPartnerId"}
    parameters = {"marketplaceId": None}
    read = Windows(
        "postedAfter",
        unfinished={"transactionStatus": frozenset({"DEFERRED"})},
        late_by=dt.timedelta(hours=48),
    )

    def extract(self, answer: Answer) -> list[dict[str, Any]]:
        """Return the transactions of the selected marketplaces, and those without a marketplace."""
        found, wanted = super().extract(answer), self.account.marketplace_ids
        if not wanted:
            return found
        kept = []
        for record in found:
            marketplace_id = _marketplace(record)
            if marketplace_id is None or marketplace_id in wanted:
                kept.append(record)
            else:
                self.omissions.count(OF_OTHERS, marketplace_label(marketplace_id))
        return kept


def _marketplace(transaction: Mapping[str, Any]) -> str | None:
    """Return the marketplace of a transaction; None where Amazon does not name it."""
    for name in ("marketplaceDetails", "sellingPartnerMetadata"):
        if marketplace_id := at_path(transaction, [name, "marketplaceId"]):
            return str(marketplace_id)
    return None


class AccountBalances(AmazonStream):
    """Current balances of the selling accounts, by type and currency.

    The components of a balance are nested inside its record.
    """

    name = "account_balances"
    operation_id = "finances_2024-06-19.listBalances"
    roles = ROLES
    primary_keys = ("partnerId", "accountType", "marketplaceId", "balanceType", "currencyCode")
    optional_keys = ("partnerId", "accountType", "marketplaceId", "currencyCode")
    lifted = {
        "partnerId": "partnerMetadata.partnerId",
        "accountType": "partnerMetadata.accountType",
        "marketplaceId": "partnerMetadata.marketplaceId",
        "currencyCode": "amount.currencyCode",
    }
    read = Snapshot()


def _both_days(operation: Operation, name: str, window: Window) -> Parameters:  # noqa: ARG001
    """Return the first and the last day of a window: Amazon's period includes both."""
    last_moment = window.before - dt.datetime.resolution
    return {name: window.after.date(), "periodEnd": last_moment.date()}


_DAILY = Windows(
    "",
    whole_days=True,
    request_per_day=True,
    shortest=DAY,
    # Part of a day would give different keys from the whole day.
    restarts_requests=True,
    # After a kill, at most this many requests are repeated.
    longest=dt.timedelta(days=90),
)


class FinancialSummaries(AmazonStream):
    """Net proceeds of each day (UTC) by account and marketplace, with their breakdown.

    Every run reads the last two weeks again, because transactions arrive late or are released
    later.
    """

    name = "financial_summaries"
    operation_id = "finances_2024-06-19.listSummary"
    roles = ROLES
    primary_keys = ("partnerId", "accountType", "marketplaceId", "currencyCode", "periodStart")
    optional_keys = ("partnerId", "accountType", "marketplaceId", "currencyCode")
    replication_key = "periodEnd"
    lifted = {
        "partnerId": "partnerMetadata.partnerId",
        "accountType": "partnerMetadata.accountType",
        "marketplaceId": "partnerMetadata.marketplaceId",
        "currencyCode": "netProceeds.currencyCode",
    }
    read = replace(
        _DAILY, updated_after="periodStart", times=_both_days, late_by=dt.timedelta(days=14)
    )

    def add(self, record: Mapping[str, Any], request: Request) -> dict[str, Any]:
        """Return the added properties; a record without a day gets the requested one."""
        added = super().add(record, request)
        if record.get("periodStart") is None:
            added["periodStart"] = f"{request.parameters['periodStart']}T00:00:00Z"
        return added


class FinancialEventGroups(AmazonStream):
    """Settlements: groups of financial events that are paid out, or charged, together.

    A group changes while it is open and while its money is being transferred, so the bookmark does
    not move past the oldest such group. Amazon does not document all values of the transfer status,
    so every run also reads all groups that began in the last 45 days again.
    """

    name = "financial_event_groups"
    operation_id = "financesV0.listFinancialEventGroups"
    roles = ROLES
    primary_keys = ("FinancialEventGroupId",)
    replication_key = "FinancialEventGroupStart"
    read = Windows(
        "FinancialEventGroupStartedAfter",
        unfinished={
            "ProcessingStatus": frozenset({"Open"}),
            "FundTransferStatus": frozenset({"Processing"}),
        },
        late_by=dt.timedelta(days=45),
    )


class _EventStream(AmazonStream):
    """Financial events of all kinds in one form: their common properties, and the original event.

    Events have no id, and two equal events are still two events. So the key of an event consists of
    its kind, its hash and the number of equal events before it in the same request.
    """

    roles = EVENT_ROLES
    left_out_properties = EVENT_LISTS
    numbered_by = ("eventType", "eventHash")
    # Amazon refuses a page of more than 10 MB.
    page_size_parameter = "MaxResultsPerPage"
    smaller_pages = (50, 25, 10)
    added_properties = {
        **property_schemas(
            eventType="string",
            eventHash="string",
            occurrence="integer",
            postedDate="date-time",
            amazonOrderId="string",
            sellerOrderId="string",
            marketplaceName="string",
        ),
        "event": ANY_OBJECT,
    }

    def extract(self, answer: Answer) -> list[dict[str, Any]]:
        """Return the events of all lists.

        What is not an event in a list of events is missing, so the bookmark does not move past it.
        """
        lists = at_path(answer.body, self.answer_path()) or {}
        records = []
        for name in lists:
            found = values_at(lists, [name])
            events = [event for event in found if isinstance(event, dict)]
            records += [_record_of(name.removesuffix("List"), event) for event in events]
            has_gaps = any(gaps_at(lists, [name], [False]))
            if len(events) == len(found) and not has_gaps:
                continue
            if name in EVENT_LISTS or isinstance(lists[name], list):
                broken = not_documented(f"`{name}` is not a list of objects")
                self.shortfalls.add(broken.failure(self.operation.id, answer))
            else:
                self.omissions.name(NO_EVENTS, [name])
        return records


class FinancialEvents(_EventStream):
    """Financial events of all kinds, each with its type and the event as Amazon sent it.

    Use `financial_transactions` if you can: Amazon removes this operation on 2027-08-27. It shows
    deferred events only after their release, on the days when they were posted. So every run reads
    the last 30 days again; set `lookback` if your events are deferred for longer.

    Events have no id. `eventHash` is a hash of the event, and `occurrence` counts equal events.
    Service fees, debt recoveries and loan servicing events have no date either. For these events,
    `windowStart` is the day (UTC) in which the event was found; it is empty for all others.
    """

    name = "financial_events"
    operation_id = "financesV0.listFinancialEvents"
    primary_keys = ("eventType", "eventHash", "occurrence", "windowStart")
    optional_keys = ("windowStart",)
    # Not `postedDate`: some events have none.
    replication_key = WINDOW_END
    added_properties = {**_EventStream.added_properties, "windowStart": TEXT}
    read = replace(
        _DAILY,
        updated_after="PostedAfter",
        late_by=dt.timedelta(days=30),
        # Equal events are counted across pages.
        pages_stand_alone=False,
    )

    def add(self, record: Mapping[str, Any], request: Request) -> dict[str, Any]:
        """Return the added properties, with the day in which an event without a date was found."""
        day = start_of_day(request.parameters["PostedAfter"])
        start = "" if record["postedDate"] else format_timestamp(day)
        return {**super().add(record, request), "windowStart": start}


class FinancialEventsByGroup(_EventStream):
    """The financial events of each settlement, in the form of `financial_events`.

    One request per group and page, for groups of the last two years. Every run reads open groups
    again. Amazon removes this operation on 2027-08-27.
    """

    name = "financial_events_by_group"
    operation_id = "financesV0.listFinancialEventsByGroupId"
    primary_keys = ("FinancialEventGroupId", "eventType", "eventHash", "occurrence")
    read = PerParent(
        FinancialEventGroups,
        {"eventGroupId": "FinancialEventGroupId"},
        {"FinancialEventGroupId": "FinancialEventGroupId"},
        page_by_page=True,
    )


def _record_of(kind: str, event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "eventType": kind,
        "eventHash": _hash_of(event),
        "postedDate": next((event[name] for name in EVENT_DATES if event.get(name)), None),
        "amazonOrderId": event.get("AmazonOrderId"),
        "sellerOrderId": event.get("SellerOrderId"),
        "marketplaceName": event.get("MarketplaceName"),
        "event": event,
    }


def _hash_of(event: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an event; order of names and format of numbers do not matter."""
    canonical = json.dumps(event, sort_keys=True, separators=(",", ":"), default=_number)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _number(value: Decimal) -> int | str:
    return int(value) if value == value.to_integral_value() else str(value.normalize())
