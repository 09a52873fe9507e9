"""Everything that one seller has at Amazon; no other seller sees it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tap_amazon_sp.simulator.data_kiosk.operations import DataKiosk
from tap_amazon_sp.simulator.documents.storage import Documents
from tap_amazon_sp.simulator.easy_ship.operations import EasyShip
from tap_amazon_sp.simulator.feeds.operations import Feeds
from tap_amazon_sp.simulator.finances.operations import FinanceOperations
from tap_amazon_sp.simulator.finances.viewer import BooksViewer
from tap_amazon_sp.simulator.generated.entities import TimelineSettings
from tap_amazon_sp.simulator.generated.lists import Lists
from tap_amazon_sp.simulator.generated.operations import GeneratedOperations
from tap_amazon_sp.simulator.inventory.operations import OPERATION as INVENTORY_SUMMARIES
from tap_amazon_sp.simulator.inventory.operations import FbaInventory
from tap_amazon_sp.simulator.inventory.stock import Stock
from tap_amazon_sp.simulator.inventory.storage import Storage
from tap_amazon_sp.simulator.inventory.truth import truth_of_stock
from tap_amazon_sp.simulator.jobs.context import JobContext
from tap_amazon_sp.simulator.money.books import Books
from tap_amazon_sp.simulator.notifications.events import Event
from tap_amazon_sp.simulator.notifications.gathering import EventSource, FinishedJobs
from tap_amazon_sp.simulator.notifications.job_results import FEED, QUERY, REPORT
from tap_amazon_sp.simulator.notifications.operations import Notifications
from tap_amazon_sp.simulator.notifications.publishing import Publisher
from tap_amazon_sp.simulator.orders.actions import OrderActions
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.orders.history import OrderHistory, first_id
from tap_amazon_sp.simulator.orders.operations_2026_01_01 import Orders
from tap_amazon_sp.simulator.orders.operations_v0 import OrdersV0
from tap_amazon_sp.simulator.product_fees.operations import ProductFees
from tap_amazon_sp.simulator.reports.operations import Reports
from tap_amazon_sp.simulator.reports.stock_reports import StockReports
from tap_amazon_sp.simulator.sales.operations import Sales
from tap_amazon_sp.simulator.seller_jobs import SellerJobs, make_jobs
from tap_amazon_sp.simulator.sellers.operations import Sellers
from tap_amazon_sp.simulator.server.accounts import SELLER, VENDOR
from tap_amazon_sp.simulator.server.calls import Account, Handler, HttpAnswer, HttpRequest
from tap_amazon_sp.simulator.server.lwa import AccessTokens
from tap_amazon_sp.simulator.server.models import Models
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.server.settings import SimulatorSettings
from tap_amazon_sp.simulator.server.tokens import Tokens
from tap_amazon_sp.simulator.uploads.operations import Uploads
from tap_amazon_sp.simulator.vendor_orders.operations import VendorOrders
from tap_amazon_sp.simulator.vendor_orders.purchase_orders import PurchaseOrders
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.randomness import seeded_random
from tap_amazon_sp.simulator.world.world import World

# A domain is an object that has its handlers by operation id. A new domain needs its name here and
# a property of `SellerWorld`.
_DOMAINS = (
    "orders",
    "orders_v0",
    "vendor_orders",
    "feeds",
    "reports",
    "data_kiosk",
    "tokens",
    "sellers",
    "notifications",
    "sales",
    "easy_ship",
    "order_actions",
    "fba_inventory",
    "product_fees",
    "finances",
    "uploads",
)
_GENERATED = "generated"
_NOTIFICATIONS = ("notifications.getDestinations", "notifications.getSubscriptions")


class _Domain(Protocol):
    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""


@dataclass
class Shared:
    """What all sellers share.

    Attributes:
        settings: What their worlds look like.
        start: When the simulator started, epoch seconds.
        models: Amazon's models.
        access_tokens: Issues restricted data tokens.
        pager: Cuts lists into pages; refuses the tokens of other sellers.
        notifications: Destinations belong to the application, not to a seller.
        publisher: Sends notifications; None without a queue.
        domains: Names of the domains by the operations that they serve; all other operations are
            generated.
    """

    settings: SimulatorSettings
    start: float
    models: Models
    access_tokens: AccessTokens
    pager: Pager
    notifications: Notifications
    publisher: Publisher | None = None
    domains: dict[str, str] = field(default_factory=dict)

    @functools.cached_property
    def lists(self) -> Lists:
        """What is known about the operations that no domain serves."""
        return Lists(
            self.models,
            [operation for operation in self.models if operation.id not in self.domains],
        )


class SellerWorlds:
    """The worlds of all sellers; each is made up when an account first needs it."""

    def __init__(self, shared: Shared) -> None:
        """Make up the world of the first seller, which the vendor sees too."""
        first = SellerWorld(shared, (SELLER, VENDOR))
        shared.domains.update(first.domains())
        self.shared = shared
        self._worlds = {SELLER.number: first}

    def seller_of(self, account: Account) -> SellerWorld:
        """Return the world that an account sees."""
        world = self._worlds.get(account.number)
        if world is None:
            world = self._worlds[account.number] = SellerWorld(self.shared, (account,))
        return world

    @property
    def numbers(self) -> list[int]:
        """Numbers of the sellers whose worlds are made up."""
        return sorted(self._worlds)


class SellerWorld:
    """The orders, feeds, reports and so on of a seller, made up when they are first needed."""

    def __init__(self, shared: Shared, accounts: Sequence[Account]) -> None:
        """Make up the orders.

        Args:
            shared: What it shares with other sellers.
            accounts: The seller's own account, and others that see the same data.
        """
        settings = shared.settings
        self._shared = shared
        self._accounts = accounts
        self._seller = accounts[0]
        self._world = World(
            seed=_seed_of(settings.seed, self._seller.number),
            region=settings.region,
            start=shared.start,
            days=settings.history_days,
            changes_per_minute=settings.changes_per_minute,
        )
        history = OrderHistory(
            self._world,
            first_id=first_id(settings.seed, self._seller.number),
            count=settings.orders,
        )
        if settings.notify is not None:
            history.record_changes()
        self._book = OrderBook(self._world, history, prepared=settings.prepared)
        self._events = EventSource(
            accounts,
            self._book,
            self._finished_jobs,
            pace=settings.notify_pace,
            new_orders=settings.notify_new_orders,
        )
        self._handlers: dict[str, Handler] = {}
        self._now = shared.start
        self._clocks = [history.advance]
        self.documents = Documents(self._world, lifetime=settings.document_lifetime)

    def domains(self) -> dict[str, str]:
        """Return the names of the domains by the operations that they serve; make them all."""
        return {
            operation_id: name
            for name in _DOMAINS
            for operation_id in self._domain(name).handlers()
        }

    def handler(self, operation_id: str, now: float) -> Handler:
        """Return the function that serves an operation at a moment (epoch seconds)."""
        handler = self._handlers.get(operation_id)
        if handler is None:
            domain = self._domain(self._shared.domains.get(operation_id, _GENERATED))
            self._handlers.update(domain.handlers())
            handler = self._handlers[operation_id]
        self._advance(now)
        return handler

    def serve_document(
        self, request: HttpRequest, now: float, damage: str | None = None
    ) -> HttpAnswer:
        """Answer a request to a presigned URL; see `Documents.serve`."""
        return self.documents.serve(request, now, damage)

    def truth(
        self,
        domain: str,
        account: Account,
        now: float,
        path_parameters: Mapping[str, str] | None = None,
    ) -> list[dict[str, Any]]:
        """Return all records of a domain at a moment (epoch seconds); see `Simulator.truth`.

        Raises:
            KeyError: There is no such domain, or a parameter is missing.
        """
        self._advance(now)
        if self._shared.lists.get(domain) is not None:
            return self.generated.truth(domain, now, path_parameters)
        name = account.name
        truths: dict[str, Callable[[], list[dict[str, Any]]]] = {
            "orders": self.orders.truth,
            INVENTORY_SUMMARIES: lambda: self.fba_inventory.truth(now),
            "inventory": lambda: truth_of_stock(self.stock, self._book.history, now),
            "purchase_orders": self.vendor_orders.truth,
            "feeds": lambda: self.feeds.truth(name, now),
            "reports": lambda: self.reports.truth(name, now),
            "created_reports": lambda: self.reports.truth_of_created(name, now),
            "notifications": lambda: self._sent(name),
            **self.finances.truths(now),
            "queries": lambda: self.data_kiosk.truth(name, now),
            "dataKiosk_2023-11-15.getQueries": lambda: self.data_kiosk.truth(name, now),
            "vendorOrders.getPurchaseOrdersStatus": self.vendor_orders.truth_of_statuses,
            "reports_2021-06-30.getReportSchedules": lambda: self.reports.truth_of_schedules(
                name, now
            ),
            **{
                operation_id: lambda: self.notifications.truth(domain, name)
                for operation_id in _NOTIFICATIONS
            },
        }
        return truths[domain]()

    def _sent(self, account: str) -> list[dict[str, Any]]:
        publisher = self._shared.publisher
        return [] if publisher is None else publisher.truth(account)

    def change_orders(
        self, now: float, count: int, order_ids: Sequence[str] | None = None
    ) -> list[str]:
        """Let orders change now; see `Simulator.change_orders`.

        Raises:
            ValueError: There is no such order.
        """
        self._advance(now)
        history = self._book.history
        if order_ids is None:
            changed = history.change(now, count)
            return [history.order_id(order.index) for order in changed]
        for order_id in order_ids:
            order = history.by_id(order_id)
            if order is None:
                message = f"there is no order {order_id}"
                raise ValueError(message)
            history.change_one(now, order)
        return [*order_ids]

    def events(self, now: float) -> list[Event]:
        """Return what happened since the last call that Amazon notifies of, oldest first."""
        self._advance(now)
        return self._events.take(now, self.notifications.types)

    def _finished_jobs(self) -> FinishedJobs:
        if "_jobs" not in vars(self):
            return {}
        return {
            FEED: self.feeds.take_finished,
            REPORT: self.reports.take_finished,
            QUERY: self.data_kiosk.take_finished,
        }

    def _domain(self, name: str) -> _Domain:
        domain: _Domain = getattr(self, name)
        return domain

    def _advance(self, now: float) -> None:
        """Let all changes happen that are due by a moment (epoch seconds)."""
        self._now = now
        for advance in self._clocks:
            advance(now)

    @functools.cached_property
    def orders(self) -> Orders:
        """Orders 2026-01-01."""
        return Orders(self._book, self._shared.pager)

    @functools.cached_property
    def orders_v0(self) -> OrdersV0:
        """Orders v0."""
        settings = self._shared.settings
        return OrdersV0(
            self._book,
            self._shared.pager,
            items_per_page=settings.order_items_page_size,
            shuffled=settings.shuffle,
        )

    @functools.cached_property
    def _stock(self) -> Stock:
        return Stock(self._book)

    @property
    def stock(self) -> Stock:
        """What lies in Amazon's warehouses now; made up when it is first needed."""
        self._stock.advance(self._now)
        return self._stock

    @functools.cached_property
    def fba_inventory(self) -> FbaInventory:
        """FBA Inventory."""
        shared = self._shared
        longest = shared.settings.longest_page
        return FbaInventory(lambda: self.stock, shared.pager, longest_page=longest)

    @functools.cached_property
    def product_fees(self) -> ProductFees:
        """Product Fees."""
        return ProductFees(self._world, self._seller.seller_id)

    @functools.cached_property
    def _storage(self) -> Storage:
        return Storage(self._stock)

    def storage_fee(self, marketplace: Marketplace, year: int, month: int) -> int:
        """Return what Amazon takes for the storage of a month that has ended.

        It is in hundredths, or in units of a currency without cents.
        """
        self._stock.advance(self._now)
        return self._storage.total(marketplace, year, month)

    @functools.cached_property
    def vendor_orders(self) -> VendorOrders:
        """Vendor Orders."""
        orders = PurchaseOrders(self._world, self._shared.settings.purchase_orders)
        orders.advance(self._now)
        self._clocks.append(orders.advance)
        return VendorOrders(self._world, orders, self._shared.pager)

    @functools.cached_property
    def _jobs(self) -> SellerJobs:
        """Feeds, Reports and Data Kiosk.

        They are made together, so that the ids of their documents do not depend on which of them
        is used first. Documents of past reports show the orders at the time of their download.
        """
        context = JobContext(self._world, self._accounts, self._shared.pager, self.documents)
        stock_reports = StockReports(lambda: self.stock, self._storage, self._book)
        jobs = make_jobs(context, self._shared.settings, self._book, self.books, stock_reports)
        self._clocks.append(jobs.reports.advance)
        return jobs

    @property
    def feeds(self) -> Feeds:
        """Feeds."""
        return self._jobs.feeds

    @property
    def reports(self) -> Reports:
        """Reports."""
        return self._jobs.reports

    @property
    def data_kiosk(self) -> DataKiosk:
        """Data Kiosk."""
        return self._jobs.data_kiosk

    @functools.cached_property
    def tokens(self) -> Tokens:
        """Restricted data tokens."""
        return Tokens(self._shared.models, self._shared.access_tokens)

    @functools.cached_property
    def sellers(self) -> Sellers:
        """The account and its marketplaces."""
        return Sellers(self._world, self._seller.number)

    @property
    def notifications(self) -> Notifications:
        """Destinations and subscriptions."""
        return self._shared.notifications

    @functools.cached_property
    def books(self) -> Books:
        """What moved money on the seller's account."""
        return Books(self._book, self.storage_fee)

    @functools.cached_property
    def finances(self) -> FinanceOperations:
        """What shows the books: Finances, and the payouts of Transfers."""
        shared = self._shared
        return FinanceOperations(
            BooksViewer(
                self.books, shared.pager, self._seller.seller_id, shared.settings.longest_page
            )
        )

    @functools.cached_property
    def sales(self) -> Sales:
        """Order metrics."""
        return Sales(self._book)

    @functools.cached_property
    def easy_ship(self) -> EasyShip:
        """Packages of Easy Ship."""
        return EasyShip(self._book)

    @functools.cached_property
    def uploads(self) -> Uploads:
        """Destinations of uploads."""
        return Uploads(self._world, self.documents, strict=self._shared.settings.strict)

    @functools.cached_property
    def order_actions(self) -> OrderActions:
        """Actions of Messaging and Solicitations."""
        return OrderActions(self._shared.models, self._book)

    @functools.cached_property
    def generated(self) -> GeneratedOperations:
        """All other operations."""
        settings = self._shared.settings
        return GeneratedOperations(
            self._shared.models,
            self._shared.pager,
            self._shared.lists,
            timelines=TimelineSettings(self._world, settings.records),
            seller_id=self._seller.seller_id,
            longest_page=settings.longest_page,
        )


def _seed_of(seed: int, number: int) -> int:
    """Return the seed of a seller; the first seller has the seed of the settings."""
    return seed if number == 1 else seeded_random(seed, "seller", number).getrandbits(62)
