"""The documents of a seller, and the presigned URLs that lead to them.

Source: Amazon's models of Feeds and Reports: a URL is valid for five minutes; with
`enableContentEncodingUrlHeader`, a zipped document comes with `Content-Encoding: gzip`.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlencode

from tap_amazon_sp.simulator.documents.contents import Content, WholeContent, ZippedRows
from tap_amazon_sp.simulator.documents.forms import APLUS_BUCKET, form_fields, read_form
from tap_amazon_sp.simulator.documents.s3 import (
    etag,
    is_signature,
    s3_error,
    send,
    upload_problem,
    uploaded,
)
from tap_amazon_sp.simulator.server.calls import Answer, Call, HttpAnswer, HttpRequest
from tap_amazon_sp.simulator.server.errors import not_found
from tap_amazon_sp.simulator.server.paths import DOCUMENTS_PATH, document_path
from tap_amazon_sp.simulator.world.timestamps import iso
from tap_amazon_sp.simulator.world.world import World

_LEVEL = 6
"""Compression: half the time of the default, and hardly more bytes."""

_SIGNATURE = "X-Amz-Signature"


@dataclass
class Document:
    """A document.

    Attributes:
        id: Amazon's id.
        account: Name of the account that it belongs to.
        content_type: `Content-Type` of the document.
        zipped: Whether it is stored as gzip.
        make: Makes the content when it is first requested: bytes that are still to be zipped, or
            a content that is sent as it is.
        content: The content as it is sent; None until it is made or uploaded.
        restricted: Whether it holds personal data.
        signed_headers: Headers that an upload must have, besides its content type.
    """

    id: str
    account: str
    content_type: str
    zipped: bool = False
    make: Callable[[], bytes | Content] | None = None
    content: Content | None = None
    restricted: bool = False
    signed_headers: Mapping[str, str] = field(default_factory=dict)

    def read(self) -> Content:
        """Return the content; make it first if necessary."""
        if self.content is None and self.make is not None:
            made = self.make()
            if isinstance(made, bytes):
                made = WholeContent(gzip.compress(made, _LEVEL, mtime=0) if self.zipped else made)
            self.content = made
        return self.content or WholeContent(b"")

    @property
    def uploaded(self) -> bytes | None:
        """The bytes that were uploaded; None if nothing was."""
        return self.content.content if isinstance(self.content, WholeContent) else None


class Documents:
    """Stores the documents of a seller and serves them at presigned URLs."""

    def __init__(self, world: World, *, lifetime: float) -> None:
        """Store none yet.

        Args:
            world: The world of the seller.
            lifetime: Seconds that a URL is valid.
        """
        self._rng = world.random("documents")
        self._region = world.region
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
        """Store a document; without `make`, its content is to be uploaded."""
        name = uuid.UUID(int=self._rng.getrandbits(128), version=4)
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

    def add_destination(
        self, account: str, document_id: str, signed_headers: Mapping[str, str]
    ) -> Document:
        """Store a document of any type that is to be uploaded.

        Args:
            account: Name of the account.
            document_id: Its id.
            signed_headers: Headers that the upload must have.
        """
        document = Document(document_id, account, "", signed_headers=signed_headers)
        self._documents[document_id] = document
        return document

    def get(self, document_id: str, account: str) -> Document | None:
        """Return a document of an account, or None."""
        document = self._documents.get(document_id)
        return document if document is not None and document.account == account else None

    def called_for(self, call: Call, id_name: str, kind: str) -> Document:
        """Return the document that a call asks for.

        Args:
            call: The call.
            id_name: Name of the parameter with the id, e.g. `feedDocumentId`.
            kind: `Feed`, `Report` or `Data Kiosk`.

        Raises:
            ApiError: 404, there is no such document.
        """
        document_id = call.parameters[id_name]
        document = self.get(document_id, call.account.name)
        if document is None:
            message = f"{kind} document {document_id}"
            raise not_found(message)
        return document

    def describe(self, document: Document, call: Call, id_name: str) -> Answer:
        """Answer getFeedDocument or getReportDocument: id, URL and compression of a document."""
        unzips = bool(call.parameters.get("enableContentEncodingUrlHeader"))
        body = {
            id_name: document.id,
            "url": self.url(document, "GET", call.origin, call.now, unzips=unzips),
        }
        if document.zipped:
            body["compressionAlgorithm"] = "GZIP"
        return Answer(body)

    def url(  # noqa: PLR0913 - what is signed
        self,
        document: Document,
        method: str,
        origin: str,
        now: float,
        *,
        unzips: bool = False,
        lifetime: float | None = None,
    ) -> str:
        """Return a presigned URL.

        Args:
            document: The document that it leads to.
            method: `GET` or `PUT`.
            origin: `http://host:port`.
            now: Epoch seconds.
            unzips: Whether a zipped document comes with `Content-Encoding: gzip`.
            lifetime: Seconds that it is valid, if not as usual.
        """
        lifetime = self._lifetime if lifetime is None else lifetime
        path = document_path(document.account, quote(document.id))
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": iso(now).replace("-", "").replace(":", ""),
            "X-Amz-Expires": f"{lifetime:g}",
            "X-Amz-Until": f"{now + lifetime:.3f}",
        }
        if unzips and document.zipped:
            query["response-content-encoding"] = "gzip"
        query[_SIGNATURE] = self._sign(method, path, query)
        return f"{origin}{path}?{urlencode(query)}"

    def form_url(self, document: Document, key: str, owner: str, origin: str, now: float) -> str:
        """Return a URL whose query has the fields of a form that uploads a document."""
        path = document_path(document.account, f"{APLUS_BUCKET}/")
        return f"{origin}{path}?{urlencode(form_fields(key, owner, self._secret, now))}"

    def _upload_form(self, name: str, request: HttpRequest, now: float) -> HttpAnswer:
        if name != f"{APLUS_BUCKET}/":
            message = "The specified method is not allowed against this resource."
            return s3_error(405, "MethodNotAllowed", message)
        form = read_form(request, self._secret, now)
        if isinstance(form, HttpAnswer):
            return form
        self._documents[f"{APLUS_BUCKET}/{form.key}"].content = WholeContent(form.content)
        return HttpAnswer(204, {"ETag": etag(form.content)})

    def _sign(self, method: str, path: str, query: dict[str, str]) -> str:
        signed = {name: value for name, value in query.items() if name != _SIGNATURE}
        text = f"{method} {path} {urlencode(sorted(signed.items()))}"
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    def serve(self, request: HttpRequest, now: float, damage: str | None = None) -> HttpAnswer:
        """Answer a request to a presigned URL, as S3 does.

        Args:
            request: The request.
            now: Epoch seconds.
            damage: Kind of a fault; `expired_url`, `not_gzip` and `truncated_gzip` have an effect.
        """
        query = dict(parse_qsl(request.raw_query, keep_blank_values=True))
        if {"authorization", "x-amz-access-token"} & {*request.headers}:
            return s3_error(
                400,
                "InvalidArgument",
                "Only one auth mechanism allowed; the signature in the URL is enough.",
            )
        name = request.path.removeprefix(DOCUMENTS_PATH).partition("/")[2]
        if request.method == "POST":
            return self._upload_form(name, request, now)
        expected = self._sign(request.method, request.path, query)
        if not is_signature(expected, query.get(_SIGNATURE, "")):
            return s3_error(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided.",
            )
        if now > float(query["X-Amz-Until"]) or damage == "expired_url":
            return s3_error(403, "AccessDenied", "Request has expired")
        document = self._documents[name]
        if request.method == "PUT":
            return _upload(document, request)
        headers = {"Content-Type": document.content_type}
        if "response-content-encoding" in query:
            headers["Content-Encoding"] = query["response-content-encoding"]
        headers["ETag"] = etag(document.id.encode())
        return HttpAnswer(200, {}, lambda: send(_damaged(document, damage), request, headers))


def _upload(document: Document, request: HttpRequest) -> HttpAnswer:
    problem = upload_problem(request, document.content_type, document.signed_headers)
    if problem is not None:
        return problem
    document.content = WholeContent(request.body)
    return uploaded(request)


def _damaged(document: Document, damage: str | None) -> Content:
    """Return what is sent of a document: all of it, or less if a fault damages it."""
    content = document.read()
    if damage == "truncated_gzip":
        return WholeContent(b"".join(content.chunks(0, content.size // 2)))
    if damage == "not_gzip" and document.zipped:
        if isinstance(content, ZippedRows):
            return content.plain
        return WholeContent(gzip.decompress(b"".join(content.chunks(0, content.size))))
    return content
