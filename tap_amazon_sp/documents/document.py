"""A report document as a stream of bytes: downloaded, gunzipped, and resumed if a download breaks.

A document counts only if it came with status 200 or 206, is complete, and begins like a document
of its type. Anything else is a failed download, which is tried again, with a new address if what
came is not the document.

Facts: Amazon's model of Reports and its page "Retrieve a report" (the presigned address is valid
for five minutes; GZIP is the only compression; with `enableContentEncodingUrlHeader` the address
adds `Content-Encoding: gzip`, so that only the bytes show whether a document is gzip). The store
behind the addresses answers Range requests and sends an ETag, as Amazon S3 does.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Container, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, final
from urllib.parse import urlsplit

import requests
import urllib3

from tap_amazon_sp.amazon.errors import SellingPartnerError, ServiceError, WrongDocumentError
from tap_amazon_sp.amazon.obstacles import obstacle_to
from tap_amazon_sp.amazon.retry import DAMAGED_DOCUMENT, RetryableError, RetryPolicy
from tap_amazon_sp.documents.beginnings import ANY_FILE, GZIP_MAGIC, INSPECTED, Expectation

if TYPE_CHECKING:
    from tap_amazon_sp.amazon.catalogue import Operation
    from tap_amazon_sp.amazon.client import SellingPartnerClient

Locate = Callable[[], str]
"""Requests the document's address, which is a new one each time."""

Open = Callable[[str, Mapping[str, str]], requests.Response]
"""Opens an address with these headers; the body is not read yet."""

PIECE = 256 * 1024
"""The most bytes that are read or gunzipped at once."""

_GZIP = 16 + zlib.MAX_WBITS
_COMPLETE = (requests.codes.ok, requests.codes.partial_content)
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})")
_COMPRESSIONS = (None, "GZIP")
_UNKNOWN_ENCODINGS = ("br", "compress", "deflate", "zstd")
_EXPIRED = (requests.codes.forbidden, requests.codes.not_found, requests.codes.gone)
_BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)


