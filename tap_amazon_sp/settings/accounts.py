"""The account that settings describe."""

from __future__ import annotations

from tap_amazon_sp.amazon.account import LWA_TOKEN_URL, Account, AwsSettings, LwaCredentials
from tap_amazon_sp.amazon.marketplaces import find_region
from tap_amazon_sp.settings.definitions import Settings


def account_of(settings: Settings) -> Account:
    """Return the account that settings describe.

    Raises:
        ValueError: There is no such region.
    """
    region = find_region(settings.region)
    endpoint = settings.endpoint or (
        region.sandbox_endpoint if settings.sandbox else region.endpoint
    )
    return Account(
        endpoint=endpoint.rstrip("/"),
        token_url=settings.token_url or LWA_TOKEN_URL,
        region=region.name,
        credentials=LwaCredentials(
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            refresh_token=settings.refresh_token,
        ),
        marketplace_ids=settings.marketplace_ids,
        aws=_aws_settings(settings, region.aws_region),
        restricted_data=settings.restricted_data,
        restricted_data_elements=settings.restricted_data_elements,
    )


def _aws_settings(settings: Settings, aws_region: str) -> AwsSettings | None:
    if not settings.aws_access_key_id and not settings.role_arn:
        return None
    return AwsSettings(
        region=settings.aws_region or aws_region,
        access_key_id=settings.aws_access_key_id,
        secret_access_key=settings.aws_secret_access_key,
        session_token=settings.aws_session_token,
        role_arn=settings.role_arn,
        role_session_name=settings.role_session_name or "tap-amazon-sp",
        sts_endpoint_url=settings.sts_endpoint_url,
    )
