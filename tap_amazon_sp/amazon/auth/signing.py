"""Signatures of requests (AWS Signature Version 4), for those who still want them.

Amazon has required none since October 2023 (its SP-API release announcement of that month), so
boto3 and botocore are only imported if the settings ask for signatures.
"""

from __future__ import annotations

import datetime as dt
import functools
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.amazon.account import AwsSettings
from tap_amazon_sp.amazon.auth.aws_keys import NoKeysError, find_keys
from tap_amazon_sp.amazon.errors import AuthenticationError
from tap_amazon_sp.common.json_paths import at_path

if TYPE_CHECKING:
    from botocore.credentials import Credentials

SERVICE_NAME = "execute-api"


class RequestSigner:
    """Signs requests with the keys in the settings, or with those of an assumed role.

    botocore renews the temporary keys of a role before they expire, once for all threads.
    """

    def __init__(self, settings: AwsSettings) -> None:
        """Assume nothing yet."""
        self._settings = settings
        self._lock = threading.Lock()
        self._credentials: Credentials | None = None

    def signed_headers(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        now: dt.datetime | None = None,
    ) -> dict[str, str]:
        """Return the headers with `Authorization`, `X-Amz-Date` and the session token added.

        Args:
            method: HTTP method.
            url: The whole URL, with its query encoded as it will be sent.
            headers: Headers to send and sign.
            body: The request's body.
            now: The present by Amazon's clock, in UTC; this machine's by default. Amazon refuses a
                signature that is older or newer than five minutes.

        Raises:
            AuthenticationError: The role could not be assumed, or no keys were found.
        """
        from botocore.auth import SIGV4_TIMESTAMP  # noqa: PLC0415 - slow, and usually not needed
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
        from botocore.parsers import ResponseParserError  # noqa: PLC0415

        try:
            with self._lock:
                if self._credentials is None:
                    self._credentials = find_keys(self._settings)
                # Frozen, because another thread may renew them between reading key and secret.
                credentials = self._credentials.get_frozen_credentials()
            request = AWSRequest(method=method, url=url, headers=dict(headers), data=body)
            signature = _signature()(credentials, SERVICE_NAME, self._settings.region)
            if now is not None:
                signature.timestamp = now.strftime(SIGV4_TIMESTAMP)
            signature.add_auth(request)
        except ClientError as error:
            code = at_path(error.response, ("Error", "Code")) or "unknown"
            message = (
                f"The role in `role_arn` could not be assumed ({code}): check `role_arn`, "
                "its trust policy and the AWS keys, or remove them, as Amazon needs no signatures"
            )
            raise AuthenticationError(message) from None
        except (BotoCoreError, ResponseParserError, NoKeysError) as error:
            message = (
                f"No AWS credentials for signing ({type(error).__name__}): check "
                "`aws_access_key_id`, `aws_secret_access_key`, `role_arn` and `sts_endpoint_url`, "
                "or remove them, as Amazon needs no signatures"
            )
            raise AuthenticationError(message) from None
        return dict(request.headers.items())


@functools.cache
def _signature() -> Any:
    """Return botocore's class of signatures, with a time to set: `timestamp`."""
    from botocore.auth import SigV4Auth  # noqa: PLC0415

    class DatedSignature(SigV4Auth):
        timestamp: str | None = None

        def _modify_request_before_signing(self, request: Any) -> None:
            # botocore has put this machine's time there; all that is signed takes it from there.
            if self.timestamp is not None:
                request.context["timestamp"] = self.timestamp
            super()._modify_request_before_signing(request)  # type: ignore[misc]

    return DatedSignature
