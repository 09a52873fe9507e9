"""Notifications of reports, feeds and queries whose processing has ended.

Source: Amazon's schemas of the three types. A query's fields lie in the payload itself, those of
reports and feeds in an object that has the name of the notification.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.notifications.events import Event, account_id
from tap_amazon_sp.simulator.server.accounts import VENDOR
from tap_amazon_sp.simulator.server.calls import Account

REPORT = "REPORT_PROCESSING_FINISHED"
FEED = "FEED_PROCESSING_FINISHED"
QUERY = "DATA_KIOSK_QUERY_PROCESSING_FINISHED"

JOB_TYPES = (REPORT, FEED, QUERY)

_FIELDS: Mapping[str, tuple[str, ...]] = {
    REPORT: ("reportId", "reportType", "processingStatus", "reportDocumentId"),
    FEED: ("feedId", "feedType", "processingStatus", "resultFeedDocumentId"),
    QUERY: (
        "queryId",
        "query",
        "processingStatus",
        "dataDocumentId",
        "errorDocumentId",
        "pagination",
    ),
}
_INNER = {
    REPORT: "reportProcessingFinishedNotification",
    FEED: "feedProcessingFinishedNotification",
}


def job_event(kind: str, account: Account, record: Mapping[str, Any], ended: float) -> Event:
    """Return what Amazon notifies of when a job has ended.

    Args:
        kind: `REPORT`, `FEED` or `QUERY`.
        account: Who submitted it.
        record: The job as its API shows it.
        ended: When it ended, epoch seconds.
    """
    names = _FIELDS[kind]
    content = {"accountId": account_id(account)}
    if kind in _INNER and account != VENDOR:
        content["sellerId"] = account.seller_id
    content |= {name: record[name] for name in names if name in record}
    inner = _INNER.get(kind)
    return Event(
        account=account.name,
        type=kind,
        moment=ended,
        key=record[names[0]],
        payload=content if inner is None else {inner: content},
        about=record[names[0]],
    )
