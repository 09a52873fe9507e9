from __future__ import annotations

import re
from typing import Any

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.order_datasets import DATASETS
from tap_amazon_sp.settings.checks import read_settings
from tap_amazon_sp.settings.schema import SETTINGS

VALID = {"client_id": "id", "client_secret": "hush-secret", "refresh_token": "Atzr|hush-token"}


OF_DOCUMENTS = {
    "window": "DAY",
    "start_date": "2026-01-01",
    "end_date": "2026-02-01",
    "lookback": "P2D",
    "keys": ["id"],
    "column_names": "original",
    "save_to": "documents",
    "format": "csv",
}
EVERYTHING = {
    "report_type": "GET_A_NEW_REPORT",
    "options": {"custom": True},
    "marketplace_ids": ["DE"],
    "record_path": "a.b",
    "version": "2021-06-30",
    **OF_DOCUMENTS,
}
OF_AMAZON = {
    "reportType": "GET_ANOTHER_NEW_REPORT",
    "reportOptions": {"custom": "true"},
    "marketplaceIds": ["A1PA6795UKMFR9"],
    "dataStartTime": "2026-01-01T00:00:00Z",
    "dataEndTime": "2026-02-01T00:00:00Z",
}


def errors_of(**settings: Any) -> list[str]:
    return list(read_settings(VALID | settings).mistakes)


def test_credentials_alone_suffice() -> None:
    assert errors_of() == []


def test_every_setting_can_be_given() -> None:
    assert (
        errors_of(
            region="eu",
            marketplace_ids=["DE", "A13V1IB3VIYZZH"],
            start_date="2026-01-01",
            end_date="2026-02-01T00:00:00+01:00",
            lookback="PT6H",
            orders_api="v0",
            orders_included_data=["BUYER"],
            restricted_data=True,
            restricted_data_elements=["buyerInfo"],
            feed_types=["JSON_LISTINGS_FEED"],
            feed_summaries=True,
            report_types=["GET_MERCHANT_LISTINGS_ALL_DATA"],
            reports=["GET_MERCHANT_LISTINGS_ALL_DATA", {**EVERYTHING, "name": "a"}, OF_AMAZON],
            data_kiosk_queries=[
                {"name": "b", "query": "query {a(b: {start}, c: {end})}", **OF_DOCUMENTS}
            ],
            report_poll_interval=0.5,
            report_timeout=60,
            endpoint="http://127.0.0.1:9326",
            token_url="http://127.0.0.1:9326/auth/o2/token",
            aws_access_key_id="AKIA",
            aws_secret_access_key="hush",
            aws_session_token="hush",
            aws_region="eu-west-1",
            role_arn="arn:aws:iam::123456789012:role/seller",
            role_session_name="me",
            sts_endpoint_url="http://127.0.0.1:5000",
            notifications_queue_url="https://sqs.eu-west-1.amazonaws.com/123456789012/orders",
            notifications_endpoint_url="http://127.0.0.1:5000",
            max_parallel_requests=1,
            request_timeout=0.5,
            user_agent="me/1.0",
        )
        == []
    )


