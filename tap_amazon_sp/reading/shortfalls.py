"""What a stream could not read although it could go on: it fails in the end, not at once.

One request of many may fail for good, such as that for the items of one order. Then the others are
read, the failure is logged with what it was about, and the stream fails at its end. The same goes
for one document of many that cannot be read, for an answer in which Amazon says errors beside the
records, and for records without what identifies them. The bookmark does not move past what is
missing, so the next run reads it again. The same goes for a job that Amazon could not do.
"""

from __future__ import annotations

import logging
import threading

from tap_amazon_sp.amazon.errors import (
    JobFailedError,
    SellingPartnerError,
    ServiceError,
    UnreadableDocumentError,
)
from tap_amazon_sp.amazon.retry import BUDGET_USED_UP

MAX_IN_A_ROW = 5
"""Requests that may fail one after the other. After that, no further one will succeed either."""

MAX_FAILED = 100
"""Requests of a stream that may fail in a run."""


class Shortfalls:
    """What one stream could not read. It may be used from many threads."""

    def __init__(self, logger: logging.Logger, label: str) -> None:
        """Lack nothing yet; `label` is the name of the stream in the log."""
        self._logger = logger
        self._label = label
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._errors: list[SellingPartnerError] = []
        self._told: set[str] = set()

    @property
    def count(self) -> int:
        """How many requests or answers lacked something."""
        return len(self._errors)

    def add(self, error: SellingPartnerError) -> None:
        """Note that records are missing, and why."""
        with self._lock:
            self._errors.append(error)

    def spares(self, error: SellingPartnerError) -> bool:
        """Return whether reading may go on after a request that failed; if so, note the failure."""
        self._in_a_row += 1
        if not self.may_be_alone(error):
            return False
        if self._in_a_row >= MAX_IN_A_ROW or self.count >= MAX_FAILED:
            return False
        self._tell(error)
        self.add(error)
        return True

    def _tell(self, error: SellingPartnerError) -> None:
        """Log a failure; the reason once if several documents cannot be read for the same one."""
        if isinstance(error, UnreadableDocumentError) and error.reason is not None:
            with self._lock:
                is_told = error.reason in self._told
                self._told.add(error.reason)
            if is_told:
                text = "Stream '%s' is read without this, for the same reason: %s"
                self._logger.warning(text, self._label, error.document)
                return
        self._logger.warning("Stream '%s' is read without this: %s", self._label, error)

    @staticmethod
    def may_be_alone(error: SellingPartnerError) -> bool:
        """Return whether other requests may succeed after one that failed with this error."""
        # A refusal is about the request as such: the others would be refused, too.
        kinds = (JobFailedError, ServiceError, UnreadableDocumentError)
        return isinstance(error, kinds) and error.note != BUDGET_USED_UP

    def succeeded(self) -> None:
        """Note that a request succeeded."""
        self._in_a_row = 0

    def failure(self) -> SellingPartnerError | None:
        """Return why the stream fails in the end; None if it lacks nothing."""
        if not self._errors:
            return None
        first, *others = self._errors
        if not others:
            return first
        return first.with_note(f"and {len(others)} more requests have failed")
