"""JSON reports, made up from Amazon's JSON Schemas of them (`data/report_schemas.json`).

Their structure is that of the schemas; descriptions are left out. A schema called `inferred ...` is
a guess: of types that Amazon removed from its documentation.

Of the vendors' reports in real time the schemas say that the output includes "all full hours that
fall within the range": an hour that begins earlier or ends later is not in them. What such a report
shows of an hour is the same whichever range is asked for.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tap_amazon_sp.simulator.documents.contents import MARK, RowBlocks
from tap_amazon_sp.simulator.generated.values import Subject, ValueMaker
from tap_amazon_sp.simulator.reports.types import first_day, last_day, read_data
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.timestamps import DAY, HOUR, UTC, iso

_MOST_RECORDS = 400
_OTHER_RECORDS = 12
_PRODUCTS_AN_HOUR = 16
_OWN = ("asin", "parentAsin", "searchTerm", "promotionId", "couponId", "campaignId", "date")
_BLOCK = 1000
_SPECIFICATION = "reportSpecification"
_DEFAULT_PERIOD = "DAY"
_HOURLY = "vendorRealTime"
# Three digits after the mark make ten characters, as in an ASIN.
_OWN_DIGITS = 3
_FIRST = "B000000000"


class _Schemas:
    """Amazon's JSON Schemas of reports, by name of the file."""

    @functools.cached_property
    def all(self) -> Mapping[str, Any]:
        return read_data("report_schemas.json")

    def resolve(self, api: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow `$ref` until there is a schema."""
        while "$ref" in schema:
            schema = self.all[api]["definitions"][schema["$ref"].rpartition("/")[2]]
        return schema


SCHEMAS = _Schemas()


@dataclass(frozen=True)
class JsonRequest:
    """What a JSON report is to be about.

    Attributes:
        type: Report type.
        schema: Name of its schema.
        marketplaces: Which ones.
        start: Start of the data, epoch seconds.
        end: End of the data.
        now: When it is made.
        options: Options of the request.
    """

    type: str
    schema: str
    marketplaces: Sequence[Marketplace]
    start: float
    end: float
    now: float
    options: Mapping[str, str]

    @property
    def is_hourly(self) -> bool:
        """Whether its records are of whole hours."""
        return self.schema.startswith(_HOURLY)

    def hours(self) -> range:
        """When the hours begin that lie wholly in the time asked for."""
        first, end = -int(-self.start // HOUR), int(self.end // HOUR)
        return range(first * HOUR, end * HOUR, HOUR)

    def periods(self) -> list[tuple[dt.date, dt.date]]:
        """First and last days of the periods that are asked for."""
        period = self.options.get("reportPeriod") or self.options.get("dateGranularity")
        period = period or _DEFAULT_PERIOD
        day = first_day(period, _day(self.start))
        found = []
        while day <= _day(self.end):
            found.append((day, last_day(period, day)))
            day = found[-1][1] + dt.timedelta(days=1)
        return found


class JsonReports:
    """Makes JSON reports."""

    def __init__(self, products: Sequence[Product], *, seed: int, region: str) -> None:
        """Make them for a seller.

        Args:
            products: What is sold.
            seed: Another seed is other data.
            region: `na`, `eu` or `fe`.
        """
        self._products = products
        self._seed = seed
        self._values = ValueMaker(SCHEMAS, seed=seed, region=region)

    def content(self, request: JsonRequest) -> bytes:
        """The whole document."""
        return json.dumps(self.document(request), ensure_ascii=False, indent=1).encode()

    def document(self, request: JsonRequest) -> dict[str, Any]:
        """The document as Python has it."""
        properties = SCHEMAS.all[request.schema]["properties"]
        return {
            name: _specification(part, request)
            if name == _SPECIFICATION
            else self._section(request, name, part)
            for name, part in properties.items()
        }

    def rows(self, request: JsonRequest, count: int) -> RowBlocks:
        """A document with so many records in its last list."""
        document = self.document(request)
        name = list(document)[-1]
        document[name] = []
        head, tail = json.dumps(document, ensure_ascii=False).rsplit("[]", 1)
        part = SCHEMAS.all[request.schema]["properties"][name]

        hours = request.hours() if request.is_hourly else None

        def record(number: int, own: str) -> str:
            if hours is None:
                made = self._record(request, part, number, _day(request.start), None)
            else:
                hour = hours[number % len(hours)]
                made = self._record_of_hour(request, part, hour, self._products[0])
            made[next((known for known in _OWN if known in made), next(iter(made)))] = own
            return json.dumps(made, ensure_ascii=False)

        # The first one has no comma in front, so it belongs to no block.
        first = record(_BLOCK, _FIRST) if count else ""
        return RowBlocks(
            head=f"{head}[{first}".encode(),
            rows=tuple(
                f",\n{record(number, f'{MARK}{number:0{_OWN_DIGITS}d}')}".encode()
                for number in range(_BLOCK)
            ),
            count=max(0, count - 1),
            tail=f"]{tail}\n".encode(),
            encoding="utf-8",
        )

    def _section(self, request: JsonRequest, name: str, part: Mapping[str, Any]) -> Any:
        if part.get("type") != "array":
            subject = self._subject(request, (name,), request.marketplaces[0], None, 0)
            return self._values.make(request.schema, part, subject)
        if request.is_hourly:
            return [
                self._record_of_hour(request, part, hour, product)
                for hour in request.hours()
                for product in self._products[:_PRODUCTS_AN_HOUR]
            ]
        return [
            self._record(request, part, number, day, product)
            for number, (day, product) in enumerate(self._records(request, part))
        ]

    def _records(
        self, request: JsonRequest, part: Mapping[str, Any]
    ) -> Iterator[tuple[dt.date, Product | None]]:
        """What the records of a list are about: days, products or both."""
        names = {*SCHEMAS.resolve(request.schema, part["items"]).get("properties", {})}
        dated = {"startDate", "date", "startTime"} & names
        periods = request.periods() if dated else request.periods()[:1]
        if {"asin", "parentAsin"} & names:
            some = self._products[: max(1, _MOST_RECORDS // max(1, len(periods)))]
            yield from ((first, product) for first, _ in periods for product in some)
        elif dated:
            yield from ((first, None) for first, _ in periods)
        elif "marketplaceId" in names:
            yield from ((_day(request.start), None) for _ in request.marketplaces)
        else:
            yield from ((_day(request.start), None) for _ in range(_OTHER_RECORDS))

    def _record(
        self,
        request: JsonRequest,
        part: Mapping[str, Any],
        number: int,
        day: dt.date,
        product: Product | None,
    ) -> dict[str, Any]:
        market = request.marketplaces[number % len(request.marketplaces)]
        subject = self._subject(request, (day, number), market, product, number)
        record: dict[str, Any] = self._values.make(request.schema, part["items"], subject)
        period = request.options.get("reportPeriod") or request.options.get("dateGranularity")
        last = last_day(period or _DEFAULT_PERIOD, day)
        for name, value in (
            ("startDate", day),
            ("endDate", last),
            ("date", day),
            ("forecastGenerationDate", _day(request.now)),
        ):
            if name in record:
                record[name] = value.isoformat()
        if "startTime" in record:
            hour = request.start + number % 24 * 3600
            record["startTime"], record["endTime"] = iso(hour), iso(hour + 3600)
        return record

    def _record_of_hour(
        self, request: JsonRequest, part: Mapping[str, Any], hour: int, product: Product
    ) -> dict[str, Any]:
        subject = self._subject(request, (hour,), request.marketplaces[0], product, 0)
        record: dict[str, Any] = self._values.make(
            request.schema, part["items"], replace(subject, created=hour, updated=hour + HOUR)
        )
        return record | {"startTime": iso(hour), "endTime": iso(hour + HOUR)}

    def _subject(
        self,
        request: JsonRequest,
        key: tuple[object, ...],
        market: Marketplace,
        product: Product | None,
        number: int,
    ) -> Subject:
        moment = int(request.start)
        known: dict[str, Any] = {"marketplaceid": market.id, "currencycode": market.currency}
        if product is not None:
            known |= {"asin": product.asin, "parentasin": product.asin}
        return Subject(
            (request.type, market.id, product.number if product else "", *key),
            number,
            moment,
            moment + DAY,
            market,
            known=known,
        )


def _specification(schema: Mapping[str, Any], request: JsonRequest) -> dict[str, Any]:
    """The request, as the report repeats it."""
    properties = schema["properties"]
    options = properties.get("reportOptions", {})
    # What is asked for and not known is not repeated.
    given = {
        name: value
        for name, value in request.options.items()
        if name in options.get("properties", {})
    }
    values: dict[str, Any] = {
        "reportType": request.type,
        "reportOptions": given,
        "lastUpdatedDate": _day(request.now).isoformat(),
        "marketplaceIds": [market.id for market in request.marketplaces],
    }
    for name, moment in (("dataStartTime", request.start), ("dataEndTime", request.end)):
        is_time = properties.get(name, {}).get("format") == "date-time"
        values[name] = iso(moment) if is_time else _day(moment).isoformat()
    return {name: value for name, value in values.items() if name in properties}


def _day(moment: float) -> dt.date:
    return dt.datetime.fromtimestamp(moment, UTC).date()
