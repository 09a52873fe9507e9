"""A report document as a stream of bytes: downloaded, gunzipped and mended on the way.

Facts: Amazon's model of Reports and its page "Retrieve a report" (the presigned address is good for
five minutes; GZIP is the only compression; with `enableContentEncodingUrlHeader` the address adds
`Content-Encoding: gzip`, so what is gzip shows in the bytes alone). The store behind the addresses
answers Range requests and gives an ETag, as Amazon S3 does.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, final

import requests
import urllib3

from tap_amazon_sp.amazon.errors import ServiceError
from tap_amazon_sp.amazon.retry import RetryableError, RetryPolicy

if TYPE_CHECKING:
    from tap_amazon_sp.amazon.catalogue import Operation
    from tap_amazon_sp.amazon.client import SellingPartnerClient

logger = logging.getLogger(__name__)

Locate = Callable[[], Mapping[str, Any]]
"""Asks for the document's address: a body as getReportDocument gives, with `url`."""

Open = Callable[[str, Mapping[str, str]], requests.Response]
"""Opens an address with these headers; the body is yet to be read."""

GZIP_MAGIC = b"\x1f\x8b"
PIECE = 256 * 1024
"""Bytes that are read, or gunzipped, at once."""

_MOST_DAMAGES = 2
"""How often a damaged document is downloaded again: what is damaged at the store stays so."""
_GZIP = 16 + zlib.MAX_WBITS
_EXPIRED = (requests.codes.forbidden, requests.codes.not_found, requests.codes.gone)
_BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)


