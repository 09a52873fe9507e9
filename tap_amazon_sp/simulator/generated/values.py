"""Made-up values that fit a schema of Amazon's models.

A value follows from the seed, what the record is about, and its place in the record alone: the
same name in a list and in the answer for one record holds the same value, at any time.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.products import Product, make_products
from tap_amazon_sp.simulator.world.timestamps import DAY, date_of, iso

ForeignId = Callable[["Subject", str, int], Any]
"""Id of another record by subject, plain name and number, where the API has such records."""

_DEEPEST = 7
_SHALLOW = 2
_ABSENT_ONE_IN = 8
_LONGEST_DELAY_DAYS = 10
_LEAST_ID = 10**8
_BOUND = 100
_FOREIGN = 1000

_IDENTIFIES = re.compile(
    r"(id|ids|number|numbers|identifier|identifiers|sku|skus|asin|asins|key|name|code|type|status"
    r"|state|date|time|at|timestamp|reference|currency|amount)$",
    re.IGNORECASE,
)
_ID = re.compile(
    r"(Id|ID|Ids|IDs|Number|Identifier|Identifiers|Reference|Key|Token|aftn|acsin)$|^(id|identifier)$"
)
_SKU = re.compile(r"(^|_|seller|vendor|merchant|item|parent)m?skus?$", re.IGNORECASE)
_ASIN = re.compile(r"asins?$", re.IGNORECASE)
_TIME = re.compile(r"(Date|Time|At|Timestamp|DateTime)$|^(date|timestamp)$")
# No `pickupDate`; Amazon says of `lastProcessedDate` that it is the last update.
_UPDATED = re.compile("(?<!pick)updat|modif|chang|status|lastprocess", re.IGNORECASE)
_LATER = re.compile("end|expir|until|latest|estimat|expect|deliver|arriv|due", re.IGNORECASE)
_STATUS = re.compile("stat(us|e)", re.IGNORECASE)
_URL = re.compile("(url|uri|link)$", re.IGNORECASE)
_TOKEN = re.compile(r"^(next|previous|prev)?(page|pagination|next|previous)?token$", re.IGNORECASE)
_MONEY = re.compile("amount|price|total|fee|cost|charge|value|money|balance|tax", re.IGNORECASE)
_MONEY_TEXT = re.compile("amount$|price$|fee$|cost$|charge$|balance$", re.IGNORECASE)
_ORDER_ID = re.compile("^(amazon)?orderid$")
_NEVER_ANSWERED = frozenset({"errors", "pagination"})
_WORDS = ("Standard", "Café au lait", "Größe M", "Regular", "東京", "Blue", "Ready", "O'Neill & Co")


@functools.cache
def plain(name: str) -> str:
    """A name without case, plural and the word list: `ShipmentIdList` is `shipmentid`."""
    name = name.lower().replace("-", "").replace("_", "")
    name = name.removesuffix("list")
    if name.endswith("statuses"):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "status")) else name


@functools.cache
def _identifies(name: str) -> bool:
    return _IDENTIFIES.search(name) is not None


_SAME_THINGS = (
    frozenset({"orderid", "amazonorderid"}),
    frozenset({"sku", "sellersku", "msku", "merchantsku"}),
    frozenset({"itemtype", "itemname"}),
)


def also_called(name: str) -> frozenset[str]:
    """All plain names of what a plain name means."""
    return next((names for names in _SAME_THINGS if name in names), frozenset({name}))


def number_from(*names: object) -> int:
    """A large number that follows from the names; unlike a checksum it does not repeat itself."""
    text = "\x1f".join(map(str, names)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=16).digest(), "big")


@dataclass(frozen=True)
class Subject:
    """What a record is about.

    Attributes:
        key: What sets it apart from everything else.
        index: Its number in its collection.
        created: When it came to be, epoch seconds.
        updated: When it last changed.
        marketplace: Where it belongs.
        seller_id: Whose it is.
        changes: How often it changed.
        own_key: Plain name of the property that identifies it.
        known: Values it must show, by plain name of their properties: what was asked for.
        known_depth: How deep in the record they are shown.
        exact: Plain stems of times that must be the moment itself, as filters look at them.
        options: What else a text can be, by plain name, where its schema does not say.
    """

    key: tuple[object, ...]
    index: int
    created: int
    updated: int
    marketplace: Marketplace
    seller_id: str = ""
    changes: int = 0
    own_key: str = ""
    known: Mapping[str, Any] = field(default_factory=dict)
    known_depth: int = _SHALLOW
    exact: frozenset[str] = frozenset()
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where in a record a value stands.

    Attributes:
        path: Names of properties and positions in lists from the record down to it.
        name: The last of the names.
        depth: How many objects are around it.
        position: Position in the closest list around it.
        refs: Definitions around it.
    """

    path: tuple[str, ...] = ()
    name: str = ""
    depth: int = 0
    position: int = 0
    refs: tuple[str, ...] = ()

    def inside(self, name: str) -> Place:
        """The place of a property."""
        return Place((*self.path, name), name, self.depth + 1, self.position, self.refs)

    def at(self, position: int) -> Place:
        """The place of an item."""
        return Place((*self.path, str(position)), self.name, self.depth, position, self.refs)

    def below(self, ref: str) -> Place:
        """The same place, inside a definition."""
        return Place(self.path, self.name, self.depth, self.position, (*self.refs, ref))

    def above(self, path: tuple[str, ...]) -> Place:
        """A place around this one, or the same without some of its positions."""
        return Place(path, self.name, self.depth)


