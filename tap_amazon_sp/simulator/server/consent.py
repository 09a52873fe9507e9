"""The page where a selling partner consents to an application, and the codes that it gives.

Source: Amazon's page "Website Authorization Workflow": the parameters of the page and of the
redirect; a code is valid once, for five minutes. That redirect URIs need https unless they lead to
localhost: "Register your Application". That they have no fragment: RFC 6749, 3.1.2.
"""

from __future__ import annotations

import html
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from tap_amazon_sp.simulator.server.accounts import Accounts
from tap_amazon_sp.simulator.server.calls import Account, HttpAnswer, HttpRequest
from tap_amazon_sp.simulator.server.names import split_address
from tap_amazon_sp.simulator.server.paths import CONSENT_PATH, CONSENTED_PATH

_CODE_LIFETIME = 300.0
_CODE_BYTES = 10
_APPLICATION_IDS = ("amzn1.sp.solution.", "amzn1.sellerapps.app.")
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_MAX_BUTTONS = 50
_RESERVED = ":/?#[]@!$&'()*+,;="
"""Characters that separate the parts of an address (RFC 3986, 2.2)."""

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
        if problem := _problem(parameters, request.method):
            return _page(400, "There is no consent", f"<p>{html.escape(problem)}</p>")
        if request.method == "GET":
            return self._ask()
        name = dict(parse_qsl(request.body.decode("utf-8", "replace"))).get("account", "")
        account = self._accounts.by_name.get(name)
        if account is None:
            problem = f"There is no account {name!r}: send the name of one as `account`."
            return _page(400, "There is no consent", f"<p>{html.escape(problem)}</p>")
        redirect_uri = parameters.get("redirect_uri") or request.origin + CONSENTED_PATH
        added = {
            "state": parameters.get("state"),
            "selling_partner_id": account.seller_id,
            "spapi_oauth_code": self._codes.issue(account, redirect_uri, now),
        }
        query = urlencode({key: value for key, value in added.items() if value is not None})
        return HttpAnswer(302, {"Location": _with_query(redirect_uri, query)})

    def _ask(self) -> HttpAnswer:
        names = [*self._accounts.by_name]
        buttons = "\n".join(
            f'<p><button name="account" value="{name}">Authorize as {name}</button></p>'
            for name in names[:_MAX_BUTTONS]
        )
        # Without an action, a form is sent to the address of its page.
        content = f'<form method="post">\n{buttons}'
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


def _with_query(address: str, query: str) -> str:
    """Add parameters to those that an address has."""
    old = urlsplit(address)
    whole = old._replace(query=f"{old.query}&{query}" if old.query else query).geturl()
    # Headers are ASCII. What is encoded stays as it is.
    return quote(whole, safe="%" + _RESERVED)


def _problem(parameters: Mapping[str, str], method: str) -> str | None:
    """Return why a request is refused, or None."""
    if method not in ("GET", "POST"):
        return f"{CONSENT_PATH} takes GET and POST."
    application = parameters.get("application_id", "")
    if not application.startswith(_APPLICATION_IDS):
        return "The parameter application_id must be an id such as amzn1.sp.solution.1."
    redirect_uri = parameters.get("redirect_uri")
    return _problem_of_redirect(redirect_uri) if redirect_uri else None


def _problem_of_redirect(redirect_uri: str) -> str | None:
    try:
        address = split_address(redirect_uri)
    except ValueError:
        return "The redirect_uri must be an absolute address."
    is_local = address.hostname in _LOCAL_HOSTS
    if address.scheme != "https" and not (address.scheme == "http" and is_local):
        return "The redirect_uri must begin with https, or lead to localhost."
    if "#" in redirect_uri:
        return "The redirect_uri must not have a fragment (#)."
    return None


def _page(status: int, title: str, content: str) -> HttpAnswer:
    page = _PAGE.format(title=title, content=content)
    return HttpAnswer(status, {"Content-Type": "text/html; charset=utf-8"}, page.encode())
