"""What Amazon says about a report, or Data Kiosk query, that it could not make.

Facts: Amazon's models of Reports and Data Kiosk: the document of one that is FATAL, where there is
one, says why.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tap_amazon_sp.amazon.errors import NotFoundError
from tap_amazon_sp.documents.decoding import decoded
from tap_amazon_sp.documents.document import Document

LONGEST = 2000
"""Characters of an explanation that are told."""


def explanation_of(document: Document | None) -> str:
    """Return what the document of a job that failed says; empty where there is none any more.

    Raises:
        SellingPartnerError: It could not be had for another reason.
    """
    if document is None:
        return ""
    try:
        with document:
            return explanation_in("".join(decoded(document, document.content_type)))
    except NotFoundError:
        return ""


def explanation_in(text: str) -> str:
    """Return what a document says about a failure, without the JSON around it."""
    try:
        found = " ".join(_texts_in(json.loads(text)))
    except ValueError:
        found = text.strip()
    return found[:LONGEST]


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts_in(item)
