from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.simulator.generated.case_filters import is_wanted

CASE: dict[str, Any] = {
    "caseId": "1",
    "status": "RESOLVED",
    "subject": "Missing Payout in May",
    "primaryEmail": "one@seller.example",
    "ccEmails": ["two@seller.example"],
    "createdDate": "2026-05-02T10:00:00Z",
}


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"caseStatuses": ["TRANSFERRED", "RESOLVED"]},
        {"subjectKeywords": "payout missing"},
        {"primaryEmails": ["one@seller.example"]},
        {"ccEmails": ["two@seller.example", "three@seller.example"]},
        {"createdDate": {"after": "2026-05-02T09:59:59Z", "before": "2026-05-02T10:00:01Z"}},
        {"resolvedDate": None},
    ],
)
def test_a_case_passes(filters: dict[str, Any]) -> None:
    assert is_wanted(CASE, filters)


@pytest.mark.parametrize(
    "filters",
    [
        {"caseStatuses": ["TRANSFERRED"]},
        {"subjectKeywords": "payout refund"},
        {"primaryEmails": ["two@seller.example"]},
        {"ccEmails": ["one@seller.example"]},
        # The bounds are exclusive.
        {"createdDate": {"after": "2026-05-02T10:00:00Z"}},
        {"createdDate": {"before": "2026-05-02T10:00:00Z"}},
        # The case has no such time.
        {"resolvedDate": {"after": "2020-01-01T00:00:00Z"}},
    ],
)
def test_a_case_does_not_pass(filters: dict[str, Any]) -> None:
    assert not is_wanted(CASE, filters)
