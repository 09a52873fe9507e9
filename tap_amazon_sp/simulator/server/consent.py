"""The page where a selling partner consents to an application, and the codes that it gives.

Source: Amazon's page "Website Authorization Workflow": the parameters of the page and of the
redirect; a code is valid once, for five minutes. That redirect URIs need https unless they lead to
localhost: "Register your Application".
"""

from __future__ import annotations

import html
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from tap_amazon_sp.simulator.server.accounts import Accounts
from tap_amazon_sp.simulator.server.calls import Account, HttpAnswer, HttpRequest
from tap_amazon_sp.simulator.server.paths import CONSENT_PATH, CONSENTED_PATH

_CODE_LIFETIME = 300.0
_CODE_BYTES = 10
_APPLICATION_IDS = ("amzn1.sp.solution.", "amzn1.sellerapps.app.")
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_MAX_BUTTONS = 50

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
<h1>{title}</h1>
{content}
</body>
</html>
"""


@dataclass(frozen=True)
class _Code:
    account: Account
    redirect_uri: str
    expires_at: float


class AuthorizationCodes:
    """The codes that can still be exchanged for a refresh token."""

    def __init__(self) -> None:
        self._codes: dict[str, _Code] = {}

    def issue(self, account: Account, redirect_uri: str, now: float) -> str:
        """Return a new code."""
        code = secrets.token_hex(_CODE_BYTES)
        self._codes[code] = _Code(account, redirect_uri, now + _CODE_LIFETIME)
        return code

    def redeem(self, code: str, redirect_uri: str | None, now: float) -> Account | None:
        """Return the account that a code stands for, once; None if it is not valid.

        Args:
            code: What the client sends.
            redirect_uri: The redirect URI that it sends. Clients that send none are served:
                amazon-sp-api of npm does not.
            now: Epoch seconds.
        """
        found = self._codes.pop(code, None)
        if found is None or now >= found.expires_at:
            return None
        if redirect_uri is not None and redirect_uri != found.redirect_uri:
            return None
        return found.account


class ConsentPage:
    """Plays Seller Central and Vendor Central, for any application."""

    def __init__(self, accounts: Accounts, codes: AuthorizationCodes) -> None:
        """Ask for the consent of any account.

        Args:
            accounts: Who can consent.
            codes: Where codes come from.
        """
        self._accounts = accounts
        self._codes = codes

    def serve(self, request: HttpRequest, now: float) -> HttpAnswer:
        """Show the page, or send the browser back to the application after the consent."""
        parameters = dict(parse_qsl(request.raw_query))
        redirect_uri = parameters.get("redirect_uri") or request.origin + CONSENTED_PATH
        if problem := _problem(parameters, redirect_uri, request.method):
            return _page(400, "There is no consent", f"<p>{html.escape(problem)}</p>")
        if request.method == "GET":
            return self._ask(request)
        name = dict(parse_qsl(request.body.decode("utf-8", "replace"))).get("account", "")
        account = self._accounts.by_name.get(name)
        if account is None:
            problem = f"There is no account {name!r}: send the name of one as `account`."
            return _page(400, "There is no consent", f"<p>{html.escape(problem)}</p>")
        added = {
            "state": parameters.get("state"),
            "selling_partner_id": account.seller_id,
            "spapi_oauth_code": self._codes.issue(account, redirect_uri, now),
        }
        query = urlencode({key: value for key, value in added.items() if value is not None})
        separator = "&" if urlsplit(redirect_uri).query else "?"
        return HttpAnswer(302, {"Location": f"{redirect_uri}{separator}{query}"})

    def _ask(self, request: HttpRequest) -> HttpAnswer:
        names = [*self._accounts.by_name]
        buttons = "\n".join(
            f'<p><button name="account" value="{name}">Authorize as {name}</button></p>'
            for name in names[:_MAX_BUTTONS]
        )
        content = f'<form method="post" action="{html.escape(request.raw_target)}">\n{buttons}'
        if len(names) > _MAX_BUTTONS:
            content += (
                '\n</form>\n<form method="post"><p><label>Another account, up to'
                f' {names[-1]}: <input name="account"></label> <button>Authorize</button></p>'
            )
        return _page(200, "Authorize the application", f"{content}\n</form>")


def consented(request: HttpRequest) -> HttpAnswer:
    """Answer at the redirect URI of applications that name none."""
    del request
    return _page(
        200,
        "Authorized",
        "<p>The address of this page has the code. Exchange it within five minutes:"
        " <code>amazon-sp authorize</code> asks for the whole address.</p>",
    )


def _problem(parameters: Mapping[str, str], redirect_uri: str, method: str) -> str | None:
    """Return why a request is refused, or None."""
    if method not in ("GET", "POST"):
        return f"{CONSENT_PATH} takes GET and POST."
    application = parameters.get("application_id", "")
    if not application.startswith(_APPLICATION_IDS):
        return "The parameter application_id must be an id such as amzn1.sp.solution.1."
    address = urlsplit(redirect_uri)
    is_local = address.hostname in _LOCAL_HOSTS
    if address.scheme != "https" and not (address.scheme == "http" and is_local):
        return "The redirect_uri must begin with https, or lead to localhost."
    return None


def _page(status: int, title: str, content: str) -> HttpAnswer:
    page = _PAGE.format(title=title, content=content)
    return HttpAnswer(status, {"Content-Type": "text/html; charset=utf-8"}, page.encode())
