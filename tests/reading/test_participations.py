from __future__ import annotations

import logging
from typing import Any

import pytest

from tap_amazon_sp.amazon.errors import AccessDeniedError
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.stubbed_amazon import StubbedAmazon

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
US, DE = "ATVPDKIKX0DER", "A1PA6795UKMFR9"


def tap(monkeypatch: pytest.MonkeyPatch, amazon: StubbedAmazon, **settings: Any) -> TapAmazonSP:
    made = TapAmazonSP(config=CREDENTIALS | settings, clock=FakeClock())
    monkeypatch.setattr(made.connections[0].client, "send", amazon.send)
    return made


def participation(marketplace_id: str, *, takes_part: bool = True) -> dict[str, Any]:
    return {
        "marketplace": {"id": marketplace_id},
        "participation": {"isParticipating": takes_part},
    }


def test_the_accounts_marketplaces_of_the_region_are_requested_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    found = [
        participation(US),
        participation("A2EUQ1WTGCTBG2", takes_part=False),
        participation(DE),
        participation("A3H6HPSLHAK3XG"),
    ]
    amazon = StubbedAmazon(lambda *_: [{"payload": found}])
    made = tap(monkeypatch, amazon)

    assert made.connections[0].participating_marketplaces == (US,)
    assert made.connections[0].participating_marketplaces == (US,)
    assert len(amazon.asked) == 1
    assert "Not read, because they are not known here: stores A3H6HPSLHAK3XG" in caplog.text
    assert DE not in caplog.text


def test_marketplaces_of_the_settings_are_used_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    amazon = StubbedAmazon(lambda *_: [])

    made = tap(monkeypatch, amazon, marketplace_ids=["US"])

    assert made.connections[0].participating_marketplaces == (US,)
    assert amazon.asked == []


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (AccessDeniedError("sellers.getMarketplaceParticipations", status=403), "does not tell"),
        ({"payload": []}, "participates in no marketplace"),
    ],
)
def test_the_error_names_the_setting_if_amazon_refuses(
    monkeypatch: pytest.MonkeyPatch, answer: Any, mistake: str
) -> None:
    made = tap(monkeypatch, StubbedAmazon(lambda *_: [answer]))

    with pytest.raises(SettingsError, match=f"{mistake}.*set `marketplace_ids`"):
        _ = made.connections[0].participating_marketplaces


def test_marketplaces_of_another_region_name_the_setting_that_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = {"payload": [participation(US), participation("A2EUQ1WTGCTBG2")]}
    made = tap(monkeypatch, StubbedAmazon(lambda *_: [answer]), region="eu")

    with pytest.raises(SettingsError, match=r"marketplaces are in region na, but `region` is eu"):
        _ = made.connections[0].participating_marketplaces
