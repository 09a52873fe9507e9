from __future__ import annotations

import copy
from typing import Any

import pytest

from tap_amazon_sp.migration.old_settings import CONNECTORS, NewSettings, new_settings
from tap_amazon_sp.settings.checks import settings_from
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.schema import SETTINGS
from tests.migration.test_conversion import damaged, places_in

SECRET = "Atzr|hush"
SALES = "GET_SALES_AND_TRAFFIC_REPORT"
AIRBYTE = {
    "auth_type": "oauth2.0",
    "aws_environment": "PRODUCTION",
    "region": "DE",
    "account_type": "Seller",
    "lwa_app_id": "amzn1.application-oa2-client.x",
    "lwa_client_secret": SECRET,
    "refresh_token": SECRET,
    "replication_start_date": "2025-01-01T00:00:00Z",
    "replication_end_date": "",
    "period_in_days": 30,
    "report_stream_lookback_window_in_hours": 48,
    "sales_and_traffic_report_asin_granularity": "CHILD",
    "report_options_list": [
        {
            "report_name": "GET_LEDGER_SUMMARY_VIEW_DATA",
            "stream_name": "GET_LEDGER_SUMMARY_VIEW_DATA",
            "options_list": [{"option_name": "aggregatedByTimePeriod", "option_value": "DAILY"}],
        }
    ],
}
HOTGLUE = {
    "lwa_client_id": "amzn1.application-oa2-client.x",
    "client_secret": SECRET,
    "refresh_token": SECRET,
    "marketplaces": ["US", "CA", "GB"],
    "start_date": "2024-01-01T00:00:00Z",
    "report_types": ["GET_LEDGER_DETAIL_VIEW_DATA"],
    "role_arn": "arn:aws:iam::123456789012:role/x",
}
AIRBYTE_STREAMS = (
    "Orders",
    "GET_AFN_INVENTORY_DATA",
    SALES,
    f"{SALES}_BY_DATE",
    f"{SALES}_BY_MONTH",
    "GET_BRAND_ANALYTICS_SEARCH_TERMS_REPORT",
)


def of(name: str, content: Any, *streams: str) -> NewSettings:
    return new_settings(content, name, streams, "old.json")


def test_settings_of_airbyte_are_those_of_this_tap() -> None:
    found = of("airbyte", AIRBYTE, *AIRBYTE_STREAMS)

    assert found.values == {
        "client_id": "amzn1.application-oa2-client.x",
        "start_date": "2025-01-01T00:00:00Z",
        "region": "eu",
        "marketplace_ids": ["DE"],
        "lookback": "PT48H",
        "reports": [
            "GET_AFN_INVENTORY_DATA",
            {"report_type": SALES, "options": {"asinGranularity": "CHILD"}},
            {
                "report_type": SALES,
                "name": "report_sales_and_traffic_month_child",
                "options": {"dateGranularity": "MONTH", "asinGranularity": "CHILD"},
            },
            "GET_BRAND_ANALYTICS_SEARCH_TERMS_REPORT",
            {
                "report_type": "GET_LEDGER_SUMMARY_VIEW_DATA",
                "options": {"aggregatedByTimePeriod": "DAILY"},
            },
        ],
    }
    assert found.notes == [
        "`client_secret` is secret and not printed: set TAP_AMAZON_SP_CLIENT_SECRET",
        "`refresh_token` is secret and not printed: set TAP_AMAZON_SP_REFRESH_TOKEN",
        "`auth_type` is not needed: there is only one",
        "`account_type` is not needed: the streams that are selected show it",
        "`period_in_days` is not needed: windows adapt to what they return",
    ]


def test_settings_of_hotglue_are_those_of_this_tap() -> None:
    found = of("hotglue", HOTGLUE, "orders", "fba_inventory_ledger_detailed")

    assert found.values == {
        "client_id": "amzn1.application-oa2-client.x",
        "start_date": "2024-01-01T00:00:00Z",
        "region": "na",
        "marketplace_ids": ["US", "CA"],
        "reports": [
            # All events, and the stream of adjustments alone.
            "GET_LEDGER_DETAIL_VIEW_DATA",
            {
                "report_type": "GET_LEDGER_DETAIL_VIEW_DATA",
                "name": "report_ledger_detail_view_adjustments",
                "options": {"eventType": "Adjustments"},
            },
        ],
    }
    assert found.notes[2].startswith("GB: in another region.")
    assert found.notes[3] == "`role_arn` is not needed: Amazon does not require signatures"


