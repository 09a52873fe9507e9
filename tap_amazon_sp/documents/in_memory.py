"""Documents of feeds and reports that are small enough to be held in memory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import requests

from tap_amazon_sp.amazon.errors import InvalidRequestError, ServiceError
from tap_amazon_sp.amazon.retry import RetryableError
from tap_amazon_sp.documents.decoding import decoded
from tap_amazon_sp.documents.document import Document

if TYPE_CHECKING:
    from tap_amazon_sp.amazon.catalogue import Operation
    from tap_amazon_sp.amazon.client import SellingPartnerClient

_UPLOAD = "Upload of the document"
# What S3 says of an error: `<Code>AccessDenied</Code>`.
_CODE = re.compile(r"<Code>(\w+)</Code>")


def download_document(
    client: SellingPartnerClient, operation: Operation, parameters: Mapping[str, Any]
) -> str:
    """Return the text of a document; how it is downloaded and decoded say the modules of reports.

    Args:
        client: The account's client.
        operation: Gives `url` and perhaps `compressionAlgorithm`, such as getFeedDocument.
        parameters: The operation's parameters.

    Raises:
        SellingPartnerError: The document could not be had.
    """
    with Document.of(client, operation, parameters) as document:
        return "".join(decoded(document, document.content_type))


def upload_document(
    client: SellingPartnerClient, url: str, content: bytes, content_type: str
) -> None:
    """Put a document where its presigned address says, again if that failed: it does no harm twice.

    Args:
        client: The account's client.
        url: The address, such as createFeedDocument gives.
        content: The document.
        content_type: As it was declared when the address was asked for.

    Raises:
        InvalidRequestError: The store refused it.
        ServiceError: It could not be stored, after all retries.
    """

    def attempt() -> None:
        try:
            response = client.upload(url, content, content_type)
        except requests.RequestException as error:
            # The exception's own text holds the address.
            message = f"no whole answer from the store ({type(error).__name__})"
            raise RetryableError(ServiceError(_UPLOAD, message=message)) from None
        if response.ok:
            return
        status = response.status_code
        code = _CODE.search(response.text)
        is_refused = status < requests.codes.server_error
        failure = (InvalidRequestError if is_refused else ServiceError)(
            _UPLOAD,
            status=status,
            code=code[1] if code else None,
            message=f"the store {'refused' if is_refused else 'did not take'} it",
        )
        raise failure if is_refused else RetryableError(failure)

    client.retry.run(attempt)
