"""An account: one authorization of a selling partner, and what is asked with it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.amazon.marketplaces import find_marketplace, find_region
from tap_amazon_sp.common.timestamps import parse_timestamp

if TYPE_CHECKING:
    from tap_amazon_sp.amazon.catalogue import Operation

# Amazon's page "Connect to the SP-API": one LWA address for all regions.
LWA_TOKEN_URL = "https://api.amazon.com/auth/o2/token"  # noqa: S105 - an address

LONGEST_DURATION = dt.timedelta(days=3650)
_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


@dataclass(frozen=True)
class LwaCredentials:
    """What Login with Amazon (LWA) needs for an access token; all secret but the client id."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)


@dataclass(frozen=True)
class AwsSettings:
    """How requests are signed: keys, a role to assume with them, or both.

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

    `marketplace_ids` is empty where the user named none; `restricted_data_elements` is None where
    all are wanted; `lookback` is how much of the time before the bookmark is read again.
    """

    endpoint: str
    token_url: str
    region: str
    credentials: LwaCredentials
    marketplace_ids: tuple[str, ...]
    aws: AwsSettings | None
    restricted_data: bool
    restricted_data_elements: tuple[str, ...] | None
    start_date: dt.datetime | None
    end_date: dt.datetime | None
    lookback: dt.timedelta

    def quota(self, operation: Operation) -> Hashable:
        """Return whose usage plan a call of an operation counts for.

        Amazon counts for each pair of selling partner and application, in each region; calls
        without a selling partner for the application (its page "Usage Plans and Rate Limits").
        """
        partner = "" if operation.grantless else self.credentials.refresh_token
        return self.endpoint, self.credentials.client_id, partner

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Account:
        """Make the account out of validated settings."""
        region = find_region(settings.get("region", "na"))
        endpoint = settings.get("endpoint") or (
            region.sandbox_endpoint if settings.get("sandbox") else region.endpoint
        )
        return cls(
            endpoint=endpoint.rstrip("/"),
            token_url=settings.get("token_url") or LWA_TOKEN_URL,
            region=region.name,
            credentials=LwaCredentials(
                client_id=settings.get("client_id", ""),
                client_secret=settings.get("client_secret", ""),
                refresh_token=settings.get("refresh_token", ""),
            ),
            marketplace_ids=tuple(
                dict.fromkeys(
                    find_marketplace(marketplace).id
                    for marketplace in settings.get("marketplace_ids") or ()
                )
            ),
            aws=_aws_settings(settings, region.aws_region),
            restricted_data=bool(settings.get("restricted_data")),
            restricted_data_elements=_names(settings.get("restricted_data_elements")),
            start_date=_instant(settings.get("start_date")),
            end_date=_instant(settings.get("end_date")),
            lookback=parse_duration(settings.get("lookback") or "PT0S"),
        )


def settings_by_account(settings: Mapping[str, Any]) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """Give the name and the settings of each account: its own, and those of all where it has none.

    The name is None where the settings describe one account, without `accounts`.
    """
    entries = settings.get("accounts") or ()
    if not entries:
        yield None, dict(settings)
    for entry in entries:
        own = {name: value for name, value in entry.items() if value is not None}
        yield own.get("name"), {**settings, "accounts": None, **own}


def parse_duration(text: str) -> dt.timedelta:
    """Read an ISO 8601 duration of weeks, days, hours, minutes and seconds (`P1D`, `PT30M`).

    Raises:
        ValueError: The text is no such duration; years and months have no fixed length.
    """
    match = _DURATION.fullmatch(text)
    parts = (
        {name: float(number) for name, number in match.groupdict().items() if number}
        if match
        else {}
    )
    if not parts:
        message = f"{text!r} is no ISO 8601 duration such as PT30M, PT6H or P2D"
        raise ValueError(message)
    try:
        duration = dt.timedelta(**parts)
    except OverflowError:
        duration = dt.timedelta.max
    if duration > LONGEST_DURATION:
        message = f"{text!r} is longer than ten years"
        raise ValueError(message)
    return duration


def _names(names: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)


def _instant(text: str | None) -> dt.datetime | None:
    return parse_timestamp(text) if text else None


def _aws_settings(settings: Mapping[str, Any], aws_region: str) -> AwsSettings | None:
    if not settings.get("aws_access_key_id") and not settings.get("role_arn"):
        return None
    return AwsSettings(
        region=settings.get("aws_region") or aws_region,
        access_key_id=settings.get("aws_access_key_id"),
        secret_access_key=settings.get("aws_secret_access_key"),
        session_token=settings.get("aws_session_token"),
        role_arn=settings.get("role_arn"),
        role_session_name=settings.get("role_session_name") or "tap-amazon-sp",
        sts_endpoint_url=settings.get("sts_endpoint_url"),
    )
