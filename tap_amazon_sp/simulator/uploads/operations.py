"""Uploads: where files for A+ content and for messages to buyers are uploaded to.

Sources: amzn/selling-partner-api-docs#1245 and #1597 (messages: a URL for PUT that is valid for 15
minutes, with the headers that it was signed for), #1621 (A+ content: the fields of a form are in
the URL; the policy has three hours and 3 MB), amzn/selling-partner-api-models#254 (an encoded
slash in `resource` is refused with 403). That A+ content needs a content type: Amazon's model.
"""

from __future__ import annotations

import base64
import mimetypes
import uuid
from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.documents.forms import APLUS_BUCKET
from tap_amazon_sp.simulator.documents.storage import Documents
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import access_denied, invalid_input
from tap_amazon_sp.simulator.world.world import World

API = "uploads_2020-11-01"
OPERATION = f"{API}.createUploadDestinationForResource"
SERVICE_DOCUMENTS = "services.createServiceDocumentUploadDestination"

_APLUS = "aplus/2020-11-01/contentDocuments"
_LIFETIME = 900.0
_ENCRYPTION = {"x-amz-server-side-encryption": "aws:kms"}


class Uploads:
    """The operations that return a destination for an upload."""

    def __init__(self, world: World, documents: Documents, *, strict: bool) -> None:
        """Serve no destination yet.

        Args:
            world: The world of the seller.
            documents: Where the destinations are.
            strict: Whether encoded slashes are refused, as at Amazon.
        """
        self._world = world
        self._documents = documents
        self._strict = strict
        self._count = 0

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {OPERATION: self.create, SERVICE_DOCUMENTS: self.create_for_service}

    def create(self, call: Call) -> Answer:
        """Create the destination of a resource."""
        if self._strict and "%2f" in call.path.lower():
            message = "The path has an encoded slash in 'resource'."
            raise access_denied(message)
        if call.parameters["resource"].strip("/") == _APLUS:
            return self._aplus(call)
        signed = _ENCRYPTION | {"Content-MD5": call.parameters["contentMD5"]}
        return Answer({"payload": self._to_put(call, signed)})

    def _aplus(self, call: Call) -> Answer:
        content_type = call.parameters.get("contentType")
        if not content_type:
            message = "Missing required parameter 'contentType'."
            raise invalid_input(message, details="contentType")
        key = f"sc/{self._name()}{mimetypes.guess_extension(content_type) or ''}"
        document = self._documents.add_destination(call.account.name, f"{APLUS_BUCKET}/{key}", {})
        url = self._documents.form_url(document, key, call.account.seller_id, call.origin, call.now)
        return Answer({"payload": {"uploadDestinationId": document.id, "url": url, "headers": {}}})

    def create_for_service(self, call: Call) -> Answer:
        """Create the destination of a document about a service job."""
        rng = self._world.random("service documents", self._count)
        details = {
            "standard": "AES",
            "initializationVector": _base64(rng.randbytes(16)),
            "key": _base64(rng.randbytes(32)),
        }
        # Its model names no header.
        destination = self._to_put(call, {})
        return Answer({"payload": destination | {"encryptionDetails": details}})

    def _to_put(self, call: Call, signed: dict[str, str]) -> dict[str, Any]:
        document = self._documents.add_destination(call.account.name, self._name(), signed)
        url = self._documents.url(document, "PUT", call.origin, call.now, lifetime=_LIFETIME)
        return {"uploadDestinationId": document.id, "url": url, "headers": signed}

    def _name(self) -> str:
        self._count += 1
        bits = self._world.random("uploads", self._count).getrandbits(128)
        return str(uuid.UUID(int=bits, version=4))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
