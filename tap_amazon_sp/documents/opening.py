"""Open documents of reports and Data Kiosk queries, with the access that each one needs.

Facts: Amazon's models of Reports and Data Kiosk; its pages "Tokens API Use Case Guide" (a
restricted data token for reports is valid for one document) and "Retrieve a report" (a presigned
address is valid for five minutes).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.documents.beginnings import ANY_FILE, JSON_LINES, Expectation
from tap_amazon_sp.documents.document import Document, Locate, located

MAX_SECONDS_SHARED = 120.0
"""How long an address is shared; shorter than it is valid, as a stream opens it some time later."""


class Documents:
    """The documents of an account; may be used from many threads.

    Streams that read the same document share its address, as getReportDocument has the lowest rate
    limit of all operations.
    """

    def __init__(self, client: SellingPartnerClient, clock: Clock) -> None:
        """Open nothing yet."""
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._asking: dict[str, threading.Lock] = {}
        self._addresses: dict[str, _Address] = {}

    def of_report(
        self, document_id: str, *, restricted: bool = False, expectation: Expectation = ANY_FILE
    ) -> Document:
        """Return the document of a report, which is not opened yet.

        Args:
            document_id: Its `reportDocumentId`.
            restricted: Whether it needs a restricted data token.
            expectation: What the document should be.
        """
        operation = catalogue.operation("reports_2021-06-30.getReportDocument")
        if restricted:
            path = operation.path.replace("{reportDocumentId}", document_id)
            operation = replace(operation, path=path, restricted=())
        parameters = {"reportDocumentId": document_id}
        return self._document(
            document_id,
            lambda: located(self._client, operation, parameters),
            operation.id,
            expectation,
        )

    def of_query(self, document_id: str, *, expectation: Expectation = JSON_LINES) -> Document:
        """Return a document of a Data Kiosk query, which is not opened yet.

        Args:
            document_id: Its `dataDocumentId` or `errorDocumentId`.
            expectation: What the document should be.
        """
        operation = catalogue.operation("dataKiosk_2023-11-15.getDocument")
        parameters = {"documentId": document_id}
        return self._document(
            document_id,
            lambda: located(self._client, operation, parameters, "documentUrl"),
            operation.id,
            expectation,
        )

    def _document(
        self, document_id: str, ask: Locate, name: str, expectation: Expectation
    ) -> Document:
        used: _Address | None = None

        def locate() -> str:
            nonlocal used
            # A second call means that the first address is of no use any more.
            used = self._address(document_id, ask, bad=used)
            return used.url

        return Document(
            locate,
            self._client.addresses.open,
            retry=self._client.retry,
            name=name,
            expectation=expectation,
        )

    def _address(self, document_id: str, ask: Locate, *, bad: _Address | None) -> _Address:
        """Return the shared address, or a new one if that is bad or too old."""
        with self._lock:
            asking = self._asking.setdefault(document_id, threading.Lock())
        with asking:
            found = self._addresses.get(document_id)
            now = self._clock.monotonic()
            if found is None or found is bad or now - found.since > MAX_SECONDS_SHARED:
                url = ask()
                found = self._addresses[document_id] = _Address(url, self._clock.monotonic())
            return found


@dataclass(frozen=True, eq=False)
class _Address:
    """An address of a document, and when Amazon returned it, in monotonic seconds."""

    url: str = field(repr=False)
    since: float
