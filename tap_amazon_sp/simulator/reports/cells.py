"""Values for columns of flat files and elements of XML reports, made up from their names."""

from __future__ import annotations

import datetime as dt
import functools
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from tap_amazon_sp.simulator.documents.contents import MARK
from tap_amazon_sp.simulator.world.marketplaces import Marketplace, amount
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.timestamps import UTC, iso

_NUMBER_OF_BOOK = 7
_PRIME_RETURNS = "GET_CSV_MFN_PRIME_RETURNS_REPORT"
_WORDS = ("Standard", "Größe M", "Café au lait", "Regular", "O'Neill & Co")
_JAPANESE = ("標準", "大きいサイズ", "通常", "東京", "ﾊﾝｶｸ")
_CITIES = {
    "US": "Seattle",
    "CA": "Montréal",
    "MX": "Mérida",
    "BR": "São Paulo",
    "DE": "Köln",
    "GB": "London",
    "FR": "Besançon",
    "IT": "Forlì",
    "JP": "渋谷区",
    "AU": "Sydney",
    "SG": "Singapore",
}
# Types with date formats of their own, as sellers' files show them.
_DATE_FORMATS = (
    ("GET_LEDGER_", "%m/%d/%Y"),
    ("GET_VAT_TRANSACTION_DATA", "%d-%m-%Y"),
    ("SC_VAT_TAX_REPORT", "%d-%b-%Y UTC"),
    ("GET_FLAT_FILE_RETURNS_DATA", "%d-%b-%Y"),
    ("GET_CSV_MFN_PRIME_RETURNS", "%d-%b-%Y"),
)


@dataclass(frozen=True)
class Row:
    """The subject of a row.

    Attributes:
        type: Report type.
        number: Number of the row, unique in its report.
        prefix: Seven characters that are unique for the report, or for its part of the report.
        rng: Source of random numbers.
        product: A product of the seller.
        sku: SKU in this row.
        market: Marketplace.
        moment: When the event of the row happened, epoch seconds.
        made: When the report is made, epoch seconds.
        seller_id: Amazon's merchant token.
    """

    type: str
    number: int
    prefix: str
    rng: random.Random
    product: Product
    sku: str
    market: Marketplace
    moment: float
    made: float
    seller_id: str

    @property
    def asin(self) -> str:
        """ASIN of the product; the ASIN of a book has only digits and begins with a zero."""
        if self.product.number == _NUMBER_OF_BOOK:
            return "0439023483"
        return self.product.asin

    @property
    def fnsku(self) -> str:
        """SKU that Amazon gave to the product."""
        if self.prefix == MARK:
            return f"X0{self.prefix}{self.number:04d}"
        return self.product.fnsku

    def text(self) -> str:
        """Return some text in a language of the marketplace."""
        return self.rng.choice(_JAPANESE if self.market.country == "JP" else _WORDS)

    def money(self) -> str:
        """Return an amount of money."""
        return amount(self.rng.randrange(9000), self.market.currency)

    def id(self, start: str) -> str:
        """Return an id that no other row has."""
        return f"{start}{self.prefix}{self.number:07d}"

    def snapshot(self) -> str:
        """Return the day on which the report is made, in the format of its type."""
        return self._written(self.made, "%Y-%m-%d")

    def time(self) -> str:
        """Return when the event of the row happened, in the format of the report type."""
        return self._written(self.moment, "%Y-%m-%dT%H:%M:%S+00:00")

    def instant(self) -> str:
        """Return the beginning of the day of the event, as the inventory ledger writes it.

        Public readers of GET_LEDGER_DETAIL_VIEW_DATA have such times in `Date and Time`.
        """
        day = dt.datetime.fromtimestamp(self.moment, UTC)
        return day.strftime("%Y-%m-%dT00:00:00+0000")

    def _written(self, moment: float, usual: str) -> str:
        form = next((form for start, form in _DATE_FORMATS if self.type.startswith(start)), usual)
        return dt.datetime.fromtimestamp(moment, UTC).strftime(form)


def cell(column: str, row: Row) -> str:
    """Return the value in a column of a row."""
    return _maker(column)(row)


@functools.cache
def _maker(column: str) -> Callable[[Row], str]:
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", column)
    name = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
    return next(make for pattern, make in _MAKERS if re.search(pattern, name))


def _choice(*values: str) -> Callable[[Row], str]:
    return lambda row: row.rng.choice(values)


def _identified(start: str) -> Callable[[Row], str]:
    return lambda row: row.id(start)


_reason = _choice("DEFECTIVE", "NOT_AS_DESCRIBED", "Lost_Warehouse", "")


def _comments(row: Row) -> str:
    # Some have stray quotes; in CSV files, some must be quoted.
    texts = ["", 'Not 8" wide', f"{row.text()}; nice"]
    if row.type == _PRIME_RETURNS:
        texts.append('two lines,\n"quoted"')
    return row.rng.choice(texts)


def _return_reason(row: Row) -> str:
    return _comments(row) if row.type == _PRIME_RETURNS else _reason(row)


def _order_id(row: Row) -> str:
    return f"1{row.number % 90 + 10:02d}-{row.prefix}-{row.number:07d}"


