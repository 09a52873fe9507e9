"""Calls any operation with arguments that make sense to the simulator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.simulator.server.models import Operation, load_models
from tests.sellers import days_ago
from tests.simulator.api_caller import DATA_KIOSK, FEEDS, ORDERS_V0, REPORTS, ApiCaller
from tests.simulator.conftest import MARKETPLACES
from tests.simulator.model_arguments import LATER, LONG_AGO, MOMENT, Arguments, arguments_for

FEED_TYPE = "JSON_LISTINGS_FEED"
REPORT_TYPE = "GET_MERCHANT_LISTINGS_ALL_DATA"
NOTIFICATION = "ORDER_CHANGE"


_PROGRAM = {"marketplaceId": MARKETPLACES[0], "programTypes": ["SUBSCRIBE_AND_SAVE"]}
_PERIOD = {
    "timeInterval": {"startDate": LONG_AGO, "endDate": MOMENT},
    "timePeriodType": "PERFORMANCE",
}
_BODIES = {
    "listOffers": {"filters": _PROGRAM},
    "listOfferMetrics": {"filters": _PROGRAM | _PERIOD},
    "getSellingPartnerMetrics": _PROGRAM | _PERIOD,
    "listCases": {
        "marketplaceId": MARKETPLACES[0],
        "caseFilters": {"createdDate": {"after": LONG_AGO}},
    },
}
"""Bodies whose filters match some records."""


class OperationCaller:
    """Calls any operation with arguments that make sense to the simulator."""

    def __init__(self, simulator: Simulator) -> None:
        self.api = ApiCaller(simulator)
        self.simulator = simulator
        self.models = load_models()
        self.tokens: dict[str, str] = {}
        self._records: dict[str, list[dict[str, Any]]] = {}

    def token(self, scope: str | None) -> str | None:
        """Return a grantless token for a scope; None without a scope."""
        if scope is None:
            return None
        if scope not in self.tokens:
            answer = self.api.post_form(
                grant_type="client_credentials", scope=scope, **self.api.client()
            )
            self.tokens[scope] = answer.json()["access_token"]
        return self.tokens[scope]

    def token_for(self, operation: Operation, path: str) -> str | None:
        """Return the token that an operation needs; None is the usual one."""
        if operation.restricted == []:
            return self.api.restricted_token(path, method=operation.method)
        return self.token(operation.grantless)

    def records(self, domain: str, scope: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Return the truth of a domain in a world that does not change, made up once."""
        key = f"{domain} {sorted((scope or {}).items())}"
        if key not in self._records:
            self._records[key] = self.simulator.truth(domain, path_parameters=scope)
        return self._records[key]

    def call(self, operation: Operation) -> tuple[int, Any]:
        """Call an operation; return the status and the content."""
        arguments = self.arguments(operation)
        options = {} if arguments.body is None else {"json": arguments.body}
        answer = self.api.call(
            operation.method,
            arguments.path,
            params=arguments.query,
            headers=arguments.headers,
            token=self.token_for(operation, arguments.path),
            **options,
        )
        return answer.status_code, answer.json() if answer.content else None

    def arguments(self, operation: Operation) -> Arguments:
        """Return the arguments of a call of an operation."""
        given, body = self._beyond_the_model(operation)
        return arguments_for(
            self.models, operation, marketplace=MARKETPLACES[0], given=given, body=body
        )

    def _beyond_the_model(self, operation: Operation) -> tuple[dict[str, Any], Any]:
        """Return what the model does not say: ids that exist, and rules of single operations."""
        name = operation.id.partition(".")[2]
        find = {
            "dataKiosk_2023-11-15": self._for_data_kiosk,
            "feeds_2021-06-30": self._for_feeds,
            "reports_2021-06-30": self._for_reports,
            "notifications": self._for_notifications,
            "tokens_2021-03-01": self._for_tokens,
        }.get(operation.api)
        if find is not None:
            return find(name)
        given = self._known_ids(operation)
        given |= self._known_order(operation)
        if operation.api.startswith("vendorOrders") and "purchaseOrderNumber" in _paths(operation):
            order = self.records("purchase_orders")[0]
            given["purchaseOrderNumber"] = order["purchaseOrderNumber"]
        if name in ("searchOrders", "getOrders"):
            prefix = "C" if operation.api == "ordersV0" else "c"
            given[f"{prefix}reatedAfter"] = LONG_AGO
        if name == "listFinancialEventsByGroupId":
            group = self.records("financesV0.listFinancialEventGroups")[-2]
            given["eventGroupId"] = group["FinancialEventGroupId"]
        if name == "listFinancialEventsByOrderId":
            event = self.records("finances_2024-06-19.listTransactions")[0]
            given["orderId"] = event["relatedIdentifiers"][0]["relatedIdentifierValue"]
        if name == "listTransactions":
            given["postedAfter"] = days_ago(100)
        if name == "getInventorySummaries":
            given["granularityId"] = MARKETPLACES[0]
        if name == "getOrderMetrics":
            given["interval"] = "2026-11-01T00:00:00Z--2026-11-02T00:00:00Z"
        if operation.api.startswith("vendorDirect") and "createdBefore" in _names(operation):
            given |= self._window_of(operation)
        return given, _BODIES.get(name)

    def _window_of(self, operation: Operation) -> dict[str, Any]:
        """Return a window with records; if it may be a week at most, the latest such week."""
        if "rules" not in operation.facts:
            return {"createdAfter": LONG_AGO, "createdBefore": LATER}
        end = dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=1)
        while True:
            begin = end - dt.timedelta(days=7)
            week = {
                "createdAfter": f"{begin:%Y-%m-%dT%H:%M:%SZ}",
                "createdBefore": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            }
            answer = self.api.call(
                operation.method,
                operation.path,
                params=week,
                token=self.token_for(operation, operation.path),
            )
            found = answer.json()
            for name in operation.facts["results"].split("."):
                found = found[name]
            if found:
                return week
            end = begin

    def _known_order(self, operation: Operation) -> dict[str, Any]:
        """Return the id of an order that an operation accepts, and its marketplace."""
        if operation.id == "ordersV0.getOrderRegulatedInfo":
            window: dict[str, Any] = {"MarketplaceIds": MARKETPLACES, "CreatedAfter": LONG_AGO}
            found = self.api.get(ORDERS_V0, **window).json()["payload"]["Orders"]
            regulated = next(one for one in found if one["HasRegulatedItems"])
            return {"orderId": regulated["AmazonOrderId"]}
        if not operation.api.startswith(("orders", "easyShip", "messaging", "solicitations")):
            return {}
        orders = self.records("orders")
        if operation.api == "easyShip_2022-03-23":
            orders = [order for order in orders if "AMAZON_EASY_SHIP" in order["programs"]]
        # If possible, an order in the marketplace of the other arguments.
        order = min(
            orders, key=lambda order: order["salesChannel"]["marketplaceId"] != MARKETPLACES[0]
        )
        if operation.api.startswith("orders"):
            return {"orderId": order["orderId"]}
        marketplace = order["salesChannel"]["marketplaceId"]
        return {
            "amazonOrderId": order["orderId"],
            "marketplaceId": marketplace,
            "marketplaceIds": [marketplace],
        }

    def _known_ids(self, operation: Operation) -> dict[str, Any]:
        lists = self.simulator._sellers.shared.lists
        given: dict[str, Any] = {}
        for name in _paths(operation):
            if name == "sellerId":
                given[name] = "A1SIMULATEDSELLER"
            link = lists.link(operation, name)
            if link is None:
                # An id that no list has can be anything with the right pattern.
                arguments = arguments_for(self.models, operation, marketplace=MARKETPLACES[0])
                position = operation.path.split("/").index(f"{{{name}}}")
                given.setdefault(name, arguments.path.split("/")[position])
                continue
            facts = lists.get(link.source)
            assert facts is not None
            scope = dict(given)
            if "accountId" in facts.scope and "accountId" not in given:
                accounts = self.records("sellerWallet_2024-03-01.listAccounts")
                scope["accountId"] = accounts[0]["accountId"]
            records = self.records(link.source, scope)
            given[name] = records[0][link.key]
        return given

    def _for_feeds(self, name: str) -> tuple[dict[str, Any], Any]:
        if name == "getFeeds":
            return {"feedTypes": [FEED_TYPE]}, None
        if name == "createFeedDocument":
            return {}, None
        place = self.api.call("POST", f"{FEEDS}/documents", json={"contentType": "text/xml"})
        feed = {
            "feedType": FEED_TYPE,
            "marketplaceIds": MARKETPLACES[:1],
            "inputFeedDocumentId": place.json()["feedDocumentId"],
        }
        if name == "createFeed":
            return {}, feed
        document = next(
            job["resultFeedDocumentId"]
            for job in self.simulator.truth("feeds")
            if "resultFeedDocumentId" in job
        )
        return {"feedId": self._fresh(FEEDS, "feed", name, feed), "feedDocumentId": document}, None

    def _for_data_kiosk(self, name: str) -> tuple[dict[str, Any], Any]:
        queries = self.simulator.truth("queries")
        done = next(query for query in queries if "pagination" in query)
        token = done["pagination"]["nextToken"]
        body = {"query": done["query"], "paginationToken": token}
        query_id = done["queryId"]
        if name == "cancelQuery":
            query_id = self.api.call("POST", f"{DATA_KIOSK}/queries", json=body).json()["queryId"]
        given = {"queryId": query_id, "documentId": done["dataDocumentId"]}
        return given, body if name == "createQuery" else None

    def _for_reports(self, name: str) -> tuple[dict[str, Any], Any]:
        report = {"reportType": REPORT_TYPE, "marketplaceIds": MARKETPLACES[:1]}
        if name == "getReports":
            return {"reportTypes": [REPORT_TYPE]}, None
        if name == "createReport":
            times = {"dataStartTime": LONG_AGO, "dataEndTime": MOMENT}
            return {}, {**report, **times, "reportOptions": {}}
        if name == "createReportSchedule":
            return {}, {**report, "period": "P1D", "reportOptions": {}}
        if "Schedule" in name:
            made = self.api.call("POST", f"{REPORTS}/schedules", json={**report, "period": "P1D"})
            schedule = made.json()["reportScheduleId"]
            return {"reportScheduleId": schedule, "reportTypes": [REPORT_TYPE]}, None
        document = next(
            job["reportDocumentId"]
            for job in self.simulator.truth("reports")
            if "reportDocumentId" in job
        )
        return {
            "reportId": self._fresh(REPORTS, "report", name, report),
            "reportDocumentId": document,
        }, None

    def _fresh(self, path: str, kind: str, name: str, body: Mapping[str, Any]) -> str:
        """Return the id of a job; an operation that cancels gets a new one in the queue."""
        if not name.startswith("cancel"):
            return str(self.simulator.truth(f"{kind}s")[0][f"{kind}Id"])
        return str(self.api.call("POST", f"{path}/{kind}s", json=body).json()[f"{kind}Id"])

    def _for_notifications(self, name: str) -> tuple[dict[str, Any], Any]:
        destination = self.simulator.truth("notifications.getDestinations")
        subscription = self.simulator.truth("notifications.getSubscriptions")[0]
        given = {
            "notificationType": NOTIFICATION,
            "notificationTypes": [NOTIFICATION],
            "destinationId": destination[-1]["destinationId"],
            "subscriptionId": subscription["subscriptionId"],
        }
        queue = {"sqs": {"arn": "arn:aws:sqs:us-east-1:123456789012:other"}}
        body: dict[str, Any] | None = {"destinationId": destination[0]["destinationId"]}
        if name == "createSubscription":
            # The two kinds of filters that the model names exclude each other.
            given["notificationType"] = "PRICING_HEALTH"
            body = {
                "payloadVersion": "1.0",
                **(body or {}),
                "processingDirective": {
                    "filterExpression": "pricingHealthNotification.issueType == `x`"
                },
            }
        if name == "createDestination":
            body = {"name": "another", "resourceSpecification": queue}
        return given, body

    def _for_tokens(self, name: str) -> tuple[dict[str, Any], Any]:
        assert name == "createRestrictedDataToken"
        resource = {"method": "GET", "path": "/orders/v0/orders/{orderId}/address"}
        return {}, {"restrictedResources": [resource]}


def _names(operation: Operation) -> list[str]:
    return [parameter["name"] for parameter in operation.facts["parameters"]]


def _paths(operation: Operation) -> list[str]:
    return [
        parameter["name"]
        for parameter in sorted(
            operation.facts["parameters"],
            key=lambda parameter: operation.path.find(f"{{{parameter['name']}}}"),
        )
        if parameter["in"] == "path"
    ]
