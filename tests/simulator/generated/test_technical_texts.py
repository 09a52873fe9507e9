from __future__ import annotations

import base64
import re
import zoneinfo
from collections.abc import Callable
from typing import Any

import pytest

from tap_amazon_sp.simulator.generated.subjects import Subject
from tap_amazon_sp.simulator.generated.values import ValueMaker
from tap_amazon_sp.simulator.server.models import load_models
from tap_amazon_sp.simulator.world.marketplaces import MARKETPLACES
from tap_amazon_sp.simulator.world.timestamps import parse_iso
from tap_amazon_sp.simulator.world.world import World

WORLD = World(seed=1, region="eu", start=0.0)
GERMANY = next(market for market in MARKETPLACES["eu"] if market.country == "DE")


def made(path: str, index: int = 7, own_key: str = "thingid") -> str:
    """Return a made-up text at a dotted path of a record."""
    subject = Subject(
        key=("test", "things", index),
        index=index,
        created=1_795_000_000,
        updated=1_795_400_000,
        marketplace=GERMANY,
        seller_id="A1SELLER",
        own_key=own_key,
    )
    schema: dict[str, Any] = {"type": "string"}
    for name in reversed(path.split(".")):
        schema = {"type": "object", "required": [name], "properties": {name: schema}}
    value = ValueMaker(load_models(), WORLD).make("sales", schema, subject)
    for name in path.split("."):
        value = value[name]
    return str(value)


def is_base64(text: str) -> bool:
    return bool(base64.b64decode(text, validate=True))


def matches(pattern: str) -> Callable[[str], Any]:
    return re.compile(pattern).fullmatch


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("responses.status.reasonPhrase", matches("OK")),
        ("label.fileContents.checksum", is_base64),
        ("encryptionDetails.initializationVector", is_base64),
        ("encryptionDetails.key", is_base64),
        ("packageDocuments.content", is_base64),
        ("geocode.latitude", lambda text: -90 <= float(text) <= 90),
        ("geocode.longitude", lambda text: -180 <= float(text) <= 180),
        ("dimensions.height", lambda text: float(text) > 0),
        ("billableWeight.value", lambda text: float(text) >= 0),
        ("taxDetails.taxRate", lambda text: 0 <= float(text) <= 1),
        ("expiryDate.month", matches("0[1-9]|1[0-2]")),
        ("expiryDate.year", matches("20[0-9]{2}")),
        ("appointment.phoneNumber.number", matches("[0-9]{10}")),
        ("locationIds.FBA", matches("[A-Z0-9]{20}")),
        ("bankAccountNumberTail", matches("[0-9]{4}")),
        ("configuration.timezone", zoneinfo.ZoneInfo),
        ("address.postalCode", matches("[0-9]{5}")),
        ("address.stateOrRegion", matches("[A-Z]{2}")),
        ("item.countryOfOrigin", matches("DE")),
        ("shippingInfo.expectedShippingDateTimeInUTC", parse_iso),
        ("purchaseOrders.shipWindow", lambda text: [*map(parse_iso, text.split("--"))]),
        ("carrier.carrierCode", matches("[A-Z]+")),
        ("invoice.errorCode", matches("[A-Z0-9]{8}")),
        ("container.addressType", matches("[A-Z]+")),
        ("constraints.validationRegEx", re.compile),
        ("schema.link.resource", matches("https://.*")),
    ],
)
def test_values_have_the_form_that_their_field_is_for(
    path: str, fits: Callable[[str], Any]
) -> None:
    for index in range(20):
        assert fits(made(path, index))


def test_words_stay_where_words_belong() -> None:
    assert {made("item.value", index) for index in range(20)} & {"Regular", "Größe M", "東京"}


def test_the_key_of_a_record_is_its_own() -> None:
    codes = {made("supplySourceCode", index, own_key="supplysourcecode") for index in range(20)}

    assert len(codes) == 20
    assert "SUPPLYSOURCECODE_7" in codes