AWS_KEYS = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "hush"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"region": "us"}, "`region`: 'us' is not a region: use na, eu, fe"),
        ({"marketplace_ids": ["XX"]}, "`marketplace_ids`: 'XX' is neither"),
        ({"marketplace_ids": ["DE"]}, "DE is in region eu, but `region` is na"),
        ({"marketplace_ids": "US"}, "`marketplace_ids` must be of type array"),
        ({"end_date": "0001-01-01"}, "`end_date`: Amazon has no data from before 1995"),
        ({"start_date": "yesterday"}, "`start_date`: 'yesterday' is not an ISO 8601"),
        (
            {"start_date": "2026-02-01", "end_date": "2026-01-01"},
            "`end_date` must be later than `start_date`",
        ),
        ({"lookback": "1 day"}, "`lookback`: '1 day' is not an ISO 8601 duration"),
        ({"orders_api": "v1"}, "`orders_api` must be one of 2026-01-01, v0"),
        ({"orders_included_data": ["ALL"]}, "`orders_included_data`[0] must be one of BUYER"),
        ({"endpoint": "localhost:9326"}, "`endpoint`: must be an address"),
        ({"sandbox": True, "endpoint": "http://127.0.0.1"}, "`sandbox` and `endpoint` exclude"),
        ({"aws_access_key_id": "AKIA"}, "`aws_access_key_id` and `aws_secret_access_key` go"),
        ({"aws_session_token": "x"}, "`aws_session_token` goes with"),
        ({"role_arn": "seller"}, "`role_arn`: 'seller' is not the ARN of an IAM role"),
        ({"max_parallel_requests": 0}, "`max_parallel_requests`: must be from 1 to 1,000, not 0"),
        ({"max_parallel_requests": 1.5}, "`max_parallel_requests` must be of type integer"),
        ({"request_timeout": -1}, "`request_timeout`: must be from 0.1 to 3,600, not -1"),
        ({"report_poll_interval": 0}, "`report_poll_interval`: must be from 0.01 to 3,600"),
        ({"report_timeout": -5}, "`report_timeout`: must be from 0.001 to 2,592,000"),
        ({"report_timeout": "1h"}, "`report_timeout` must be of type number"),
        ({"reports": "GET_ONE"}, "`reports` must be of type array"),
        ({"reports": [5]}, "`reports`[0] must be of type string or object"),
        ({"reports": ["GET_ONE", {"reprot_type": "GET_TWO"}]}, "`reports`[1] takes no `reprot_typ"),
        ({"reports": [{"type": "GET_TWO"}]}, "takes no `type`: did you mean `report_type`?"),
        (
            {"accounts": [{"name": "a", "stream": ["orders"]}]},
            "`accounts`[0] takes no `stream`: did you mean `streams`",
        ),
        ({"reports": [{"options": []}]}, "`reports`[0]['options'] must be of type object"),
        ({"reports": [{"keys": "id"}]}, "`reports`[0]['keys'] must be of type array"),
        ({"reports": [{"format": "xlsx"}]}, "`reports`[0]['format'] must be one of jsonl, csv"),
        (
            {"reports": [{"column_names": "camelCase"}]},
            "`reports`[0]['column_names'] must be one of snake_case, original",
        ),
        ({"data_kiosk_queries": [{"query": "a"}]}, "`data_kiosk_queries`[0] needs a `name`"),
        ({"data_kiosk_queries": [{"name": "a"}]}, "`data_kiosk_queries`[0] needs a `query`"),
        ({"data_kiosk_queries": ["query"]}, "`data_kiosk_queries`[0] must be of type object"),
        ({"aws_session_token": "日本", **AWS_KEYS}, "`aws_session_token`: must be printable ASCII"),
        ({"user_agent": "日本"}, "`user_agent`: must be 1 to 500 printable ASCII"),
        ({"endpoint": "http://localhost:abc"}, "`endpoint`: must be an address"),
        ({"endpoint": "http://192.168.1.5:9326"}, "`endpoint`: must begin with https://"),
        ({"endpoint": "http://localhost.example"}, "`endpoint`: must begin with https://"),
        ({"endpoint": "http://0.0.0.0"}, "`endpoint`: must begin with https://"),
        ({"endpoint": "https://host/?a=1"}, "`endpoint`: must be an address without `?`"),
        ({"endpoint": "https://host /a"}, "`endpoint`: must be an address without spaces"),
        ({"endpoint": "https://host\n.example"}, "`endpoint`: must be an address without spaces"),
        ({"token_url": "http://login.example/o2"}, "`token_url`: must begin with https://"),
        ({"token_url": "https://me:hush@host/o2"}, "`token_url`: must be an address without a us"),
        ({"token_url": "http://127.0.0.1@host/"}, "`token_url`: must be an address without a user"),
        ({"sts_endpoint_url": "http://sts.example"}, "`sts_endpoint_url`: must begin with https"),
        ({"notifications_queue_url": "orders"}, "`notifications_queue_url`: must be the URL of a"),
        (
            {"notifications_queue_url": "http://sqs.example/123456789012/orders"},
            "`notifications_queue_url`: must begin with https",
        ),
        (
            {"notifications_queue_url": "arn:aws:sqs:eu-west-1:123456789012:orders.fifo"},
            "`notifications_queue_url`: must be a standard queue",
        ),
        (
            {"notifications_endpoint_url": "http://sqs.example"},
            "`notifications_endpoint_url`: must begin with https",
        ),
        ({"lookback": "P99999999999D"}, "`lookback`: 'P99999999999D' is longer than ten years"),
        ({"start_date": "0001-01-01T00:00:00+05:00"}, "`start_date`: '0001-01-01T00:00:00+05:00'"),
        ({"user_agent": "x" * 501}, "`user_agent`: must be 1 to 500"),
        ({"client_id": " "}, "`client_id` is empty"),
        ({"refresh_token": "Atzr|x\n"}, "`refresh_token` begins or ends with white space"),
        ({"start_dat": "2026-01-01"}, "`start_dat` is not a setting of this tap: did you mean"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, Any], message: str) -> None:
    errors = errors_of(**settings)

    assert len(errors) == 1
    assert message in errors[0]


@pytest.mark.parametrize("name", ["client_id", "client_secret", "refresh_token"])
def test_missing_credentials_are_named(name: str) -> None:
    settings = {key: value for key, value in VALID.items() if key != name}

    assert list(read_settings(settings).mistakes) == [f"`{name}` is required"]


def test_several_mistakes_are_told_at_once() -> None:
    assert len(errors_of(region="us", lookback="1 day", start_date="soon")) == 3


@pytest.mark.parametrize("name", ["client_secret", "refresh_token", "aws_secret_access_key"])
def test_a_secret_of_the_wrong_type_is_not_shown(name: str) -> None:
    errors = errors_of(**{name: ["hush-hush"]})

    assert any(f"`{name}`" in error for error in errors)
    assert "hush" not in str(errors)


