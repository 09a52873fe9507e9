"""Login with Amazon: the token endpoint and the access tokens that it issues.

Source of the bodies: Login with Amazon, "Access Token Response" and "Access Token Errors";
amzn/selling-partner-api-docs#268, #466, #499, #2379. It takes JSON as well as forms: Amazon's
clients in Java and C# (amzn/selling-partner-api-models, `clients/`) and the clients of npm send
JSON.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl

from tap_amazon_sp.simulator.server import json_bodies
from tap_amazon_sp.simulator.server.accounts import Accounts
from tap_amazon_sp.simulator.server.calls import AccessToken, Account, HttpAnswer, HttpRequest
from tap_amazon_sp.simulator.server.consent import AuthorizationCodes
from tap_amazon_sp.simulator.server.errors import ApiError

CLIENT_ID = "amzn1.application-oa2-client.simulator"
CLIENT_SECRET = "amzn1.oa2-cs.v1.simulator"  # noqa: S105 - opens nothing but the simulator

_SCOPES = frozenset(
    {"sellingpartnerapi::notifications", "sellingpartnerapi::client_credential:rotation"}
)
# The other application has no authorization of any account.
_OTHER_CLIENT_ID = "amzn1.application-oa2-client.simulator-other"
_OTHER_CLIENT_SECRET = "amzn1.oa2-cs.v1.simulator-other"  # noqa: S105
_CLIENTS = {CLIENT_ID: CLIENT_SECRET, _OTHER_CLIENT_ID: _OTHER_CLIENT_SECRET}
_REVOKED_REFRESH_TOKEN = "Atzr|simulator-revoked"  # noqa: S105


class LwaError(Exception):
    """The token endpoint refuses a request."""

    def __init__(self, status: int, error: str, description: str) -> None:
        """Describe the refusal: HTTP status, OAuth error code, one sentence."""
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description


class AccessTokens:
    """Issues access tokens and keeps what each of them stands for."""

    def __init__(self, accounts: Accounts, lifetime: float) -> None:
        """Issue none yet.

        Args:
            accounts: The accounts that authorized the application.
            lifetime: Seconds that a token is valid.
        """
        self.lifetime = lifetime
        self.codes = AuthorizationCodes()
        self._accounts = accounts
        self._tokens: dict[str, AccessToken] = {}

    def issue(self, token: AccessToken) -> str:
        """Return a new access token."""
        prefix = "Atz.sprdt|" if token.kind == "RDT" else "Atza|"
        text = prefix + secrets.token_urlsafe(180)
        self._tokens[text] = token
        return text

    def find(self, text: str | None) -> AccessToken:
        """Return what a token stands for, even if it has expired.

        Raises:
            ApiError: 403, the token is missing or unknown.
        """
        if not text:
            message = "Access token is missing in the request header."
            raise _denied(message)
        token = self._tokens.get(text)
        if token is None:
            message = "The access token you provided is revoked, malformed or invalid."
            raise _denied(message)
        return token

    def expire(self, text: str | None) -> None:
        """Let a token expire now."""
        token = self._tokens.get(text or "")
        if token is not None:
            self._tokens[text or ""] = replace(token, expires_at=0.0)

    def account_of(self, request: HttpRequest) -> Account | None:
        """Return the account whose refresh token a request to the token endpoint holds, or None."""
        try:
            refresh_token = _form(request).get("refresh_token", "")
        except LwaError:
            return None
        return self._accounts.of_refresh_token(refresh_token)

    def answer(self, request: HttpRequest, now: float) -> HttpAnswer:
        """Answer a request to the token endpoint."""
        try:
            return _answer(200, self._grant(request, now))
        except LwaError as error:
            return error_answer(error.status, error.error, error.description)

    def _grant(self, request: HttpRequest, now: float) -> dict[str, object]:
        form = _form(request)
        _check_client(form)
        client_id, grant = form["client_id"], _required(form, "grant_type")
        if grant == "refresh_token":
            refresh_token = _required(form, "refresh_token")
            account = self._authorization(client_id, refresh_token)
            return self._of_account(client_id, account, refresh_token, now)
        if grant == "authorization_code":
            account = self._consent(client_id, form, now)
            return self._of_account(client_id, account, self._accounts.authorize(account), now)
        if grant == "client_credentials":
            scopes = frozenset(_required(form, "scope").split())
            if not scopes or not scopes <= _SCOPES:
                description = "The request has an invalid scope parameter"
                raise LwaError(400, "invalid_scope", description)
            return self._body(
                AccessToken("grantless", client_id, None, now + self.lifetime, scopes=scopes)
            )
        description = "The authorization grant type is not supported by the authorization server"
        raise LwaError(400, "unsupported_grant_type", description)

    def _of_account(
        self, client_id: str, account: Account, refresh_token: str, now: float
    ) -> dict[str, object]:
        return {
            **self._body(AccessToken("LWA", client_id, account, now + self.lifetime)),
            "refresh_token": refresh_token,
        }

    def _consent(self, client_id: str, form: Mapping[str, str], now: float) -> Account:
        code = _required(form, "code")
        if client_id != CLIENT_ID:
            description = "Not authorized for requested operation"
            raise LwaError(400, "unauthorized_client", description)
        account = self.codes.redeem(code, form.get("redirect_uri"), now)
        if account is None:
            description = "The request has an invalid grant parameter : code"
            raise LwaError(400, "invalid_grant", description)
        return account

    def _authorization(self, client_id: str, refresh_token: str) -> Account:
        description = "The request has an invalid grant parameter : refresh_token"
        if refresh_token == _REVOKED_REFRESH_TOKEN:
            description += ". User may have revoked or didn't grant the permission."
        account = self._accounts.of_refresh_token(refresh_token)
        if account is None:
            raise LwaError(400, "invalid_grant", description)
        if client_id != CLIENT_ID:
            description = "Not authorized for requested operation"
            raise LwaError(400, "unauthorized_client", description)
        return account

    def _body(self, token: AccessToken) -> dict[str, object]:
        return {
            "access_token": self.issue(token),
            "token_type": "bearer",
            "expires_in": int(self.lifetime),
        }


def check_expiry(token: AccessToken, now: float) -> None:
    """Refuse an access token that has expired.

    Raises:
        ApiError: 403, it has expired.
    """
    if now >= token.expires_at:
        message = "The access token you provided has expired."
        raise _denied(message)


def error_answer(status: int, error: str, description: str) -> HttpAnswer:
    """Return an error of the token endpoint: HTTP status, OAuth error code, one sentence."""
    return _answer(status, {"error_description": description, "error": error})


def _answer(status: int, body: Mapping[str, object]) -> HttpAnswer:
    headers = {
        "Content-Type": "application/json;charset=UTF-8",
        "Cache-Control": "no-store",
        "x-amzn-RequestId": secrets.token_hex(16),
    }
    return HttpAnswer(status, headers, json.dumps(body).encode())


def _denied(details: str) -> ApiError:
    return ApiError(403, "Unauthorized", "Access to requested resource is denied.", details=details)


def _form(request: HttpRequest) -> dict[str, str]:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and content_type == "application/json":
        return _fields(request.body)
    if request.method != "POST" or content_type != "application/x-www-form-urlencoded":
        description = "The request must be a POST of type application/x-www-form-urlencoded"
        raise LwaError(400, "invalid_request", description)
    return dict(parse_qsl(request.body.decode("utf-8", "replace")))


def _fields(body: bytes) -> dict[str, str]:
    """Return the texts of a JSON object; others count as missing."""
    try:
        content = json_bodies.decode(body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        description = "The request body is not a JSON object"
        raise LwaError(400, "invalid_request", description)
    return {name: value for name, value in content.items() if isinstance(value, str)}


def _check_client(form: Mapping[str, str]) -> None:
    for name in ("client_id", "client_secret"):
        _required(form, name)
    if _CLIENTS.get(form["client_id"]) != form["client_secret"]:
        description = "Client authentication failed"
        raise LwaError(401, "invalid_client", description)


def _required(form: Mapping[str, str], name: str) -> str:
    value = form.get(name)
    if not value:
        description = f"The request is missing a required parameter : {name}"
        raise LwaError(400, "invalid_request", description)
    return value
