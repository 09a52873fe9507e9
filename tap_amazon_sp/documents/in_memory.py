"""Documents that are small enough to fit in memory, such as those of feeds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import requests

from tap_amazon_sp.amazon.errors import (
    InvalidRequestError,
    ServiceError,
    UnreadableDocumentError,
)
from tap_amazon_sp.amazon.retry import RetryableError
from tap_amazon_sp.documents.decoding import decoded, usual_charset
from tap_amazon_sp.documents.document import Document
from tap_amazon_sp.documents.errors import DocumentFormatError

if TYPE_CHECKING:
    from tap_amazon_sp.amazon.catalogue import Operation
    from tap_amazon_sp.amazon.client import SellingPartnerClient

MAX_CHARACTERS = 32_000_000
"""The largest document. Amazon takes feeds of a few megabytes, and reports on each of their
messages in a few hundred characters."""

_UPLOAD = "Upload of the document"
# S3 describes an error by its code: `<Code>AccessDenied</Code>`.
_CODE = re.compile(r"<Code>(\w+)</Code>")


def download_document(
    client: SellingPartnerClient, operation: Operation, parameters: Mapping[str, Any]
) -> str:
    """Download a document and return its text; see `document` and `decoding`.

    Args:
        client: The account's client.
        operation: Returns `url` and perhaps `compressionAlgorithm`, such as getFeedDocument.
        parameters: Parameters of the operation.

    Raises:
        UnreadableDocumentError: It is too large, or nobody can read its characters.
        SellingPartnerError: The document could not be downloaded.
    """
    with Document.of(client, operation, parameters) as document:
        try:
            account = client.account
            usual = usual_charset(account.marketplace_ids, account.region)
            return "".join(limited(decoded(document, document.content_type, usual)))
        except DocumentFormatError as error:
            message = f"the document cannot be read: {error}"
            raise UnreadableDocumentError(operation.id, message=message) from None


def limited(texts: Iterable[str]) -> Iterator[str]:
    """Yield the pieces of a text that is to fit in memory.

    Raises:
        DocumentFormatError: It is too large.
    """
    length = 0
    for text in texts:
        length += len(text)
        if length > MAX_CHARACTERS:
            message = f"it has more than {MAX_CHARACTERS:,} characters"
            raise DocumentFormatError(message)
        yield text


def upload_document(
    client: SellingPartnerClient, url: str, content: bytes, content_type: str
) -> None:
    """Upload a document to its presigned address, with retries: uploading twice does no harm.

    Args:
        client: The account's client.
        url: The presigned address, such as createFeedDocument returns.
        content: The document.
        content_type: Content type that was declared for the address.

    Raises:
        InvalidRequestError: The store refused the document.
        ServiceError: The document could not be stored, after all retries.
    """

    def attempt() -> None:
        try:
            response = client.addresses.upload(url, content, content_type)
        except requests.RequestException as error:
            # The exception's text contains the address.
            message = f"no complete response from the store ({type(error).__name__})"
            raise RetryableError(ServiceError(_UPLOAD, message=message)) from None
        status = response.status_code
        if status < requests.codes.multiple_choices:
            return
        code = _CODE.search(response.text)
        is_refused = status < requests.codes.server_error
        failure = (InvalidRequestError if is_refused else ServiceError)(
            _UPLOAD,
            status=status,
            code=code[1] if code else None,
            message=f"the store {'refused' if is_refused else 'did not accept'} it",
        )
        raise failure if is_refused else RetryableError(failure)

    client.retry.run(attempt)
