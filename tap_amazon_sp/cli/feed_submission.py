"""A feed that is to be submitted: its content, its content type and its requests.

Facts: Amazon's model `feeds_2021-06-30` (the upload address is valid for five minutes), its page
"Feed Type Values", and issues 97 and 417 of amzn/selling-partner-api-docs (the address is signed
for the declared content type; additional credentials are refused).
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.cli.arguments import STDIN, Arguments
from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.cli.operation_commands import checked
from tap_amazon_sp.cli.request_text import request_text
from tap_amazon_sp.documents.decoding import charset_of
from tap_amazon_sp.documents.document import check_address
from tap_amazon_sp.documents.in_memory import upload_document
from tap_amazon_sp.jobs.api import FEEDS, is_id
from tap_amazon_sp.reading.connection import Connection

API = "feeds_2021-06-30"
LATER = "(the document's id)"
"""Stands for an id that Amazon has not given yet."""

_JSON = "application/json; charset=UTF-8"
_XML = "text/xml; charset=UTF-8"
_TABS = "text/tab-separated-values; charset=UTF-8"
_PDF = "application/pdf"
_BY_SUFFIX = {".json": _JSON, ".xml": _XML, ".txt": _TABS, ".tsv": _TABS, ".pdf": _PDF}


def usual_content_type(feed_type: str, file: str) -> str:
    """Return the media type for a feed type, by the type's name, else by the file's suffix."""
    if feed_type.startswith("JSON_"):
        return _JSON
    if "FLAT_FILE" in feed_type:
        return _TABS
    if feed_type == "UPLOAD_VAT_INVOICE":
        return _PDF
    return _BY_SUFFIX.get(PurePath(file).suffix.lower(), _XML)


@dataclass(frozen=True)
class FeedSubmission:
    """A feed that is ready to be submitted."""

    connection: Connection
    file: str
    content: bytes
    content_type: str
    feed: Mapping[str, Any]

    def text(self) -> str:
        """Return the requests to send, as text.

        Raises:
            MistakesError: One of them is wrong.
        """
        requests = [
            request_text(
                self.connection.client.prepare(
                    catalogue.operation(f"{API}.{name}"), arguments.of_client
                ),
                self.connection.settings,
            )
            for name, arguments in (
                ("createFeedDocument", self._declaration()),
                ("createFeed", self._creation(LATER)),
            )
        ]
        upload = (
            f"PUT (the address from Amazon)\ncontent-type: {self.content_type}\n\n"
            f"({len(self.content)} bytes of {_name_of(self.file)})"
        )
        return "\n\n".join((requests[0], upload, requests[1]))

    def submit(self) -> dict[str, Any]:
        """Declare the document, upload it and create the feed; return Amazon's response."""
        client = self.connection.client
        declare = catalogue.operation(f"{API}.createFeedDocument")

        def check(body: Any) -> None:
            check_address(client, body)
            if not is_id(body.get("feedDocumentId")):
                message = "it has no `feedDocumentId`"
                raise ValueError(message)

        declared = client.send(declare, self._declaration().of_client, check=check).body
        upload_document(client, declared["url"], self.content, self.content_type)
        created = client.send(
            catalogue.operation(FEEDS.create),
            self._creation(declared["feedDocumentId"]).of_client,
            check=FEEDS.check_created,
        )
        return dict(created.body)

    def _declaration(self) -> Arguments:
        operation = catalogue.operation(f"{API}.createFeedDocument")
        return checked(operation, {}, {"contentType": self.content_type})

    def _creation(self, document_id: str) -> Arguments:
        operation = catalogue.operation(f"{API}.createFeed")
        return checked(operation, {}, {**self.feed, "inputFeedDocumentId": document_id})


def _name_of(file: str) -> str:
    return "stdin" if file == STDIN else file


def read_feed(feed_type: str, file: str, content_type: str | None) -> tuple[bytes, str]:
    """Return a feed's content and its content type.

    Raises:
        MistakesError: The file cannot be read, is empty, or does not fit its content type.
    """
    name = _name_of(file)
    try:
        content = sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
    except OSError as error:
        raise MistakesError([f"FILE {name}: {error.strerror or 'cannot be read'}"]) from None
    if not content.strip():
        raise MistakesError([f"FILE {name} is empty"])
    if content_type is not None:
        if not (content_type.isascii() and content_type.isprintable() and "/" in content_type):
            message = "--content-type: write it as 'text/xml; charset=UTF-8'"
            raise MistakesError([message])
        return content, content_type
    usual = usual_content_type(feed_type, file)
    if charset_of(usual) is not None and not _is_utf8(content):
        message = (
            f"FILE {name} is not UTF-8: state its character set, as in "
            f"--content-type '{usual.partition(';')[0]}; charset=ISO-8859-1'"
        )
        raise MistakesError([message])
    return content, usual


def _is_utf8(content: bytes) -> bool:
    try:
        codecs.utf_8_decode(content, "strict", True)  # noqa: FBT003 - takes no names
    except UnicodeDecodeError:
        return False
    return True
