"""Settings of the simulator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tap_amazon_sp.simulator.jobs import Duration
from tap_amazon_sp.simulator.timestamps import DAY, utc_now

CLIENT_ID = "amzn1.application-oa2-client.simulator"
CLIENT_SECRET = "amzn1.oa2-cs.v1.simulator"  # noqa: S105 - opens nothing but the simulator
OTHER_CLIENT_ID = "amzn1.application-oa2-client.simulator-other"
OTHER_CLIENT_SECRET = "amzn1.oa2-cs.v1.simulator-other"  # noqa: S105
SELLER_REFRESH_TOKEN = "Atzr|simulator-seller"  # noqa: S105
VENDOR_REFRESH_TOKEN = "Atzr|simulator-vendor"  # noqa: S105
REVOKED_REFRESH_TOKEN = "Atzr|simulator-revoked"  # noqa: S105

MAX_SELLERS = 10_000
DEFAULT_PORT = 9326

EMPTY_PAGE_OPERATIONS = (
    "financesV0.listFinancialEvents",
    "financesV0.listFinancialEventGroups",
    "finances_2024-06-19.listTransactions",
    "externalFulfillmentReturns_2024-09-11.listReturns",
)
"""Operations whose documentation says that a page may be empty and still carry a token."""


@dataclass(frozen=True)
class AwsKey:
    """An AWS access key that may sign requests.

    Attributes:
        key_id: `AKIA...`, or `ASIA...` for a temporary one.
        secret: Its secret.
        session_token: What a temporary one must send in `x-amz-security-token`.
    """

    key_id: str
    secret: str
    session_token: str | None = None


@dataclass(frozen=True)
class SimulatorSettings:
    """What the simulated world looks like and how it behaves.

    Attributes:
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        sellers: Sellers that authorized the application; each has what the following say.
        orders: Orders of a seller at the start.
        purchase_orders: Purchase orders of a vendor at the start.
        records: Records at the start of each list that no domain of its own serves.
        longest_page: No page of such a list is longer, whatever is asked for.
        seed: Another seed is other made-up sellers.
        speed: Multiplies request rates and the pace of feeds and reports; not the time stamps.
        changes_per_minute: Order changes (new ones and updates) of a seller in a minute of real
            time; 0 freezes the world as it was ten minutes before the start, where changes begin
            otherwise.
        region: `na`, `eu` or `fe`.
        history_days: How far back the orders reach.
        token_lifetime: Seconds that access tokens and restricted data tokens are valid.
        page_token_lifetime: Seconds that page tokens are valid.
        document_lifetime: Seconds that presigned URLs are valid (Amazon: 300).
        order_items_page_size: Order items per page of Orders v0.
        processing_seconds: How long a feed, report or query takes at speed 1: the least and the
            most, or a number for from half of it to one and a half times it.
        report_processing_seconds: The same by report type, where it is another.
        reports_at_once: How many reports of an account are made at the same time, while others
            wait in the queue; None is all.
        report_intervals: Seconds at speed 1 after a report in which the same one is not made
            again, by type, where they are not those of Amazon; 0 is none.
        report_rows: How many rows the reports of a type have, made while they are sent.
        report_charsets: Character set of the reports of a type (`UTF-8`, `Cp1252`, `ISO-8859-1`,
            `Shift_JIS` or `UTF-16`), where it is not the usual one.
        report_types: Formats (`TSV`, `CSV`, `XML`) of report types that Amazon does not
            document, by name.
        query_page_rows: Rows of a page of a Data Kiosk query.
        queries_at_once: How many Data Kiosk queries of an account may be on their way for each
            data set; one more is refused.
        empty_pages: Operations that now and then answer an empty page with a token; `all` is any.
        aws_keys: Keys that may sign requests.
        now: The clock.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
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
    report_types: Mapping[str, str] = field(default_factory=dict)
    query_page_rows: int = 10_000
    queries_at_once: int = 20
    empty_pages: tuple[str, ...] = EMPTY_PAGE_OPERATIONS
    aws_keys: tuple[AwsKey, ...] = ()
    now: Callable[[], dt.datetime] = utc_now