_COUNTED = (
    r"qty|quantity|quant|warehouses|units|count|age-\d|days|sales-rank|available|inbound|working"
    r"|receiving|shipped|balance|receipts|shipments|returns|found|^lost$|damaged|disposed|events"
    r"|transfer|reserved|inventory$|weight$|number-of|unfulfillable|window|rank"
)
_MAKERS: tuple[tuple[str, Callable[[Row], str]], ...] = tuple(
    (pattern, make)
    for pattern, make in (
        (
            r"merchant-order-(item-)?id|merchant-rma|seller-order|^asin[23]$|address-[23]$",
            _choice(""),
        ),
        (r"^(amazon-|original-amazon-|replacement-amazon-)?order-id$|seller-reference", _order_id),
        (r"order-item-id|order-item-code|shipment-item|transaction-item", _identified("4")),
        (r"settlement-id", lambda row: f"1{row.prefix}"),
        (r"listing-id", _identified("L")),
        (r"fnsku|fulfillment-channel-sku", lambda row: row.fnsku),
        (r"sku$", lambda row: row.sku),
        (r"asin|^product-id$|identifier-value", lambda row: row.asin),
        (r"license-plate|tracking|carton", _identified("LPN")),
        (r"marketplace-id", lambda row: row.market.id),
        (r"merchant-id|unique-account|merchant-identifier", lambda row: row.seller_id),
        (r"gstin|gstid|vat-number", lambda row: f"27{row.prefix}"),
        (r"currency", lambda row: row.market.currency),
        (
            r"sales-channel|^marketplace(-name)?$|amazon-store|^channel$",
            lambda row: row.market.domain,
        ),
        (r"email", lambda row: f"{row.rng.randrange(16**12):012x}@marketplace.example"),
        (r"phone", lambda row: f"+1 555-01{row.rng.randrange(100):02d}"),
        (r"postal", lambda row: f"{row.rng.randrange(100_000):05d}"),
        (r"country", lambda row: row.market.country),
        (r"city|jurisdiction-name", lambda row: _CITIES[row.market.country]),
        (r"state$", lambda row: row.rng.choice(("WA", "NW", ""))),
        (
            r"buyer-name|recipient|^name$",
            lambda row: (
                row.rng.choice(("José Núñez", "B. Müller", "Emi Tanaka"))
                if row.market.country != "JP"
                else "田中 恵美"
            ),
        ),
        (r"address-1|address-field-one", lambda row: f"{row.number % 999 + 1} Main St"),
        (r"(product|item)-name$|^title$|item-description|^product$", lambda row: row.product.title),
        (
            r"comment|^description$|item-note|explanation|issue-description|error-message|response",
            _comments,
        ),
        (r"url", lambda row: f"https://images.example/{row.asin}.jpg"),
        (
            r"^(is|has|will)-|in-policy|a-to-z|listing-exists|reconciled$|eligib|^fulfilled$",
            _choice("Yes", "No"),
        ),
        (r"report-year", lambda row: iso(row.moment)[:4]),
        (
            r"report-quarter",
            lambda row: f"{iso(row.moment)[:4]}-Q{(int(iso(row.moment)[5:7]) + 2) // 3}",
        ),
        (r"month$|month-of-charge|activity-period", lambda row: iso(row.moment)[:7]),
        (r"open-date", lambda row: f"{iso(row.moment)[:10]} 08:00:00 PST"),
        (r"time-zone", _choice("America/Los_Angeles")),
        (r"^date-and-time$", lambda row: row.instant()),
        (r"snapshot-date", lambda row: row.snapshot()),
        (r"(date|time|posted|updated)(-|$)", lambda row: row.time()),
        (r"status", _choice("Active", "Completed", "Pending")),
        (r"disposition", _choice("SELLABLE", "DEFECTIVE", "CUSTOMER_DAMAGED")),
        (r"condition", _choice("New", "NewItem", "11")),
        (r"^return-reason$", _return_reason),
        (r"reason", _reason),
        (r"fulfillment-center|warehouse-id|-fc$|^location$", _choice("PHX7", "LEJ1", "NRT5")),
        (r"fulfil+ment-channel|fulfilled-by|^fulfillment$", _choice("AFN", "MFN", "DEFAULT")),
        (r"carrier", _choice("UPS", "DHL", "Yamato")),
        (r"service-level", _choice("Standard", "Expedited")),
        (r"rating", lambda row: str(row.rng.randrange(1, 4))),
        (r"rate|percent|score|sell-through|weeks-of", lambda row: f"{row.rng.random():.4f}"),
        (
            _COUNTED,
            lambda row: str(row.rng.randrange(200)),
        ),
        (r"volume|side|girth", lambda row: f"{row.rng.random() * 30:.2f}"),
        (
            r"price|amount|fee|tax|cost|total|credits|rebates|sales|discount|other$|gross|value|igst|cgst|sgst",
            lambda row: row.money(),
        ),
        (r"unit|size", _choice("inches", "cubic feet", "pounds")),
        (r"(^|-)id$|number|reference|case|reimbursement", _identified("7")),
        (
            r"type|tier|level|model|category|group|code|class",
            _choice("STANDARD", "OVERSIZE", "OTHER"),
        ),
        (r"", lambda row: row.text()),
    )
)
