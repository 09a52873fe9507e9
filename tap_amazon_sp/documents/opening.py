"""Open documents of reports and Data Kiosk queries, with the access that each one needs.

Facts: Amazon's models of Reports and Data Kiosk; its pages "Tokens API Use Case Guide" (a
restricted data token for reports is valid for one document) and "Retrieve a report" (a presigned
address is valid for five minutes).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.documents.document import Document, Locate

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
        self._addresses: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def of_report(self, document_id: str, *, restricted: bool = False) -> Document:
        """Return the document of a report, which is not opened yet.

        Args:
            document_id: Its `reportDocumentId`.
            restricted: Whether it needs a restricted data token.
        """
        operation = catalogue.operation("reports_2021-06-30.getReportDocument")
        if restricted:
            path = operation.path.replace("{reportDocumentId}", document_id)
            operation = replace(operation, path=path, restricted=())
        parameters = {"reportDocumentId": document_id}
        return self._document(
            document_id,
            lambda: dict(self._client.send(operation, parameters).body),
            operation.id,
        )

    def of_query(self, document_id: str) -> Document:
        """Return a document of a Data Kiosk query, which is not opened yet."""
        operation = catalogue.operation("dataKiosk_2023-11-15.getDocument")

        def locate() -> Mapping[str, Any]:
            body = self._client.send(operation, {"documentId": document_id}).body
            return {"url": body["documentUrl"]}

        return self._document(document_id, locate, operation.id)

    def _document(self, document_id: str, ask: Locate, name: str) -> Document:
        used: Mapping[str, Any] | None = None

        def locate() -> Mapping[str, Any]:
            nonlocal used
            # A second call means that the first address is no longer valid.
            used = self._address(document_id, ask, bad=used)
            return used

        return Document(locate, self._client.open_address, retry=self._client.retry, name=name)

    def _address(
        self, document_id: str, ask: Locate, *, bad: Mapping[str, Any] | None
    ) -> Mapping[str, Any]:
        """Return the shared address, or a new one if that is bad or too old."""
        with self._lock:
            asking = self._asking.setdefault(document_id, threading.Lock())
        with asking:
            found = self._addresses.get(document_id)
            age = self._clock.monotonic() - found[0] if found else 0.0
            if found is None or found[1] is bad or age > MAX_SECONDS_SHARED:
                found = self._addresses[document_id] = (self._clock.monotonic(), ask())
            return found[1]
