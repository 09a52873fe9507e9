"""Documents of feeds and reports: an operation gives a presigned address, the address the text.

Facts: Amazon's models of Feeds and Reports (the address is good for five minutes; GZIP is the only
compression) and its page "Retrieve a report" (the character set comes with `Content-Type`).
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import requests

from tap_amazon_sp.api.errors import ServiceError
from tap_amazon_sp.api.retry import RetryableError

if TYPE_CHECKING:
    from tap_amazon_sp.api.catalogue import Operation
    from tap_amazon_sp.api.client import SellingPartnerClient

GZIP_MAGIC = b"\x1f\x8b"


def download_document(
    client: SellingPartnerClient, operation: Operation, parameters: Mapping[str, Any]
) -> str:
    """Return the text of a document that is small enough to be held in memory.

    The address gets no SP-API credentials; when it expired or the download broke, a new one is
    asked for.

    Args:
        client: The account's client.
        operation: Gives `url` and perhaps `compressionAlgorithm`, such as getFeedDocument.
        parameters: The operation's parameters.

    Raises:
        SellingPartnerError: The document could not be had.
    """

    def attempt() -> str:
        answer = client.send(operation, parameters)
        try:
            with client.open_address(answer.body["url"]) as response:
                if not response.ok:
                    failure = ServiceError(
                        operation.id,
                        status=response.status_code,
                        message="the document could not be downloaded",
                    )
                    raise RetryableError(failure)
                content = response.content
                charset = _charset(response)
            if answer.body.get("compressionAlgorithm") == "GZIP" or content[:2] == GZIP_MAGIC:
                content = _decompress(content)
        except (requests.RequestException, OSError, EOFError, zlib.error) as error:
            message = f"the document's download broke ({type(error).__name__})"
            raise RetryableError(ServiceError(operation.id, message=message)) from None
        return content.decode(charset, errors="replace")

    return client.retry.run(attempt)


def _charset(response: requests.Response) -> str:
    """Return the character set that comes with the document; UTF-8 for none or an unknown one."""
    if "charset" not in response.headers.get("Content-Type", "").lower():
        return "utf-8"
    try:
        return codecs.lookup(response.encoding or "").name
    except LookupError:
        return "utf-8"


def _decompress(content: bytes) -> bytes:
    """Gunzip what is gzip; a document that only claims to be is returned as it is."""
    return gzip.decompress(content) if content[:2] == GZIP_MAGIC else content
