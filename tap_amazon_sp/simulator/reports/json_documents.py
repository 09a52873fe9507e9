"""JSON reports, made up from Amazon's JSON Schemas (`data/report_schemas.json`).

The file has the structure of the schemas without their descriptions. A schema called
`inferred ...` is a guess, for a type that Amazon removed from its documentation.

The schemas of the vendors' reports in real time say that the output includes "all full hours that
fall within the range". So an hour that begins before the range or ends after it is left out. The
data that such a report shows for an hour does not depend on the range.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tap_amazon_sp.simulator.data import read_data
from tap_amazon_sp.simulator.documents.contents import MARK, RowBlocks
from tap_amazon_sp.simulator.generated.subjects import Subject
from tap_amazon_sp.simulator.generated.values import ValueMaker
from tap_amazon_sp.simulator.reports.request import ReportRequest
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.periods import day_of, last_day
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.timestamps import DAY, HOUR, iso
from tap_amazon_sp.simulator.world.world import World

_MAX_RECORDS = 400
_OTHER_RECORDS = 12
_PRODUCTS_AN_HOUR = 16
_OWN = ("asin", "parentAsin", "searchTerm", "promotionId", "couponId", "campaignId", "date")
_RECORDS_IN_BLOCK = 1000
_SPECIFICATION = "reportSpecification"
# With the seven characters of the mark, three digits make an ASIN.
_OWN_DIGITS = 3
_FIRST_ASIN = "B000000000"


class _Schemas:
    """Amazon's JSON Schemas of reports, by name of the file."""

    @functools.cached_property
    def all(self) -> Mapping[str, Any]:
        return read_data("report_schemas.json")

    def resolve(self, api: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a schema; references are followed."""
        while "$ref" in schema:
            schema = self.all[api]["definitions"][schema["$ref"].rpartition("/")[2]]
        return schema


SCHEMAS = _Schemas()


class JsonReports:
    """Makes JSON reports."""

    def __init__(self, world: World) -> None:
        """Make the reports of a seller."""
        self._products = world.products
        self._values = ValueMaker(SCHEMAS, world)

    def content(self, request: ReportRequest) -> bytes:
        """Return the document as JSON."""
        return json.dumps(self.document(request), ensure_ascii=False, indent=1).encode()

    def document(self, request: ReportRequest) -> dict[str, Any]:
        """Return the document as Python objects."""
        properties = SCHEMAS.all[request.schema]["properties"]
        return {
            name: _specification(part, request)
            if name == _SPECIFICATION
            else self._section(request, name, part)
            for name, part in properties.items()
        }

    def rows(self, request: ReportRequest, count: int) -> RowBlocks:
        """Return a document with a number of records in its last list."""
        document = self.document(request)
        name = list(document)[-1]
        document[name] = []
        head, tail = json.dumps(document, ensure_ascii=False).rsplit("[]", 1)
        part = SCHEMAS.all[request.schema]["properties"][name]

        hours = request.hours() if request.is_hourly else None

        def record(number: int, own: str) -> str:
            if hours is None:
                made = self._record(request, part, number, day_of(request.start), None)
            else:
                hour = hours[number % len(hours)]
                made = self._record_of_hour(request, part, hour, self._products[0])
            made[next((known for known in _OWN if known in made), next(iter(made)))] = own
            return json.dumps(made, ensure_ascii=False)

        # The first record has no comma before it, so it belongs to no block.
        first = record(_RECORDS_IN_BLOCK, _FIRST_ASIN) if count else ""
        following = max(0, count - 1)
        return RowBlocks(
            head=f"{head}[{first}".encode(),
            rows=tuple(
                f",\n{record(number, f'{MARK}{number:0{_OWN_DIGITS}d}')}".encode()
                for number in range(min(following, _RECORDS_IN_BLOCK))
            ),
            count=following,
            tail=f"]{tail}\n".encode(),
            encoding="utf-8",
        )

    def _section(self, request: ReportRequest, name: str, part: Mapping[str, Any]) -> Any:
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
        self, request: ReportRequest, part: Mapping[str, Any]
    ) -> Iterator[tuple[dt.date, Product | None]]:
        """Yield the subjects of the records of a list: days, products or both."""
        names = {*SCHEMAS.resolve(request.schema, part["items"]).get("properties", {})}
        dated = {"startDate", "date", "startTime"} & names
        periods = request.periods() if dated else request.periods()[:1]
        if {"asin", "parentAsin"} & names:
            some = self._products[: max(1, _MAX_RECORDS // max(1, len(periods)))]
            yield from ((first, product) for first, _ in periods for product in some)
        elif dated:
            yield from ((first, None) for first, _ in periods)
        elif "marketplaceId" in names:
            yield from ((day_of(request.start), None) for _ in request.marketplaces)
        else:
            yield from ((day_of(request.start), None) for _ in range(_OTHER_RECORDS))

    def _record(
        self,
        request: ReportRequest,
        part: Mapping[str, Any],
        number: int,
        day: dt.date,
        product: Product | None,
    ) -> dict[str, Any]:
        market = request.marketplaces[number % len(request.marketplaces)]
        subject = self._subject(request, (day, number), market, product, number)
        record: dict[str, Any] = self._values.make(request.schema, part["items"], subject)
        last = last_day(request.period, day)
        for name, value in (
            ("startDate", day),
            ("endDate", last),
            ("date", day),
            ("forecastGenerationDate", day_of(request.now)),
        ):
            if name in record:
                record[name] = value.isoformat()
        if "startTime" in record:
            hour = request.start + number % 24 * HOUR
            record["startTime"], record["endTime"] = iso(hour), iso(hour + HOUR)
        return record

    def _record_of_hour(
        self, request: ReportRequest, part: Mapping[str, Any], hour: int, product: Product
    ) -> dict[str, Any]:
        subject = self._subject(request, (hour,), request.marketplaces[0], product, 0)
        record: dict[str, Any] = self._values.make(
            request.schema, part["items"], replace(subject, created=hour, updated=hour + HOUR)
        )
        return record | {"startTime": iso(hour), "endTime": iso(hour + HOUR)}

    def _subject(
        self,
        request: ReportRequest,
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
            (request.type.name, market.id, product.number if product else "", *key),
            number,
            moment,
            moment + DAY,
            market,
            known=known,
        )


def _specification(schema: Mapping[str, Any], request: ReportRequest) -> dict[str, Any]:
    """Return the request, as the report repeats it."""
    properties = schema["properties"]
    options = properties.get("reportOptions", {})
    # Unknown options are not repeated.
    given = {
        name: value
        for name, value in request.options.items()
        if name in options.get("properties", {})
    }
    values: dict[str, Any] = {
        "reportType": request.type.name,
        "reportOptions": given,
        "lastUpdatedDate": day_of(request.now).isoformat(),
        "marketplaceIds": [market.id for market in request.marketplaces],
    }
    for name, moment in (("dataStartTime", request.start), ("dataEndTime", request.end)):
        is_time = properties.get(name, {}).get("format") == "date-time"
        values[name] = iso(moment) if is_time else day_of(moment).isoformat()
    return {name: value for name, value in values.items() if name in properties}
