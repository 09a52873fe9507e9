"""The simulated Selling Partner API: a request in, an answer out."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

import msgspec

from tap_amazon_sp.simulator.server.accounts import SELLER, Accounts
from tap_amazon_sp.simulator.server.amazon_hosts import host_of, wrong_region
from tap_amazon_sp.simulator.server.calls import (
    AccessToken,
    Account,
    Answer,
    Call,
    Handler,
    HttpAnswer,
    HttpRequest,
)
from tap_amazon_sp.simulator.server.checks import (
    check_body,
    check_parameters,
    parse_query,
    repeated_lists,
    without_empty,
)
from tap_amazon_sp.simulator.server.consent import ConsentPage
from tap_amazon_sp.simulator.server.errors import (
    ApiError,
    access_denied,
    error_body,
    quota_exceeded,
)
from tap_amazon_sp.simulator.server.faults import Fault, Faults
from tap_amazon_sp.simulator.server.lwa import AccessTokens, check_expiry, error_answer
from tap_amazon_sp.simulator.server.models import Match, Models, Operation
from tap_amazon_sp.simulator.server.paths import (
    CONSENT_PATH,
    DOCUMENTS_PATH,
    TOKEN_PATH,
    account_of_document,
)
from tap_amazon_sp.simulator.server.request_log import RequestLog
from tap_amazon_sp.simulator.server.rules import check_rules
from tap_amazon_sp.simulator.server.sandbox import BURST, RATE, read_sandbox
from tap_amazon_sp.simulator.server.settings import SimulatorSettings
from tap_amazon_sp.simulator.server.signatures import Signatures
from tap_amazon_sp.simulator.server.spoiling import spoil
from tap_amazon_sp.simulator.server.throttle import Throttle
from tap_amazon_sp.simulator.world.timestamps import iso

_JSON = "application/json"
_HTML = b"<html><head><title>Error</title></head><body><h1>Service Unavailable</h1></body></html>"
_STATUSES_WITH_RATE = frozenset({200, 201, 202, 204, 400, 404})
_MAX_USER_AGENT = 500
# What an operation answers with 200 whose model has no content for it, such as cancelReport. npm's
# amazon-sp-api takes an empty body only with 204 (jrl84/amazon-sp-api#259).
_NOTHING = b"{}"
_CODES = {
    400: "InvalidInput",
    401: "Unauthorized",
    403: "Unauthorized",
    404: "NotFound",
    429: "QuotaExceeded",
    500: "InternalFailure",
    503: "ServiceUnavailable",
}
_FAULT_MESSAGE = "This is a fault that was asked for."
_NOBODY = Account("application", "", lambda operation: operation.grantless is not None)


class Seller(Protocol):
    """What one seller has at Amazon."""

    def handler(self, operation_id: str, now: float) -> Handler:
        """Return the function that serves an operation at a moment (epoch seconds)."""

    def serve_document(
        self, request: HttpRequest, now: float, damage: str | None = None
    ) -> HttpAnswer:
        """Answer a request to a presigned URL; a fault may damage the document."""

    def truth(
        self,
        domain: str,
        account: Account,
        now: float,
        path_parameters: Mapping[str, str] | None = None,
    ) -> list[dict[str, Any]]:
        """Return all records of a domain at a moment (epoch seconds)."""

    def change_orders(
        self, now: float, count: int, order_ids: Sequence[str] | None = None
    ) -> list[str]:
        """Let orders change at a moment (epoch seconds); return their ids."""


class Sellers(Protocol):
    """All sellers."""

    def seller_of(self, account: Account) -> Seller:
        """Return the seller whose data an account sees."""


@dataclass
class _Exchange:
    """What the server learns about a request while it serves it."""

    match: Match | None = None
    token: AccessToken | None = None
    fault: Fault | None = None
    signed: bool = False
    refusal: str | None = None


class SellingPartnerApi:
    """Answers requests to the token endpoint, for documents, and to the SP-API."""

    def __init__(
        self,
        settings: SimulatorSettings,
        *,
        models: Models,
        accounts: Accounts,
        access_tokens: AccessTokens,
        make_sellers: Callable[[], Sellers],
    ) -> None:
        """Serve no requests yet.

        Args:
            settings: How the API behaves.
            models: Amazon's models.
            accounts: The accounts that authorized the application.
            access_tokens: Issues access tokens.
            make_sellers: Makes up what the sellers have at the start; the same each time.
        """
        self.models = models
        self.accounts = accounts
        self.signatures = Signatures(settings.region, settings.aws_keys)
        self.faults = Faults(models, accounts.by_name, seed=settings.seed)
        self.log = RequestLog()
        self._access_tokens = access_tokens
        self._consent_page = ConsentPage(accounts, access_tokens.codes)
        self._speed = settings.speed
        self._sandbox = None if settings.sandbox is None else read_sandbox(Path(settings.sandbox))
        self._throttle = self._full_buckets()
        self._make_sellers = make_sellers
        self._sellers = make_sellers()
        self._clock = settings.now
        self._strict = settings.strict
        self._hosts = settings.hosts
        self._region = settings.region

    def now(self) -> float:
        """Return the time by the clock in the settings, epoch seconds."""
        return self._clock().timestamp()

    def reset(self) -> None:
        """Return to the start; see `Simulator.reset`."""
        self.faults.clear()
        self.log.clear()
        self._throttle = self._full_buckets()
        self._sellers = self._make_sellers()

    def _full_buckets(self) -> Throttle:
        return Throttle(self._speed, plan=None if self._sandbox is None else (RATE, BURST))

    @property
    def served(self) -> list[str]:
        """Ids of all operations that are served."""
        return sorted(operation.id for operation in self.models)

    def truth(
        self,
        domain: str,
        account: str = SELLER.name,
        *,
        path_parameters: Mapping[str, str] | None = None,
    ) -> list[dict[str, Any]]:
        """Return all records of a domain as they are now; see `Simulator.truth`.

        Raises:
            KeyError: There is no such domain or account, or a parameter is missing.
        """
        owner = self.accounts.by_name[account]
        return self._sellers.seller_of(owner).truth(domain, owner, self.now(), path_parameters)

    def change_orders(
        self, count: int, account: str = SELLER.name, order_ids: Sequence[str] | None = None
    ) -> list[str]:
        """Let orders change now; see `Simulator.change_orders`.

        Raises:
            KeyError: There is no such account.
            ValueError: There is no such order.
        """
        seller = self._sellers.seller_of(self.accounts.by_name[account])
        return seller.change_orders(self.now(), count, order_ids)

    def serve(self, request: HttpRequest) -> HttpAnswer:
        """Answer a request."""
        if request.path == TOKEN_PATH:
            return self._serve_tokens(request)
        if request.path == CONSENT_PATH:
            return self._consent_page.serve(request, self.now())
        if request.path.startswith(DOCUMENTS_PATH):
            return self._serve_documents(request)
        return self._serve_api(request)

    def _serve_tokens(self, request: HttpRequest) -> HttpAnswer:
        account = self._access_tokens.account_of(request)
        fault = self.faults.choose("lwa.token", account.name if account else None)
        if fault is not None and fault.kind == "status" and fault.body == "json":
            message = fault.message or _FAULT_MESSAGE
            return error_answer(fault.status, fault.code or "ServerError", message)
        return _with_fault(fault, lambda: self._access_tokens.answer(request, self.now()))

    def _serve_documents(self, request: HttpRequest) -> HttpAnswer:
        # If the path names no account, its signature is wrong too.
        account = self.accounts.by_name.get(account_of_document(request.path), SELLER)
        seller = self._sellers.seller_of(account)
        fault = self.faults.choose("documents", account.name)
        damage = fault.kind if fault is not None else None
        return _with_fault(fault, lambda: seller.serve_document(request, self.now(), damage))

    def _serve_api(self, request: HttpRequest) -> HttpAnswer:
        now = self.now()
        exchange = _Exchange(signed="authorization" in request.headers)
        request_id = secrets.token_hex(16)
        try:
            answer = self._call(request, exchange, now)
        except ApiError as error:
            exchange.refusal = " ".join(filter(None, (error.message, error.details)))
            answer = HttpAnswer(error.status, dict(error.headers), _encode(error.body))
        answer.headers = {
            "Content-Type": _JSON,
            "x-amzn-RequestId": request_id,
            **self._rate_header(exchange.match, answer.status),
            **answer.headers,
        }
        self._log(request, exchange, answer, now, request_id)
        return answer

    def _rate_header(self, match: Match | None, status: int) -> dict[str, str]:
        rate = self._throttle.rate(match.operation) if match else None
        if rate is None or status not in _STATUSES_WITH_RATE:
            return {}
        return {"x-amzn-RateLimit-Limit": f"{rate:.6g}"}

    def _log(
        self,
        request: HttpRequest,
        exchange: _Exchange,
        answer: HttpAnswer,
        now: float,
        request_id: str,
    ) -> None:
        query = parse_query(request.raw_query)
        match, token, fault = exchange.match, exchange.token, exchange.fault
        operation = match.operation if match else None
        known = {entry["name"] for entry in operation.facts["parameters"]} if operation else query
        self.log.add(
            {
                "time": iso(now),
                "received_at": now,
                "account": token.account.name if token and token.account else None,
                "operation": operation.id if operation else None,
                "method": request.method,
                "path": request.path,
                "query": {name: ",".join(values) for name, values in query.items()},
                "unknown_parameters": sorted({*query} - {*known}),
                "repeated_lists": repeated_lists(operation, query) if operation else [],
                "status": answer.status,
                "refusal": exchange.refusal,
                "token_kind": token.kind if token else None,
                "signed": exchange.signed,
                "request_id": request_id,
                "fault": fault.kind if fault else None,
                "user_agent": request.headers.get("user-agent"),
            }
        )

    def _call(self, request: HttpRequest, exchange: _Exchange, now: float) -> HttpAnswer:
        match = exchange.match = self.models.match(request.method, request.path)
        if match is None:
            message = f"No operation of the Selling Partner API is {request.method} {request.path}."
            raise ApiError(404, "NotFound", message)
        operation = match.operation
        self._check_host(request)
        _check_user_agent(request, strict=self._strict)
        access_token = request.headers.get("x-amz-access-token")
        exchange.token = token = self._access_tokens.find(access_token)
        check_expiry(token, now)
        if exchange.signed:
            self.signatures.check(request, now)
        account = _authorize(operation, token, request)
        query = parse_query(request.raw_query)
        if not self._strict:
            query = without_empty(operation, query)
        fault = exchange.fault = self.faults.choose(
            operation.id,
            token.account.name if token.account else None,
            with_token=(operation.token_parameter or "") in query,
        )
        if fault is not None:
            self._strike_before(fault, access_token, now)
            early = _answer_instead(fault)
            if early is not None:
                return early
        if not self._throttle.admit(token.client_id, account.seller_id, operation, now):
            raise quota_exceeded()
        sandbox = self._sandbox
        if sandbox is not None and not sandbox.answers_from_data(operation.method, operation.path):
            given = {name.lower(): [value] for name, value in request.headers.items()}
            given |= query | {name: [value] for name, value in match.path_parameters.items()}
            case = sandbox.find(operation.method, operation.path, given, request.body)
            body = b"" if case.answer is None else msgspec.json.encode(case.answer)
            return HttpAnswer(case.status, body=body)
        checked = check_parameters(self.models, match, query, request.headers, strict=self._strict)
        body = check_body(self.models, operation, request.body, strict=self._strict)
        check_rules(operation, query, checked, now)
        handler = self._sellers.seller_of(account).handler(operation.id, now)
        answer = handler(
            Call(
                operation=operation,
                parameters=checked.values,
                times=checked.times,
                body=body,
                account=account,
                token=token,
                path=request.path,
                origin=request.origin,
                now=now,
                given=frozenset(query),
                fault=fault.kind if fault else None,
            )
        )
        return self._finish(operation, answer, fault)

    def _check_host(self, request: HttpRequest) -> None:
        """Refuse requests that came to Amazon's host of another region."""
        if self._hosts and (
            refused := wrong_region(host_of(request.headers.get("host", "")), self._region)
        ):
            raise refused

    def _strike_before(self, fault: Fault, access_token: str | None, now: float) -> None:
        if fault.kind == "throttle":
            raise quota_exceeded()
        if fault.kind == "expired_token":
            self._access_tokens.expire(access_token)
            check_expiry(self._access_tokens.find(access_token), now)

    def _finish(self, operation: Operation, answer: Answer, fault: Fault | None) -> HttpAnswer:
        status = answer.status or operation.facts["success_status"]
        if answer.body is None:
            return HttpAnswer(status, body=_NOTHING if status == HTTPStatus.OK else b"")
        if fault is None:
            return HttpAnswer(status, body=_encode(answer.body))
        encoded = _encode(spoil(fault, self.models, operation, answer.body))
        return _break(HttpAnswer(status, body=encoded), fault)


