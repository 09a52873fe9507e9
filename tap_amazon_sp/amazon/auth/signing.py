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
from tap_amazon_sp.amazon.auth.token_cache import is_token
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
                    self._credentials = self._find_credentials()
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
        except (BotoCoreError, ResponseParserError, _NoKeysError) as error:
            message = (
                f"No AWS credentials for signing ({type(error).__name__}): check "
                "`aws_access_key_id`, `aws_secret_access_key`, `role_arn` and `sts_endpoint_url`, "
                "or remove them, as Amazon needs no signatures"
            )
            raise AuthenticationError(message) from None
        return dict(request.headers.items())

    def _find_credentials(self) -> Credentials:
        import boto3  # noqa: PLC0415 - slow, and usually not needed
        from botocore.credentials import RefreshableCredentials  # noqa: PLC0415
        from botocore.exceptions import NoCredentialsError  # noqa: PLC0415

        settings = self._settings
        session = boto3.Session(
            aws_access_key_id=settings.access_key_id,
            aws_secret_access_key=settings.secret_access_key,
            aws_session_token=settings.session_token,
            region_name=settings.region,
        )
        role_arn = settings.role_arn
        if role_arn is None:
            credentials = session.get_credentials()
            if credentials is None:
                raise NoCredentialsError
            return credentials

        sts = session.client("sts", endpoint_url=settings.sts_endpoint_url)

        def assume_role() -> dict[str, Any]:
            answer = sts.assume_role(RoleArn=role_arn, RoleSessionName=settings.role_session_name)
            return _keys_in(answer)

        # Assumed once here, so that a mistake in the settings raises our error.
        return RefreshableCredentials.create_from_metadata(
            assume_role(), refresh_using=assume_role, method="assume-role"
        )


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


class _NoKeysError(Exception):
    """The answer to `AssumeRole` does not have what it should have."""


def _keys_in(answer: Any) -> dict[str, Any]:
    """Return the temporary keys in an answer, as botocore takes them.

    Raises:
        _NoKeysError: There are none. botocore does not check what its parser found.
    """
    names = {"access_key": "AccessKeyId", "secret_key": "SecretAccessKey", "token": "SessionToken"}
    keys = {name: at_path(answer, ("Credentials", key)) for name, key in names.items()}
    expires = at_path(answer, ("Credentials", "Expiration"))
    if not all(map(is_token, keys.values())) or not isinstance(expires, dt.datetime):
        raise _NoKeysError
    return keys | {"expiry_time": expires.isoformat()}
