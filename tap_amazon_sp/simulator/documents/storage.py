"""Documents behind presigned URLs, as S3 serves them for feeds and reports.

Facts: Amazon's models of Feeds and Reports (a URL is valid for five minutes; where
`enableContentEncodingUrlHeader` is set, a zipped document comes with `Content-Encoding: gzip`).
S3 refuses a second set of credentials next to the signature in the URL, gives parts of a document
(`Range`) and knows `If-Match`.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode

from tap_amazon_sp.simulator.documents.contents import Content, WholeContent, ZippedRows
from tap_amazon_sp.simulator.server.calls import Answer, Call, HttpAnswer, HttpRequest, Stream
from tap_amazon_sp.simulator.server.errors import not_found
from tap_amazon_sp.simulator.world.randomness import chance
from tap_amazon_sp.simulator.world.timestamps import iso

DOCUMENTS_PATH = "/documents/"

_SIGNATURE = "X-Amz-Signature"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass
class Document:
    """A document.

    Attributes:
        id: Amazon's id.
        account: Whose it is.
        content_type: As declared or generated.
        zipped: Whether it is stored as gzip.
        make: Makes the content when it is first asked for: bytes, which are still to be zipped, or
            something that is as it is to be sent.
        content: The content as it is sent; None before it was made or uploaded.
        restricted: Whether it holds personal data.
    """

    id: str
    account: str
    content_type: str
    zipped: bool = False
    make: Callable[[], bytes | Content] | None = None
    content: Content | None = None
    restricted: bool = False

    def read(self) -> Content:
        """Return the stored content, making it first if need be."""
        if self.content is None and self.make is not None:
            made = self.make()
            if isinstance(made, bytes):
                made = WholeContent(gzip.compress(made, mtime=0) if self.zipped else made)
            self.content = made
        return self.content or WholeContent(b"")

    @property
    def uploaded(self) -> bytes | None:
        """What was uploaded; None if nothing was."""
        return self.content.content if isinstance(self.content, WholeContent) else None


class Documents:
    """Stores documents and serves them by presigned URLs."""

    def __init__(self, *, seed: int, region: str, lifetime: float) -> None:
        """Store none yet, for one seller.

        Args:
            seed: Makes the ids.
            region: Part of the ids.
            lifetime: Seconds that a URL is valid.
        """
        self._luck = chance(seed, "documents")
        self._region = region
        self._lifetime = lifetime
        self._secret = secrets.token_bytes(32)
        self._documents: dict[str, Document] = {}

    def add(
        self,
        account: str,
        content_type: str,
        make: Callable[[], bytes | Content] | None = None,
        *,
        zipped: bool = False,
        restricted: bool = False,
    ) -> Document:
        """Store a document, or with no `make` a place for one to be uploaded."""
        name = uuid.UUID(int=self._luck.getrandbits(128), version=4)
        document = Document(
            id=f"amzn1.spdoc.1.4.{self._region}.{name}.T{len(self._documents)}",
            account=account,
            content_type=content_type,
            zipped=zipped,
            make=make,
            restricted=restricted,
        )
        self._documents[document.id] = document
        return document

    def get(self, document_id: str, account: str) -> Document | None:
        """Return a document of an account, or None."""
        document = self._documents.get(document_id)
        return document if document is not None and document.account == account else None

    def called_for(self, call: Call, id_name: str, kind: str) -> Document:
        """Return the document that getFeedDocument or getReportDocument asks for.

        Args:
            call: The call.
            id_name: `feedDocumentId` or `reportDocumentId`.
            kind: `Feed` or `Report`.

        Raises:
            ApiError: 404.
        """
        document_id = call.parameters[id_name]
        document = self.get(document_id, call.account.name)
        if document is None:
            message = f"{kind} document {document_id}"
            raise not_found(message)
        return document

    def describe(self, document: Document, call: Call, id_name: str) -> Answer:
        """Answer getFeedDocument or getReportDocument: the document's id, URL and compression."""
        unzips = bool(call.parameters.get("enableContentEncodingUrlHeader"))
        body = {
            id_name: document.id,
            "url": self.url(document, "GET", call.origin, call.now, unzips=unzips),
        }
        if document.zipped:
            body["compressionAlgorithm"] = "GZIP"
        return Answer(body)

    def url(
        self, document: Document, method: str, origin: str, now: float, *, unzips: bool = False
    ) -> str:
        """Return a presigned URL.

        Args:
            document: What it is for.
            method: `GET` or `PUT`.
            origin: `http://host:port`.
            now: Epoch seconds.
            unzips: Whether the answer shall say `Content-Encoding: gzip`, if it is zipped.
        """
        path = f"{DOCUMENTS_PATH}{document.account}/{quote(document.id)}"
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": iso(now).replace("-", "").replace(":", ""),
            "X-Amz-Expires": f"{self._lifetime:g}",
            "X-Amz-Until": f"{now + self._lifetime:.3f}",
        }
        if unzips and document.zipped:
            query["response-content-encoding"] = "gzip"
        query[_SIGNATURE] = self._sign(method, path, query)
        return f"{origin}{path}?{urlencode(query)}"

    def _sign(self, method: str, path: str, query: dict[str, str]) -> str:
        signed = {name: value for name, value in query.items() if name != _SIGNATURE}
        text = f"{method} {path} {urlencode(sorted(signed.items()))}"
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    def serve(self, request: HttpRequest, now: float, damage: str | None = None) -> HttpAnswer:
        """Answer a request for a document as S3 does.

        Args:
            request: The request.
            now: Epoch seconds.
            damage: A kind of fault: `expired_url`, `not_gzip` or `truncated_gzip` do something.
        """
        query = dict(parse_qsl(request.raw_query, keep_blank_values=True))
        if {"authorization", "x-amz-access-token"} & {*request.headers}:
            return _s3_error(
                400,
                "InvalidArgument",
                "Only one auth mechanism allowed; the signature in the URL is enough.",
            )
        expected = self._sign(request.method, request.path, query)
        if not hmac.compare_digest(expected, query.get(_SIGNATURE, "")):
            return _s3_error(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided.",
            )
        if now > float(query["X-Amz-Until"]) or damage == "expired_url":
            return _s3_error(403, "AccessDenied", "Request has expired")
        document = self._documents[request.path.rpartition("/")[2]]
        if request.method == "PUT":
            return _upload(document, request)
        headers = {"Content-Type": document.content_type}
        if "response-content-encoding" in query:
            headers["Content-Encoding"] = query["response-content-encoding"]
        headers["ETag"] = _etag(document)
        return HttpAnswer(200, {}, lambda: _send(_damaged(document, damage), request, headers))