@final
class Document:
    """A document that is read once, from beginning to end, in constant memory.

    Iterating yields its bytes, uncompressed, each byte exactly once. A download that breaks is
    resumed where it broke, by a Range request if the store answers them, else by reading from the
    beginning and skipping. What is skipped must be the same bytes as before: parts of two documents
    are never given as one. A download or gzip stream that ends too early is an error, never a
    shorter document.

    As a context manager, it opens and closes its connection.

    Attributes:
        content_type: Content type of the download, once it is open.
        is_empty: Whether it has no content, once it is open.
    """

    def __init__(
        self,
        locate: Locate,
        open_address: Open,
        *,
        retry: RetryPolicy,
        name: str,
        expectation: Expectation = ANY_FILE,
    ) -> None:
        """Download nothing yet.

        Args:
            locate: Requests the address, and a new one after it has expired.
            open_address: Opens the address, without SP-API credentials.
            retry: How often to try and how long to wait; a new byte resets the count of tries.
            name: Name of the document's operation in errors.
            expectation: What the document should be.
        """
        self._locate = locate
        self._open_address = open_address
        self._retry = retry
        self._name = name
        self._expectation = expectation
        self._address: str | None = None
        self._download: _Download | None = None
        # The first bytes that were read, until they are accepted; then those to give next.
        self._beginning = b""
        self._is_accepted = False
        self._given = 0
        # Of all bytes that were read, and are not to be read again.
        self._digest = _digest()
        self._damages = 0
        self.content_type = ""
        self.is_empty = False

    @classmethod
    def of(
        cls,
        client: SellingPartnerClient,
        operation: Operation,
        parameters: Mapping[str, Any],
        *,
        expectation: Expectation = ANY_FILE,
    ) -> Document:
        """Return the document whose address an operation returns, such as getReportDocument."""
        return cls(
            lambda: located(client, operation, parameters),
            client.addresses.open,
            retry=client.retry,
            name=operation.id,
            expectation=expectation,
        )

    def __enter__(self) -> Document:
        """Open the download and read its beginning; then the content type is known.

        Raises:
            WrongDocumentError: What came is not the document, each time.
            SellingPartnerError: The document cannot be opened.
        """
        self._retry.run(self._accept)
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
        """Close the connection."""
        if self._download is not None:
            self._download.break_off()
            self._download = None

    def __iter__(self) -> Iterator[bytes]:
        """Yield the document's bytes, uncompressed, in pieces of at most `PIECE`.

        Raises:
            SellingPartnerError: The document could not be read completely, after all retries.
        """
        self._retry.run(self._accept)
        piece, self._beginning = self._beginning, b""
        while piece:
            self._given += len(piece)
            yield piece
            piece = self._retry.run(self._read)
        self.close()

    def _accept(self) -> None:
        """Read the beginning of the document and check that it is one.

        Raises:
            RetryableError: It is not, or the download broke.
        """
        if self._is_accepted:
            return
        while len(self._beginning) < INSPECTED and (piece := self._read()):
            self._beginning += piece
        beginning = self._beginning
        reason = self._expectation.refusal(
            beginning[:INSPECTED],
            self.content_type,
            is_whole=len(beginning) < INSPECTED,
            is_last_try=self._damages + 1 >= DAMAGED_DOCUMENT.max_tries,
        )
        if reason is not None:
            self._begin_again()
            # The address may be the wrong one.
            self._address = None
            message = f"the document {reason}"
            raise self._damaged(WrongDocumentError(self._name, message=message))
        self._is_accepted = True
        self.is_empty = not beginning

    def _read(self) -> bytes:
        """Return some bytes; none at the end of the document.

        Raises:
            RetryableError: The download broke.
        """
        download = self._ready()
        try:
            piece = download.read()
        except _DamagedError as damage:
            # The bytes are wrong, not only missing: read the document again from the beginning.
            if not self._given:
                self._begin_again()
            if isinstance(damage, _OtherContentError):
                self._address = None
            message = f"the document is damaged: {damage}"
            raise self._damaged(ServiceError(self._name, message=message)) from None
        except _BROKEN as error:
            download.break_off()
            reason = f"the document's download broke ({type(error).__name__})"
            raise self._failure(reason) from None
        self._digest.update(piece)
        return piece

    def _begin_again(self) -> None:
        """Forget the beginning; no byte of it was given."""
        self._beginning, self.content_type = b"", ""
        self._digest = _digest()

    def _damaged(self, error: SellingPartnerError) -> Exception:
        """Return what to raise because of content that is wrong."""
        self.close()
        self._damages += 1
        return error if self._damages >= DAMAGED_DOCUMENT.max_tries else RetryableError(error)

    @property
    def _position(self) -> int:
        """How many bytes of the document were read, and are not to be read again."""
        return self._given + len(self._beginning)

    def _ready(self) -> _Download:
        """Return the download, open and at the right position."""
        if self._download is None:
            self._download = self._new_download()
        if not self._download.is_open:
            try:
                self._open(self._download)
            except _BROKEN as error:
                self._download.break_off()
                reason = f"the document could not be reached ({type(error).__name__})"
                if isinstance(error, requests.RequestException) and self._address is not None:
                    obstacle = obstacle_to(self._address, error, setting=None)
                    reason = f"the document could not be reached: {obstacle.sentence}"
                raise self._failure(reason) from None
        return self._download

    def _open(self, download: _Download) -> None:
        if self._address is None:
            self._address = self._locate()
        response = self._open_address(self._address, download.headers())
        if response.status_code not in _COMPLETE:
            status = response.status_code
            response.close()
            if status in _EXPIRED or status < requests.codes.bad_request:
                self._address = None
            if status == requests.codes.requested_range_not_satisfiable:
                self.close()
            reason = "the document could not be downloaded"
            raise self._failure(reason, status)
        if not self._is_accepted:
            self.content_type = response.headers.get("Content-Type", self.content_type)
        if not download.begin(response):
            # All of an object, maybe another one: positions in the first one mean nothing here.
            self._download = self._new_download()
            self._download.begin(response)

    def _new_download(self) -> _Download:
        return _Download(skip=self._position, skipped=self._digest.digest())

    def _failure(self, reason: str, status: int | None = None) -> RetryableError:
        return RetryableError(ServiceError(self._name, status=status, message=reason))


def located(
    client: SellingPartnerClient,
    operation: Operation,
    parameters: Mapping[str, Any],
    name: str = "url",
) -> str:
    """Return the address of a document.

    Args:
        client: The account's client.
        operation: Returns the address, such as getReportDocument.
        parameters: Parameters of the operation.
        name: The property with the address.

    Raises:
        SellingPartnerError: Amazon refused the call, or did not answer with an address.
    """
    answer = client.send(
        operation, parameters, check=lambda body: check_address(client, body, name)
    )
    return str(answer.body[name])


def check_address(client: SellingPartnerClient, body: Any, name: str = "url") -> None:
    """Check that an answer has the address of a document.

    Args:
        client: The account's client.
        body: The answer.
        name: The property with the address.

    Raises:
        ValueError: It has none.
    """
    schemes = {"https", urlsplit(client.account.endpoint).scheme}
    if not isinstance(body, Mapping) or not _is_address(body.get(name), schemes):
        message = f"it has no `{name}` that is an address"
        raise ValueError(message)
    if body.get("compressionAlgorithm") not in _COMPRESSIONS:
        message = "its `compressionAlgorithm` is unknown"
        raise ValueError(message)


