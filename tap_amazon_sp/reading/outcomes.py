"""Answers with an outcome for each item of a request.

Facts: Amazon's models `productPricingV0`, `productPricing_2022-05-01` and `productFeesV0`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.amazon.answer_checks import BrokenAnswerError, not_documented
from tap_amazon_sp.amazon.decoding import Answer, records_of
from tap_amazon_sp.amazon.errors import ServiceError
from tap_amazon_sp.amazon.retry import ITEM_FAILED
from tap_amazon_sp.common.json_paths import first_at
from tap_amazon_sp.reading.reader import Parameters, Records
from tap_amazon_sp.reading.snapshot import RequestSource, SnapshotReader

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

BAD_REQUEST = 400
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500
SERVICE_ERRORS = frozenset({"ServiceError", "ServerError"})

REFUSED = "items that Amazon refused"

Entry = dict[str, Any]
"""The part of an answer about one item."""


@dataclass(frozen=True)
class Outcomes:
    """How to understand the entries of an answer.

    Attributes:
        refusal: Returns why Amazon refused an item, without naming it; None if it did not.
        failed_at_amazon: Returns whether another request for an item may succeed.
        record: Returns the record in an entry; raises `BrokenAnswerError` where there is none.
    """

    refusal: Callable[[Entry], str | None]
    failed_at_amazon: Callable[[Entry], bool]
    record: Callable[[Entry], dict[str, Any]] = dict


def by_name_of_status(name: str, code_path: Sequence[str] = ()) -> Outcomes:
    """Return how to understand entries with a status; for failures, it ends in `Error`.

    Args:
        name: The property with the status.
        code_path: The path to the code of an error, if there is one.
    """

    def refusal(entry: Entry) -> str | None:
        status = str(entry.get(name))
        if not status.endswith("Error"):
            return None
        code = first_at(entry, code_path) if code_path else None
        return f"{status}, {code}" if code else status

    return Outcomes(refusal, lambda entry: str(entry.get(name)) in SERVICE_ERRORS)


def by_http_status(record: Callable[[Entry], dict[str, Any]]) -> Outcomes:
    """Return how to understand entries that are answers to the requests of a batch."""

    def refusal(entry: Entry) -> str | None:
        status = _status_of(entry)
        if status < BAD_REQUEST:
            return None
        code = first_at(entry, ["body", "errors", "code"])
        return f"HTTP {status}, {code}" if code else f"HTTP {status}"

    def failed_at_amazon(entry: Entry) -> bool:
        status = _status_of(entry)
        return status == TOO_MANY_REQUESTS or status >= SERVER_ERROR

    return Outcomes(refusal, failed_at_amazon, record)


def _status_of(entry: Mapping[str, Any]) -> int:
    """Return the HTTP status of a request in a batch; 0 if Amazon sends none, or not a number."""
    try:
        return int(first_at(entry, ["status", "statusCode"]))
    except (TypeError, ValueError):
        return 0


def object_in(entry: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """Return the object at a path in an entry; an empty one where it is missing.

    Raises:
        BrokenAnswerError: There is something else in the way or at its end.
    """
    found: Any = entry
    for name in path:
        found = found.get(name)
        if found is None:
            return {}
        if not isinstance(found, dict):
            message = f"`{name}` of an item is not an object"
            raise not_documented(message)
    return dict(found)


class OutcomesReader(SnapshotReader):
    """Reads items, and logs the failures of single items."""

    def __init__(self, stream: AmazonStream, source: RequestSource, outcomes: Outcomes) -> None:
        """Call nothing yet."""
        super().__init__(stream, source)
        self._outcomes = outcomes
        self._reported: set[str] = set()

    def answers(self, parameters: Parameters, page_token: str | None = None) -> Iterator[Answer]:
        """Call the operation, and again if Amazon failed for an item."""
        name = self.stream.name
        for tries in range(1, ITEM_FAILED.max_tries + 1):
            answers = list(super().answers(parameters, page_token))
            failed = sum(
                self._outcomes.failed_at_amazon(entry)
                for answer in answers
                for entry in records_of(self.stream.operation, answer)
            )
            if not failed or tries == ITEM_FAILED.max_tries:
                break
            self.logger.info("Amazon failed for %d items of '%s': trying again", failed, name)
        if failed:
            self.logger.warning(
                "%d items of '%s' are missing: Amazon failed for them in %d tries",
                failed,
                name,
                ITEM_FAILED.max_tries,
            )
            message = f"Amazon failed for {failed} items in {ITEM_FAILED.max_tries} tries"
            self.stream.shortfalls.add(ServiceError(self.stream.operation.id, message=message))
        yield from answers

    def extract(self, answer: Answer) -> Records:
        """Return the records of the items that Amazon did not refuse."""
        records = []
        for entry in records_of(self.stream.operation, answer):
            reason = self._outcomes.refusal(entry)
            if reason is None:
                records += self._records_in(entry, answer)
                continue
            self.stream.omissions.count(REFUSED, reason)
            if reason not in self._reported:
                self._reported.add(reason)
                self.logger.warning(
                    "Amazon refused some items of '%s': %s", self.stream.name, reason
                )
        return records

    def _records_in(self, entry: Entry, answer: Answer) -> Records:
        """Return the record in an entry; none if it is broken, so that the others are written."""
        try:
            return [self._outcomes.record(entry)]
        except BrokenAnswerError as error:
            self.stream.shortfalls.add(error.failure(self.stream.operation.id, answer))
            return []
