"""The simulated Selling Partner API as a whole: a request in, an answer out."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from tap_amazon_sp.simulator.documents.storage import DOCUMENTS_PATH, account_in
from tap_amazon_sp.simulator.jobs.jobs import (
    CANCELLED,
    FATAL,
    FATAL_WITHOUT_DOCUMENT,
    SLOW,
    STUCK,
)
from tap_amazon_sp.simulator.notifications.operations import Notifications
from tap_amazon_sp.simulator.seller_world import SellerWorld, Shared
from tap_amazon_sp.simulator.server.accounts import SELLER, VENDOR, Accounts
from tap_amazon_sp.simulator.server.calls import (
    AccessToken,
    Account,
    Answer,
    Call,
    HttpAnswer,
    HttpRequest,
)
from tap_amazon_sp.simulator.server.checks import check_body, check_parameters, parse_query
from tap_amazon_sp.simulator.server.errors import (
    ApiError,
    access_denied,
    error_body,
    quota_exceeded,
)
from tap_amazon_sp.simulator.server.faults import Fault, Faults, spoil
from tap_amazon_sp.simulator.server.lwa import TOKEN_PATH, AccessTokens, check_expiry, error_answer
from tap_amazon_sp.simulator.server.models import Match, Operation, load_models
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.server.request_log import RequestLog
from tap_amazon_sp.simulator.server.settings import SimulatorSettings
from tap_amazon_sp.simulator.server.signatures import Signatures
from tap_amazon_sp.simulator.server.throttle import Throttle
from tap_amazon_sp.simulator.world.timestamps import iso

_JSON = "application/json"
_HTML = b"<html><head><title>Error</title></head><body><h1>Service Unavailable</h1></body></html>"
_STATUSES_WITH_RATE = frozenset({200, 201, 202, 204, 400, 404})
_LONGEST_USER_AGENT = 500
_CODES = {
    400: "InvalidInput",
    401: "Unauthorized",
    403: "Unauthorized",
    404: "NotFound",
    429: "QuotaExceeded",
    500: "InternalFailure",
    503: "ServiceUnavailable",
}
_ASKED_FOR = "This is a fault that was asked for."
_JOB_OUTCOMES = {
    "job_fatal": FATAL,
    "job_fatal_without_document": FATAL_WITHOUT_DOCUMENT,
    "job_cancelled": CANCELLED,
    "job_slow": SLOW,
    "job_stuck": STUCK,
}
_NOBODY = Account("application", "", lambda operation: operation.grantless is not None)


@dataclass
class _Exchange:
    """What becomes known of a request while it is served."""

    match: Match | None = None
    token: AccessToken | None = None
    fault: Fault | None = None
    signed: bool = False


class World:
    """Sellers, a vendor, and Amazon between them and the caller."""

    def __init__(self, settings: SimulatorSettings) -> None:
        """Make it up; what belongs to other sellers than the first, when one is asked for it."""
        self._settings = settings
        seed = settings.seed
        self.models = load_models()
        self.accounts = Accounts(settings.sellers)
        self.access_tokens = AccessTokens(self.accounts, settings.token_lifetime)
        self.signatures = Signatures(settings.region, settings.aws_keys)
        self.faults = Faults(self.models, self.accounts.by_name, seed=seed)
        self.log = RequestLog()
        self.throttle = Throttle(settings.speed)
        pager = Pager(
            seed=seed, lifetime=settings.page_token_lifetime, empty_pages=settings.empty_pages
        )
        self.shared = Shared(
            settings,
            self.now(),
            self.models,
            self.access_tokens,
            pager,
            Notifications(
                pager,
                self.accounts.by_name.values(),
                seed=seed,
                longest_page=settings.longest_page,
            ),
        )
        first = SellerWorld(self.shared, (SELLER, VENDOR))
        self.shared.domains.update(first.domains())
        self._sellers = {SELLER.number: first}

    def now(self) -> float:
        """Epoch seconds by the clock in the settings."""
        return self._settings.now().timestamp()

    @property
    def served(self) -> list[str]:
        """Ids of the operations that are served."""
        return sorted(operation.id for operation in self.models)

    def truth(
        self,
        domain: str,
        account: str = SELLER.name,
        *,
        path_parameters: Mapping[str, str] | None = None,
    ) -> list[dict[str, Any]]:
        """All records of a domain as they are now.

        Args:
            domain: `orders` (form of Orders 2026-01-01, all data), `purchase_orders`, `feeds`,
                `reports`, `created_reports`, `queries`, or the id of an operation that lists
                made-up records, of all marketplaces; see `Simulator.truth`.
            account: `seller`, `seller-2` and so on, or `vendor`.
            path_parameters: For an operation: what the list is of, by name of the parameter.

        Raises:
            KeyError: There is no such domain or account, or a parameter is missing.
        """
        owner = self.accounts.by_name[account]
        return self._world_of(owner).truth(domain, owner, self.now(), path_parameters)

    def _world_of(self, account: Account) -> SellerWorld:
        """What an account sees."""
        world = self._sellers.get(account.number)
        if world is None:
            world = self._sellers[account.number] = SellerWorld(self.shared, (account,))
        return world

    def serve(self, request: HttpRequest) -> HttpAnswer:
        """Answer a request to the token endpoint, for a document, or to the SP-API."""
        if request.path == TOKEN_PATH:
            return self._serve_tokens(request)
        if request.path.startswith(DOCUMENTS_PATH):
            return self._serve_documents(request)
        return self._serve_api(request)

    def _serve_tokens(self, request: HttpRequest) -> HttpAnswer:
        account = self.access_tokens.account_of(request)
        fault = self.faults.choose("lwa.token", account.name if account else None)
        if fault is not None and fault.kind == "status" and fault.body == "json":
            message = fault.message or _ASKED_FOR
            return error_answer(fault.status, fault.code or "ServerError", message)
        return _with_fault(fault, lambda: self.access_tokens.answer(request, self.now()))

    def _serve_documents(self, request: HttpRequest) -> HttpAnswer:
        # A path that names nobody has no good signature either.
        account = self.accounts.by_name.get(account_in(request.path), SELLER)
        documents = self._world_of(account).documents
        fault = self.faults.choose("documents", account.name)
        damage = fault.kind if fault is not None else None
        return _with_fault(fault, lambda: documents.serve(request, self.now(), damage))

    def _serve_api(self, request: HttpRequest) -> HttpAnswer:
        now = self.now()
        exchange = _Exchange(signed="authorization" in request.headers)
        request_id = secrets.token_hex(16)
        try:
            answer = self._call(request, exchange, now)
        except ApiError as error:
            answer = HttpAnswer(error.status, dict(error.headers), _encode(error.body))
        answer.headers = {
            "Content-Type": _JSON,
            "x-amzn-RequestId": request_id,
            **self._rate_header(exchange.match, answer.status),
            **answer.headers,
        }
        self._write_down(request, exchange, answer, now, request_id)
        return answer

    def _rate_header(self, match: Match | None, status: int) -> dict[str, str]:
        rate = self.throttle.rate(match.operation) if match else None
        if rate is None or status not in _STATUSES_WITH_RATE:
            return {}
        return {"x-amzn-RateLimit-Limit": f"{rate:.6g}"}

    def _write_down(
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
                "status": answer.status,
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
        _check_user_agent(request)
        access_token = request.headers.get("x-amz-access-token")
        exchange.token = token = self.access_tokens.find(access_token)
        check_expiry(token, now)
        if exchange.signed:
            self.signatures.check(request, now)
        account = _authorize(operation, token, request)
        query = parse_query(request.raw_query)
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
        if not self.throttle.admit(token.client_id, account.seller_id, operation, now):
            raise quota_exceeded()
        checked = check_parameters(match, query, request.headers)
        body = check_body(self.models, operation, request.body)
        handler = self._world_of(account).handler(operation.id, now)
        kind = fault.kind if fault else ""
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
                empty_page=kind == "empty_page",
                job_outcome=_JOB_OUTCOMES.get(kind),
            )
        )
        return self._finish(operation, answer, fault)

    def _strike_before(self, fault: Fault, access_token: str | None, now: float) -> None:
        if fault.kind == "throttle":
            raise quota_exceeded()
        if fault.kind == "expired_token":
            self.access_tokens.expire(access_token)
            check_expiry(self.access_tokens.find(access_token), now)

    def _finish(self, operation: Operation, answer: Answer, fault: Fault | None) -> HttpAnswer:
        status = answer.status or operation.facts["success_status"]
        if answer.body is None:
            return HttpAnswer(status)
        if fault is None:
            return HttpAnswer(status, body=_encode(answer.body))
        encoded = _encode(spoil(fault, self.models, operation, answer.body))
        return _break(HttpAnswer(status, body=encoded), fault)


def _encode(body: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(body)


def _check_user_agent(request: HttpRequest) -> None:
    agent = request.headers.get("user-agent", "")
    if not agent or len(agent) > _LONGEST_USER_AGENT:
        message = f"Header 'user-agent' must have 1 to {_LONGEST_USER_AGENT} characters."
        raise ApiError(400, "InvalidInput", message)


def _authorize(operation: Operation, token: AccessToken, request: HttpRequest) -> Account:
    """Return who calls.

    Raises:
        ApiError: 403, the token is of the wrong kind or its account may not call the operation.
    """
    if operation.grantless is not None or token.kind == "grantless":
        if token.scope != operation.grantless:
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
    """Let a fault strike what is not an operation."""
    if fault is None:
        return answer()
    return _answer_instead(fault) or _break(answer(), fault)


def _break(answer: HttpAnswer, fault: Fault) -> HttpAnswer:
    """Let a good answer arrive late, in part, not at all or as something else."""
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
    message = fault.message or _ASKED_FOR
    return HttpAnswer(fault.status, body=_encode(error_body(code, message)))
