"""Amazon's explanation of a report or Data Kiosk query that failed.

Facts: Amazon's models of Reports and Data Kiosk (if a report or query that is FATAL has a document,
the document says why).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from tap_amazon_sp.amazon.errors import NotFoundError
from tap_amazon_sp.common.json_values import UnusableJsonError, decode
from tap_amazon_sp.common.printable import printable
from tap_amazon_sp.documents.decoding import decoded
from tap_amazon_sp.documents.errors import DocumentFormatError

if TYPE_CHECKING:
    from tap_amazon_sp.documents.document import Document

MissingData = Literal["unavailable", "late"]
"""Why there are no data: there are none for that time, or they are not there yet."""

MAX_LENGTH = 2000
"""The most characters of an explanation that are shown."""

ERROR_NAMES = frozenset({"errorDetails", "errorMessage", "errors", "error", "message"})
"""Names of what an error has in JSON."""

# "The requested data is unavailable. Please try a different date range" (amzn/selling-partner-api-
# docs#2444), "The report data for the requested date range is not yet available" (airbytehq/
# airbyte#38166), "data is not ready yet" (amzn/selling-partner-api-models#5005).
_LATE = re.compile(r"\bdata\b[^.]*\bnot (?:yet (?:available|ready)|ready)\b")
_UNAVAILABLE = re.compile(
    r"\bdata\b[^.]*\b(?:unavailable|not available|no longer available)\b"
    r"|\bno (?:report )?data\b[^.]*\b(?:available|found|exists?)\b"
)

_MAX_QUOTED = 300
"""Characters of a sentence in a document that errors quote."""
_ADDRESS = re.compile(r"\S*://\S*")
_MAX_READ = 1 << 20
"""Characters of a document with an explanation that are read."""


def explanation_of(document: Document | None) -> str:
    """Return the explanation in a failed job's document; empty if there is no document any more.

    Raises:
        SellingPartnerError: The document could not be read for another reason.
    """
    if document is None:
        return ""
    try:
        with document:
            return explanation_in(_beginning_of(document))
    except NotFoundError:
        return ""


def explanation_in(text: str) -> str:
    """Return the explanation in the text of a document, without the JSON around it."""
    try:
        return explanation_of_value(decode(text))
    except UnusableJsonError:
        return _told(text.strip())


def explanation_of_value(value: Any) -> str:
    """Return the texts in a JSON value as one explanation."""
    return _told(" ".join(_texts_in(value)))


def missing_data(explanation: str) -> MissingData | None:
    """Return why there are no data for a time, if this is what an explanation says."""
    text = " ".join(explanation.lower().split())
    if "temporar" in text:
        # Something is out of order, not the time.
        return None
    if _LATE.search(text):
        return "late"
    return "unavailable" if _UNAVAILABLE.search(text) else None


def shortened(text: str) -> str:
    """Return a text on one line, without addresses: theirs may be presigned."""
    line = printable(" ".join(_ADDRESS.sub("(an address)", text).split()))
    return line if len(line) <= _MAX_QUOTED else f"{line[:_MAX_QUOTED]}…"


def _told(text: str) -> str:
    return printable(text.replace("\r\n", "\n")[:MAX_LENGTH])


def _beginning_of(document: Document) -> str:
    beginning = ""
    try:
        for text in decoded(document, document.content_type):
            beginning += text
            if len(beginning) >= _MAX_READ:
                break
    except DocumentFormatError:
        # What was read so far may say enough.
        pass
    return beginning[:_MAX_READ]


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts_in(item)
