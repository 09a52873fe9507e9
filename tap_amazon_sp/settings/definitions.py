"""Every setting of the tap, once: its type, default, texts and check.

The JSON Schema of the settings, their checks, the typed values of an account, docs/settings.md,
the list in docs/accounts.md and `meltano.yml` all follow from this class.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from tap_amazon_sp.amazon.order_datasets import DATASETS
from tap_amazon_sp.common.durations import parse_duration
from tap_amazon_sp.settings import values
from tap_amazon_sp.settings.custom_streams import CustomStreamSettings, read_custom_streams
from tap_amazon_sp.settings.data_kiosk_queries import QuerySettings, read_queries
from tap_amazon_sp.settings.fields import declared_in, setting
from tap_amazon_sp.settings.reports import ReportEntry, ReportSettings, read_reports

OrdersApi = Literal["2026-01-01", "v0"]
ORDERS_APIS: tuple[OrdersApi, ...] = get_args(OrdersApi)

OrdersSource = Literal["combined", "search"]
OrdersHistory = Literal["none", "report", "report_xml"]

RestrictedDataElement = Literal["buyerInfo", "shippingAddress", "buyerTaxInformation"]
"""Data elements of Orders v0 (model `tokens_2021-03-01`)."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of the tap, or of one of its accounts, as typed values."""

    name: str | None = setting(
        "Name of the account: `_account` in its records and bookmarks, and a folder of `save_to`. "
        "Names must differ in more than capitals",
        read=values.account_name,
        required=True,
        only_in_accounts=True,
    )
    streams: tuple[str, ...] | None = setting(
        "Names of the selected streams to read for this account. Default: all selected streams",
        only_in_accounts=True,
    )

    client_id: str = setting(
        "LWA client id of the application (`amzn1.application-oa2-client.…`)",
        title="Client id",
        absent="",
        required=True,
        per_account=True,
    )
    client_secret: str = setting(
        "LWA client secret of the application; expires after 180 days",
        title="Client secret",
        absent="",
        required=True,
        secret=True,
        per_account=True,
    )
    refresh_token: str = setting(
        "LWA refresh token of the selling partner's authorization (`Atzr|…`)",
        title="Refresh token",
        absent="",
        required=True,
        secret=True,
        per_account=True,
    )
    region: str = setting(
        "Selling region: `na`, `eu` or `fe`; the AWS names `us-east-1`, `eu-west-1` and "
        "`us-west-2` mean the same",
        title="Region",
        default="na",
        read=values.region_name,
        per_account=True,
    )
    marketplace_ids: tuple[str, ...] = setting(
        "Marketplaces to read, as ids or country codes (`US` or `ATVPDKIKX0DER`). Default: all "
        "marketplaces of the account, which takes one call if an operation needs their ids",
        title="Marketplaces",
        absent=(),
        read=values.marketplace_ids,
        per_account=True,
    )
    start_date: dt.datetime | None = setting(
        "Read what changed since this date or time (ISO 8601). Default: as far back as Amazon "
        "keeps data",
        title="Start date",
        read=values.start_moment,
        per_account=True,
    )
    end_date: dt.datetime | None = setting(
        "Read what changed up to this date or time (ISO 8601). Default: now",
        title="End date",
        read=values.end_moment,
        per_account=True,
    )
    lookback: dt.timedelta = setting(
        "How much time before the bookmark to read again, to catch what Amazon stored late: an "
        "ISO 8601 duration such as `PT6H` or `P2D`",
        title="Lookback",
        default="PT0S",
        read=parse_duration,
        per_account=True,
    )
    orders_api: OrdersApi = setting(
        "Version of the Orders API: `2026-01-01`, or `v0` until Amazon removes it on 2027-03-27",
        title="Orders API",
        default="2026-01-01",
    )
    orders_included_data: tuple[str, ...] | None = setting(
        "Datasets to include in orders of 2026-01-01. Default: all datasets without personal "
        "data; with `restricted_data` also `BUYER` and `RECIPIENT`",
        title="Orders: included data",
        allowed=tuple(DATASETS),
        per_account=True,
    )
    orders_source: OrdersSource = setting(
        "How `orders` of 2026-01-01 are read where more wait than searchOrders gives in a few "
        "minutes: `combined` reads pages with searchOrders and, at the same time, single orders "
        "with getOrder, whose ids come from a report; `search` uses searchOrders alone. Both give "
        "the same records",
        title="Orders: source",
        default="combined",
        per_account=True,
    )
    orders_history: OrdersHistory = setting(
        "Where the first run finds past `orders` of 2026-01-01: `none` asks the API; `report` "
        "takes them from reports of all orders, which is far faster but gives records with fewer "
        "properties; `report_xml` takes the reports in XML, which have the ids of the items even "
        "if flat files lack them. What changes later comes from the API",
        title="Orders: history",
        default="none",
        per_account=True,
    )
    restricted_data: bool = setting(
        "Read buyers' personal data, with restricted data tokens if the API needs them; the "
        "application needs a restricted role",
        title="Restricted data",
        default=False,
        per_account=True,
    )
    restricted_data_elements: tuple[RestrictedDataElement, ...] = setting(
        "Data elements to request in restricted data tokens for Orders v0; "
        "`buyerTaxInformation` needs a tax role",
        title="Restricted data elements",
        default=["buyerInfo", "shippingAddress"],
        per_account=True,
    )
    seller_id: str | None = setting(
        "Merchant token of the seller (`A…`, in Seller Central under Account Info). Streams of "
        "listings and of the seller's own items need it",
        title="Seller id",
        per_account=True,
    )
    asins: tuple[str, ...] | None = setting(
        "ASINs for the streams that are read by ASIN. Default: those of the seller's own listings",
        title="ASINs",
        per_account=True,
    )
    skus: tuple[str, ...] | None = setting(
        "SKUs for the streams that are read by SKU. Default: those of the seller's own listings",
        title="SKUs",
        per_account=True,
    )
    stream_ids: Mapping[str, tuple[str, ...]] = setting(
        'Ids to read, by name of the stream, as a list or a file: `{"shipment_tracking": '
        '["1Z999"], "catalog_items": {"file": "asins.txt"}}`. A file has one id per line, or '
        "holds a JSON array if its name ends in `.json`",
        title="Ids by stream",
        absent={},
        read=values.ids_by_stream,
        per_account=True,
    )
    custom_streams: tuple[CustomStreamSettings, ...] = setting(
        "Streams of any other operation of the SP-API, by its name (`operation`) or path "
        "(`path`); see docs/custom_streams.md",
        title="Custom streams",
        absent=(),
        read=read_custom_streams,
        makes_streams=True,
    )
    feed_types: tuple[str, ...] = setting(
        "Types of feeds to list. Default: all types in use",
        title="Feed types",
        absent=(),
        per_account=True,
    )
    feed_summaries: bool = setting(
        "Read the result document of each finished feed and put its counts in `processingSummary`",
        title="Feed summaries",
        default=False,
        per_account=True,
    )
    report_types: tuple[str, ...] = setting(
        "Types of reports to list. Default: all types in use, which takes one call per ten types",
        title="Report types",
        absent=(),
        per_account=True,
    )
    reports: tuple[ReportSettings, ...] = setting(
        "Reports whose rows to read, each as a stream: the name of a type such as "
        "`GET_MERCHANT_LISTINGS_ALL_DATA`, or an object with `report_type`, options and times; "
        "see docs/reports.md",
        title="Reports",
        kind=tuple[ReportEntry, ...],
        absent=(),
        read=read_reports,
        makes_streams=True,
    )
    data_kiosk_queries: tuple[QuerySettings, ...] = setting(
        "Data Kiosk queries, each as a stream: `name`, and `query` in GraphQL with `{start}` "
        "and `{end}` for the days to read; see docs/reports.md",
        title="Data Kiosk queries",
        absent=(),
        read=read_queries,
        makes_streams=True,
    )
    report_poll_interval: float = setting(
        "Seconds between the first two polls of a report or query that Amazon is working on; "
        "the interval grows to a minute",
        title="Report poll interval",
        default=5,
        read=values.number_from(0.01, 3600),
    )
    report_timeout: float = setting(
        "Maximum time to wait for a report or query, in seconds. One that takes longer is "
        "fetched by the next run, not requested again",
        title="Report timeout",
        default=7200,
        read=values.number_from(0.001, 30 * 24 * 3600),
    )
    endpoint: str | None = setting(
        "Base URL of the API, instead of the region's. It begins with `https://`; `http://` is for "
        "addresses of this machine only, such as the simulator's",
        title="Endpoint",
        read=values.base_address,
        per_account=True,
    )
    token_url: str | None = setting(
        "Address of the LWA token endpoint, instead of Amazon's; `https://` as for `endpoint`",
        title="Token URL",
        read=values.web_address,
        per_account=True,
    )
    sandbox: bool = setting(
        "Use Amazon's sandbox for the region",
        title="Sandbox",
        default=False,
        per_account=True,
    )
    aws_access_key_id: str | None = setting(
        "Sign requests with this key, or assume `role_arn` with it; Amazon does not require "
        "signatures",
        title="AWS access key id",
        read=values.aws_credential,
        secret=True,
        per_account=True,
    )
    aws_secret_access_key: str | None = setting(
        "Secret of `aws_access_key_id`",
        title="AWS secret access key",
        read=values.aws_credential,
        secret=True,
        per_account=True,
    )
    aws_session_token: str | None = setting(
        "Session token of temporary AWS keys",
        title="AWS session token",
        read=values.aws_credential,
        secret=True,
        per_account=True,
    )
    aws_region: str | None = setting(
        "AWS region to sign for, instead of the selling region's",
        title="AWS region",
        per_account=True,
    )
    role_arn: str | None = setting(
        "Assume this IAM role and sign requests with it; without `aws_access_key_id` the keys "
        "come from boto3's default credential chain",
        title="Role ARN",
        read=values.role_arn,
        per_account=True,
    )
    role_session_name: str = setting(
        "Name of the role's session",
        title="Role session name",
        default="tap-amazon-sp",
        per_account=True,
    )
    sts_endpoint_url: str | None = setting(
        "Address of the AWS STS endpoint, instead of the default; `https://` as for `endpoint`",
        title="STS endpoint URL",
        read=values.web_address,
        per_account=True,
    )
    notifications_queue_url: str | None = setting(
        "Queue of Amazon SQS that Amazon's notifications arrive in: its URL or ARN; "
        "`amazon-sp notifications setup` connects it. Its keys are `aws_access_key_id` and so on, "
        "or come from boto3's default credential chain",
        title="Queue of notifications",
        read=values.queue,
        per_account=True,
    )
    notifications_endpoint_url: str | None = setting(
        "Address of the server that has the queue, instead of the one in its URL: a VPC endpoint "
        "or a test server; `https://` as for `endpoint`",
        title="Endpoint URL of the queue",
        read=values.web_address,
        per_account=True,
    )
    notifications_wait: float = setting(
        "Seconds for which a run listens to the queue of notifications at least; then it ends when "
        "the queue is empty, or has nothing but messages that were sent later",
        title="Wait for notifications",
        default=2.0,
        read=values.number_from(0, 3600),
        per_account=True,
    )
    max_parallel_requests: int = setting(
        "Maximum number of parallel requests for each account, without those that wait for the "
        "rate limit; with 1 the streams of an account are read one after the other",
        title="Parallel requests",
        default=8,
        read=values.integer_from(1, 1000),
    )
    request_timeout: float = setting(
        "Seconds to wait for an answer to begin or continue",
        title="Request timeout",
        default=60,
        read=values.number_from(0.1, 3600),
    )
    user_agent: str | None = setting(
        "User agent of the requests to Amazon, at most 500 characters",
        title="User agent",
        read=values.user_agent,
    )
    timeline_file: str | None = setting(
        "File for what the run does, and when: `amazon-sp timeline` makes a picture of it. Each "
        "run replaces the file. It has times and the names of operations, streams and report "
        "types, but no data",
        title="Timeline file",
        read=values.file_name,
    )
    live_view: bool | None = setting(
        "Show a table of the streams instead of a line a minute, if the log is on a terminal, and "
        "not in CI. Default: if the records go into a file. `true`: also if they go into a pipe; "
        "the table may hide lines that the other program writes to the terminal",
        title="Live view",
    )
    accounts: tuple[Settings, ...] = setting(
        'Several authorizations in one run, read side by side: a list of `{"name": "shop-us", '
        '"refresh_token": "…"}`. Settings that an entry does not have are those of the tap; see'
        " docs/accounts.md",
        title="Accounts",
        absent=(),
        makes_streams=True,
        secret=True,
    )

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that never reach a log, an error, a state or a record."""
        values_of_secrets = (
            getattr(self, declaration.name) for declaration in DECLARATIONS if declaration.is_secret
        )
        return tuple(value for value in values_of_secrets if value and isinstance(value, str))

    @property
    def by_account(self) -> tuple[Settings, ...]:
        """The settings of each account: its own, and those of all where it has none."""
        return self.accounts or (self,)


DECLARATIONS = declared_in(Settings)
"""All settings, in the order of the docs."""

REQUIRED_SETTINGS = tuple(one.name for one in DECLARATIONS if one.is_required and one.is_of_tap)
"""Every account needs them: its own, or those of all accounts."""
