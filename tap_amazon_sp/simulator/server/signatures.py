"""Verification of AWS Signature Version 4.

Source: AWS, "Create a signed AWS API request". Amazon stopped requiring signatures in October
2023. A request that has one is checked.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote, unquote_plus

from tap_amazon_sp.simulator.server.calls import HttpRequest
from tap_amazon_sp.simulator.server.errors import ApiError
from tap_amazon_sp.simulator.world.timestamps import UTC

_ALGORITHM = "AWS4-HMAC-SHA256"
_SERVICE = "execute-api"
_REGIONS = {"na": "us-east-1", "eu": "eu-west-1", "fe": "us-west-2"}
_MAX_CLOCK_SKEW = 300
_AUTHORIZATION = re.compile(
    _ALGORITHM
    + r" Credential=(?P<key>[^/]+)/(?P<date>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)"
    + r"/aws4_request, ?SignedHeaders=(?P<headers>[^,]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True)
class AwsKey:
    """An AWS access key that may sign requests.

    Attributes:
        key_id: `AKIA...`, or `ASIA...` for a temporary key.
        secret: Its secret.
        session_token: Token of a temporary key; requests carry it in `x-amz-security-token`.
    """

    key_id: str
    secret: str
    session_token: str | None = None


class Signatures:
    """Keeps access keys and checks the signatures made with them."""

    def __init__(self, region: str, keys: Iterable[AwsKey] = ()) -> None:
        """Start with some keys.

        Args:
            region: Selling region: requests in `na` must be signed for `us-east-1`.
            keys: Access keys.
        """
        self._region = _REGIONS[region]
        self._keys = {key.key_id: key for key in keys}

    def register(self, key: AwsKey) -> None:
        """Accept requests that are signed with this key."""
        self._keys[key.key_id] = key

    def check(self, request: HttpRequest, now: float) -> None:
        """Check the signature in the `Authorization` header.

        Raises:
            ApiError: 403, it is malformed, too old, made with an unknown key, or wrong.
        """
        match = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if match is None:
            message = "Authorization header is malformed."
            raise _refused(message)
        key = self._keys.get(match["key"])
        session_token = request.headers.get("x-amz-security-token")
        if key is None or session_token != key.session_token:
            message = "The security token included in the request is invalid."
            raise _refused(message)
        if match["region"] != self._region or match["service"] != _SERVICE:
            message = f"Credential should be scoped to {self._region}/{_SERVICE}."
            raise _refused(message)
        date = request.headers.get("x-amz-date", "")
        _check_date(date, match["date"], now)
        names = match["headers"].split(";")
        if not {"host", "x-amz-date"} <= set(names):
            message = "'host' and 'x-amz-date' must be signed headers."
            raise _refused(message)
        scope = f"{match['date']}/{match['region']}/{match['service']}/aws4_request"
        canonical = _canonical_request(request, names)
        text = "\n".join([_ALGORITHM, date, scope, hashlib.sha256(canonical).hexdigest()])
        expected = hmac.new(_signing_key(key.secret, scope), text.encode(), hashlib.sha256)
        if not hmac.compare_digest(expected.hexdigest(), match["signature"]):
            message = (
                "The request signature we calculated does not match the signature you provided."
            )
            raise _refused(message)


def _refused(message: str) -> ApiError:
    return ApiError(403, "InvalidSignature", message)


def _check_date(date: str, scope_date: str, now: float) -> None:
    try:
        signed_at = dt.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        message = "'x-amz-date' is missing or malformed."
        raise _refused(message) from None
    if not date.startswith(scope_date):
        message = "Date in Credential scope does not match 'x-amz-date'."
        raise _refused(message)
    if abs(now - signed_at) > _MAX_CLOCK_SKEW:
        message = f"Signature expired: {date} is more than 5 minutes from now."
        raise _refused(message)


def _canonical_request(request: HttpRequest, names: list[str]) -> bytes:
    path = "/".join(
        # API Gateway signs the path as it was sent, encoded once more.
        quote(quote(unquote(part), safe="-_.~"), safe="-_.~")
        for part in request.path.split("/")
    )
    pairs = []
    for pair in filter(None, request.raw_query.split("&")):
        name, _, value = pair.partition("=")
        pairs.append(
            (quote(unquote_plus(name), safe="-_.~"), quote(unquote_plus(value), safe="-_.~"))
        )
    payload_hash = hashlib.sha256(request.body).hexdigest()
    if request.headers.get("x-amz-content-sha256", payload_hash) != payload_hash:
        message = "'x-amz-content-sha256' does not match the body."
        raise _refused(message)
    lines = [
        request.method,
        path,
        "&".join(f"{name}={value}" for name, value in sorted(pairs)),
        *(f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in names),
        "",
        ";".join(names),
        payload_hash,
    ]
    return "\n".join(lines).encode()


def _signing_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
