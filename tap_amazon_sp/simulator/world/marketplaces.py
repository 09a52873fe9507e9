"""The marketplaces that the made-up sellers sell in.

Source of ids and regions: Amazon's page "Marketplace IDs".
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True)
class Marketplace:
    """A marketplace.

    Attributes:
        id: Amazon's id.
        country: ISO 3166-1 alpha-2 code.
        name: What Amazon calls it.
        domain: Web address; also the name of the sales channel.
        currency: ISO 4217 code.
        language: Default language.
        price_factor: Units of the local currency for a US dollar.
        tax_rate: Tax on top of the price.
        share: Weight in the distribution of orders over the region.
    """

    id: str
    country: str
    name: str
    domain: str
    currency: str
    language: str
    price_factor: float
    tax_rate: float
    share: int


MARKETPLACES: dict[str, tuple[Marketplace, ...]] = {
    "na": (
        Marketplace(
            "ATVPDKIKX0DER", "US", "Amazon.com", "Amazon.com", "USD", "en_US", 1.0, 0.07, 60
        ),
        Marketplace(
            "A2EUQ1WTGCTBG2", "CA", "Amazon.ca", "Amazon.ca", "CAD", "en_CA", 1.4, 0.05, 20
        ),
        Marketplace(
            "A1AM78C64UM0Y8", "MX", "Amazon.com.mx", "Amazon.com.mx", "MXN", "es_MX", 18.0, 0.16, 12
        ),
        Marketplace(
            "A2Q3Y263D00KWC", "BR", "Amazon.com.br", "Amazon.com.br", "BRL", "pt_BR", 5.4, 0.0, 8
        ),
    ),
    "eu": (
        Marketplace(
            "A1PA6795UKMFR9", "DE", "Amazon.de", "Amazon.de", "EUR", "de_DE", 0.9, 0.19, 45
        ),
        Marketplace(
            "A1F83G8C2ARO7P", "GB", "Amazon.co.uk", "Amazon.co.uk", "GBP", "en_GB", 0.8, 0.2, 30
        ),
        Marketplace("A13V1IB3VIYZZH", "FR", "Amazon.fr", "Amazon.fr", "EUR", "fr_FR", 0.9, 0.2, 15),
        Marketplace("APJ6JRA9NG5V4", "IT", "Amazon.it", "Amazon.it", "EUR", "it_IT", 0.9, 0.22, 10),
    ),
    "fe": (
        Marketplace(
            "A1VC38T7YXB528", "JP", "Amazon.co.jp", "Amazon.co.jp", "JPY", "ja_JP", 150.0, 0.1, 70
        ),
        Marketplace(
            "A39IBJ37TRP1C6", "AU", "Amazon.com.au", "Amazon.com.au", "AUD", "en_AU", 1.5, 0.1, 20
        ),
        Marketplace(
            "A19VAU5U5O7RUS", "SG", "Amazon.sg", "Amazon.sg", "SGD", "en_SG", 1.35, 0.08, 10
        ),
    ),
}

_WITHOUT_CENTS = frozenset({"JPY"})


def amount(units: int, currency: str) -> str:
    """Return money as Amazon writes it: `12.34`, or `1234` in a currency without cents.

    Args:
        units: Hundredths, or whole units of a currency without cents.
        currency: ISO 4217 code.
    """
    if currency in _WITHOUT_CENTS:
        return str(units)
    sign, units = ("-", -units) if units < 0 else ("", units)
    return f"{sign}{units // 100}.{units % 100:02d}"


def units_of(value: object, currency: str) -> int:
    """Return money as hundredths, or as whole units of a currency without cents.

    Args:
        value: A number, e.g. `12.34`.
        currency: ISO 4217 code.
    """
    digits = 0 if currency in _WITHOUT_CENTS else 2
    return int(Decimal(str(value)).scaleb(digits).to_integral_value(ROUND_HALF_UP))


def minor_units(us_dollars: float, marketplace: Marketplace) -> int:
    """Return US dollars in hundredths of a marketplace's currency, or in units without cents."""
    per_unit = 1 if marketplace.currency in _WITHOUT_CENTS else 100
    return round(us_dollars * marketplace.price_factor * per_unit)
