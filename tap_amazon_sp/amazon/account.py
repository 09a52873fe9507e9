"""An account: one authorization of a selling partner, as the client needs it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from tap_amazon_sp.amazon.catalogue import Operation

# Amazon's page "Connect to the SP-API": one LWA address for all regions.
LWA_TOKEN_URL = "https://api.amazon.com/auth/o2/token"  # noqa: S105 - an address


@dataclass(frozen=True)
class LwaCredentials:
    """What Login with Amazon (LWA) needs for an access token; all secret but the client id."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)


@dataclass(frozen=True)
class AwsSettings:
    """How to sign requests: with keys, with a role that they assume, or both.

    Without `access_key_id` the keys come from boto3's default credential chain.
    """

    region: str
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    role_arn: str | None = None
    role_session_name: str = "tap-amazon-sp"
    sts_endpoint_url: str | None = None


@dataclass(frozen=True)
class Account:
    """One authorization in one region.

    `marketplace_ids` is empty if the user named none. `restricted_data_elements` is None if all are
    wanted.
    """

    endpoint: str
    token_url: str
    region: str
    credentials: LwaCredentials
    marketplace_ids: tuple[str, ...] = ()
    aws: AwsSettings | None = None
    restricted_data: bool = False
    restricted_data_elements: tuple[str, ...] | None = None

    def quota(self, operation: Operation) -> Hashable:
        """Return what the usage plan of an operation belongs to.

        Amazon keeps a usage plan for each pair of selling partner and application, in each region.
        Calls without a selling partner count for the application (its page "Usage Plans and Rate
        Limits").
        """
        partner = "" if operation.grantless else self.credentials.refresh_token
        return self.endpoint, self.credentials.client_id, partner
