"""Every setting of the tap, once: type, description, whether it is secret, default; and its check.

Settings that need more than a type (regions, marketplaces, dates, combinations) are checked by
`check_settings`, before the first request.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError
from singer_sdk import typing as th

from tap_amazon_sp.amazon.marketplaces import find_marketplace, find_region
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.settings.accounts import parse_duration, settings_by_account
from tap_amazon_sp.settings.ids import ids_from_setting

ORDERS_APIS = ("2026-01-01", "v0")
INCLUDED_DATA = (
    "BUYER",
    "RECIPIENT",
    "PROCEEDS",
    "EXPENSE",
    "PROMOTION",
    "CANCELLATION",
    "FULFILLMENT",
    "PACKAGES",
    "TAX",
    "PAYMENT",
    "FULFILLMENT_ORDERS",
)
"""Datasets of searchOrders (model `orders_2026-01-01`)."""

RESTRICTED_DATA_ELEMENTS = ("buyerInfo", "shippingAddress", "buyerTaxInformation")
"""Data elements of Orders v0 (model `tokens_2021-03-01`)."""

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+")
_MAX_USER_AGENT = 500

_ANY_OBJECT = th.ObjectType(additional_properties=True)
_STRINGS_BY_NAME = th.ObjectType(additional_properties=th.StringType)

CUSTOM_STREAM = th.ObjectType(
    th.Property("name", th.StringType),
    th.Property("operation", th.StringType),
    th.Property("path", th.StringType),
    th.Property("params", _ANY_OBJECT),
    th.Property("body", th.AnyType),
    th.Property("results_key", th.StringType),
    th.Property("primary_keys", th.ArrayType(th.StringType)),
    th.Property("replication_key", th.StringType),
    th.Property("updated_after", th.StringType),
    th.Property("updated_at_param", th.StringType),
    th.Property("updated_before", th.StringType),
    th.Property(
        "time_format",
        th.StringType(allowed_values=["date-time", "date", "epoch", "epoch_ms"]),
    ),
    th.Property(
        "record_config",
        th.ObjectType(
            th.Property("id_field", th.StringType),
            th.Property("last_modified_field", th.StringType),
            additional_properties=False,
        ),
    ),
    th.Property("start_date", th.StringType),
    th.Property("window", th.StringType),
    th.Property("lookback", th.StringType),
    th.Property(
        "ids",
        th.ObjectType(
            th.Property("param", th.StringType, required=True),
            th.Property("values", th.ArrayType(th.AnyType)),
            th.Property("file", th.StringType),
            additional_properties=False,
        ),
    ),
    th.Property(
        "parent",
        th.ObjectType(
            th.Property("stream", th.StringType, required=True),
            th.Property("field", th.StringType),
            th.Property("param", th.StringType),
            th.Property("fields", _STRINGS_BY_NAME),
            additional_properties=False,
        ),
    ),
    th.Property("emit", th.StringType(allowed_values=["records", "page"])),
    th.Property("schema", _ANY_OBJECT),
    th.Property("next_token_key", th.StringType),
    th.Property("next_token_param", th.StringType),
    th.Property("rate", th.NumberType),
    th.Property("burst", th.NumberType),
    th.Property(
        "extend_resources",
        th.ArrayType(
            th.ObjectType(
                th.Property("new_field_name", th.StringType, required=True),
                th.Property("path", th.StringType, required=True),
                th.Property("path_variable_name", th.StringType),
                th.Property("path_variables", _STRINGS_BY_NAME),
                th.Property("params", _ANY_OBJECT),
                th.Property("results_key", th.StringType),
                additional_properties=False,
            )
        ),
    ),
    th.Property("selected_by_default", th.BooleanType),
    additional_properties=False,
)
"""An entry of `custom_streams`; read by `settings/custom_streams.py`."""

_DOCUMENT_PROPERTIES: tuple[th.Property[Any], ...] = (
    th.Property("window", th.StringType),
    th.Property("start_date", th.StringType),
    th.Property("end_date", th.StringType),
    th.Property("lookback", th.StringType),
    th.Property("keys", th.ArrayType(th.StringType)),
    th.Property("column_names", th.StringType(allowed_values=["snake_case", "original"])),
    th.Property("save_to", th.StringType),
    th.Property("format", th.StringType(allowed_values=["jsonl", "csv", "parquet"])),
)
"""What entries of `reports` and `data_kiosk_queries` have in common."""

REPORT = th.ObjectType(
    th.Property("report_type", th.StringType),
    th.Property("name", th.StringType),
    th.Property("options", _ANY_OBJECT),
    th.Property("marketplace_ids", th.ArrayType(th.StringType)),
    th.Property("record_path", th.StringType),
    th.Property("version", th.StringType),
    *_DOCUMENT_PROPERTIES,
    # As createReport calls them.
    th.Property("reportType", th.StringType),
    th.Property("reportOptions", _ANY_OBJECT),
    th.Property("marketplaceIds", th.ArrayType(th.StringType)),
    th.Property("dataStartTime", th.StringType),
    th.Property("dataEndTime", th.StringType),
    additional_properties=False,
)
"""An entry of `reports`, which may also be the name of a type; read by
`settings/reports.py`."""

DATA_KIOSK_QUERY = th.ObjectType(
    th.Property("name", th.StringType, required=True),
    th.Property("query", th.StringType, required=True),
    *_DOCUMENT_PROPERTIES,
    additional_properties=False,
)
"""An entry of `data_kiosk_queries`; read by `settings/data_kiosk_queries.py`."""

_PROPERTIES: tuple[th.Property[Any], ...] = (
    th.Property(
        "client_id",
        th.StringType,
        title="Client id",
        description="LWA client id of the application (`amzn1.application-oa2-client.…`)",
    ),
    th.Property(
        "client_secret",
        th.StringType,
        secret=True,
        title="Client secret",
        description="LWA client secret of the application; expires after 180 days",
    ),
    th.Property(
        "refresh_token",
        th.StringType,
        secret=True,
        title="Refresh token",
        description="LWA refresh token of the selling partner's authorization (`Atzr|…`)",
    ),
    th.Property(
        "region",
        th.StringType,
        default="na",
        title="Region",
        description=(
            "Selling region: `na`, `eu` or `fe`; the AWS names `us-east-1`, `eu-west-1` and "
            "`us-west-2` mean the same"
        ),
    ),
    th.Property(
        "marketplace_ids",
        th.ArrayType(th.StringType),
        title="Marketplaces",
        description=(
            "Marketplaces to read, as ids or country codes (`US` or `ATVPDKIKX0DER`); all of the "
            "account where none is given, which takes a call where an operation wants them named"
        ),
    ),
    th.Property(
        "start_date",
        th.DateTimeType,
        title="Start date",
        description=(
            "Read what changed from this date or time on (ISO 8601); as far back as Amazon keeps "
            "data where not given"
        ),
    ),
    th.Property(
        "end_date",
        th.DateTimeType,
        title="End date",
        description=(
            "Read what changed up to this date or time (ISO 8601); up to now where not given"
        ),
    ),
    th.Property(
        "lookback",
        th.StringType,
        default="PT0S",
        title="Lookback",
        description=(
            "How much before the bookmark is read again, to catch what Amazon filed late: "
            "an ISO 8601 duration such as `PT6H` or `P2D`"
        ),
    ),
    th.Property(
        "orders_api",
        th.StringType,
        default="2026-01-01",
        allowed_values=list(ORDERS_APIS),
        title="Orders API",
        description=(
            "Version of the Orders API: `2026-01-01`, or `v0` until Amazon removes it on 2027-03-27"
        ),
    ),
    th.Property(
        "orders_included_data",
        th.ArrayType(th.StringType(allowed_values=list(INCLUDED_DATA))),
        title="Orders: included data",
        description=(
            "Datasets that come with orders of 2026-01-01; all that hold no personal data where "
            "not given, with `restricted_data` also `BUYER` and `RECIPIENT`"
        ),
    ),
    th.Property(
        "restricted_data",
        th.BooleanType,
        default=False,
        title="Restricted data",
        description=(
            "Read buyers' personal data, through restricted data tokens where the API wants them; "
            "the application needs a restricted role"
        ),
    ),
    th.Property(
        "restricted_data_elements",
        th.ArrayType(th.StringType(allowed_values=list(RESTRICTED_DATA_ELEMENTS))),
        default=["buyerInfo", "shippingAddress"],
        title="Restricted data elements",
        description=(
            "Data elements to ask for in restricted data tokens of Orders v0; "
            "`buyerTaxInformation` needs a tax role"
        ),
    ),
    th.Property(
        "seller_id",
        th.StringType,
        title="Seller id",
        description=(
            "Merchant token of the seller (`A…`, in Seller Central below Account Info), which "
            "streams of listings and of the seller's own items need"
        ),
    ),
    th.Property(
        "asins",
        th.ArrayType(th.StringType),
        title="ASINs",
        description=(
            "What streams that are asked for by ASIN read; those of the seller's own listings "
            "where not given"
        ),
    ),
    th.Property(
        "skus",
        th.ArrayType(th.StringType),
        title="SKUs",
        description=(
            "What streams that are asked for by SKU read; those of the seller's own listings "
            "where not given"
        ),
    ),
    th.Property(
        "stream_ids",
        th.ObjectType(additional_properties=True),
        title="Ids by stream",
        description=(
            "Ids to read by name of the stream, as a list or a file: "
            '`{"shipment_tracking": ["1Z999"], "catalog_items": {"file": "asins.txt"}}`. A file '
            "has an id per line, or a JSON array where its name ends in `.json`"
        ),
    ),
    th.Property(
        "custom_streams",
        th.ArrayType(CUSTOM_STREAM),
        title="Custom streams",
        description=(
            "Streams of any other operation of the SP-API by its name (`operation`) or path "
            "(`path`); docs/custom_streams.md shows them"
        ),
    ),
    th.Property(
        "feed_types",
        th.ArrayType(th.StringType),
        title="Feed types",
        description="Types of feeds to list; all in use where not given",
    ),
    th.Property(
        "feed_summaries",
        th.BooleanType,
        default=False,
        title="Feed summaries",
        description=(
            "Read each finished feed's result document and give its counts in `processingSummary`"
        ),
    ),
    th.Property(
        "report_types",
        th.ArrayType(th.StringType),
        title="Report types",
        description=(
            "Types of reports to list; all in use where not given, which takes a call per ten types"
        ),
    ),
    th.Property(
        "reports",
        th.ArrayType(th.CustomType({**REPORT.to_dict(), "type": ["string", "object"]})),
        title="Reports",
        description=(
            "Reports whose rows are read, each as a stream: the name of a type such as "
            "`GET_MERCHANT_LISTINGS_ALL_DATA`, or an object with `report_type`, options and "
            "times; docs/reports.md shows them"
        ),
    ),
    th.Property(
        "data_kiosk_queries",
        th.ArrayType(DATA_KIOSK_QUERY),
        title="Data Kiosk queries",
        description=(
            "Queries of Data Kiosk, each as a stream: `name` and `query` in GraphQL, with "
            "`{start}` and `{end}` for the days to read; docs/reports.md shows them"
        ),
    ),
    th.Property(
        "report_poll_interval",
        th.NumberType,
        default=5,
        title="Report poll interval",
        description=(
            "Seconds between two looks at a report, or query, that Amazon is working on, at "
            "first; the longer it takes, the longer they are, up to a minute"
        ),
    ),
    th.Property(
        "report_timeout",
        th.NumberType,
        default=7200,
        title="Report timeout",
        description=(
            "Seconds to wait for a report, or query, at most; one that takes longer is collected "
            "by the next run, not asked for again"
        ),
    ),
    th.Property(
        "endpoint",
        th.StringType,
        title="Endpoint",
        description="Base URL of the API, instead of the region's",
    ),
    th.Property(
        "token_url",
        th.StringType,
        title="Token URL",
        description="Address of the LWA token endpoint, instead of Amazon's",
    ),
    th.Property(
        "sandbox",
        th.BooleanType,
        default=False,
        title="Sandbox",
        description="Use Amazon's sandbox of the region",
    ),
    th.Property(
        "aws_access_key_id",
        th.StringType,
        secret=True,
        title="AWS access key id",
        description=(
            "Sign requests with this key, or assume `role_arn` with it; Amazon needs neither"
        ),
    ),
    th.Property(
        "aws_secret_access_key",
        th.StringType,
        secret=True,
        title="AWS secret access key",
        description="Secret of `aws_access_key_id`",
    ),
    th.Property(
        "aws_session_token",
        th.StringType,
        secret=True,
        title="AWS session token",
        description="Session token of temporary AWS keys",
    ),
    th.Property(
        "aws_region",
        th.StringType,
        title="AWS region",
        description="AWS region to sign for, instead of the selling region's",
    ),
    th.Property(
        "role_arn",
        th.StringType,
        title="Role ARN",
        description=(
            "Assume this IAM role and sign requests with it; without `aws_access_key_id` the keys "
            "come from boto3's default credential chain"
        ),
    ),
    th.Property(
        "role_session_name",
        th.StringType,
        default="tap-amazon-sp",
        title="Role session name",
        description="Name of the role's session",
    ),
    th.Property(
        "sts_endpoint_url",
        th.StringType,
        title="STS endpoint URL",
        description="Address of the AWS STS endpoint, instead of AWS's",
    ),
    th.Property(
        "max_parallel_requests",
        th.IntegerType,
        default=8,
        title="Parallel requests",
        description=(
            "Most requests under way at once for an account, those not counted that wait for the "
            "rate limit; 1 reads its streams one after the other"
        ),
    ),
    th.Property(
        "request_timeout",
        th.NumberType,
        default=60,
        title="Request timeout",
        description="Seconds to wait for an answer to begin or go on",
    ),
    th.Property(
        "user_agent",
        th.StringType,
        title="User agent",
        description="What the tap calls itself towards Amazon, at most 500 characters",
    ),
)

REQUIRED_SETTINGS = ("client_id", "client_secret", "refresh_token")
"""Every account needs them: its own, or those of all accounts."""

_ACCOUNT_SETTINGS = frozenset(
    {
        *REQUIRED_SETTINGS,
        "region",
        "marketplace_ids",
        "start_date",
        "end_date",
        "lookback",
        "orders_included_data",
        "restricted_data",
        "restricted_data_elements",
        "seller_id",
        "asins",
        "skus",
        "stream_ids",
        "feed_types",
        "feed_summaries",
        "report_types",
        "endpoint",
        "token_url",
        "sandbox",
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "aws_region",
        "role_arn",
        "role_session_name",
        "sts_endpoint_url",
    }
)

_ACCOUNT = th.ObjectType(
    th.Property("name", th.StringType, required=True),
    th.Property("streams", th.ArrayType(th.StringType)),
    *(
        th.Property(setting.name, setting.wrapped, secret=setting.secret)
        for setting in _PROPERTIES
        if setting.name in _ACCOUNT_SETTINGS
    ),
    additional_properties=False,
)
"""An entry of `accounts`; read by `accounts.settings_by_account`."""

SETTINGS = th.PropertiesList(
    *_PROPERTIES,
    th.Property(
        "accounts",
        th.ArrayType(_ACCOUNT),
        secret=True,
        title="Accounts",
        description=(
            "Several authorizations in one run, read side by side: a list of "
            '`{"name": "shop-us", "refresh_token": "…"}`. What an entry does not say holds as it '
            "is set for all; docs/accounts.md shows what it may say"
        ),
    ),
)


class SettingsError(Exception):
    """Settings, catalog or state are wrong; each error names what is at fault, never a secret."""

    def __init__(self, errors: list[str]) -> None:
        """Keep one sentence per mistake."""
        super().__init__("; ".join(errors))
        self.errors = errors


def check_settings(settings: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the settings, one sentence per mistake.

    Args:
        settings: As the user gave them, with defaults.
        schema: JSON Schema of all settings, with those of the SDK.
    """
    errors = list(_unknown_settings(settings, schema))
    type_errors = mistakes_in_types(settings, schema)
    errors += type_errors
    if type_errors:
        return errors
    errors += _check_values(settings)
    errors += _check_combinations(settings)
    if settings.get("accounts"):
        return errors or list(_check_accounts(settings))
    return [*_missing_settings(settings), *errors]


