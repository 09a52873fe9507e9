"""Finances: transactions, balances and summaries, and the older groups and events.

Facts: Amazon's models `finances_2024-06-19` and `financesV0`; its changelog entry on the end of
Finances v0 (its events are removed on 2027-08-27, its groups stay).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from tap_amazon_sp.amazon.client import Answer, at_path
from tap_amazon_sp.amazon.errors import InvalidRequestError, PageTokenRejectedError
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.reading.children import CalledChildStream
from tap_amazon_sp.reading.declared_schemas import TEXT, property_schemas
from tap_amazon_sp.reading.snapshots import SnapshotStream
from tap_amazon_sp.reading.stream import Page, Parameters, SellingPartnerStream
from tap_amazon_sp.reading.window_plan import Window, start_of_day
from tap_amazon_sp.reading.windows import WINDOW_END, WindowedStream
from tap_amazon_sp.singer.inference import ANY_OBJECT

ROLES = ("Finance and Accounting",)
EVENT_ROLES = ("Finance and Accounting", "Amazon Fulfillment")
DAY = dt.timedelta(days=1)

PAGE_SIZE = "MaxResultsPerPage"
SMALLER_PAGES = (50, 25, 10)

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
"""The lists of events in an answer, each of its own kind; unknown ones are read all the same."""

EVENT_DATES = ("PostedDate", "postedDate", "TransactionPostedDate", "TransactionCreationDate")
"""What the kinds of events call the time they were posted at; some have none."""


class FinancialTransactions(WindowedStream):
    """Transactions with their breakdowns: what was charged, refunded, paid and held back.

    Amazon may show orders 48 hours late, so the latest 48 hours are read again. A deferred
    transaction changes when it is released, so the bookmark waits for the oldest one that is
    deferred. All marketplaces are asked for at once, because Amazon leaves out orders that
    sellers in the US ship themselves when asked for that marketplace; with `marketplace_ids`,
    transactions of other marketplaces are left out here.
    """

    name = "financial_transactions"
    operation_id = "finances_2024-06-19.listTransactions"
    roles = ROLES
    primary_keys = ("sellingPartnerId", "transactionId")
    replication_key = "postedDate"
    lifted = {"sellingPartnerId": "sellingPartnerMetadata.sellingPartnerId"}
    parameters = {"marketplaceId": None}
    updated_after = "postedAfter"
    unfinished = {"transactionStatus": frozenset({"DEFERRED"})}
    late_by = dt.timedelta(hours=48)

    def records_in(self, answer: Answer) -> list[dict[str, Any]]:
        """Return the transactions of the marketplaces that are read, and of none."""
        wanted = self.account.marketplace_ids
        return [
            record
            for record in super().records_in(answer)
            if not wanted or (_marketplace(record) or wanted[0]) in wanted
        ]


def _marketplace(transaction: Mapping[str, Any]) -> str | None:
    """Return where a transaction occurred, which Amazon does not always say."""
    for name in ("marketplaceDetails", "sellingPartnerMetadata"):
        if marketplace_id := at_path(transaction, [name, "marketplaceId"]):
            return str(marketplace_id)
    return None


class AccountBalances(SnapshotStream):
    """Balances of the selling accounts as they are now, by type and currency.

    The parts of a balance lie inside it.
    """

    name = "account_balances"
    operation_id = "finances_2024-06-19.listBalances"
    roles = ROLES
    primary_keys = ("partnerId", "accountType", "marketplaceId", "balanceType", "currencyCode")
    lifted = {
        "partnerId": "partnerMetadata.partnerId",
        "accountType": "partnerMetadata.accountType",
        "marketplaceId": "partnerMetadata.marketplaceId",
        "currencyCode": "amount.currencyCode",
    }


class _DailyStream(WindowedStream):
    """Each day (UTC) is asked for alone; longer times without a record take one call."""

    whole_days = True
    shortest_window = DAY
    # A part of a day would give other keys than the day.
    restarts_requests = True
    # This many calls are made again at most after a kill.
    longest_window = dt.timedelta(days=90)

    def window_requests(self, window: Window) -> Iterator[Parameters]:
        """Give a request for each day, unless there is nothing in the whole window."""
        if window.length > DAY and self._is_silent(window):
            return
        after = window.after
        while after < window.before:
            before = min(start_of_day(after) + DAY, window.before)
            yield from super().window_requests(Window(after, before))
            after = before

    def _is_silent(self, window: Window) -> bool:
        return not any(
            self.records_in(answer)
            for parameters in WindowedStream.window_requests(self, window)
            for answer in self.answers(parameters)
        )


class FinancialSummaries(_DailyStream):
    """Net proceeds of each day (UTC) by account and marketplace, with their breakdown.

    The latest two weeks are read again, as transactions come late and are released later.
    """

    name = "financial_summaries"
    operation_id = "finances_2024-06-19.listSummary"
    roles = ROLES
    primary_keys = ("partnerId", "accountType", "marketplaceId", "currencyCode", "periodStart")
    replication_key = "periodEnd"
    lifted = {
        "partnerId": "partnerMetadata.partnerId",
        "accountType": "partnerMetadata.accountType",
        "marketplaceId": "partnerMetadata.marketplaceId",
        "currencyCode": "netProceeds.currencyCode",
    }
    updated_after = "periodStart"
    late_by = dt.timedelta(days=14)

    def additions(
        self, record: Mapping[str, Any], parameters: Parameters, parent: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the day that was asked for where the record does not say its own."""
        added = super().additions(record, parameters, parent)
        if record.get("periodStart") is None:
            added["periodStart"] = f"{parameters['periodStart']}T00:00:00Z"
        return added

    def window_times(self, name: str, window: Window) -> Parameters:
        """Give the first and the last day of a window: Amazon's period includes both."""
        last_moment = window.before - dt.datetime.resolution
        return {name: window.after.date(), "periodEnd": last_moment.date()}


