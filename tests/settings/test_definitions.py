"""What holds for every setting, so that a new one follows by itself."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from tap_amazon_sp.settings.checks import read_settings, settings_from
from tap_amazon_sp.settings.definitions import DECLARATIONS, REQUIRED_SETTINGS, Settings
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.fields import Declaration
from tap_amazon_sp.settings.schema import SETTINGS

CREDENTIALS = dict.fromkeys(REQUIRED_SETTINGS, "hush")


def by_name(declaration: Declaration) -> str:
    return declaration.name


def test_typed_values_are_normalized() -> None:
    settings = settings_from(
        CREDENTIALS
        | {
            "region": "eu-west-1",
            "marketplace_ids": ["DE", "A1PA6795UKMFR9", "fr"],
            "start_date": "2026-01-01",
            "lookback": "PT6H",
            "orders_included_data": [],
            "skus": ["A", "B"],
            "stream_ids": {"shipment_tracking": ["1Z999", 5]},
            "request_timeout": 5,
            "max_parallel_requests": 2.0,
        }
    )

    assert settings.region == "eu"
    assert settings.marketplace_ids == ("A1PA6795UKMFR9", "A13V1IB3VIYZZH")
    assert settings.start_date == dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)
    assert (settings.lookback, Settings().lookback) == (dt.timedelta(hours=6), dt.timedelta(0))
    # An empty list is not the same as none.
    assert (settings.orders_included_data, Settings().orders_included_data) == ((), None)
    assert (settings.skus, settings.asins) == (("A", "B"), None)
    assert settings.stream_ids == {"shipment_tracking": ("1Z999", "5")}
    assert isinstance(settings.request_timeout, float)
    assert isinstance(settings.max_parallel_requests, int)


def test_a_start_before_amazon_is_all_that_there_is() -> None:
    settings = settings_from(CREDENTIALS | {"start_date": "0001-01-01", "end_date": "9999-12-31"})

    assert settings.start_date == dt.datetime(1995, 1, 1, tzinfo=dt.timezone.utc)
    assert settings.end_date == dt.datetime(9999, 12, 31, tzinfo=dt.timezone.utc)


def test_settings_never_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().region = "eu"  # type: ignore[misc]


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=by_name)
def test_a_setting_says_what_it_is(declaration: Declaration) -> None:
    assert declaration.description
    assert declaration.is_of_tap or declaration.is_of_account
    if declaration.is_of_tap:
        setting = SETTINGS.to_dict()["properties"][declaration.name]
        assert setting["title"] == declaration.title
        assert setting["description"] == declaration.description


@pytest.mark.parametrize(
    "declaration", [one for one in DECLARATIONS if one.default is not None], ids=by_name
)
def test_a_default_is_what_holds_where_nothing_is_given(declaration: Declaration) -> None:
    given = CREDENTIALS | {declaration.name: declaration.default}

    typed = getattr(settings_from(given), declaration.field)

    assert typed == getattr(settings_from(CREDENTIALS), declaration.field)
    assert typed == getattr(Settings(), declaration.field)


def test_secrets_are_shown_nowhere() -> None:
    secrets = {one.name for one in DECLARATIONS if one.is_secret and one.name != "accounts"}
    given: dict[str, Any] = {name: f"hush-{name}" for name in secrets} | {"client_id": "id"}

    settings = settings_from(given | {"accounts": [{"name": "us"}, {"name": "eu", **given}]})

    assert "hush" not in repr(settings)
    assert set(settings.secrets) == {f"hush-{name}" for name in secrets}


def test_what_is_wrong_counts_as_not_given() -> None:
    found = read_settings(CREDENTIALS | {"region": "moon", "start_date": 5, "lookback": "P1D"})

    assert found.mistakes == ("`start_date` must be of type string",)
    assert found.settings == dataclasses.replace(
        settings_from(CREDENTIALS), lookback=dt.timedelta(days=1)
    )


def test_a_discovery_needs_only_the_settings_right_that_make_streams() -> None:
    wrong: dict[str, Any] = {"region": "moon", "reports": ["GET_A_REPORT"]}

    assert read_settings(wrong).discovery_mistakes == ()
    assert read_settings(wrong).settings.reports[0].name == "report_a"
    assert read_settings({"reports": [5]}).discovery_mistakes
    assert read_settings({"reports": ["x"], "region": 5}).discovery_mistakes
    assert read_settings({"accounts": ["x"]}).discovery_mistakes


def test_mistakes_are_an_error_for_who_needs_settings() -> None:
    with pytest.raises(SettingsError) as refused:
        settings_from({"client_id": "id"})

    assert refused.value.errors == ["`client_secret` is required", "`refresh_token` is required"]