def account_in(path: str) -> str:
    """Name of the account in the path of a presigned URL."""
    return path.removeprefix(DOCUMENTS_PATH).partition("/")[0]


def _etag(document: Document) -> str:
    return f'"{hashlib.sha256(document.id.encode()).hexdigest()[:32]}"'


def _damaged(document: Document, damage: str | None) -> Content:
    """What is sent of a document, which may not be what should be."""
    content = document.read()
    if damage == "truncated_gzip":
        return WholeContent(b"".join(content.chunks(0, content.size // 2)))
    if damage == "not_gzip" and document.zipped:
        if isinstance(content, ZippedRows):
            return content.plain
        return WholeContent(gzip.decompress(b"".join(content.chunks(0, content.size))))
    return content


def _send(content: Content, request: HttpRequest, headers: dict[str, str]) -> HttpAnswer:
    """Answer with a content, or with the range of it that is asked for."""
    headers = headers | {"Accept-Ranges": "bytes"}
    wanted = request.headers.get("if-match")
    if wanted is not None and wanted not in ("*", headers["ETag"]):
        message = "At least one of the pre-conditions you specified did not hold"
        return _s3_error(412, "PreconditionFailed", message)
    first, status = 0, 200
    last = content.size - 1
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is not None and (asked[1] or asked[2]):
        if asked[1]:
            first = int(asked[1])
            last = min(last, int(asked[2] or last))
        else:
            first = max(0, content.size - int(asked[2]))
        if first > last:
            return _s3_error(416, "InvalidRange", "The requested range is not satisfiable")
        status = 206
        headers["Content-Range"] = f"bytes {first}-{last}/{content.size}"
    if isinstance(content, WholeContent):
        return HttpAnswer(status, headers, content.content[first : last + 1])
    size = last + 1 - first
    stream = Stream(size, lambda most: content.chunks(first, first + min(size, most)))
    return HttpAnswer(status, headers, stream)


def _upload(document: Document, request: HttpRequest) -> HttpAnswer:
    sent = request.headers.get("content-type", "")
    if _plain(sent) != _plain(document.content_type):
        return _s3_error(
            403,
            "SignatureDoesNotMatch",
            f"The URL was signed for Content-Type '{document.content_type}'.",
        )
    document.content = WholeContent(request.body)
    return HttpAnswer(200, {"ETag": f'"{hashlib.sha256(request.body).hexdigest()[:32]}"'})


def _plain(content_type: str) -> str:
    return content_type.replace(" ", "").lower()


def _s3_error(status: int, code: str, message: str) -> HttpAnswer:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message>"
        f"<RequestId>{secrets.token_hex(8).upper()}</RequestId></Error>"
    )
    return HttpAnswer(status, {"Content-Type": "application/xml"}, body.encode())