def _missing_settings(settings: Mapping[str, Any]) -> Iterator[str]:
    for name in REQUIRED_SETTINGS:
        if settings.get(name) is None:
            yield f"`{name}` is required"


def _check_accounts(settings: Mapping[str, Any]) -> Iterator[str]:
    names: set[str | None] = set()
    for number, (name, own) in enumerate(settings_by_account(settings)):
        label = f"`accounts`[{number}]" + (f" '{name}'" if name else "")
        if not name or not name.strip():
            yield f"{label} needs a `name`"
        elif name in names:
            yield f"{label}: another account has this name"
        names.add(name)
        for mistake in (*_missing_settings(own), *_check_values(own), *_check_combinations(own)):
            yield f"{label}: {mistake}"


def mistakes_in_types(settings: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Return which settings are not of their type, one sentence per mistake."""
    found = sorted(Draft7Validator(schema).iter_errors(settings), key=str)
    return [_sentence(error, schema) for error in found]


def _unknown_settings(settings: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    for name in settings:
        if name in schema["properties"]:
            continue
        close = difflib.get_close_matches(name, schema["properties"], n=1)
        hint = f": did you mean `{close[0]}`?" if close else ""
        yield f"`{name}` is no setting of this tap{hint}"


def _sentence(error: ValidationError, schema: Mapping[str, Any]) -> str:
    name = str(error.path[0]) if error.path else "settings"
    place = f"`{name}`" + "".join(f"[{part!r}]" for part in list(error.path)[1:])
    if error.validator == "required":
        missing = error.message.split("'")[1]
        return f"{place} needs a `{missing}`" if error.path else f"`{missing}` is required"
    if error.validator == "additionalProperties":
        known = cast("Mapping[str, Any]", error.schema)["properties"]
        unknown = sorted({*cast("Mapping[str, Any]", error.instance)} - {*known})
        return f"{place} takes no `{'`, `'.join(unknown)}`"
    # jsonschema's own messages hold the value, which may be a secret.
    if error.validator == "enum":
        allowed = ", ".join(str(value) for value in cast("list[Any]", error.validator_value))
        return f"{place} must be one of {allowed}"
    if error.validator == "type":
        types = cast("str | list[str]", error.validator_value)
        names = " or ".join(
            name for name in (types if isinstance(types, list) else [types]) if name != "null"
        )
        return f"{place} must be of type {names}"
    if schema["properties"].get(name, {}).get("secret"):
        return f"{place} is not valid"
    return f"{place}: {error.message}"


def _check_values(settings: Mapping[str, Any]) -> Iterator[str]:
    checks: dict[str, Callable[[Any], object]] = {
        "region": find_region,
        "start_date": _check_timestamp,
        "end_date": _check_timestamp,
        "lookback": parse_duration,
        "endpoint": _check_url,
        "token_url": _check_url,
        "sts_endpoint_url": _check_url,
        "role_arn": _check_role_arn,
        "max_parallel_requests": _check_positive,
        "report_poll_interval": _check_positive,
        "report_timeout": _check_positive,
        "request_timeout": _check_positive,
        "user_agent": _check_user_agent,
    }
    for name in REQUIRED_SETTINGS:
        value = settings.get(name)
        if value is None:
            continue
        if not value.strip():
            yield f"`{name}` is empty"
        elif value != value.strip():
            yield f"`{name}` begins or ends with white space"
    for name, check in checks.items():
        if settings.get(name) is None:
            continue
        try:
            check(settings[name])
        except ValueError as error:
            yield f"`{name}`: {error}"


def _check_stream_ids(settings: Mapping[str, Any]) -> Iterator[str]:
    for name, ids in (settings.get("stream_ids") or {}).items():
        try:
            ids_from_setting(ids)
        except ValueError as error:
            yield f"`stream_ids`['{name}']: {error}"


def _check_combinations(settings: Mapping[str, Any]) -> Iterator[str]:
    yield from _check_marketplaces(settings)
    yield from _check_stream_ids(settings)
    start, end = settings.get("start_date"), settings.get("end_date")
    try:
        if start and end and parse_timestamp(start) >= parse_timestamp(end):
            yield "`end_date` must be later than `start_date`"
    except ValueError:
        pass  # named already
    if bool(settings.get("aws_access_key_id")) != bool(settings.get("aws_secret_access_key")):
        yield "`aws_access_key_id` and `aws_secret_access_key` go together: give both or none"
    if settings.get("aws_session_token") and not settings.get("aws_access_key_id"):
        yield "`aws_session_token` goes with `aws_access_key_id` and `aws_secret_access_key`"
    if settings.get("sandbox") and settings.get("endpoint"):
        yield "`sandbox` and `endpoint` exclude each other: remove one"


def _check_marketplaces(settings: Mapping[str, Any]) -> Iterator[str]:
    try:
        region = find_region(settings.get("region") or "na")
    except ValueError:
        return
    for name in settings.get("marketplace_ids") or ():
        try:
            marketplace = find_marketplace(name)
        except ValueError as error:
            yield f"`marketplace_ids`: {error}"
            continue
        if marketplace.region != region.name:
            yield (
                f"`marketplace_ids`: {name} is in region {marketplace.region}, "
                f"but `region` is {region.name}"
            )


def _check_timestamp(text: str) -> None:
    try:
        parse_timestamp(text)
    except ValueError:
        message = f"{text!r} is no ISO 8601 date or time such as 2026-01-31 or 2026-01-31T00:00:00Z"
        raise ValueError(message) from None


def _check_url(text: str) -> None:
    parts = urlsplit(text)
    try:
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        message = "must be an address that begins with https:// or http://"
        raise ValueError(message)


def _check_role_arn(text: str) -> None:
    if not _ROLE_ARN.fullmatch(text):
        message = f"{text!r} is no ARN of an IAM role such as arn:aws:iam::123456789012:role/NAME"
        raise ValueError(message)


def _check_positive(number: float) -> None:
    if number <= 0:
        message = f"must be greater than 0, not {number}"
        raise ValueError(message)


def _check_user_agent(text: str) -> None:
    if (
        not text.strip()
        or len(text) > _MAX_USER_AGENT
        or not (text.isascii() and text.isprintable())
    ):
        message = f"must be 1 to {_MAX_USER_AGENT} printable ASCII characters"
        raise ValueError(message)
