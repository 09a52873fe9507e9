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
from tap_amazon_sp.amazon.failures import code_in, first_error, text_in
from tap_amazon_sp.amazon.retry import ITEM_FAILED
from tap_amazon_sp.common.json_paths import first_at, object_at
from tap_amazon_sp.reading.reader import Parameters, Records
from tap_amazon_sp.reading.snapshot import RequestSource, SnapshotReader

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

BAD_REQUEST = 400
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500
SERVICE_ERRORS = frozenset({"ServiceError", "ServerError"})

REFUSED = "items that Amazon refused"

MAX_NAMED = 10
"""Refused items that a stream names in a run; the others are counted."""

MAX_ID = 100
"""Characters of an id that a message quotes."""

_IDS = {
    "asin": "ASIN",
    "sellersku": "SKU",
    "sku": "SKU",
    "idvalue": "SKU",
    "itemcondition": "condition",
    "marketplaceid": "marketplace",
}
"""What identifies an item, by the names that Amazon gives it in some capitals, in words."""

Entry = dict[str, Any]
"""The part of an answer about one item."""


@dataclass(frozen=True)
class Refusal:
    """Why Amazon refused an item.

    Attributes:
        kind: The status and Amazon's error code, which many items may have in common.
        message: Amazon's words about this item, if it has some.
    """

    kind: str
    message: str | None = None


@dataclass(frozen=True)
class Outcomes:
    """How to understand the entries of an answer.

    Attributes:
        refusal: Returns why Amazon refused an item; None if it did not.
        failed_at_amazon: Returns whether another request for an item may succeed.
        record: Returns the record in an entry; raises `BrokenAnswerError` where there is none.
    """

    refusal: Callable[[Entry], Refusal | None]
    failed_at_amazon: Callable[[Entry], bool]
    record: Callable[[Entry], dict[str, Any]] = dict


def by_name_of_status(name: str, content: str, error: Sequence[str] = ()) -> Outcomes:
    """Return how to understand entries with a status; for failures, it ends in `Error`.

    Args:
        name: The property with the status.
        content: The property with what Amazon has about an item.
        error: The names of an error, of its code and of its message, if there are errors.
    """

    def refusal(entry: Entry) -> Refusal | None:
        status = str(entry.get(name))
        if not status.endswith("Error"):
            return None
        if not error:
            return Refusal(status)
        place, code, message = error
        found = object_at(entry, (place,))
        return _refusal(status, code_in(found.get(code)), text_in(found.get(message)))

    def record(entry: Entry) -> dict[str, Any]:
        object_in(entry, content)
        return dict(entry)

    return Outcomes(refusal, lambda entry: str(entry.get(name)) in SERVICE_ERRORS, record)


def by_http_status(record: Callable[[Entry], dict[str, Any]]) -> Outcomes:
    """Return how to understand entries that are answers to the requests of a batch."""

    def refusal(entry: Entry) -> Refusal | None:
        status = _status_of(entry)
        if status < BAD_REQUEST:
            return None
        return _refusal(f"HTTP {status}", *first_error(object_at(entry, ("body",))))

    def failed_at_amazon(entry: Entry) -> bool:
        status = _status_of(entry)
        return status == TOO_MANY_REQUESTS or status >= SERVER_ERROR

    return Outcomes(refusal, failed_at_amazon, record)


def _refusal(status: str, code: str | None, message: str | None) -> Refusal:
    return Refusal(f"{status}, {code}" if code else status, message)


def _status_of(entry: Mapping[str, Any]) -> int:
    """Return the HTTP status of a request in a batch; 0 if Amazon sends none, or not a number."""
    try:
        return int(first_at(entry, ["status", "statusCode"]))
    except (TypeError, ValueError):
        return 0


