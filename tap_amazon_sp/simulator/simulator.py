"""The simulator as tests and the command line use it: a server in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tap_amazon_sp.simulator.credentials import Credentials
from tap_amazon_sp.simulator.notifications.operations import FirstSubscriptions, Notifications
from tap_amazon_sp.simulator.notifications.publishing import Delivery, Published, Publisher
from tap_amazon_sp.simulator.notifications.queue_address import QueueError, parse_queue_address
from tap_amazon_sp.simulator.seller_world import SellerWorlds, Shared
from tap_amazon_sp.simulator.server.accounts import SELLER_REFRESH_TOKEN, Accounts
from tap_amazon_sp.simulator.server.amazon_hosts import AMAZON_HOSTS, api_host
from tap_amazon_sp.simulator.server.api import SellingPartnerApi
from tap_amazon_sp.simulator.server.calls import HttpAnswer, HttpRequest
from tap_amazon_sp.simulator.server.certificates import (
    ServerCertificates,
    make_certificates,
    temporary_folder,
)
from tap_amazon_sp.simulator.server.faults import Fault
from tap_amazon_sp.simulator.server.lwa import CLIENT_ID, CLIENT_SECRET, AccessTokens
from tap_amazon_sp.simulator.server.models import load_models
from tap_amazon_sp.simulator.server.names import Names, server_address
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.server.paths import TOKEN_PATH
from tap_amazon_sp.simulator.server.settings import SimulatorSettings
from tap_amazon_sp.simulator.server.signatures import AwsKey
from tap_amazon_sp.simulator.world.durations import scaled
from tap_amazon_sp.simulator.world.marketplaces import MARKETPLACES

if TYPE_CHECKING:
    from tap_amazon_sp.simulator.notifications.sending import QueueSender


class Simulator:
    """A local Selling Partner API.

    with Simulator(SimulatorSettings(orders=500, speed=1000, port=0)) as simulator:
        requests.get(f"{simulator.url}/_simulator/health")
    """

    change_answer: Callable[[HttpRequest, HttpAnswer], HttpAnswer] | None = None
    """What a test does to each answer before it is sent. It is called for one at a time."""

    def __init__(self, settings: SimulatorSettings | None = None) -> None:
        """Make up the sellers; nothing listens yet.

        Args:
            settings: What the world looks like; None is the defaults.

        Raises:
            ValueError: `public_url` is not the address of a server, or `region` is unknown.
        """
        self.settings = settings or SimulatorSettings()
        if self.settings.region not in MARKETPLACES:
            message = f"`region` must be na, eu or fe, not {self.settings.region!r}"
            raise ValueError(message)
        public_url = self.settings.public_url
        self._public_url = None if public_url is None else server_address(public_url)
        self._accounts = Accounts(self.settings.sellers)
        self._access_tokens = AccessTokens(self._accounts, self.settings.token_lifetime)
        self._start = self.settings.now().timestamp()
        self._api = SellingPartnerApi(
            self.settings,
            models=load_models(),
            accounts=self._accounts,
            access_tokens=self._access_tokens,
            make_sellers=self._make_sellers,
        )
        self._lock = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None
        self._port = self.settings.port
        self._failure: BaseException | None = None
        self._sender = self._make_sender()
        self._certificates: ServerCertificates | None = None
        self._temporary = ExitStack()

    def __enter__(self) -> Simulator:  # noqa: PYI034 - typing.Self is not in Python 3.10
        """Start; see `start`."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def start(self, when_bound: Callable[[], object] | None = None) -> None:
        """Start to serve in a thread; return as soon as it listens.

        Args:
            when_bound: Called when the address is known, before the first request is answered.

        Raises:
            ModuleNotFoundError: aiohttp is not installed, or trustme for HTTPS.
            CertificateError: The certificates cannot be made or read.
            ValueError: `hosts` is set without `tls`.
            OSError: The address is in use or not available.
            QueueError: The queue for notifications does not exist.
        """
        # Imported here, so that everything except serving works without the extra `simulator`.
        from tap_amazon_sp.simulator.server.http import Server  # noqa: PLC0415

        try:
            self._certificates = self._make_certificates()
            tls = None if self._certificates is None else self._certificates.context
            with self._lock:
                self._listen(Server(self._api, self._locked, self._names(), tls))
                if when_bound is not None:
                    when_bound()
            if self._sender is not None:
                self._sender.start()
        except BaseException:
            self.stop()
            raise

    def _make_certificates(self) -> ServerCertificates | None:
        settings = self.settings
        if not settings.tls:
            if settings.hosts:
                message = "`hosts` takes `tls`: Amazon's hosts have HTTPS only"
                raise ValueError(message)
            return None
        folder = settings.tls_folder or self._temporary.enter_context(temporary_folder())
        names = {"localhost", "127.0.0.1", "::1", settings.host}
        if self._public_url is not None:
            names.add(urlsplit(self._public_url).hostname or "localhost")
        if settings.hosts:
            names |= {*AMAZON_HOSTS}
        return make_certificates(Path(folder).expanduser(), sorted(names))

    def _names(self) -> Names:
        """Return what addresses in answers begin with."""
        settings = self.settings
        return Names(self._public_url, api_host(settings.region) if settings.hosts else None)

    @property
    def ca_certificate(self) -> Path | None:
        """File of the certificate authority that clients must trust; None without HTTPS."""
        return None if self._certificates is None else self._certificates.authority

    def _listen(self, server: Any) -> None:
        started = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run(server, started)), name="simulator", daemon=True
        )
        self._thread.start()
        started.wait()
        if self._failure is not None:
            # Its loop closes at any moment: nothing may call it any more.
            self._thread.join()
            self._loop = None
            raise self._failure

    async def _run(self, server: Any, started: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        try:
            self._port = await server.start(self.settings.host, self.settings.port)
        except OSError as error:
            self._failure = error
            return
        finally:
            started.set()
        await self._stop.wait()
        await server.stop()

    def stop(self) -> None:
        """Close all connections and end the threads."""
        if self._sender is not None:
            self._sender.stop()
        if self._loop is not None and self._stop is not None and self._thread is not None:
            if self._thread.is_alive():
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
        self._temporary.close()

    def _make_sellers(self) -> SellerWorlds:
        self._sellers = SellerWorlds(
            _shared(self.settings, self._accounts, self._access_tokens, self._start)
        )
        return self._sellers

    def _make_sender(self) -> QueueSender | None:
        """Return what sends the notifications; None without a queue."""
        if self.settings.notify is None:
            return None
        # boto3 takes a third of the time of a start, and only queues need it.
        from tap_amazon_sp.simulator.notifications.sending import QueueSender  # noqa: PLC0415

        return QueueSender(parse_queue_address(self.settings.notify), self._due)

    def _due(self, everything: bool) -> list[Published]:  # noqa: FBT001
        with self._lock:
            # Read each time: a reset makes another one.
            publisher = self._sellers.shared.publisher
            if publisher is None:
                return []
            now = self._api.now()
            for seller in self._accounts.sellers().values():
                for event in self._sellers.seller_of(seller).events(now):
                    publisher.publish(event)
            return publisher.due(now, everything=everything)

    def send_notifications(self) -> None:
        """Send all notifications of what has happened so far, including the delayed ones.

        Raises:
            ValueError: The settings name no queue.
            QueueError: The queue took not all of them.
        """
        if self._sender is None:
            message = "there is no queue: use the setting `notify`"
            raise ValueError(message)
        if left := self._sender.send(everything=True):
            message = f"{left} notifications could not be sent"
            raise QueueError(message)

    def change_orders(
        self, count: int = 1, account: str = "seller", *, order_ids: Sequence[str] | None = None
    ) -> list[str]:
        """Let orders change now: new orders, and next steps of open ones.

        Args:
            count: Number of changes; an order can change more than once.
            account: Name of the account; see `truth`.
            order_ids: Orders that change once each, instead: their next step, or a correction if
                they are closed.

        Returns:
            The ids of the orders, in the order of their changes.

        Raises:
            KeyError: There is no such account.
            ValueError: There is no such order.
        """
        with self._lock:
            return self._api.change_orders(count, account, order_ids)

    def _locked(
        self, serve: Callable[[HttpRequest], HttpAnswer], request: HttpRequest
    ) -> HttpAnswer:
        with self._lock:
            answer = serve(request)
            return answer if self.change_answer is None else self.change_answer(request, answer)

    @property
    def port(self) -> int:
        """The port where it listens."""
        return self._port

    @property
    def url(self) -> str:
        """Its address, e.g. `http://127.0.0.1:9326`: `public_url`, or where it listens."""
        host = self.settings.host
        scheme = "https" if self.settings.tls else "http"
        bound = f"{scheme}://{f'[{host}]' if ':' in host else host}:{self._port}"
        return self._public_url or bound

    def credentials(self, account: str = "seller") -> Credentials:
        """Return what a client needs to call the simulator.

        Args:
            account: `seller`, `seller-2` and so on, or `vendor`.

        Raises:
            KeyError: There is no such account.
        """
        owner = self._accounts.by_name[account]
        tokens = {found.name: token for token, found in self._accounts.by_refresh_token.items()}
        return Credentials(
            endpoint=self.url,
            token_url=f"{self.url}{TOKEN_PATH}",
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            refresh_token=tokens[account],
            seller_id=owner.seller_id,
            region=self.settings.region,
            marketplace_ids=tuple(market.id for market in MARKETPLACES[self.settings.region]),
            ca_certificate=None if self.ca_certificate is None else str(self.ca_certificate),
        )

    def settings_for_tap(self, refresh_token: str | None = None) -> dict[str, Any]:
        """Return settings for the tap that point to the simulator.

        Args:
            refresh_token: `Atzr|simulator-seller`, `Atzr|simulator-seller-2` and so on, or
                `Atzr|simulator-vendor`; None is all sellers. With several sellers, `accounts`
                lists their names, refresh tokens and merchant tokens.
        """
        sellers = self._accounts.sellers()
        one = refresh_token or SELLER_REFRESH_TOKEN
        authorized: dict[str, Any] = {"refresh_token": one}
        if one in sellers:
            authorized["seller_id"] = sellers[one].seller_id
        if refresh_token is None and len(sellers) > 1:
            authorized = {
                "accounts": [
                    {"name": seller.name, "refresh_token": token, "seller_id": seller.seller_id}
                    for token, seller in sellers.items()
                ]
            }
        common = self.credentials()
        return {
            "endpoint": common.endpoint,
            "token_url": common.token_url,
            "client_id": common.client_id,
            "client_secret": common.client_secret,
            **authorized,
            "region": common.region,
            "marketplace_ids": [*common.marketplace_ids],
        }

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The requests to the SP-API so far, oldest first, without those for tokens and documents.

        Each has `time`, `received_at` (epoch seconds, with microseconds), `account` (its name;
        None for grantless calls and unknown tokens), `operation`, `method`, `path`, `query`
        (values as they were sent), `unknown_parameters`, `repeated_lists` (the first value
        alone counts), `status`, `refusal` (what the error says),
        `token_kind` (`LWA`, `RDT`, `grantless`), `signed`, `request_id`, `fault` and `user_agent`.
        The last 200,000 are kept.
        """
        with self._lock:
            return self._api.log.entries()

    @property
    def metrics(self) -> dict[str, dict[str, Any]]:
        """`calls`, `throttled` and `statuses` by operation id."""
        with self._lock:
            return self._api.log.metrics()

    def clear_requests(self) -> None:
        """Remove the requests so far, and the metrics."""
        with self._lock:
            self._api.log.clear()

    def reset(self) -> None:
        """Return to the start: every test can begin with the same sellers.

        Faults, the request log, the metrics and `change_answer` are cleared, token buckets are
        full, and what was created or changed is gone. The sellers are made up again, as of the
        same moment. Access tokens stay valid, because many clients keep them for an hour.
        """
        with self._lock:
            self.change_answer = None
            self._api.reset()

    def inject(self, kind: str, **settings: Any) -> int:
        """Inject a fault; return its id.

        Args:
            kind: Kind of the fault; see `faults.KINDS`.
            **settings: `operation`, `account`, `count` (default 1; None means no limit),
                `probability`, `skip`, `only_with_token`, `status`, `code`, `message`, `body`,
                `delay`, `field`; see `faults.Fault`.

        Raises:
            ValueError: The fault makes no sense.
        """
        with self._lock:
            return self._api.faults.inject(Fault(kind, **settings))

    @property
    def faults(self) -> list[dict[str, Any]]:
        """The faults that can still strike."""
        with self._lock:
            return self._api.faults.waiting()

    def clear_faults(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._api.faults.clear()

    def truth(
        self,
        domain: str,
        account: str = "seller",
        *,
        path_parameters: Mapping[str, str] | None = None,
    ) -> list[dict[str, Any]]:
        """Return all records of a domain as they are now.

        Args:
            domain: `orders` (in the form of Orders 2026-01-01, with all datasets),
                `inventory` (see `truth_of_stock`), `purchase_orders`, `feeds`, `reports`, `queries`
                (of Data Kiosk), or the id of an operation that lists made-up records, e.g.
                `finances_2024-06-19.listTransactions`;
                also `created_reports` (the reports that createReport made, in order, with
                `reportOptions`, the unknown ones among them in `ignoredOptions`, and `readyAt`,
                epoch seconds),
                `notifications` (the last 100,000 that were sent or lost: `notificationId`,
                `notificationType`, `subscriptionId`, `about`, `eventTime`, `queue`, `copies`: how
                many messages, 0 if it is lost, `sent`: how many of them so far, and `body`),
                `vendorOrders.getPurchaseOrdersStatus`, `reports_2021-06-30.getReportSchedules`,
                `notifications.getDestinations` and `notifications.getSubscriptions`.
            account: `seller`, `seller-2` and so on, or `vendor`. The vendor shares everything with
                the first seller except feeds, reports, queries, schedules and subscriptions.
            path_parameters: For an operation: the parameters that its list depends on, by name.

        Raises:
            KeyError: There is no such domain or account, or a parameter is missing.
        """
        with self._lock:
            return self._api.truth(domain, account, path_parameters=path_parameters)

    def document(self, document_id: str, account: str = "seller") -> bytes:
        """Return the content of a document as it is stored, which is often zipped.

        Args:
            document_id: Amazon's id of the document.
            account: Name of the account; see `truth`.

        Raises:
            KeyError: There is no such document or account.
        """
        with self._lock:
            owner = self._accounts.by_name[account]
            found = self._sellers.seller_of(owner).documents.get(document_id, account)
            if found is None:
                raise KeyError(document_id)
            content = found.read()
        return b"".join(content.chunks(0, content.size))

    def register_aws_key(self, key_id: str, secret: str, session_token: str | None = None) -> None:
        """Accept requests that are signed with an AWS access key, e.g. one that STS issued."""
        with self._lock:
            self._api.signatures.register(AwsKey(key_id, secret, session_token))


def _shared(
    settings: SimulatorSettings, accounts: Accounts, access_tokens: AccessTokens, start: float
) -> Shared:
    pager = Pager(
        seed=settings.seed,
        lifetime=settings.page_token_lifetime,
        empty_pages=settings.empty_pages,
    )
    address = None if settings.notify is None else parse_queue_address(settings.notify)
    first = FirstSubscriptions(settings.notify_types, event_bridge=settings.notify_event_bridge)
    notifications = Notifications(
        pager,
        accounts.by_name.values(),
        seed=settings.seed,
        longest_page=settings.longest_page,
        first=first if address is None else replace(first, queue=address.arn),
    )
    publisher = None
    if address is not None:
        delivery = Delivery(
            delay=scaled(settings.notify_delay, settings.speed),
            duplicates=settings.notify_duplicates,
            disorder=settings.notify_disorder,
            lost=settings.notify_lost,
            speed=settings.speed,
        )
        publisher = Publisher(notifications, address, delivery, seed=settings.seed)
    return Shared(settings, start, load_models(), access_tokens, pager, notifications, publisher)
