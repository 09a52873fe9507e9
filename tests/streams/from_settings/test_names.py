"""Names of streams in settings: those that do not exist are mistakes."""

from __future__ import annotations

from typing import Any

import pytest
from singer_sdk.exceptions import ConfigValidationError

from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.tap_runs import catalog_of

SETTINGS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
BY_ACCOUNT = {
    "client_id": "id",
    "client_secret": "hush",
    "accounts": [
        {"name": "de", "refresh_token": "hush", "streams": ["orders"]},
        {"name": "us", "refresh_token": "hush"},
    ],
}


def mistakes_in(**settings: Any) -> list[str]:
    try:
        TapAmazonSP(config=SETTINGS | settings, clock=FakeClock())
    except ConfigValidationError as error:
        return [*error.errors]
    return []


@pytest.mark.parametrize(
    "stream_maps",
    [
        {"orders": {"x": "orderId"}},
        {"order*": {"x": "'1'"}},
        {"copies": {"__source__": "orders"}},
        {"feeds": None, "__else__": None},
        {"reports": "__NULL__"},
        {"my_stream": {"x": "'1'"}},
        {},
    ],
)
def test_stream_maps_may_name_streams_and_patterns(stream_maps: dict[str, Any]) -> None:
    custom = {"name": "my_stream", "operation": "sellers.getMarketplaceParticipations"}

    assert mistakes_in(stream_maps=stream_maps, custom_streams=[custom]) == []


@pytest.mark.parametrize(
    ("stream_maps", "mistake"),
    [
        (
            {"ordrs": {"x": "'1'"}},
            "`stream_maps`['ordrs']: there is no stream 'ordrs': did you mean",
        ),
        ({"shop*": None}, "`stream_maps`['shop*']: there is no stream 'shop*'"),
        (
            {"copies": {"__source__": "order"}},
            "`stream_maps`['copies']: `__source__`: there is no stream 'order': did you mean",
        ),
    ],
)
def test_stream_maps_of_no_stream_are_mistakes(stream_maps: dict[str, Any], mistake: str) -> None:
    (found,) = mistakes_in(stream_maps=stream_maps)

    assert found.startswith(mistake)


def test_an_account_that_names_no_stream_is_told_which_it_may_mean() -> None:
    accounts = [{"name": "de", "refresh_token": "hush", "streams": ["order_itms"]}]

    (found,) = mistakes_in(refresh_token=None, accounts=accounts)

    assert found.startswith("`accounts` 'de': `streams` names 'order_itms', which is not a stream")
    assert "`order_items`" in found


@pytest.mark.parametrize("settings", [SETTINGS, BY_ACCOUNT])
def test_to_select_nothing_is_a_mistake(settings: dict[str, Any]) -> None:
    tap = TapAmazonSP(config=settings, catalog=catalog_of(settings=settings), clock=FakeClock())

    with pytest.raises(SettingsError, match="No stream is selected"):
        tap.sync_all()


def test_accounts_that_leave_no_selected_stream_are_a_mistake() -> None:
    settings = BY_ACCOUNT | {"accounts": BY_ACCOUNT["accounts"][:1]}
    catalog = catalog_of("feeds", settings=settings)
    tap = TapAmazonSP(config=settings, catalog=catalog, clock=FakeClock())

    with pytest.raises(SettingsError, match="`streams` of `accounts`"):
        tap.sync_all()
