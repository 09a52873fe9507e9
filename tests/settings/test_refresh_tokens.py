from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.settings.checks import read_settings
from tap_amazon_sp.settings.refresh_tokens import with_placeholder, with_refresh_token

APPLICATION = {"client_id": "id", "client_secret": "hush"}


@pytest.mark.parametrize(
    "given",
    [
        APPLICATION,
        APPLICATION | {"refresh_token": None},
        APPLICATION | {"refresh_token": " "},
        APPLICATION | {"accounts": [{"name": "us", "refresh_token": ""}, {"name": "eu"}]},
    ],
)
def test_a_token_that_is_missing_gets_a_placeholder(given: dict[str, Any]) -> None:
    before = repr(given)

    assert read_settings(with_placeholder(given)).mistakes == ()
    assert repr(given) == before


def test_a_token_that_is_there_stays() -> None:
    given = {"refresh_token": "own", "accounts": [{"name": "us", "refresh_token": "of us"}]}

    assert with_placeholder(given) == given


def test_what_is_not_even_a_list_of_accounts_is_left_to_the_checks() -> None:
    for accounts in (5, ["us"]):
        assert with_placeholder({"accounts": accounts})["accounts"] == accounts


def test_a_token_goes_to_the_settings_or_to_its_account() -> None:
    accounts = [{"name": "us", "region": "na"}, {"name": "eu"}]

    assert with_refresh_token({"a": 1}, "new", None) == {"a": 1, "refresh_token": "new"}
    assert with_refresh_token({"accounts": accounts}, "new", "eu") == {
        "accounts": [{"name": "us", "region": "na"}, {"name": "eu", "refresh_token": "new"}]
    }
    # The same once more.
    stored = with_refresh_token({"accounts": accounts}, "new", "eu")
    assert with_refresh_token(stored, "new", "eu") == stored
    assert accounts == [{"name": "us", "region": "na"}, {"name": "eu"}]


@pytest.mark.parametrize(
    ("settings", "account", "words"),
    [
        ({"accounts": [{"name": "us"}]}, None, "it has several `accounts`"),
        ({"accounts": [{"name": "us"}]}, "eu", "it has no account 'eu'"),
        ({}, "eu", "it has no account 'eu'"),
        ({"accounts": {"name": "eu"}}, "eu", "it has no account 'eu'"),
    ],
)
def test_an_account_that_is_not_clear_is_refused(
    settings: dict[str, Any], account: str | None, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        with_refresh_token(settings, "new", account)
