from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tap_amazon_sp.accounts import Account, parse_duration

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "Atzr|hush"}


def account(**settings: Any) -> Account:
    return Account.from_settings(CREDENTIALS | settings)


def test_the_region_gives_endpoint_and_token_address() -> None:
    europe = account(region="eu-west-1")

    assert europe.endpoint == "https://sellingpartnerapi-eu.amazon.com"
    assert europe.token_url == "https://api.amazon.com/auth/o2/token"
    assert europe.region == "eu"


def test_the_sandbox_has_an_endpoint_of_its_own() -> None:
    assert account(sandbox=True).endpoint == "https://sandbox.sellingpartnerapi-na.amazon.com"


def test_an_endpoint_overrides_the_regions() -> None:
    assert account(endpoint="http://127.0.0.1:1/").endpoint == "http://127.0.0.1:1"


def test_marketplaces_are_ids_and_none_comes_twice() -> None:
    marketplaces = account(marketplace_ids=["US", "ATVPDKIKX0DER", "CA"]).marketplace_ids

    assert marketplaces == ("ATVPDKIKX0DER", "A2EUQ1WTGCTBG2")


def test_secrets_are_not_shown() -> None:
    shown = repr(account(aws_access_key_id="AKIA1", aws_secret_access_key="hush"))

    assert "hush" not in shown


def test_nothing_is_signed_unless_asked_for() -> None:
    assert account().aws is None


def test_a_role_without_keys_takes_the_default_credential_chain() -> None:
    aws = account(role_arn="arn:aws:iam::123456789012:role/seller", region="fe").aws

    assert aws is not None
    assert aws.access_key_id is None
    assert aws.region == "us-west-2"


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("PT30M", dt.timedelta(minutes=30)),
        ("P2D", dt.timedelta(days=2)),
        ("P1W", dt.timedelta(weeks=1)),
        ("P1DT6H", dt.timedelta(days=1, hours=6)),
        ("PT0S", dt.timedelta(0)),
    ],
)
def test_durations_are_iso_8601(text: str, duration: dt.timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["1 day", "P1M", "P1Y", "-P1D", "", "P"])
def test_what_has_no_fixed_length_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="no ISO 8601 duration"):
        parse_duration(text)