class FinancialEventGroups(WindowedStream):
    """Settlements: groups of financial events that are paid out, or charged, as one.

    A group changes while it is open and while its money is on the way, so the bookmark waits for
    the oldest such group. Those that began in the last 45 days are read again in any case, as
    Amazon does not list what the states of a transfer are called.
    """

    name = "financial_event_groups"
    operation_id = "financesV0.listFinancialEventGroups"
    roles = ROLES
    primary_keys = ("FinancialEventGroupId",)
    replication_key = "FinancialEventGroupStart"
    updated_after = "FinancialEventGroupStartedAfter"
    unfinished = {
        "ProcessingStatus": frozenset({"Open"}),
        "FundTransferStatus": frozenset({"Processing"}),
    }
    late_by = dt.timedelta(days=45)


class _EventStream(SellingPartnerStream):
    """Financial events of all kinds in one form: what they share, and the event as it came.

    Events have no id, and equal ones are still two. So an event is known by its kind, by its hash
    and by how many equal ones came before it in the same answer.
    """

    roles = EVENT_ROLES
    left_out = EVENT_LISTS
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

    def records_in(self, answer: Answer) -> list[dict[str, Any]]:
        """Return the events of all lists."""
        lists = at_path(answer.body, self.answer_path()) or {}
        return [
            _record_of(name.removesuffix("List"), event)
            for name, events in lists.items()
            for event in events or ()
        ]

    def pages_of(
        self,
        parameters: Parameters,
        parent: Mapping[str, Any] | None = None,
        page_token: str | None = None,  # noqa: ARG002 - the events are counted from the first page
    ) -> Iterator[Page]:
        """Make a request; give the events of each page, with how many equal ones came before.

        A page of more than 10 MB is refused: then smaller ones are asked for.
        """
        sizes = [size for size in SMALLER_PAGES if size < parameters.get(PAGE_SIZE, 100)]
        try:
            yield from self._numbered_pages_of(parameters, parent)
        except PageTokenRejectedError:
            raise
        except InvalidRequestError as error:
            if not sizes:
                raise
            self.logger.info("%s; asking for pages of %d", error, sizes[0])
            yield from self.pages_of(parameters | {PAGE_SIZE: sizes[0]}, parent)

    def _numbered_pages_of(
        self, parameters: Parameters, parent: Mapping[str, Any] | None
    ) -> Iterator[Page]:
        occurrences: Counter[tuple[str, str]] = Counter()
        for page in super().pages_of(parameters, parent):
            for record in page.records:
                key = record["eventType"], record["eventHash"]
                record["occurrence"] = occurrences[key]
                occurrences[key] += 1
            yield page


class FinancialEvents(_EventStream, _DailyStream):
    """Financial events of all kinds, each with its type and the event as Amazon sent it.

    Use `financial_transactions` where you can: Amazon removes this operation on 2027-08-27, and
    shows deferred events only when they are released, in the days they were posted in. So the
    latest 30 days are read again in every run; set `lookback` where yours are deferred for longer.

    Events have no id. `eventHash` is a hash of the event, `occurrence` counts equal ones. Service
    fees, debt recoveries and loan servicing have no date either: `windowStart`, empty for all
    others, is the day (UTC) in which they were found.
    """

    name = "financial_events"
    operation_id = "financesV0.listFinancialEvents"
    primary_keys = ("eventType", "eventHash", "occurrence", "windowStart")
    # Not `postedDate`, which some events lack.
    replication_key = WINDOW_END
    added_properties = {**_EventStream.added_properties, "windowStart": TEXT}
    updated_after = "PostedAfter"
    late_by = dt.timedelta(days=30)
    # Equal events are counted.
    pages_stand_alone = False

    def additions(
        self, record: Mapping[str, Any], parameters: Parameters, parent: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the day in which an event without a date was found."""
        day = start_of_day(parameters["PostedAfter"])
        start = "" if record["postedDate"] else format_timestamp(day)
        return {**super().additions(record, parameters, parent), "windowStart": start}


class FinancialEventsByGroup(_EventStream, CalledChildStream):
    """The financial events of each settlement, in the form of `financial_events`.

    A call per group and page, for groups of the last two years. Open groups are read again in
    every run. Amazon removes this operation on 2027-08-27.
    """

    name = "financial_events_by_group"
    operation_id = "financesV0.listFinancialEventsByGroupId"
    parent_stream_type = FinancialEventGroups
    primary_keys = ("FinancialEventGroupId", "eventType", "eventHash", "occurrence")
    parameters_from_parent = {"eventGroupId": "FinancialEventGroupId"}
    from_parent = {"FinancialEventGroupId": "FinancialEventGroupId"}

    def prefetch(self, parents: Iterable[Mapping[str, Any]]) -> None:
        """Ask for nothing ahead: the events of a whole page of groups may not fit in memory."""

    def records_of(self, parent: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Give the events of a group page by page."""
        for parameters in self.requests_for(parent):
            for page in self.restarted_pages_of(parameters, parent):
                yield from page.records


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
    """Return the SHA-256 of an event, however its names are ordered and its numbers written."""
    canonical = json.dumps(event, sort_keys=True, separators=(",", ":"), default=_number)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _number(value: Decimal) -> int | str:
    return int(value) if value == value.to_integral_value() else str(value.normalize())


STREAMS = (
    FinancialTransactions,
    AccountBalances,
    FinancialSummaries,
    FinancialEventGroups,
    FinancialEvents,
    FinancialEventsByGroup,
)