def _encode(body: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(body)


def _check_user_agent(request: HttpRequest, *, strict: bool) -> None:
    """Refuse a `user-agent` that is too long, or, if `strict`, one that is missing.

    Amazon's guide requires it; its own SDK for JavaScript and amzn-selling-partner 1.6.0 send none
    when they ask for a restricted data token.
    """
    agent = request.headers.get("user-agent", "")
    if (strict and not agent) or len(agent) > _MAX_USER_AGENT:
        message = f"Header 'user-agent' must have 1 to {_MAX_USER_AGENT} characters."
        raise ApiError(400, "InvalidInput", message)


def _authorize(operation: Operation, token: AccessToken, request: HttpRequest) -> Account:
    """Return the account that a call is for.

    Raises:
        ApiError: 403, the token is of the wrong kind or its account may not call the operation.
    """
    if operation.grantless is not None or token.kind == "grantless":
        if operation.grantless not in token.scopes:
            message = "The access token is not for this operation."
            raise access_denied(message)
        return _NOBODY
    account = token.account
    if account is None or not account.may_call(operation):
        raise access_denied()
    if token.kind == "RDT":
        fits = Call(
            operation, {}, {}, None, account, token, request.path, request.origin, 0.0
        ).personal_data()
        if fits is None:
            message = "The restricted data token is not for this resource."
            raise access_denied(message)
    return account


def _with_fault(fault: Fault | None, answer: Callable[[], HttpAnswer]) -> HttpAnswer:
    """Let a fault strike the token endpoint or a document."""
    if fault is None:
        return answer()
    return _answer_instead(fault) or _break(answer(), fault)


def _break(answer: HttpAnswer, fault: Fault) -> HttpAnswer:
    """Let a good answer arrive late, in part, not at all or as something else than JSON."""
    if fault.kind == "not_json":
        answer.body = b"<!DOCTYPE html><html><body>OK</body></html>"
    elif fault.kind == "slow":
        answer.delay = fault.delay
    elif fault.kind in ("reset", "truncated"):
        answer.broken = fault.kind
    return answer


def _answer_instead(fault: Fault) -> HttpAnswer | None:
    if fault.kind != "status":
        return None
    if fault.body == "html":
        return HttpAnswer(fault.status, {"Content-Type": "text/html"}, _HTML)
    code = fault.code or _CODES.get(fault.status, "InternalFailure")
    message = fault.message or _FAULT_MESSAGE
    return HttpAnswer(fault.status, body=_encode(error_body(code, message)))