def no_foreign_id(subject: Subject, name: str, number: int) -> Any:
    """A world where no record names another."""
    del subject, name, number


class Definitions(Protocol):
    """Where schemas are that others refer to."""

    def resolve(self, api: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow `$ref` until there is a schema."""


class ValueMaker:
    """Makes up values."""

    def __init__(
        self, models: Definitions, *, seed: int, region: str, foreign_id: ForeignId = no_foreign_id
    ) -> None:
        """Make up values of a region."""
        self.models = models
        self.seed = seed
        self.products = make_products(seed, region)
        self.by_name = {
            **{product.asin: product for product in self.products},
            **{product.sku: product for product in self.products},
        }
        self.foreign_id = foreign_id

    def make(
        self,
        api: str,
        schema: Mapping[str, Any],
        subject: Subject,
        *,
        needed: frozenset[str] = frozenset(),
        without: frozenset[str] = frozenset(),
    ) -> Any:
        """Make up a value.

        Args:
            api: Whose definitions the schema refers to.
            schema: What it must fit.
            subject: What it is about.
            needed: Dotted paths that are never absent.
            without: Dotted paths that stay out.
        """
        return _Filling(self, api, subject, needed, without).value(schema, Place())

    def property_of(self, api: str, schema: Mapping[str, Any], name: str, subject: Subject) -> Any:
        """Make up a single property of a record."""
        filling = _Filling(self, api, subject, frozenset(), frozenset())
        properties = filling.merged(self.models.resolve(api, schema)).get("properties", {})
        return filling.value(properties[name], Place().inside(name))


@dataclass(frozen=True)
class _Filling:
    maker: ValueMaker
    api: str
    subject: Subject
    needed: frozenset[str]
    without: frozenset[str]

    def merged(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """A schema with its parts in one."""
        parts = schema.get("allOf")
        if not parts:
            return schema
        whole: dict[str, Any] = {"properties": {}, "required": []}
        own = {name: value for name, value in schema.items() if name != "allOf"}
        for part in (
            *(self.merged(self.maker.models.resolve(self.api, one)) for one in parts),
            own,
        ):
            whole["properties"] |= part.get("properties", {})
            whole["required"] += part.get("required", [])
            whole |= {
                name: value
                for name, value in part.items()
                if name not in ("properties", "required")
            }
        return whole

    def value(self, schema: Mapping[str, Any], place: Place) -> Any:
        """Make up the value at a place."""
        if "$ref" in schema:
            ref = schema["$ref"]
            return self.value(self.maker.models.resolve(self.api, {"$ref": ref}), place.below(ref))
        schema = self.merged(schema)
        kind = schema.get("type") or _kind_of(schema)
        if kind == "object":
            return self._object(schema, place)
        if kind == "array":
            return self._array(schema, place)
        known = self._known(schema, kind, place)
        return self._scalar(schema, kind, place) if known is None else known

    def _scalar(self, schema: Mapping[str, Any], kind: str, place: Place) -> Any:
        if kind == "boolean":
            return self._number(place) % 2 == 0
        if kind in ("integer", "number"):
            return self._numeric(schema, kind, place)
        return self._string(schema, place)

    def _number(self, place: Place, *extra: object) -> int:
        path = ".".join(place.path).lower()
        return number_from(self.maker.seed, *self.subject.key, path, *extra)

    def _object(self, schema: Mapping[str, Any], place: Place) -> dict[str, Any]:
        required = schema.get("required", ())
        result: dict[str, Any] = {}
        for name, inner in schema.get("properties", {}).items():
            there = place.inside(name)
            dotted = ".".join(there.path)
            if dotted in self.without:
                continue
            if name in required or dotted in self.needed or self._is_present(inner, there):
                result[name] = self.value(inner, there)
        rest = schema.get("additionalProperties")
        if isinstance(rest, Mapping) and not result and not self._is_cut(rest, place):
            names = ("first", "second")[: 1 + self._number(place) % 2]
            result = {name: self.value(rest, place.inside(name)) for name in names}
        return result

    def _is_present(self, schema: Mapping[str, Any], place: Place) -> bool:
        name = place.path[-1]
        if name in _NEVER_ANSWERED or _TOKEN.search(name) or self._is_cut(schema, place):
            return False
        if _identifies(name) or plain(name) in self.subject.known:
            return True
        if "date" in self.maker.models.resolve(self.api, schema).get("format", ""):
            return True
        return self._number(place, "present") % _ABSENT_ONE_IN != 0

    def _is_cut(self, schema: Mapping[str, Any], place: Place) -> bool:
        """Whether the value would go on for ever, or at least too far."""
        resolved = self.maker.models.resolve(self.api, schema)
        refs = {schema.get("$ref"), resolved.get("items", {}).get("$ref")}
        return place.depth > _DEEPEST or bool(refs & {*place.refs})

    def _array(self, schema: Mapping[str, Any], place: Place) -> list[Any]:
        items = schema.get("items", {})
        least, most = schema.get("minItems", 0), schema.get("maxItems", 1000)
        if least == 0 and (self._is_cut(schema, place) or place.path[-1:] == ("errors",)):
            return []
        resolved = self.merged(self.maker.models.resolve(self.api, items))
        asked = self.subject.known.get(plain(place.name))
        if isinstance(asked, list) and place.depth <= self.subject.known_depth:
            fitting = [value for value in asked if _fits(resolved, value)]
            if fitting and len(fitting) >= least:
                return fitting[:most]
        count = 1 + self._number(place, "count") % 2 if place.depth <= _SHALLOW + 1 else 1
        count = max(least, min(count, most))
        if "enum" in resolved:
            count = min(count, len(resolved["enum"]))
        if (
            "marketplaceId" in resolved.get("properties", {})
            or plain(place.name) == "marketplaceid"
        ):
            # A record belongs to one marketplace.
            count = max(least, min(count, 1))
        values = [self.value(items, place.at(position)) for position in range(count)]
        if schema.get("uniqueItems"):
            values = [value for at, value in enumerate(values) if value not in values[:at]]
        return values

    def _known(self, schema: Mapping[str, Any], kind: str, place: Place) -> Any:
        if place.depth > self.subject.known_depth:
            return None
        value = self.subject.known.get(plain(place.name))
        if isinstance(value, list):
            value = value[place.position % len(value)] if value else None
        if value is None or not _fits({"type": kind, **schema}, value):
            return None
        return value

    def _numeric(self, schema: Mapping[str, Any], kind: str, place: Place) -> Any:
        name = place.name
        if name == "statusCode":
            return 200
        number = self._number(place)
        low, high = schema.get("minimum"), schema.get("maximum")
        if kind == "integer" or "int" in schema.get("format", ""):
            if _ID.search(name) and high is None:
                return self._foreign(place) or _LEAST_ID + number % _LEAST_ID
            least = 1 if low is None else int(low)
            most = least + _BOUND if high is None else int(high)
            return min(least, most) + number % (abs(most - least) + 1)
        first = 0.01 if low is None else float(low)
        last = first + _BOUND * (2 if _MONEY.search(name) else 1) if high is None else float(high)
        share = (number % 10_000) / 10_000
        return max(first, min(last, round(first + (last - first) * share, 2)))

    def _foreign(self, place: Place) -> Any:
        own = place.depth == 1 and plain(place.name) == self.subject.own_key
        if own:
            return None
        # All positions of a list start at one number: they name different records.
        around = place.above(tuple(part for part in place.path if not part.isdigit()))
        number = self._number(around, "foreign") % _FOREIGN
        return self.maker.foreign_id(self.subject, plain(place.name), number + place.position)

    def _string(self, schema: Mapping[str, Any], place: Place) -> str:
        options = schema.get("enum") or (
            self.subject.options.get(plain(place.name)) if place.depth == 1 else None
        )
        if options:
            moves = self.subject.changes if _STATUS.search(place.name) else 0
            place_in_list = place.position if place.path and place.path[-1].isdigit() else 0
            around = place.above((*place.path[:-1], "0")) if place_in_list else place
            start = self._number(around)
            chosen: str = options[(start + moves + place_in_list) % len(options)]
            return chosen
        text = self._by_format(schema.get("format", ""), place) or self._by_name(place)
        return self._fitted(schema, place, text)

    def _by_format(self, kind: str, place: Place) -> str | None:
        kind = kind.lower()
        if kind in ("date-time", "datetime"):
            return iso(self._moment(place))
        if kind == "date":
            return date_of(self._moment(place))
        if kind == "byte":
            return base64.b64encode(self._text(place).encode()).decode()
        if kind in ("uri", "url"):
            return self._url(place)
        return {"ip": "192.0.2.1", "ipv4": "192.0.2.1", "email": "someone@mail.example"}.get(kind)

    def _moment(self, place: Place) -> int:
        subject, name = self.subject, place.name
        if _UPDATED.search(name):
            return subject.updated
        stem = stem_of(name)
        if _LATER.search(name) and stem not in subject.exact:
            return subject.created + (1 + self._number(place) % _LONGEST_DELAY_DAYS) * DAY
        return subject.created

    def _by_name(self, place: Place) -> str:
        return (
            self._of_market(place)
            or self._of_product(place)
            or self._of_form(place)
            or self._of_identity(place)
            or self._text(place)
        )

    def _of_market(self, place: Place) -> str | None:
        name, market = plain(place.name), self.subject.marketplace
        if name in ("sellerid", "merchantid", "sellingpartnerid", "partnerid"):
            return self.subject.seller_id
        if name in ("locale", "language", "languagetag", "languagecode"):
            return market.language
        endings = {
            ("marketplaceid", "marketplace"): market.id,
            ("currencycode", "currency"): market.currency,
            ("countrycode", "country"): market.country,
        }
        return next((text for ends, text in endings.items() if name.endswith(ends)), None)

    def _of_product(self, place: Place) -> str | None:
        name = place.name
        if _ASIN.search(name):
            return self._product(place).asin
        if _SKU.search(name):
            return self._product(place).sku
        if plain(name) in ("title", "itemname", "productname"):
            return self._product(place).title
        return None

    def _of_form(self, place: Place) -> str | None:
        name = place.name
        if _TIME.search(name):
            return iso(self._moment(place))
        if _URL.search(name):
            return self._url(place)
        if plain(name).endswith(("email", "emailaddress")):
            return f"{self._number(place) % 16**12:012x}@marketplace.example"
        if plain(name).startswith("phone"):
            return f"+1 555-01{self._number(place) % 100:02d}"
        if _MONEY_TEXT.search(name):
            return f"{(self._number(place) % 20_000 + 1) / 100:.2f}"
        return None

    def _of_identity(self, place: Place) -> str | None:
        name = plain(place.name)
        if _ID.search(place.name) or name.endswith(("sku", "identifiervalue")):
            return str(self._foreign(place) or self._id(place))
        if name == "value" and any("identifier" in part.lower() for part in place.path):
            return self._id(place)
        if place.depth == 1 and name == self.subject.own_key:
            return f"{name}_{self.subject.index}".upper()
        if name.endswith(("name", "key")):
            return f"{self._text(place)} {self._number(place) % 1000}"
        return None

    def _text(self, place: Place) -> str:
        return _WORDS[self._number(place, "text") % len(_WORDS)]

    def _url(self, place: Place) -> str:
        return f"https://documents.example/{self._number(place):032x}"

    def _id(self, place: Place) -> str:
        number = self._number(place, "id")
        if _ORDER_ID.match(plain(place.name)):
            digits = f"{number % 10**14:014d}"
            return f"114-{digits[:7]}-{digits[7:]}"
        if plain(place.name) == "purchaseordernumber":
            return f"{number:032X}"[:9]
        return _uuid(number)

    def _product(self, place: Place) -> Product:
        products, known = self.maker.products, self.subject.known
        if place.depth <= self.subject.known_depth + 1:
            for name in ("asin", "sku", "sellersku", "msku"):
                value = known.get(name)
                product = None if isinstance(value, list) else self.maker.by_name.get(value or "")
                if product is not None:
                    return products[(product.number + place.position) % len(products)]
        number = self.subject.index
        if place.depth > _SHALLOW + 1:
            number = self._number(place.above(place.path[:-1]), "product") % len(products)
        number += place.position
        if number < len(products):
            return products[number]
        letters = f"{number_from(self.maker.seed, 'product', number):032X}"
        return Product(
            "B0" + letters[:8], f"SKU-{number:04d}-{letters[8:10]}", "Spare part", 1999, number
        )

    def _fitted(self, schema: Mapping[str, Any], place: Place, text: str) -> str:
        least, most = schema.get("minLength", 0), schema.get("maxLength", 10_000)
        pattern = schema.get("pattern")
        if least <= len(text) <= most and (pattern is None or re.search(pattern, text)):
            return text
        number = self._number(place, "id")
        for candidate in _candidates(number, text, self.subject.marketplace, least, most):
            if least <= len(candidate) <= most and (
                pattern is None or re.search(pattern, candidate)
            ):
                return candidate
        return str((text * (1 + least // max(1, len(text))))[:most])


def stem_of(name: str) -> str:
    """What a time is the time of: `postedAfter`, `postedDate` and `PostedBefore` are `posted`."""
    name = re.sub(r"^(from|to)(?=[A-Z])", "", name)
    name = re.sub(r"(After|Before|Since|Until)$", "", name)
    name = re.sub(r"(Date|DateTime|Time|At|Timestamp)$", "", name)
    return plain(name)


def _kind_of(schema: Mapping[str, Any]) -> str:
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    return "array" if "items" in schema else "string"


def _uuid(number: int) -> str:
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _candidates(
    number: int, text: str, market: Marketplace, least: int, most: int
) -> tuple[str, ...]:
    """Texts of all forms that Amazon's patterns ask for."""
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


_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def _fits(schema: Mapping[str, Any], value: Any) -> bool:
    kind = schema.get("type") or _kind_of(schema)
    if not isinstance(value, _TYPES.get(kind, ())) or (
        kind != "boolean" and value in (True, False)
    ):
        return kind == "boolean" and isinstance(value, bool)
    if "enum" in schema and value not in schema["enum"]:
        return False
    if not isinstance(value, str):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    if "date" in schema.get("format", ""):
        return False
    return schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)) and (
        "pattern" not in schema or re.search(schema["pattern"], value) is not None
    )
