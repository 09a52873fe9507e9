"""Keys of AWS: from the settings, of a role that they assume, or from boto3's default chain.

boto3 and botocore are slow to import and rarely needed, so they are imported when keys are.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.amazon.account import AwsSettings
from tap_amazon_sp.amazon.auth.token_cache import is_token
from tap_amazon_sp.common.json_paths import at_path

if TYPE_CHECKING:
    import boto3
    from botocore.credentials import Credentials


@dataclass(frozen=True)
class _Found:
    """What botocore asks for keys."""

    credentials: Credentials

    def load_credentials(self) -> Credentials:
        return self.credentials


class NoKeysError(Exception):
    """The answer to `AssumeRole` does not have what it should have."""


def find_keys(settings: AwsSettings) -> Credentials:
    """Return the keys; botocore renews those of a role before they expire, once for all threads.

    Raises:
        ClientError, BotoCoreError, NoKeysError: The role could not be assumed, or there are none.
    """
    from botocore.credentials import RefreshableCredentials  # noqa: PLC0415
    from botocore.exceptions import NoCredentialsError  # noqa: PLC0415

    session = _plain_session(settings)
    role_arn = settings.role_arn
    if role_arn is None:
        credentials = session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        return credentials

    sts = session.client("sts", endpoint_url=settings.sts_endpoint_url)

    def assume_role() -> dict[str, Any]:
        answer = sts.assume_role(RoleArn=role_arn, RoleSessionName=settings.role_session_name)
        return keys_in(answer)

    # Assumed once here, so that a mistake in the settings raises our error.
    return RefreshableCredentials.create_from_metadata(
        assume_role(), refresh_using=assume_role, method="assume-role"
    )


def aws_session(settings: AwsSettings) -> boto3.Session:
    """Return a session of boto3 that works with the keys.

    Raises:
        ClientError, BotoCoreError, NoKeysError: As `find_keys`.
    """
    import boto3  # noqa: PLC0415 - slow, and usually not needed
    from botocore.session import Session  # noqa: PLC0415

    core = Session()
    core.register_component("credential_provider", _Found(find_keys(settings)))
    return boto3.Session(botocore_session=core, region_name=settings.region)


def _plain_session(settings: AwsSettings) -> boto3.Session:
    import boto3  # noqa: PLC0415 - slow, and usually not needed

    return boto3.Session(
        aws_access_key_id=settings.access_key_id,
        aws_secret_access_key=settings.secret_access_key,
        aws_session_token=settings.session_token,
        region_name=settings.region,
    )


def keys_in(answer: Any) -> dict[str, Any]:
    """Return the temporary keys in an answer, as botocore takes them.

    Raises:
        NoKeysError: There are none. botocore does not check what its parser found.
    """
    names = {"access_key": "AccessKeyId", "secret_key": "SecretAccessKey", "token": "SessionToken"}
    keys = {name: at_path(answer, ("Credentials", key)) for name, key in names.items()}
    expires = at_path(answer, ("Credentials", "Expiration"))
    if not all(map(is_token, keys.values())) or not isinstance(expires, dt.datetime):
        raise NoKeysError
    return keys | {"expiry_time": expires.isoformat()}
