from __future__ import annotations

from typing import Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.account import Account
from tap_amazon_sp.settings.accounts import account_of
from tap_amazon_sp.settings.checks import settings_from

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "Atzr|hush"}


def account(**settings: Any) -> Account:
    return account_of(settings_from(CREDENTIALS | settings))


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


def test_without_accounts_the_settings_are_those_of_one_without_a_name() -> None:
    given: dict[str, Any]
    for given in (CREDENTIALS, CREDENTIALS | {"accounts": None}, CREDENTIALS | {"accounts": []}):
        settings = settings_from(given)

        assert settings.by_account == (settings,)
        assert settings.name is None
        assert settings.refresh_token == CREDENTIALS["refresh_token"]


def test_an_account_has_its_own_settings_and_those_of_all_where_it_has_none() -> None:
    given = CREDENTIALS | {
        "region": "na",
        "start_date": "2026-01-01",
        "accounts": [
            {"name": "us"},
            {"name": "de", "region": "eu", "refresh_token": "own", "start_date": None},
        ],
    }
    before = repr(given)

    by_account = {own.name: own for own in settings_from(given).by_account}

    assert list(by_account) == ["us", "de"]
    us, de = by_account.values()
    assert (us.region, us.refresh_token) == ("na", CREDENTIALS["refresh_token"])
    assert (de.region, de.refresh_token) == ("eu", "own")
    assert account_of(de).credentials.refresh_token == "own"
    # A null says nothing.
    assert de.start_date == us.start_date is not None
    # No account has accounts, with the secrets of others.
    assert not any(own.accounts for own in by_account.values())
    assert repr(given) == before


def test_accounts_of_one_authorization_in_a_region_share_its_quota() -> None:
    orders = catalogue.operation("orders_2026-01-01.searchOrders")
    one = account(marketplace_ids=["US"])

    assert one.quota(orders) == account(marketplace_ids=["CA"]).quota(orders)
    assert one.quota(orders) != account(refresh_token="other").quota(orders)
    assert one.quota(orders) != account(client_id="other").quota(orders)
    assert one.quota(orders) != account(region="eu").quota(orders)


def test_calls_without_a_seller_count_for_the_application() -> None:
    grantless = catalogue.operation("notifications.getDestinations")
    one = account()

    assert one.quota(grantless) == account(refresh_token="other").quota(grantless)
    assert one.quota(grantless) != account(client_id="other").quota(grantless)