def object_in(entry: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """Return the object at a path in an entry, which is what Amazon has about an item.

    Raises:
        BrokenAnswerError: It is missing or empty, or there is something else in the way.
    """
    found: Any = entry
    for name in path:
        found = found.get(name)
        if found is None:
            message = f"an item has no `{name}`"
            raise not_documented(message)
        if not isinstance(found, dict):
            message = f"`{name}` of an item is not an object"
            raise not_documented(message)
    if not found:
        message = f"`{path[-1]}` of an item is empty"
        raise not_documented(message)
    return dict(found)


def name_of_item(entry: Entry) -> str:
    """Return what identifies the item of an entry, in words; nothing of a buyer is among it."""
    places = ((), ("request",), ("FeesEstimateIdentifier",), ("body",))
    found: dict[str, str] = {}
    for place in places:
        for name, value in object_at(entry, place).items():
            if name.lower() in _IDS and isinstance(value, (str, int)):
                found.setdefault(_IDS[name.lower()], str(value)[:MAX_ID])
    return ", ".join(
        f"{name} {found[name]}" for name in dict.fromkeys(_IDS.values()) if name in found
    )


class OutcomesReader(SnapshotReader):
    """Reads items, and logs the failures of single items."""

    def __init__(self, stream: AmazonStream, source: RequestSource, outcomes: Outcomes) -> None:
        """Call nothing yet."""
        super().__init__(stream, source)
        self._outcomes = outcomes
        self._named = 0

    def answers(self, parameters: Parameters, page_token: str | None = None) -> Iterator[Answer]:
        """Call the operation, and again if Amazon failed for an item or left it out."""
        name = self.stream.name
        asked = _number_of_items(parameters)
        for tries in range(1, ITEM_FAILED.max_tries + 1):
            answers = list(super().answers(parameters, page_token))
            entries = [
                entry for answer in answers for entry in records_of(self.stream.operation, answer)
            ]
            failed = sum(map(self._outcomes.failed_at_amazon, entries))
            failed += max(0, asked - len(entries))
            if not failed or tries == ITEM_FAILED.max_tries:
                break
            self.logger.info(
                "Amazon failed for %d items of '%s', or left them out: trying again", failed, name
            )
        if failed:
            message = (
                f"Amazon failed for {failed} items, or left them out, in "
                f"{ITEM_FAILED.max_tries} tries"
            )
            self.logger.warning("%d items of '%s' are missing: %s", failed, name, message)
            self.stream.shortfalls.add(ServiceError(self.stream.operation.id, message=message))
        yield from answers

    def extract(self, answer: Answer) -> Records:
        """Return the records of the items that Amazon did not refuse."""
        records = []
        for entry in records_of(self.stream.operation, answer):
            refusal = self._outcomes.refusal(entry)
            if refusal is None:
                records += self._records_in(entry, answer)
                continue
            self.stream.omissions.count(REFUSED, refusal.kind)
            self._name(entry, refusal)
        return records

    def _name(self, entry: Entry, refusal: Refusal) -> None:
        """Log the refusal of an item, unless many are logged."""
        self._named += 1
        if self._named > MAX_NAMED:
            return
        self.logger.warning(
            "Amazon refused an item of '%s' (%s): %s%s",
            self.stream.name,
            name_of_item(entry) or "without id",
            ": ".join(filter(None, (refusal.kind, refusal.message))),
            "; further items are only counted" if self._named == MAX_NAMED else "",
        )

    def _records_in(self, entry: Entry, answer: Answer) -> Records:
        """Return the record in an entry; none if it is broken, so that the others are written."""
        try:
            return [self._outcomes.record(entry)]
        except BrokenAnswerError as error:
            item = name_of_item(entry)
            failure = error.failure(self.stream.operation.id, answer)
            failure.subject = item or None
            self.stream.shortfalls.add(failure)
            return []


def _number_of_items(parameters: Parameters) -> int:
    """Return how many items a request is about: its one parameter with a list of them."""
    return max((len(value) for value in parameters.values() if isinstance(value, list)), default=0)
