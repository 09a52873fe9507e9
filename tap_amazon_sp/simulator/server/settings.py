"""Settings of the simulator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tap_amazon_sp.simulator.server.signatures import AwsKey
from tap_amazon_sp.simulator.world.durations import Duration
from tap_amazon_sp.simulator.world.timestamps import DAY, utc_now

MAX_SELLERS = 10_000
DEFAULT_PORT = 9326

EMPTY_PAGE_OPERATIONS = (
    "financesV0.listFinancialEvents",
    "financesV0.listFinancialEventGroups",
    "finances_2024-06-19.listTransactions",
    "externalFulfillmentReturns_2024-09-11.listReturns",
)
"""Operations whose documentation says that a page may be empty and still carry a token."""

FIRST_NOTIFICATION_TYPES = ("ORDER_CHANGE", "REPORT_PROCESSING_FINISHED", "ANY_OFFER_CHANGED")
"""Types of notifications that accounts are subscribed to at the start."""


@dataclass(frozen=True)
class SimulatorSettings:
    """What the simulated world looks like and how it behaves.

    Attributes:
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        public_url: What addresses of documents and uploads begin with, e.g. `http://sp-api:9326`;
            None is the address at which a request arrives.
        tls: Whether it serves HTTPS instead of HTTP.
        tls_folder: Where the certificate authority is kept; None makes another one for each start.
        hosts: Whether it also has the names of Amazon's hosts; addresses in answers then begin with
            `https://sellingpartnerapi-na.amazon.com` or another region's host. It takes `tls`.
        sandbox: Folder with a copy of Amazon's models, whose static cases are answered, as Amazon's
            sandbox does; None answers from data, as Amazon does in production.
        sellers: Number of sellers that authorized the application; the following numbers count
            for each of them.
        orders: Orders of a seller at the start.
        purchase_orders: Purchase orders of a vendor at the start.
        records: Records at the start of each list that no domain of its own serves.
        longest_page: Maximum length of a page of such a list, even if a client asks for more.
        seed: Another seed makes other sellers.
        speed: Multiplies the request rates and the pace of feeds and reports, not the timestamps.
        changes_per_minute: Order changes (new ones and updates) of a seller in a minute of real
            time. They begin ten minutes before the start; 0 freezes the world as it was then.
        region: `na`, `eu` or `fe`.
        history_days: How many days back the orders reach.
        prepared: Whether all orders are made up completely before the start, for benchmarks:
            answers come sooner, at about 2 kB for each order.
        shuffle: Whether getOrders of Orders v0 answers orders in any order, instead of the oldest
            first.
        strict: Whether requests are refused that Amazon takes although its models or documents
            forbid them, such as those with a time without a zone.
        token_lifetime: Seconds that access tokens and restricted data tokens are valid.
        page_token_lifetime: Seconds that page tokens are valid, from the first page of a list on.
        document_lifetime: Seconds that presigned URLs are valid (Amazon: 300).
        order_items_page_size: Order items on a page of Orders v0.
        processing_seconds: How long a feed, report or query takes at speed 1: minimum and
            maximum, or one number for half of it to one and a half times it.
        report_processing_seconds: The same for single report types, by name.
        reports_at_once: Reports of an account that are processed at the same time, while others
            wait in the queue; None means no limit.
        report_intervals: Seconds at speed 1 in which the same report is not made again, by type,
            instead of Amazon's; 0 means no limit.
        report_rows: Number of rows in the reports of a type; they are generated while they are
            sent.
        report_charsets: Character set of the reports of a type (`UTF-8`, `Cp1252`, `ISO-8859-1`,
            `Shift_JIS` or `UTF-16`), instead of the usual one.
        report_dialects: How the flat files of a type are written, in words such as
            `quoted,semicolon,cr`; `*` is every other type. Words that are left out are as usual.
        report_languages: Languages of the flat files of a type (ISO 639-1, such as `de`); `*` is
            every other type.
        report_types: Formats (`TSV`, `CSV`, `XML`) of report types that Amazon does not
            document, by name.
        order_reports_lacking: Share of orders that the reports of all orders lack.
        order_reports_lacking_days: Days (UTC, `2026-11-20`) on which other orders were placed that
            they lack: all of them.
        order_reports_unknown: Share of orders after which these reports have another one, which
            the Orders APIs do not know.
        order_reports_latency: Seconds: these reports show orders as they were that long before the
            request.
        order_reports_present: Whether their rows show the orders as they are at the download
            rather than at the request.
        order_reports_item_ids: Whether these reports, as flat files, have the ids of items, which
            they do since 2026-05-28.
        order_reports_too_long: What these reports are for more than 30 days: `sentence` (a
            document that only says so) or `empty`.
        query_page_rows: Rows in a document of a Data Kiosk query.
        queries_at_once: Data Kiosk queries of an account that may run at the same time for each
            dataset; one more is refused.
        empty_pages: Operations that answer an empty page with a token now and then; `all` is any.
        aws_keys: Keys that may sign requests.
        notify: A queue on this machine that notifications are sent to, such as
            `sqs://127.0.0.1:5000/123456789012/notifications`; None sends none.
        notify_types: Types of notifications that accounts are subscribed to at the start.
        notify_pace: Seconds between two notifications of a type that is made up, such as offers; 0
            means that there are none.
        notify_event_bridge: Whether all these notifications come through EventBridge, even those
            that Amazon sends to queues only.
        notify_delay: How long a notification takes at speed 1; see `processing_seconds`.
        notify_duplicates: Probability that a notification comes twice.
        notify_disorder: Probability that a notification comes late, after others.
        notify_lost: Probability that a notification never comes.
        notify_new_orders: Whether new orders are notified of, which is disputed.
        now: The clock.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    public_url: str | None = None
    tls: bool = False
    tls_folder: str | None = None
    hosts: bool = False
    sandbox: str | None = None
    sellers: int = 1
    orders: int = 2000
    purchase_orders: int = 300
    records: int = 60
    longest_page: int | None = None
    seed: int = 1
    speed: float = 1.0
    changes_per_minute: float = 60.0
    region: str = "na"
    history_days: int = 60
    prepared: bool = False
    shuffle: bool = False
    strict: bool = False
    token_lifetime: float = 3600.0
    page_token_lifetime: float = float(DAY)
    document_lifetime: float = 300.0
    order_items_page_size: int = 10
    processing_seconds: Duration = 60.0
    report_processing_seconds: Mapping[str, Duration] = field(default_factory=dict)
    reports_at_once: int | None = None
    report_intervals: Mapping[str, float] = field(default_factory=dict)
    report_rows: Mapping[str, int] = field(default_factory=dict)
    report_charsets: Mapping[str, str] = field(default_factory=dict)
    report_dialects: Mapping[str, str] = field(default_factory=dict)
    report_languages: Mapping[str, str] = field(default_factory=dict)
    report_types: Mapping[str, str] = field(default_factory=dict)
    order_reports_lacking: float = 0.0
    order_reports_lacking_days: tuple[str, ...] = ()
    order_reports_unknown: float = 0.0
    order_reports_latency: float = 0.0
    order_reports_present: bool = False
    order_reports_item_ids: bool = True
    order_reports_too_long: str = "sentence"
    query_page_rows: int = 10_000
    queries_at_once: int = 20
    empty_pages: tuple[str, ...] = EMPTY_PAGE_OPERATIONS
    aws_keys: tuple[AwsKey, ...] = ()
    notify: str | None = None
    notify_types: tuple[str, ...] = FIRST_NOTIFICATION_TYPES
    notify_pace: float = 60.0
    notify_event_bridge: bool = False
    notify_delay: Duration = 0.0
    notify_duplicates: float = 0.0
    notify_disorder: float = 0.0
    notify_lost: float = 0.0
    notify_new_orders: bool = True
    now: Callable[[], dt.datetime] = utc_now
