"""The filters of support cases, which a request has in its body.

Source: CaseFilters of Amazon's SDK (`amzn-sp-api` 1.13.0, support 2025-02-01). Amazon's model
`support_2025-02-01` says that both bounds of a time are exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.server.schema_checks import time_of

_TIMES = ("createdDate", "lastOutboundDate", "resolvedDate")


def is_wanted(case: Mapping[str, Any], filters: Mapping[str, Any]) -> bool:
    """Return whether a support case passes all filters of a request.

    A case without the time that a filter is about does not pass it.
    """
    statuses = filters.get("caseStatuses")
    if statuses and case["status"] not in statuses:
        return False
    words = str(filters.get("subjectKeywords") or "").lower().split()
    if not all(word in case["subject"].lower() for word in words):
        return False
    if (emails := filters.get("primaryEmails")) and case["primaryEmail"] not in emails:
        return False
    if (emails := filters.get("ccEmails")) and not set(emails) & set(case["ccEmails"]):
        return False
    return all(_is_inside(case.get(name), filters.get(name) or {}) for name in _TIMES)


def _is_inside(moment: str | None, bounds: Mapping[str, Any]) -> bool:
    after, before = bounds.get("after"), bounds.get("before")
    if after is None and before is None:
        return True
    if moment is None:
        return False
    at = time_of("", moment)
    return (after is None or time_of("after", after) < at) and (
        before is None or at < time_of("before", before)
    )
