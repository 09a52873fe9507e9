"""Made-up texts of fields whose values have a form of their own, by the name of the field.

Amazon's models give these fields no format, so any word would fit them; software that reads a
checksum, a latitude or an HTTP status would still not take it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence

from tap_amazon_sp.simulator.generated.names import plain
from tap_amazon_sp.simulator.generated.sources import ValueSource
from tap_amazon_sp.simulator.generated.subjects import Place
from tap_amazon_sp.simulator.world.timestamps import DAY, iso

_CITIES = ("Seattle", "München", "São Paulo", "東京", "L'Aquila", "Łódź", "Québec", "Leeds")
_STREETS = ("Main St", "Oak Ave", "Rue de l'Église", "Hauptstraße", "Avenida Central")
_STATES = ("CA", "NY", "ON", "BY", "SP", "TX")
_CARRIERS = ("UPS", "FEDEX", "USPS", "DHL", "ONTRAC")
_CONSTANTS = ("STANDARD", "REGULAR", "READY", "ACTIVE")
_ZONES = ("America/Los_Angeles", "Europe/Berlin", "Asia/Tokyo", "UTC")
_FIELDS = ("item_name", "brand", "color", "size", "bullet_point")
_MEASURES = re.compile("weight|dimension|volume|quantity|length|cost|cropspec|geocode")

Maker = Callable[[int], str]
"""Makes a text from a large number."""


def technical_text(source: ValueSource, place: Place) -> str | None:
    """Return a text of a field that is known by its name; None for all others."""
    name = plain(place.name)
    if place.depth == 1 and name == source.subject.own_key:
        return None
    number = source.number(place, "technical")
    around = ".".join(place.path[:-1]).lower()
    if name == "countryoforigin" or name.endswith("countryoforigin"):
        return source.subject.marketplace.country
    if "utc" in name or name == "shipwindow":
        moment = iso(source.subject.created + number % 10 * DAY)
        return moment if "utc" in name else f"{moment}--{iso(source.subject.created + 10 * DAY)}"
    if name == "value":
        return _decimal(0, 100, 2)(number) if _MEASURES.search(around) else None
    if name in ("content", "key", "label") and not re.search("document|label|encryption", around):
        return None
    maker = _BY_NAME.get(name) or next(
        (maker for ending, maker in _BY_ENDING.items() if name.endswith(ending)), None
    )
    return None if maker is None else maker(number)


def _one_of(options: Sequence[str]) -> Maker:
    return lambda number: options[number % len(options)]


def _decimal(low: int, high: int, places: int) -> Maker:
    def made(number: int) -> str:
        step = 10**places
        return f"{low + number % ((high - low) * step) / step:.{places}f}"

    return made


def _digits(count: int) -> Maker:
    return lambda number: f"{number % 10**count:0{count}d}"


def _letters(count: int) -> Maker:
    """Return a maker of capital letters and digits, a letter first."""
    return lambda number: "C" + f"{number:032X}"[: count - 1]


def _base64(size: int) -> Maker:
    return lambda number: base64.b64encode(f"{number:032x}".encode()[:size]).decode()


_BY_NAME: Mapping[str, Maker] = {
    "reasonphrase": _one_of(["OK"]),
    "govresponse": _one_of(["Autorizado o uso da NF-e", "Rejeitado"]),
    "recommendedshipmethod": _one_of(["UPS Ground", "USPS Priority Mail"]),
    "paymentmethod": _one_of(["EFT", "CHECK", "WIRE"]),
    "checksum": _base64(16),
    "base64encodedcontent": _base64(24),
    "content": _base64(24),
    "initializationvector": _base64(16),
    "key": _base64(32),
    "label": _base64(24),
    "labelstream": _base64(24),
    "latitude": _decimal(-60, 60, 6),
    "longitude": _decimal(-180, 180, 6),
    "elevation": _decimal(0, 900, 1),
    "distance": _decimal(0, 20, 1),
    "score": _decimal(0, 1, 2),
    "height": _decimal(1, 60, 1),
    "length": _decimal(1, 60, 1),
    "width": _decimal(1, 60, 1),
    "rate": _decimal(0, 1, 2),
    "taxrate": _decimal(0, 1, 2),
    "feeratevalue": _decimal(0, 1, 2),
    "month": lambda number: f"{1 + number % 12:02d}",
    "year": lambda number: str(2027 + number % 5),
    "tail": _digits(4),
    "bankaccountnumbertail": _digits(4),
    "otp": _digits(6),
    "extension": _digits(3),
    "number": _digits(10),
    "fba": _letters(20),
    "mfn": _letters(20),
    "hsncode": _digits(8),
    "postalcode": _digits(5),
    "timezone": _one_of(_ZONES),
    "deliverytimezone": _one_of(_ZONES),
    "state": _one_of(_STATES),
    "stateorregion": _one_of(_STATES),
    "stateorprovincecode": _one_of(_STATES),
    "city": _one_of(_CITIES),
    "county": _one_of(_CITIES),
    "municipality": _one_of(_CITIES),
    "addressline1": lambda number: f"{1 + number % 200} {_STREETS[number % len(_STREETS)]}",
    "addressline2": lambda number: f"Suite {1 + number % 90}",
    "addressline3": lambda number: f"Building {'ABCDE'[number % 5]}",
    "carriercode": _one_of(_CARRIERS),
    "carriercodevalue": _one_of(_CARRIERS),
    "alphacode": _one_of(["UPSN", "FDEG", "USPS", "DHLC"]),
    "shipmethod": lambda number: f"{_CARRIERS[number % len(_CARRIERS)]}_GROUND",
    "shipmethodname": lambda number: f"{_CARRIERS[number % len(_CARRIERS)]} Ground",
    "carriername": _one_of(_CARRIERS),
    "documentformat": _one_of(["PDF", "PNG", "ZPL"]),
    "downloadtype": _one_of(["URL"]),
    "resource": lambda number: f"https://documents.example/{number:032x}",
    "version": lambda number: f"1.{number % 10}",
    "producttypeversion": lambda number: f"1.{number % 10}",
    "validationregex": _one_of(["^[A-Z0-9]+$"]),
    "serialnumber": _letters(12),
    "orderitemserialnumber": _letters(12),
    "manufacturinglotcode": _letters(8),
    "manufacturerlotcode": _letters(8),
    "transparencycode": _letters(26),
    "propertyname": _one_of(_FIELDS),
    "attributename": _one_of(_FIELDS),
    "condition": _one_of(["New", "Used"]),
    "itemcondition": _one_of(["New", "Used"]),
    "subcondition": _one_of(["New", "Good"]),
    "itemsubcondition": _one_of(["New", "Good"]),
    "fulfillmentchannel": _one_of(["Amazon", "Merchant"]),
    "severity": _one_of(["ERROR", "WARNING"]),
    "unit": _one_of(["KG", "CM"]),
}

_BY_ENDING: Mapping[str, Maker] = {
    "mimetype": _one_of(["application/pdf"]),
    "mediatype": _one_of(["application/pdf"]),
    "code": _letters(8),
    "type": _one_of(_CONSTANTS),
    "status": _one_of(_CONSTANTS),
    "tier": _one_of(_CONSTANTS),
    "strategy": _one_of(_CONSTANTS),
}
