"""A connection: the client of one account, and facts about the account, found once in a run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar, cast

from tap_amazon_sp.amazon.account import Account
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.clock import AmazonClock
from tap_amazon_sp.amazon.errors import AccountError
from tap_amazon_sp.amazon.throttle import Throttle
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.events import Events
from tap_amazon_sp.common.once import Once
from tap_amazon_sp.documents.opening import Documents
from tap_amazon_sp.jobs.api import QUERIES, REPORTS, JobApi
from tap_amazon_sp.jobs.polling import PollingPace
from tap_amazon_sp.jobs.queue import JobQueue
from tap_amazon_sp.reading.changed_orders import ChangedOrders
from tap_amazon_sp.reading.inbox import Inbox, Inboxes
from tap_amazon_sp.reading.own_items import OwnItems
from tap_amazon_sp.reading.participations import participating_marketplaces
from tap_amazon_sp.settings.accounts import account_of
from tap_amazon_sp.settings.definitions import Settings
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.queues import queue_of

T = TypeVar("T")


class Connection:
    """The access of one account to Amazon; makes requests only when they are needed.

    It may be used from many threads. `settings` are the settings of the account: its own ones, and
    for the rest those of the tap. `failed` is True if Amazon refused access.
    """

    def __init__(  # noqa: PLR0913 - each is injected
        self,
        settings: Settings,
        *,
        clock: Clock,
        throttle: Throttle,
        user_agent: str,
        once: Once | None = None,
        events: Events | None = None,
        inboxes: Inboxes | None = None,
    ) -> None:
        """Call nothing yet.

        Args:
            settings: The settings of the account.
            clock: The clock of this machine.
            throttle: The usage plans of the run.
            user_agent: Sent with every request.
            once: What the accounts of a run tell only once.
            events: What the run does, and when.
            inboxes: The queues of notifications, which accounts may share.
        """
        self.settings = settings
        self.once = once or Once()
        self.clock = AmazonClock(clock, once=self.once)
        self.events = (events or Events(clock)).of_account(settings.name)
        self.failed = False
        self.changed_orders = ChangedOrders()
        self._inboxes = inboxes or Inboxes(clock)
        self._throttle = throttle
        self._user_agent = user_agent
        self._lock = threading.Lock()
        self._finding: dict[str, threading.Lock] = {}
        self._found: dict[str, Any] = {}

    @property
    def name(self) -> str | None:
        """The account's name; None if the settings describe one account only."""
        return self.settings.name

    @property
    def user_agent(self) -> str:
        """The user agent of the requests to Amazon."""
        return self._user_agent

    @property
    def account(self) -> Account:
        """The account that the settings describe."""
        return self._once("account", lambda: account_of(self.settings))

    @property
    def client(self) -> SellingPartnerClient:
        """The account's client."""
        return self._once("client", self._new_client)

    @property
    def is_used(self) -> bool:
        """Whether the client was needed."""
        return "client" in self._found

    @property
    def participating_marketplaces(self) -> tuple[str, ...]:
        """Ids of the marketplaces to read if an operation requires some: by default all.

        Raises:
            SettingsError: This application may not read them from Amazon, or there are none.
        """
        return self.account.marketplace_ids or self._once(
            "marketplaces", lambda: participating_marketplaces(self.client)
        )

    @property
    def knows_marketplaces(self) -> bool:
        """Whether the marketplaces to read are known without a call."""
        found = self._found.get("marketplaces")
        return bool(self.account.marketplace_ids) or isinstance(found, tuple)

    @property
    def own_items(self) -> OwnItems:
        """The seller's own listings."""
        return self._once("items", self._new_own_items)

    @property
    def report_jobs(self) -> JobQueue:
        """The queue of reports."""
        return self._once("report jobs", lambda: self._new_queue(REPORTS))

    @property
    def query_jobs(self) -> JobQueue:
        """The queue of Data Kiosk queries."""
        return self._once("query jobs", lambda: self._new_queue(QUERIES))

    @property
    def documents(self) -> Documents:
        """The documents of reports and queries."""
        return self._once("documents", lambda: Documents(self.client, self.clock))

    @property
    def inbox(self) -> Inbox | None:
        """The notifications in the queue of the account; None if it has no queue."""
        address = queue_of(self.settings)
        if address is None:
            return None
        wait = self.settings.notifications_wait
        return self._inboxes.of(address, self.account.aws, wait=wait)

    def wants(self, stream_name: str) -> bool:
        """Whether a stream is read for this account, if it is selected."""
        wanted = self.settings.streams
        return self.name is None or wanted is None or stream_name in wanted

    @property
    def max_parallel_requests(self) -> int:
        """How many requests may run at the same time."""
        return self.settings.max_parallel_requests

    def new_executor(self, name: str) -> ThreadPoolExecutor:
        """Return separate threads for one kind of work.

        Requests wait for the rate limit of their operation in these threads. If two operations
        shared the threads, each would wait for the limit of the other, too.
        """
        return ThreadPoolExecutor(self.max_parallel_requests, name)

    def ask_for_time(self) -> None:
        """Set the clock by an answer of Amazon, before the first window's end is chosen.

        Raises:
            SyncInterrupted: The process was asked to stop while waiting.
        """
        self._once("time", self._hear_time)

    def _hear_time(self) -> None:
        # If there is no access token, the first request says why.
        with suppress(AccountError):
            self.client.ask_for_time()

    def _new_client(self) -> SellingPartnerClient:
        return SellingPartnerClient(
            self.account,
            clock=self.clock,
            user_agent=self._user_agent,
            request_timeout=self.settings.request_timeout,
            max_parallel_requests=self.max_parallel_requests,
            throttle=self._throttle,
            name=self.name,
            events=self.events,
        )

    def _new_own_items(self) -> OwnItems:
        if self.settings.seller_id is None:
            raise SettingsError(["`seller_id` is needed to list the seller's own items"])
        return OwnItems(self.client, self.settings.seller_id, self.clock)

    def _new_queue(self, api: JobApi) -> JobQueue:
        return JobQueue(
            self.client,
            self.clock,
            api,
            pace=PollingPace(first=self.settings.report_poll_interval),
            timeout=self.settings.report_timeout,
            events=self.events,
        )

    def _once(self, name: str, find: Callable[[], T]) -> T:
        """Find a value once, even if many threads need it; others need not wait for it."""
        if name not in self._found:
            with self._lock:
                finding = self._finding.setdefault(name, threading.Lock())
            with finding:
                if name not in self._found:
                    self._found[name] = _result_of(find)
        found = self._found[name]
        if isinstance(found, SettingsError):
            raise SettingsError(found.errors)
        return cast("T", found)


def _result_of(find: Callable[[], Any]) -> Any:
    """Return the value, or the error that every stream would get."""
    try:
        return find()
    except SettingsError as error:
        return error
