"""Cases with Amazon's support, and what was written and said about them.

Facts: Amazon's model `support_2025-02-01`. Amazon documents neither the role nor the rates.
"""

from __future__ import annotations

from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.snapshot import Snapshot
from tap_amazon_sp.reading.stream import AmazonStream


class SupportCases(AmazonStream):
    """Support cases with their status, addresses and appointments; every run reads all of them.

    Amazon has no filter by change: its filters by creation, answer and resolution miss a case that
    the seller has written to.
    """

    name = "support_cases"
    operation_id = "support_2025-02-01.listCases"
    primary_keys = ("caseId",)
    # In any other order, a case that changes could move to a page that was read before.
    parameters = {"sortField": "CREATION_DATE", "sortOrder": "ASC"}
    read = Snapshot()


class SupportCaseContacts(AmazonStream):
    """Mails, calls and chats about each support case: one request per case and page.

    The links to attachments expire after 15 minutes.
    """

    name = "support_case_contacts"
    operation_id = "support_2025-02-01.listContacts"
    primary_keys = ("caseId", "contactId")
    # The case may have been transferred since it was listed.
    missing_is_empty = True
    read = PerParent(SupportCases, {"caseId": "caseId"}, {"caseId": "caseId"})