@pytest.mark.parametrize(
    ("name", "content"), [("airbyte", AIRBYTE), ("hotglue", HOTGLUE)], ids=["airbyte", "hotglue"]
)
def test_no_secret_is_in_the_settings_or_the_notes(name: str, content: Any) -> None:
    assert SECRET not in str(of(name, content))


@pytest.mark.parametrize("secret", [SECRET, "Atza|hush", "amzn1.oa2-cs.v1.hush"])
@pytest.mark.parametrize(
    ("name", "content", "streams"),
    [("airbyte", AIRBYTE, AIRBYTE_STREAMS), ("hotglue", HOTGLUE, ("sales_traffic_report",))],
    ids=["airbyte", "hotglue"],
)
def test_a_secret_in_any_place_is_not_printed(
    name: str, content: Any, streams: tuple[str, ...], secret: str
) -> None:
    for *way, last in places_in(content):
        whole = copy.deepcopy(content)
        holder = whole
        for step in way:
            holder = holder[step]
        holder[last] = f" {secret}"
        try:
            found = str(of(name, whole | {secret: 5}, *streams, f"GET_{secret}"))
        except SettingsError as error:
            found = str(error)
        assert "hush" not in found, (*way, last)


def test_a_secret_under_another_name_is_said() -> None:
    found = of("airbyte", AIRBYTE | {"lwa_app_id": SECRET, SECRET: "x"})

    assert "client_id" not in found.values
    assert found.notes[-2:] == [
        "`Atzr|…` is not a setting that is known here",
        "`client_id` holds a secret here, which is not printed: correct it",
    ]


@pytest.mark.parametrize("value", ["**********", {"_secret": "airbyte_workspace_x_secret_y_v1"}])
def test_what_airbyte_hides_is_not_taken_for_a_value(value: Any) -> None:
    found = of("airbyte", {"configuration": AIRBYTE | {"lwa_app_id": value}})

    assert "client_id" not in found.values
    assert found.notes[0] == "`lwa_app_id` is masked: set `client_id`"


def test_a_sandbox_and_marketplaces_in_a_text_are_understood() -> None:
    sandbox = {"region": "US", "aws_environment": "SANDBOX", "lwa_app_id": "x"}

    assert of("airbyte", sandbox).values["sandbox"] is True
    values = of("hotglue", HOTGLUE | {"marketplaces": " de , FR"}).values
    assert values["marketplace_ids"] == ["DE", "FR"]
    assert "set `region` and `marketplace_ids`" in of("hotglue", {"lwa_client_id": "x"}).notes[-1]


def test_a_report_that_amazon_removed_names_its_successor() -> None:
    found = of("airbyte", AIRBYTE, "GET_FBA_FULFILLMENT_INVENTORY_ADJUSTMENTS_DATA")

    assert any("GET_FBA_FULFILLMENT_INVENTORY_ADJUSTMENTS_DATA" in note for note in found.notes)
    assert len(found.values["reports"]) == 1


@pytest.mark.parametrize("content", [{}, [], 5, {"foo": 1}, {"bookmarks": {}}])
def test_other_json_is_refused(content: Any) -> None:
    with pytest.raises(SettingsError, match=r"^old.json has none of the settings"):
        of("airbyte", content)


@pytest.mark.parametrize(
    ("name", "content", "streams"),
    [("airbyte", AIRBYTE, AIRBYTE_STREAMS), ("hotglue", HOTGLUE, ("sales_traffic_report",))],
    ids=["airbyte", "hotglue"],
)
def test_damaged_settings_are_refused_or_read(
    name: str, content: Any, streams: tuple[str, ...]
) -> None:
    refusals = []
    for one in damaged(content):
        try:
            assert SECRET not in str(of(name, one, *streams))
        except SettingsError as error:
            refusals.append(str(error))

    assert len(refusals) > 5
    assert not any(SECRET in refusal for refusal in refusals)


@pytest.mark.parametrize("name", CONNECTORS)
def test_each_new_name_is_a_setting(name: str) -> None:
    connector = CONNECTORS[name]
    settings = SETTINGS.to_dict()["properties"]

    assert {*connector.same.values(), *connector.secrets.values()} <= settings.keys()


def test_the_new_settings_are_valid_with_the_secrets() -> None:
    secrets = {"client_secret": "x", "refresh_token": "x"}

    assert settings_from(of("airbyte", AIRBYTE, *AIRBYTE_STREAMS[:-1]).values | secrets).reports
    assert settings_from(of("hotglue", HOTGLUE).values | secrets).reports
