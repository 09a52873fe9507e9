"""Checks of an account by `amazon-sp doctor`; each returns a detail, or raises what is wrong."""

from __future__ import annotations

from typing import Any

import requests

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.auth.lwa import LwaTokens
from tap_amazon_sp.amazon.auth.signing import RequestSigner
from tap_amazon_sp.amazon.errors import AccountError
from tap_amazon_sp.amazon.obstacles import obstacle_to
from tap_amazon_sp.amazon.request import CREATE_RESTRICTED_DATA_TOKEN
from tap_amazon_sp.cli.findings import SkippedError
from tap_amazon_sp.cli.regions import region_that_answers
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.reading.participations import (
    NAME_THEM,
    participating_marketplaces,
)
from tap_amazon_sp.settings.errors import SettingsError

_GRANTLESS_SCOPE = "sellingpartnerapi::notifications"
_PERSONAL_DATA_PATH = "/orders/v0/orders"


def reach(connection: Connection) -> str:
    """Return the endpoint, which answers.

    Raises:
        SettingsError: It cannot be reached.
    """
    endpoint = connection.account.endpoint
    try:
        # Any response shows that the endpoint can be reached.
        connection.client.addresses.open(endpoint).close()
    except requests.RequestException as error:
        obstacle = obstacle_to(
            endpoint, error, setting="endpoint", timeout=connection.client.timeout
        )
        raise SettingsError([obstacle.sentence]) from None
    return endpoint


def issue_token(tokens: LwaTokens) -> str:
    """Check that Login with Amazon issues an access token.

    Raises:
        AccountError: It does not.
    """
    tokens.token()
    return "Login with Amazon issues one"


def find_signing_keys(signer: RequestSigner, endpoint: str) -> str:
    """Check that there are keys of AWS to sign requests with.

    Raises:
        AccountError: There are none.
    """
    signer.signed_headers("GET", endpoint, {}, None)
    return "there are keys to sign with"


def issue_grantless_token(tokens: LwaTokens, *, needed: bool) -> str:
    """Check that Login with Amazon issues a token for operations that no seller grants.

    Raises:
        AccountError: It does not, and a stream needs one.
        SkippedError: It does not, and no stream needs one.
    """
    try:
        tokens.token(_GRANTLESS_SCOPE)
    except AccountError as error:
        if needed or error.status is None:
            raise
        message = "Login with Amazon issues none, but no tried stream needs one"
        raise SkippedError(message) from None
    return "Login with Amazon issues one"


def compare_marketplaces(connection: Connection) -> str:
    """Return the marketplaces to read, in which the account participates.

    Raises:
        SettingsError: `marketplace_ids` names others.
        SkippedError: Amazon does not tell which they are.
    """
    wanted = connection.account.marketplace_ids
    try:
        found = participating_marketplaces(connection.client)
    except SettingsError as error:
        if not wanted:
            raise
        reason = str(error).removesuffix(f": {NAME_THEM}")
        message = f"`marketplace_ids` is not checked: {reason}"
        raise SkippedError(message) from None
    if others := [marketplace for marketplace in wanted if marketplace not in found]:
        message = (
            f"`marketplace_ids` names {', '.join(others)}, "
            f"but the account participates in {', '.join(found)}"
        )
        raise SettingsError([message])
    return ", ".join(wanted or found)


def find_region(connection: Connection) -> str:
    """Return the region of the account, whose endpoint answers.

    Raises:
        SettingsError: The authorization is for another region.
        SkippedError: `endpoint` is set, or no region answers.
    """
    settings, account = connection.settings, connection.account
    if settings.endpoint is not None:
        message = "`endpoint` is set, so no other region is asked"
        raise SkippedError(message)
    found = region_that_answers(
        account,
        clock=connection.clock,
        user_agent=connection.user_agent,
        sandbox=settings.sandbox,
    )
    if found is None:
        message = "no region answers this authorization: a role is missing, or it was revoked"
        raise SkippedError(message)
    if found != account.region:
        message = (
            f"`region` is {account.region}, but the authorization is for {found}: set `region` to "
            f"{found}"
        )
        raise SettingsError([message])
    return account.region


def issue_restricted_data_token(connection: Connection) -> str:
    """Check that Amazon issues a token for personal data, if the settings ask for some.

    Raises:
        SellingPartnerError: It does not.
        SkippedError: The settings ask for none.
    """
    account = connection.account
    if not account.restricted_data:
        message = "`restricted_data` is false"
        raise SkippedError(message)
    elements = account.restricted_data_elements
    resource: dict[str, Any] = {"method": "GET", "path": _PERSONAL_DATA_PATH}
    if elements:
        resource["dataElements"] = list(elements)
    connection.client.send(
        catalogue.operation(CREATE_RESTRICTED_DATA_TOKEN), body={"restrictedResources": [resource]}
    )
    return f"Amazon issues a token for {', '.join(elements or ('all',))}"