@final
class Document:
    """A document that is read once, from its beginning to its end, in constant memory.

    Iterating gives its bytes, not compressed. Nothing is given twice and nothing is left out: a
    download that breaks goes on where it broke, by a Range request where the store answers them,
    else from the beginning, skipping what was given. One that ends too early, or whose gzip does,
    is an error, never a short document.

    It is a context manager that closes its connection.
    """

    def __init__(
        self,
        locate: Locate,
        open_address: Open,
        *,
        retry: RetryPolicy,
        name: str,
        located: Mapping[str, Any] | None = None,
    ) -> None:
        """Download nothing yet.

        Args:
            locate: Asks for the address, and again when it expired.
            open_address: Opens it, without SP-API credentials.
            retry: How often to try, and how long to wait; what is counted are tries in a row
                without a byte that is new.
            name: What to call the document's operation in errors.
            located: The answer of `locate`, if it was asked already.
        """
        self._locate = locate
        self._open_address = open_address
        self._retry = retry
        self._name = name
        self._located = located
        self._download: _Download | None = None
        self._given = 0
        self._damages = 0
        self.content_type = ""

    @classmethod
    def of(
        cls, client: SellingPartnerClient, operation: Operation, parameters: Mapping[str, Any]
    ) -> Document:
        """Return the document that an operation such as getReportDocument gives the address of."""
        return cls(
            lambda: dict(client.send(operation, parameters).body),
            client.open_address,
            retry=client.retry,
            name=operation.id,
        )

    def __enter__(self) -> Document:
        """Open the download, so that its content type is known.

        Raises:
            SellingPartnerError: There is none to be had.
        """
        self._retry.run(self._ready)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection; what was not read is not read any more."""
        if self._download is not None:
            self._download.break_off()
            self._download = None

    def __iter__(self) -> Iterator[bytes]:
        """Give the document's bytes, not compressed, in pieces of at most `PIECE`.

        Raises:
            SellingPartnerError: It could not be had whole, after all retries.
        """
        while piece := self._retry.run(self._next_piece):
            self._given += len(piece)
            yield piece
        self.close()

    def _next_piece(self) -> bytes:
        """Return some bytes, none at the document's end.

        Raises:
            RetryableError: The download broke.
        """
        download = self._ready()
        try:
            return download.read()
        except _DamagedError as damage:
            # The bytes are wrong, not only missing: they are asked for again from the beginning.
            self.close()
            self._damages += 1
            reason = f"the document is not whole: {damage}"
            failure = self._failure(reason)
            raise (failure.error if self._damages > _MOST_DAMAGES else failure) from None
        except _BROKEN as error:
            download.break_off()
            reason = f"the document's download broke ({type(error).__name__})"
            raise self._failure(reason) from None

    def _ready(self) -> _Download:
        """Return the download, opened and at the right place."""
        if self._download is None:
            self._download = _Download(skip=self._given)
        if not self._download.is_open:
            try:
                self._open(self._download)
            except _BROKEN as error:
                self._download.break_off()
                reason = f"the document could not be reached ({type(error).__name__})"
                raise self._failure(reason) from None
        return self._download

    def _open(self, download: _Download) -> None:
        if self._located is None:
            self._located = self._locate()
        response = self._open_address(str(self._located["url"]), download.headers())
        if not response.ok:
            status = response.status_code
            response.close()
            if status in _EXPIRED:
                self._located = None
            if status == requests.codes.requested_range_not_satisfiable:
                self.close()
            reason = "the document could not be downloaded"
            raise self._failure(reason, status)
        self.content_type = response.headers.get("Content-Type", self.content_type)
        if not download.begin(response):
            # Another object than the one that was begun: places in it mean nothing.
            self._download = _Download(skip=self._given)
            self._download.begin(response)

    def _failure(self, reason: str, status: int | None = None) -> RetryableError:
        return RetryableError(ServiceError(self._name, status=status, message=reason))


class _DamagedError(Exception):
    """The bytes that came cannot be right."""


class _Download:
    """The way from one stored object to bytes: one or more responses, gunzipped.

    The object may be gone on with in another response, from the byte at which one broke off.
    """

    def __init__(self, skip: int) -> None:
        """Open nothing; `skip` bytes of the document were given before."""
        self._skip = skip
        self._offset = 0
        self._etag: str | None = None
        self._length: int | None = None
        self._response: requests.Response | None = None
        self._begun = False
        self._unzip: Any = None
        self._waiting = b""

    @property
    def is_open(self) -> bool:
        return self._response is not None

    def headers(self) -> dict[str, str]:
        """Return the headers to go on with; no compression but the object's own."""
        headers = {"accept-encoding": "identity"}
        if self._offset and self._etag:
            headers |= {"range": f"bytes={self._offset}-", "if-range": self._etag}
        return headers

    def begin(self, response: requests.Response) -> bool:
        """Take a response; returns False for one of another object than the one begun."""
        etag = response.headers.get("ETag")
        if response.status_code == requests.codes.partial_content:
            if not response.headers.get("Content-Range", "").startswith(f"bytes {self._offset}-"):
                self._etag = None  # so that the next try asks for no range
                response.close()
                message = "another range than the one asked for"
                raise OSError(message)
            self._response = response
            return True
        if self._offset and (etag is None or etag != self._etag):
            return False
        length = response.headers.get("Content-Length", "")
        self._etag = etag
        self._length = int(length) if length.isdecimal() else None
        self._response = response
        # The store takes no Range: what was read of the object is read over.
        left = self._offset
        while left and (read := len(self._raw_read(min(left, PIECE)))):
            left -= read
        return True

    def break_off(self) -> None:
        """Close the response, to go on with another."""
        if self._response is not None:
            self._response.close()
            self._response = None

    def read(self) -> bytes:
        """Return bytes of the document that were not given before; none at its end.

        Raises:
            _DamagedError: The object is no whole gzip file.
        """
        while piece := self._read_piece():
            if not self._skip:
                return piece
            skipped = min(self._skip, len(piece))
            self._skip -= skipped
            if piece := piece[skipped:]:
                return piece
        if self._skip:
            message = "it is shorter than it was before"
            raise _DamagedError(message)
        return b""

    def _read_piece(self) -> bytes:
        """Return bytes of the document; none at its end."""
        while True:
            if self._waiting:
                compressed, self._waiting = self._waiting, b""
            else:
                compressed = self._read_object()
                if not self._begun:
                    self._begun = True
                    # A document that only claims to be gzip is taken as it is.
                    if compressed.startswith(GZIP_MAGIC):
                        self._unzip = zlib.decompressobj(_GZIP)
                if self._unzip is None:
                    return compressed
                if not compressed:
                    if self._unzip.eof:
                        return b""
                    message = "its gzip ends too early"
                    raise _DamagedError(message)
            if piece := self._gunzip(compressed):
                return piece

    def _gunzip(self, compressed: bytes) -> bytes:
        if self._unzip.eof:
            # A gzip file may have several members; zeros may fill it up.
            if not (compressed := compressed.lstrip(b"\0")):
                return b""
            if not GZIP_MAGIC.startswith(compressed[:2]):
                logger.warning("%d bytes behind the end of a gzip file", len(compressed))
                return b""
            self._unzip = zlib.decompressobj(_GZIP)
        try:
            piece: bytes = self._unzip.decompress(compressed, PIECE)
        except zlib.error as error:
            message = f"its gzip is broken ({error})"
            raise _DamagedError(message) from None
        # What waits is there either because the piece is full or because a member ended.
        self._waiting = self._unzip.unconsumed_tail or self._unzip.unused_data
        return piece

    def _read_object(self) -> bytes:
        """Return the next bytes of the stored object; none at its end."""
        piece = self._raw_read(PIECE)
        self._offset += len(piece)
        if not piece and self._length is not None and self._offset < self._length:
            message = f"{self._offset} of {self._length} bytes"
            raise OSError(message)
        return piece

    def _raw_read(self, most: int) -> bytes:
        if self._response is None:
            message = "the response was closed"
            raise OSError(message)
        # As they were sent: `Content-Encoding: gzip` means the object's own gzip.
        piece: bytes = self._response.raw.read(most, decode_content=False)
        return piece
