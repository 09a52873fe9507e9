"""The simulated Selling Partner API as a whole: a request in, an answer out."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.simulator.accounts import SELLER
from tap_amazon_sp.simulator.calls import (
    AccessToken,
    Account,
    Answer,
    Call,
    Handler,
    HttpAnswer,
    HttpRequest,
)
from tap_amazon_sp.simulator.checks import check_body, check_parameters, parse_query
from tap_amazon_sp.simulator.documents import DOCUMENTS_PATH, Documents
from tap_amazon_sp.simulator.easy_ship import EasyShip
from tap_amazon_sp.simulator.errors import ApiError, access_denied, error_body, quota_exceeded
from tap_amazon_sp.simulator.faults import Fault, Faults, spoil
from tap_amazon_sp.simulator.feeds import Feeds
from tap_amazon_sp.simulator.generated import GeneratedOperations
from tap_amazon_sp.simulator.generated_entities import TimelineSettings
from tap_amazon_sp.simulator.lwa import TOKEN_PATH, AccessTokens
from tap_amazon_sp.simulator.models import Match, Operation, load_models
from tap_amazon_sp.simulator.notifications import Notifications
from tap_amazon_sp.simulator.order_actions import OrderActions
from tap_amazon_sp.simulator.order_details import OrderBook
from tap_amazon_sp.simulator.order_history import OrderHistory
from tap_amazon_sp.simulator.orders import Orders
from tap_amazon_sp.simulator.orders_v0 import OrdersV0
from tap_amazon_sp.simulator.paging import Pager
from tap_amazon_sp.simulator.reports import Reports
from tap_amazon_sp.simulator.request_log import RequestLog
from tap_amazon_sp.simulator.sales import Sales
from tap_amazon_sp.simulator.sellers import Sellers
from tap_amazon_sp.simulator.settings import SimulatorSettings
from tap_amazon_sp.simulator.signatures import Signatures
from tap_amazon_sp.simulator.throttle import Throttle
from tap_amazon_sp.simulator.timestamps import iso
from tap_amazon_sp.simulator.tokens import Tokens
from tap_amazon_sp.simulator.vendor_orders import VendorOrders

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
_JOB_OUTCOMES = {"job_fatal": "FATAL", "job_cancelled": "CANCELLED", "job_slow": "slow"}
_NOTIFICATIONS = ("notifications.getDestinations", "notifications.getSubscriptions")
_NOBODY = Account("application", "", lambda operation: operation.grantless is not None)


@dataclass
class _Exchange:
    """What becomes known of a request while it is served."""

    match: Match | None = None
    token: AccessToken | None = None
    fault: Fault | None = None
    signed: bool = False


class World:
    """A seller, a vendor, and Amazon between them and the caller."""

    def __init__(self, settings: SimulatorSettings) -> None:
        """Make it up."""
        self._settings = settings
        start, seed, region = self.now(), settings.seed, settings.region
        self.models = load_models()
        self.access_tokens = AccessTokens(settings.token_lifetime)
        self.signatures = Signatures(region, settings.aws_keys)
        self.faults = Faults(self.models, seed=seed)
        self.log = RequestLog()
        self.throttle = Throttle(settings.speed)
        self.documents = Documents(seed=seed, region=region, lifetime=settings.document_lifetime)
        pager = Pager(
            seed=seed, lifetime=settings.page_token_lifetime, empty_pages=settings.empty_pages
        )
        self._history = OrderHistory(
            seed=seed,
            region=region,
            count=settings.orders,
            start=start,
            days=settings.history_days,
            changes_per_minute=settings.changes_per_minute,
        )
        book = OrderBook(self._history, seed=seed, region=region)
        duration = settings.processing_seconds / settings.speed
        self._orders = Orders(book, pager, seed=seed)
        self._vendor_orders = VendorOrders(
            pager,
            seed=seed,
            region=region,
            count=settings.purchase_orders,
            start=start,
            days=settings.history_days,
            changes_per_minute=settings.changes_per_minute,
        )
        self._feeds = Feeds(
            pager,
            self.documents,
            seed=seed,
            region=region,
            start=start,
            days=settings.history_days,
            duration=duration,
        )
        self._reports = Reports(
            pager,
            self.documents,
            book,
            seed=seed,
            region=region,
            start=start,
            days=settings.history_days,
            duration=duration,
        )
        self._notifications = Notifications(pager, seed=seed, longest_page=settings.longest_page)
        # A domain is an object that names its handlers by operation id: a new one is a line here.
        self._handlers: dict[str, Handler] = {}
        for domain in (
            self._orders,
            OrdersV0(book, pager, seed=seed, items_per_page=settings.order_items_page_size),
            self._vendor_orders,
            self._feeds,
            self._reports,
            Tokens(self.models, self.access_tokens),
            Sellers(region),
            self._notifications,
            Sales(seed=seed, region=region),
            EasyShip(book),
            OrderActions(self.models, book, seed=seed),
        ):
            self._handlers.update(domain.handlers())
        self._generated = GeneratedOperations(
            self.models,
            pager,
            [operation for operation in self.models if operation.id not in self._handlers],
            region=region,
            seller_id=SELLER.seller_id,
            timelines=TimelineSettings(
                seed=seed,
                count=settings.records,
                start=start,
                days=settings.history_days,
                changes_per_minute=settings.changes_per_minute,
            ),
            longest_page=settings.longest_page,
        )
        self._handlers.update(self._generated.handlers())

    def now(self) -> float:
        """Epoch seconds by the clock in the settings."""
        return self._settings.now().timestamp()

    @property
    def served(self) -> list[str]:
        """Ids of the operations that are served."""
        return sorted(self._handlers)

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
                `reports`, or the id of an operation that lists made-up records, of all
                marketplaces.
            account: `seller` or `vendor`, for feeds and reports.
            path_parameters: For an operation: what the list is of, by name of the parameter.

        Raises:
            KeyError: There is no such domain, or a parameter is missing.
        """
        now = self._advance()
        if self._generated.lists(domain):
            return self._generated.truth(domain, now, path_parameters)
        truths: dict[str, Callable[[], list[dict[str, Any]]]] = {
            "orders": self._orders.truth,
            "purchase_orders": self._vendor_orders.truth,
            "feeds": lambda: self._feeds.truth(account, now),
            "reports": lambda: self._reports.truth(account, now),
            "vendorOrders.getPurchaseOrdersStatus": self._vendor_orders.truth_of_statuses,
            "reports_2021-06-30.getReportSchedules": lambda: self._reports.truth_of_schedules(
                account, now
            ),
            **{name: lambda: self._notifications.truth(domain) for name in _NOTIFICATIONS},
        }
        return truths[domain]()

    def _advance(self) -> float:
        now = self.now()
        self._history.advance(now)
        self._vendor_orders.advance(now)
        return now

    def serve(self, request: HttpRequest) -> HttpAnswer:
        """Answer a request to the token endpoint, for a document, or to the SP-API."""
        if request.path == TOKEN_PATH:
            return self._outside(request, "lwa.token", self.access_tokens.answer)
        if request.path.startswith(DOCUMENTS_PATH):
            return self._outside(request, "documents", self.documents.serve)
        return self._serve_api(request)

    def _outside(
        self,
        request: HttpRequest,
        name: str,
        answer: Callable[[HttpRequest, float], HttpAnswer],
    ) -> HttpAnswer:
        fault = self.faults.choose(name)
        if fault is None:
            return answer(request, self.now())
        early = _answer_instead(fault)
        return early or _break(answer(request, self.now()), fault)

    def _serve_api(self, request: HttpRequest) -> HttpAnswer:
        now = self._advance()
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
        exchange.token = token = self.access_tokens.check(access_token, now)
        if exchange.signed:
            self.signatures.check(request, now)
        account = _authorize(operation, token, request)
        query = parse_query(request.raw_query)
        fault = exchange.fault = self.faults.choose(
            operation.id, with_token=(operation.token_parameter or "") in query
        )
        if fault is not None:
            self._strike_before(fault, access_token, now)
            early = _answer_instead(fault)
            if early is not None:
                return early
        if not self.throttle.admit(account.seller_id, operation, now):
            raise quota_exceeded()
        checked = check_parameters(match, query, request.headers)
        body = check_body(self.models, operation, request.body)
        handler = self._handlers[operation.id]
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
            self.access_tokens.check(access_token, now)

    def _finish(self, operation: Operation, answer: Answer, fault: Fault | None) -> HttpAnswer:
        status = answer.status or operation.facts["success_status"]
        if answer.body is None:
            return HttpAnswer(status)
        if fault is None:
            return HttpAnswer(status, body=_encode(answer.body))
        encoded = _encode(spoil(fault, self.models, operation, answer.body))
        return _break(HttpAnswer(status, body=encoded), fault)


def _encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


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
    message = fault.message or "This is a fault that was asked for."
    return HttpAnswer(fault.status, body=_encode(error_body(code, message)))