def _is_address(value: Any, schemes: Container[str]) -> bool:
    if not isinstance(value, str) or not value.isprintable():
        return False
    try:
        parts = urlsplit(value)
        # Reading the port checks it.
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _digest() -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=16)


class _DamagedError(Exception):
    """The received bytes cannot be right."""


class _OtherContentError(_DamagedError):
    """The received bytes are not those that came before."""


class _Download:
    """The bytes of one stored object, gunzipped, out of one or more responses.

    After a response breaks off, the next one continues at the same byte.
    """

    def __init__(self, skip: int, skipped: bytes) -> None:
        """Open nothing; `skip` bytes of the document, with this digest, were read before."""
        self._skip = skip
        self._skipped = skipped
        self._digest = _digest()
        self._offset = 0
        self._etag: str | None = None
        self._length: int | None = None
        self._is_end_known = True
        self._response: requests.Response | None = None
        self._begun = False
        self._unzip: Any = None
        self._waiting = b""

    @property
    def is_open(self) -> bool:
        return self._response is not None

    def headers(self) -> dict[str, str]:
        """Return the headers to continue with; they ask for no further compression."""
        headers = {"accept-encoding": "identity"}
        if self._offset and self._etag:
            headers |= {"range": f"bytes={self._offset}-", "if-range": self._etag}
        return headers

    def begin(self, response: requests.Response) -> bool:
        """Take a response; return False if it begins again, which takes a new download.

        Raises:
            OSError: It is not a part that goes on here.
        """
        headers = response.headers
        if headers.get("Content-Encoding", "").strip().lower() in _UNKNOWN_ENCODINGS:
            response.close()
            message = "the store sent another compression than it may"
            raise OSError(message)
        etag = headers.get("ETag")
        if response.status_code == requests.codes.partial_content:
            self._begin_part(response, etag)
            return True
        if self._offset:
            return False
        length = headers.get("Content-Length", "")
        self._etag = etag
        self._length = int(length) if length.isascii() and length.isdigit() else None
        # Without a length, only the chunks of HTTP show whether all of them came.
        is_chunked = "chunked" in headers.get("Transfer-Encoding", "").lower()
        self._is_end_known = self._length is not None or is_chunked
        self._response = response
        return True

    def _begin_part(self, response: requests.Response, etag: str | None) -> None:
        found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
        is_next = found is not None and int(found[1]) == self._offset
        if self._offset:
            # A part of another object has another tag or another size.
            sizes = {self._length, int(found[2]) if found is not None else None}
            is_next = is_next and etag == self._etag and len(sizes - {None}) == 1
        if found is None or not is_next:
            self._etag = None  # the next try then requests no range
            response.close()
            message = "the store sent another range"
            raise OSError(message)
        self._etag = etag
        self._length = int(found[2])
        self._response = response

    def break_off(self) -> None:
        """Close the response; another one continues."""
        if self._response is not None:
            self._response.close()
            self._response = None

    def read(self) -> bytes:
        """Return the next bytes of the document; none at its end.

        Raises:
            _DamagedError: The object is not a complete gzip file, or not the one that was read.
        """
        while piece := self._read_piece():
            if not self._skip:
                return piece
            skipped, piece = piece[: self._skip], piece[self._skip :]
            self._skip -= len(skipped)
            self._digest.update(skipped)
            if not self._skip and self._digest.digest() != self._skipped:
                message = "it begins in another way than it did before"
                raise _OtherContentError(message)
            if piece:
                return piece
        if self._skip:
            message = "it is shorter than it was before"
            raise _OtherContentError(message)
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
                    # A document that is only declared as gzip is taken unchanged.
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
                message = "its gzip is followed by something else"
                raise _DamagedError(message)
            self._unzip = zlib.decompressobj(_GZIP)
        try:
            piece: bytes = self._unzip.decompress(compressed, PIECE)
        except zlib.error as error:
            message = f"its gzip is broken ({error})"
            raise _DamagedError(message) from None
        # Bytes are left either because the piece is full or because a member ended.
        self._waiting = self._unzip.unconsumed_tail or self._unzip.unused_data
        return piece

    def _read_object(self) -> bytes:
        """Return the next bytes of the stored object; none at its end."""
        piece = self._raw_read(PIECE)
        self._offset += len(piece)
        if not piece and self._length is not None and self._offset < self._length:
            message = f"{self._offset} of {self._length} bytes"
            raise OSError(message)
        if not piece and not self._is_end_known:
            message = "the store does not say how long it is"
            raise _DamagedError(message)
        return piece

    def _raw_read(self, max_bytes: int) -> bytes:
        if self._response is None:
            message = "the response was closed"
            raise OSError(message)
        # Undecoded: `Content-Encoding: gzip` means the gzip of the object itself.
        piece: bytes = self._response.raw.read(max_bytes, decode_content=False)
        return piece