def test_datasets_of_orders_are_those_of_the_model() -> None:
    parameter = catalogue.operation("orders_2026-01-01.searchOrders").parameter("includedData")

    assert parameter is not None
    assert set(DATASETS) == set(parameter.items_enum or parameter.enum or ())


def test_secrets_are_marked() -> None:
    properties = SETTINGS.to_dict()["properties"]

    secrets = {name for name, setting in properties.items() if setting.get("secret")}
    assert {name for name in properties if re.search("secret|token$|access_key", name)} <= secrets
    assert secrets >= {
        "accounts",
        "client_secret",
        "refresh_token",
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
    }


def test_accounts_need_no_credentials_of_all() -> None:
    accounts = [{"name": "us", **VALID}, {"name": "eu", **VALID, "region": "eu", "streams": []}]

    assert list(read_settings({"accounts": accounts}).mistakes) == []


def test_accounts_take_what_they_lack_from_the_settings_of_all() -> None:
    assert errors_of(accounts=[{"name": "us"}, {"name": "eu", "region": "eu"}]) == []


def test_every_setting_of_an_account_can_be_given() -> None:
    properties = SETTINGS.to_dict()["properties"]
    of_account = properties["accounts"]["items"]["properties"]

    assert set(of_account) - set(properties) == {"name", "streams"}
    assert set(of_account) >= {
        "client_id",
        "client_secret",
        "refresh_token",
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
        "notifications_queue_url",
        "notifications_endpoint_url",
    }
    # What holds for a run as a whole.
    assert set(properties) - set(of_account) >= {
        "accounts",
        "custom_streams",
        "data_kiosk_queries",
        "max_parallel_requests",
        "orders_api",
        "report_poll_interval",
        "report_timeout",
        "reports",
        "request_timeout",
        "user_agent",
    }
    for name in ("client_secret", "refresh_token", "aws_secret_access_key"):
        assert of_account[name]["secret"]


@pytest.mark.parametrize(
    ("account", "message"),
    [
        ({"name": ""}, "`accounts`[1] needs a `name`"),
        ({"name": " "}, "`accounts`[1] ' ' needs a `name`"),
        ({"name": "us"}, "`accounts`[1] 'us': another account has this name"),
        ({"name": "US"}, "`accounts`[1] 'US': the name differs from 'us' in capitals only"),
        ({"name": "us "}, "`accounts`[1]: `name`: begins or ends with white space"),
        ({"name": "a\0b"}, "`accounts`[1]: `name`: must be at most 100 printable characters"),
        ({"name": "a\nb"}, "`accounts`[1]: `name`: must be at most 100 printable characters"),
        ({"name": "x" * 101}, "`accounts`[1]: `name`: must be at most 100 printable"),
        ({"name": "b", "region": "us"}, "`accounts`[1] 'b': `region`: 'us' is not a region"),
        ({"name": "b", "lookback": "1 day"}, "`accounts`[1] 'b': `lookback`: '1 day' is not"),
        ({"name": "b", "refresh_token": " "}, "`accounts`[1] 'b': `refresh_token` is empty"),
        (
            {"name": "b", "region": "eu", "marketplace_ids": ["US"]},
            "`accounts`[1] 'b': `marketplace_ids`: US is in region na, but `region` is eu",
        ),
        (
            {"name": "b", "aws_access_key_id": "AKIA"},
            "`accounts`[1] 'b': `aws_access_key_id` and `aws_secret_access_key` go together",
        ),
        ({"name": 5}, "`accounts`[1]['name'] must be of type string"),
        ({"name": "b", "refresh_token": 5}, "`accounts`[1]['refresh_token'] must be of type"),
        ({"refresh_token": "hush-token"}, "`name`"),
        ({"name": "b", "refersh_token": "hush-token"}, "`accounts`[1]"),
        ("hush-token", "`accounts`[1] must be of type object"),
    ],
)
def test_a_mistake_in_an_account_is_named(account: Any, message: str) -> None:
    errors = errors_of(accounts=[{"name": "us"}, account])

    assert len(errors) == 1
    assert message in errors[0]
    assert "hush" not in errors[0]


def test_credentials_that_only_some_accounts_have_are_missed_by_the_others() -> None:
    settings = {name: value for name, value in VALID.items() if name != "refresh_token"}
    accounts = [{"name": "us", "refresh_token": "own"}, {"name": "ca"}, {"name": "mx"}]

    errors = list(read_settings(settings | {"accounts": accounts}).mistakes)

    assert errors == [
        "`accounts`[1] 'ca': `refresh_token` is required",
        "`accounts`[2] 'mx': `refresh_token` is required",
    ]


def test_a_mistake_in_the_settings_of_all_is_told_once() -> None:
    errors = errors_of(region="us", accounts=[{"name": "a"}, {"name": "b"}])

    assert len(errors) == 1
    assert errors[0].startswith("`region`: 'us' is not a region")
