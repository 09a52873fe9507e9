"""Documents behind presigned URLs, as S3 serves them for feeds and reports.

Facts: Amazon's models of Feeds and Reports (a URL is valid for five minutes; where
`enableContentEncodingUrlHeader` is set, a zipped document comes with `Content-Encoding: gzip`).
S3 refuses a second set of credentials next to the signature in the URL.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode

from tap_amazon_sp.simulator.calls import Answer, Call, HttpAnswer, HttpRequest
from tap_amazon_sp.simulator.errors import not_found
from tap_amazon_sp.simulator.randomness import chance
from tap_amazon_sp.simulator.timestamps import iso

DOCUMENTS_PATH = "/documents/"

_SIGNATURE = "X-Amz-Signature"


@dataclass
class Document:
    """A document.

    Attributes:
        id: Amazon's id.
        account: Whose it is.
        content_type: As declared or generated.
        zipped: Whether it is stored as gzip.
        make: Makes the content when it is first asked for, not zipped.
        content: The content, zipped if `zipped`; None before it was made or uploaded.
        restricted: Whether it holds personal data.
    """

    id: str
    account: str
    content_type: str
    zipped: bool = False
    make: Callable[[], bytes] | None = None
    content: bytes | None = None
    restricted: bool = False

    def read(self) -> bytes:
        """Return the stored content, making it first if need be."""
        if self.content is None and self.make is not None:
            made = self.make()
            self.content = gzip.compress(made, mtime=0) if self.zipped else made
        return self.content or b""


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
        make: Callable[[], bytes] | None = None,
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
        unzips = document.zipped and bool(call.parameters.get("enableContentEncodingUrlHeader"))
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
            unzips: Whether the answer shall say `Content-Encoding: gzip`.
        """
        path = f"{DOCUMENTS_PATH}{document.account}/{quote(document.id)}"
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": iso(now).replace("-", "").replace(":", ""),
            "X-Amz-Expires": f"{self._lifetime:g}",
            "X-Amz-Until": f"{now + self._lifetime:.3f}",
        }
        if unzips:
            query["response-content-encoding"] = "gzip"
        query[_SIGNATURE] = self._sign(method, path, query)
        return f"{origin}{path}?{urlencode(query)}"

    def _sign(self, method: str, path: str, query: dict[str, str]) -> str:
        signed = {name: value for name, value in query.items() if name != _SIGNATURE}
        text = f"{method} {path} {urlencode(sorted(signed.items()))}"
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    def serve(self, request: HttpRequest, now: float) -> HttpAnswer:
        """Answer a request for a document as S3 does."""
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
        if now > float(query["X-Amz-Until"]):
            return _s3_error(403, "AccessDenied", "Request has expired")
        document = self._documents[request.path.rpartition("/")[2]]
        if request.method == "PUT":
            return _upload(document, request)
        headers = {"Content-Type": document.content_type}
        if "response-content-encoding" in query:
            headers["Content-Encoding"] = query["response-content-encoding"]
        return HttpAnswer(200, headers, document.read)


def account_in(path: str) -> str:
    """Name of the account in the path of a presigned URL."""
    return path.removeprefix(DOCUMENTS_PATH).partition("/")[0]


def _upload(document: Document, request: HttpRequest) -> HttpAnswer:
    sent = request.headers.get("content-type", "")
    if _plain(sent) != _plain(document.content_type):
        return _s3_error(
            403,
            "SignatureDoesNotMatch",
            f"The URL was signed for Content-Type '{document.content_type}'.",
        )
    document.content = request.body
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
