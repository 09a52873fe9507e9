"""A selling partner's consent to an application: its page, and the refresh token that it brings.

Facts: Amazon's pages "Website Authorization Workflow" (parameters; the code is valid once and for
five minutes), "Seller Central URLs" and "Vendor Central URLs".
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import requests

from tap_amazon_sp.amazon.account import Account
from tap_amazon_sp.amazon.auth.lwa import ADVICE
from tap_amazon_sp.amazon.errors import AuthenticationError
from tap_amazon_sp.amazon.marketplaces import marketplace_in
from tap_amazon_sp.amazon.obstacles import obstacle_to
from tap_amazon_sp.amazon.session import new_session
from tap_amazon_sp.cli.mistakes import MistakesError

_EUROPE = "sellercentral-europe.amazon.com"
_MIDDLE_EAST = "vendorcentral.amazon.me"
_SELLER_CENTRAL = {
    "AE": "sellercentral.amazon.ae",
    "AU": "sellercentral.amazon.com.au",
    "BE": "sellercentral.amazon.com.be",
    "BR": "sellercentral.amazon.com.br",
    "CA": "sellercentral.amazon.ca",
    "DE": _EUROPE,
    "EG": "sellercentral.amazon.eg",
    "ES": _EUROPE,
    "FR": _EUROPE,
    "GB": _EUROPE,
    "IE": "sellercentral.amazon.ie",
    "IN": "sellercentral.amazon.in",
    "IT": _EUROPE,
    "JP": "sellercentral.amazon.co.jp",
    "MX": "sellercentral.amazon.com.mx",
    "NL": "sellercentral.amazon.nl",
    "PL": "sellercentral.amazon.pl",
    "SA": "sellercentral.amazon.sa",
    "SE": "sellercentral.amazon.se",
    "SG": "sellercentral.amazon.sg",
    "TR": "sellercentral.amazon.com.tr",
    "US": "sellercentral.amazon.com",
    "ZA": "sellercentral.amazon.co.za",
}
_VENDOR_CENTRAL = {
    "AE": _MIDDLE_EAST,
    "AU": "vendorcentral.amazon.com.au",
    "BE": "vendorcentral.amazon.com.be",
    "BR": "vendorcentral.amazon.com.br",
    "CA": "vendorcentral.amazon.ca",
    "DE": "vendorcentral.amazon.de",
    "EG": _MIDDLE_EAST,
    "ES": "vendorcentral.amazon.es",
    "FR": "vendorcentral.amazon.fr",
    "GB": "vendorcentral.amazon.co.uk",
    "IN": "www.vendorcentral.in",
    "IT": "vendorcentral.amazon.it",
    "JP": "vendorcentral.amazon.co.jp",
    "MX": "vendorcentral.amazon.com.mx",
    "NL": "vendorcentral.amazon.nl",
    "PL": "vendorcentral.amazon.pl",
    "SA": _MIDDLE_EAST,
    "SE": "vendorcentral.amazon.se",
    "SG": "vendorcentral.amazon.com.sg",
    "TR": "vendorcentral.amazon.com.tr",
    "US": "vendorcentral.amazon.com",
    "ZA": "vendorcentral.amazon.co.za",
}
_USUAL_COUNTRY = {"na": "US", "eu": "GB", "fe": "JP"}
_TIMEOUT = (10.0, 60.0)


@dataclass(frozen=True)
class Consent:
    """What Amazon adds to the address that it sends the browser to.

    Attributes:
        code: To be exchanged for a refresh token, once.
        redirect_uri: The address without what Amazon added.
        selling_partner_id: Who consented; for a seller, the merchant token.
    """

    code: str
    redirect_uri: str
    selling_partner_id: str | None


def consent_url(  # noqa: PLR0913 - what goes into it
    account: Account,
    application_id: str,
    state: str,
    *,
    marketplace: str | None = None,
    vendor: bool = False,
    beta: bool = False,
    redirect_uri: str | None = None,
    central: str | None = None,
) -> str:
    """Return the address of the page where a selling partner consents.

    Args:
        account: Its region, and its first marketplace by default, decide which Central.
        application_id: `amzn1.sp.solution.…`, which is not the client id.
        state: Comes back unchanged.
        marketplace: Id or country code.
        vendor: Vendor Central, not Seller Central.
        beta: The application is a draft.
        redirect_uri: One of the application's redirect URIs; the first by default.
        central: Address of another Central, such as the simulator.

    Raises:
        MistakesError: The marketplace is unknown, or is in another region.
    """
    central = central or f"https://{_central(account, marketplace, vendor=vendor)}"
    parameters = {"application_id": application_id, "state": state}
    if redirect_uri is not None:
        parameters["redirect_uri"] = redirect_uri
    if beta:
        parameters["version"] = "beta"
    return f"{central.rstrip('/')}/apps/authorize/consent?{urlencode(parameters)}"


def read_consent(redirected_url: str, state: str, redirect_uri: str | None = None) -> Consent:
    """Read the address that Amazon sent the browser to.

    Args:
        redirected_url: The whole address.
        state: The `state` of the consent page's address.
        redirect_uri: That of the consent page's address; by default that of `redirected_url`.

    Raises:
        MistakesError: The address belongs to another consent, or to none.
    """
    try:
        parts = urlsplit(redirected_url.strip())
        given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    except ValueError:
        given = {}
    if error := given.get("error"):
        message = f"there is no consent: {given.get('error_description', error)}"
        raise MistakesError([message])
    if "spapi_oauth_code" not in given or "state" not in given:
        message = (
            "the redirected URL lacks `spapi_oauth_code` or `state`: copy the whole address that "
            "the browser shows after the consent"
        )
        raise MistakesError([message])
    if not hmac.compare_digest(given["state"].encode(), state.encode()):
        message = (
            "the redirected URL has another `state` than the consent URL: it belongs to another "
            "consent, or is forged. Start again"
        )
        raise MistakesError([message])
    own_address = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
    return Consent(
        given["spapi_oauth_code"],
        redirect_uri or own_address,
        given.get("selling_partner_id"),
    )


def exchange(consent: Consent, account: Account) -> str:
    """Exchange the code of a consent for a refresh token.

    There is one try: a code that was used is no longer valid.

    Raises:
        AuthenticationError: Login with Amazon issued no refresh token; the error says what to do.
    """
    form = {
        "grant_type": "authorization_code",
        "code": consent.code,
        "redirect_uri": consent.redirect_uri,
        "client_id": account.credentials.client_id,
        "client_secret": account.credentials.client_secret,
    }
    try:
        response = new_session().post(
            account.token_url,
            data=form,
            timeout=_TIMEOUT,
            # A redirect would carry the secrets to another host.
            allow_redirects=False,
        )
    except requests.RequestException as error:
        obstacle = obstacle_to(account.token_url, error, setting="token_url", timeout=_TIMEOUT)
        message = f"Login with Amazon gave no answer: {obstacle.sentence}. Then start again"
        raise AuthenticationError(message) from None
    try:
        answer = response.json()
    except ValueError:
        answer = None
    token = answer.get("refresh_token") if isinstance(answer, dict) else None
    if response.ok and isinstance(token, str) and token:
        return token
    raise _failure(response.status_code, answer)


def _central(account: Account, marketplace: str | None, *, vendor: bool) -> str:
    """Return the host of Seller Central or Vendor Central."""
    usual = [*account.marketplace_ids, _USUAL_COUNTRY[account.region]][0]
    try:
        found = marketplace_in(account.region, marketplace or usual)
    except ValueError as error:
        message = f"--marketplace: {error}"
        raise MistakesError([message]) from None
    hosts = _VENDOR_CENTRAL if vendor else _SELLER_CENTRAL
    host = hosts.get(found.country_code)
    if host is None:
        known = ", ".join(sorted(hosts))
        message = (
            f"there is no Vendor Central for {found.country_code}: choose another of the vendor's "
            f"marketplaces with `--marketplace`, out of {known}"
        )
        raise MistakesError([message])
    return host


def _failure(status: int, answer: object) -> AuthenticationError:
    code = str(answer.get("error", "")) if isinstance(answer, dict) else ""
    advice = {
        **ADVICE,
        "invalid_grant": (
            "the code was used already, is older than five minutes, or belongs to another redirect "
            "URI or application. Start again"
        ),
        "invalid_request": "the request was malformed: check `token_url` and `--redirect-uri`",
        "unauthorized_client": "the code belongs to another application than `client_id`",
    }.get(code, "check `client_id`, `client_secret` and `token_url`, and start again")
    label = f"HTTP {status} {code}".rstrip()
    message = f"Login with Amazon issued no refresh token ({label}): {advice}"
    return AuthenticationError(message, status=status)
