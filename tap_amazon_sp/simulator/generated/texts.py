"""Made-up texts, by format, name and pattern."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.generated.names import plain, stem_of
from tap_amazon_sp.simulator.generated.sources import ValueSource
from tap_amazon_sp.simulator.generated.subjects import Place
from tap_amazon_sp.simulator.generated.technical_texts import technical_text
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.timestamps import DAY, date_of, iso

ID_NAME = re.compile(
    r"(Id|ID|Ids|IDs|Number|Identifier|Identifiers|Reference|Key|Token|aftn|acsin)$|^(id|identifier)$"
)

_MAX_DELAY_DAYS = 10
_SKU = re.compile(r"(^|_|seller|vendor|merchant|item|parent)m?skus?$", re.IGNORECASE)
_ASIN = re.compile(r"asins?$", re.IGNORECASE)
_TIME = re.compile(r"(Date|Time|At|Timestamp|DateTime)$|^(date|timestamp)$")
# Not `pickupDate`; Amazon says that `lastProcessedDate` is the last update.
_UPDATED = re.compile("(?<!pick)updat|modif|chang|status|lastprocess", re.IGNORECASE)
_LATER = re.compile("end|expir|until|latest|estimat|expect|deliver|arriv|due", re.IGNORECASE)
_STATUS = re.compile("stat(us|e)", re.IGNORECASE)
_URL = re.compile("(url|uri|link)$", re.IGNORECASE)
_MONEY = re.compile("amount$|price$|fee$|cost$|charge$|balance$", re.IGNORECASE)
_ORDER_ID = re.compile("^(amazon)?orderid$")
_WORDS = ("Standard", "Café au lait", "Größe M", "Regular", "東京", "Blue", "Ready", "O'Neill & Co")


def text_for(source: ValueSource, schema: Mapping[str, Any], place: Place) -> str:
    """Return a text that fits a schema."""
    options = schema.get("enum") or (
        source.subject.options.get(plain(place.name)) if place.depth == 1 else None
    )
    if options:
        moves = source.subject.changes if _STATUS.search(place.name) else 0
        place_in_list = place.position if place.path and place.path[-1].isdigit() else 0
        around = place.above((*place.path[:-1], "0")) if place_in_list else place
        start = source.number(around)
        chosen: str = options[(start + moves + place_in_list) % len(options)]
        return chosen
    text = _by_format(source, schema.get("format", ""), place) or _by_name(source, place)
    return _fitted(source, schema, place, text)


def _by_format(source: ValueSource, kind: str, place: Place) -> str | None:
    kind = kind.lower()
    if kind in ("date-time", "datetime"):
        return iso(_moment(source, place))
    if kind == "date":
        return date_of(_moment(source, place))
    if kind == "byte":
        return base64.b64encode(_text(source, place).encode()).decode()
    if kind in ("uri", "url"):
        return _url(source, place)
    return {"ip": "192.0.2.1", "ipv4": "192.0.2.1", "email": "someone@mail.example"}.get(kind)


def _moment(source: ValueSource, place: Place) -> int:
    subject, name = source.subject, place.name
    if _UPDATED.search(name):
        return subject.updated
    stem = stem_of(name)
    if _LATER.search(name) and stem not in subject.exact:
        return subject.created + (1 + source.number(place) % _MAX_DELAY_DAYS) * DAY
    return subject.created


def _by_name(source: ValueSource, place: Place) -> str:
    return (
        _of_market(source, place)
        or _of_product(source, place)
        or _of_form(source, place)
        or technical_text(source, place)
        or _of_identity(source, place)
        or _text(source, place)
    )


def _of_market(source: ValueSource, place: Place) -> str | None:
    name, market = plain(place.name), source.subject.marketplace
    if name in ("sellerid", "merchantid", "sellingpartnerid", "partnerid"):
        return source.subject.seller_id
    if name in ("locale", "language", "languagetag", "languagecode"):
        return market.language
    endings = {
        ("marketplaceid", "marketplace"): market.id,
        ("currencycode", "currency"): market.currency,
        ("countrycode", "country"): market.country,
    }
    return next((text for ends, text in endings.items() if name.endswith(ends)), None)


def _of_product(source: ValueSource, place: Place) -> str | None:
    name = place.name
    if _ASIN.search(name):
        return source.product(place).asin
    if _SKU.search(name):
        return source.product(place).sku
    if plain(name) in ("title", "itemname", "productname"):
        return source.product(place).title
    return None


def _of_form(source: ValueSource, place: Place) -> str | None:
    name = place.name
    if _TIME.search(name):
        return iso(_moment(source, place))
    if _URL.search(name):
        return _url(source, place)
    if plain(name).endswith(("email", "emailaddress")):
        return f"{source.number(place) % 16**12:012x}@marketplace.example"
    if plain(name).startswith("phone"):
        return f"+1 555-01{source.number(place) % 100:02d}"
    if _MONEY.search(name):
        return f"{(source.number(place) % 20_000 + 1) / 100:.2f}"
    return None


def _of_identity(source: ValueSource, place: Place) -> str | None:
    name = plain(place.name)
    if ID_NAME.search(place.name) or name.endswith(("sku", "identifiervalue")):
        return str(source.foreign(place) or _id(source, place))
    if name == "value" and any("identifier" in part.lower() for part in place.path):
        return _id(source, place)
    if place.depth == 1 and name == source.subject.own_key:
        return f"{name}_{source.subject.index}".upper()
    if name.endswith(("name", "key")):
        return f"{_text(source, place)} {source.number(place) % 1000}"
    return None


def _text(source: ValueSource, place: Place) -> str:
    return _WORDS[source.number(place, "text") % len(_WORDS)]


def _url(source: ValueSource, place: Place) -> str:
    return f"https://documents.example/{source.number(place):032x}"


def _id(source: ValueSource, place: Place) -> str:
    number = source.number(place, "id")
    if _ORDER_ID.match(plain(place.name)):
        digits = f"{number % 10**14:014d}"
        return f"114-{digits[:7]}-{digits[7:]}"
    if plain(place.name) == "purchaseordernumber":
        return f"{number:032X}"[:9]
    return _uuid(number)


def _fitted(source: ValueSource, schema: Mapping[str, Any], place: Place, text: str) -> str:
    least, most = schema.get("minLength", 0), schema.get("maxLength", 10_000)
    pattern = schema.get("pattern")
    if least <= len(text) <= most and (pattern is None or re.search(pattern, text)):
        return text
    number = source.number(place, "id")
    for candidate in _candidates(number, text, source.subject.marketplace, least, most):
        if least <= len(candidate) <= most and (pattern is None or re.search(pattern, candidate)):
            return candidate
    return str((text * (1 + least // max(1, len(text))))[:most])


def _uuid(number: int) -> str:
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _candidates(
    number: int, text: str, market: Marketplace, least: int, most: int
) -> tuple[str, ...]:
    """Return texts of all forms that Amazon's patterns allow."""
    letters = f"{number:032x}"
    upper = letters.upper()
    digits = f"{number % 10**12:012d}"
    length = max(least, min(most, 12))
    moment = "2026-01-31"
    return (
        text[:most] if least <= most else text,
        "wf" + _uuid(number),
        _uuid(number),
        (upper * (1 + length // len(upper)))[:length],
        market.country,
        market.language,
        "en_US",
        moment,
        f"{moment}T00:00:00Z",
        f"UN{digits[:4]}",
        digits[:4],
        str(1 + number % 9),
        f"AFTN{digits}",
        f"{upper[:22]}==",
        f"arn:aws:sqs:us-east-1:{digits}:queue",
        "someone@mail.test",
        "https://documents.example/",
        "2026",
    )
