"""Regions, endpoints and marketplaces of the SP-API.

Sources: Amazon's pages "SP-API Endpoints" and "Marketplace IDs" of the SP-API documentation. The
domains are those of Amazon's shops, which reports of orders have as sales channels.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tap_amazon_sp.amazon.catalogue import Operation
    from tap_amazon_sp.amazon.operation_parts import Parameter


@dataclass(frozen=True)
class Region:
    """A selling region. It has one endpoint, one AWS region and several marketplaces."""

    name: str
    aws_region: str

    @property
    def endpoint(self) -> str:
        """The base URL of the production API."""
        return f"https://sellingpartnerapi-{self.name}.amazon.com"

    @property
    def sandbox_endpoint(self) -> str:
        """The base URL of Amazon's own sandbox."""
        return f"https://sandbox.sellingpartnerapi-{self.name}.amazon.com"


@dataclass(frozen=True)
class Marketplace:
    """A marketplace: its id, the code of its country, its region's name, and its domain."""

    id: str
    country_code: str
    region: str
    domain: str


REGIONS = {
    region.name: region
    for region in (
        Region("na", "us-east-1"),
        Region("eu", "eu-west-1"),
        Region("fe", "us-west-2"),
    )
}

MARKETPLACES = tuple(
    Marketplace(marketplace_id, country_code, region, domain)
    for region, marketplaces in {
        "na": {
            "CA": ("A2EUQ1WTGCTBG2", "amazon.ca"),
            "US": ("ATVPDKIKX0DER", "amazon.com"),
            "MX": ("A1AM78C64UM0Y8", "amazon.com.mx"),
            "BR": ("A2Q3Y263D00KWC", "amazon.com.br"),
        },
        "eu": {
            "IE": ("A28R8C7NBKEWEA", "amazon.ie"),
            "ES": ("A1RKKUPIHCS9HS", "amazon.es"),
            "GB": ("A1F83G8C2ARO7P", "amazon.co.uk"),
            "FR": ("A13V1IB3VIYZZH", "amazon.fr"),
            "BE": ("AMEN7PMS3EDWL", "amazon.com.be"),
            "NL": ("A1805IZSGTT6HS", "amazon.nl"),
            "DE": ("A1PA6795UKMFR9", "amazon.de"),
            "IT": ("APJ6JRA9NG5V4", "amazon.it"),
            "SE": ("A2NODRKZP88ZB9", "amazon.se"),
            "ZA": ("AE08WJ6YKNBMC", "amazon.co.za"),
            "PL": ("A1C3SOZRARQ6R3", "amazon.pl"),
            "EG": ("ARBP9OOSHTCHU", "amazon.eg"),
            "TR": ("A33AVAJ2PDY3EV", "amazon.com.tr"),
            "SA": ("A17E79C6D8DWNP", "amazon.sa"),
            "AE": ("A2VIGQ35RCS4UG", "amazon.ae"),
            "IN": ("A21TJRUUN4KGV", "amazon.in"),
        },
        "fe": {
            "SG": ("A19VAU5U5O7RUS", "amazon.sg"),
            "AU": ("A39IBJ37TRP1C6", "amazon.com.au"),
            "JP": ("A1VC38T7YXB528", "amazon.co.jp"),
        },
    }.items()
    for country_code, (marketplace_id, domain) in marketplaces.items()
)

MARKETPLACE_PARAMETERS = ("marketplaceIds", "MarketplaceIds", "marketplaceId", "MarketplaceId")
"""The names that parameters for marketplaces have in Amazon's models."""

_COUNTRY_CODE_ALIASES = {"UK": "GB"}
_BY_NAME = {marketplace.id: marketplace for marketplace in MARKETPLACES} | {
    marketplace.country_code: marketplace for marketplace in MARKETPLACES
}
_DOMAIN_ALIASES = {"amazon.jp": "amazon.co.jp", "amazon.be": "amazon.com.be"}
_BY_DOMAIN = {marketplace.domain: marketplace for marketplace in MARKETPLACES}
_REGIONS_BY_NAME = REGIONS | {region.aws_region: region for region in REGIONS.values()}


def marketplace_parameter_of(operation: Operation, given: Collection[str]) -> Parameter | None:
    """Return the parameter that the tap fills with marketplaces.

    Args:
        operation: The operation.
        given: The names of the parameters that have a value already.

    Returns:
        The first such parameter; None if there is none, or one of them has a value.
    """
    if not frozenset(MARKETPLACE_PARAMETERS).isdisjoint(given):
        return None
    return next(filter(None, map(operation.parameter, MARKETPLACE_PARAMETERS)), None)


def find_region(name: str) -> Region:
    """Return the region by its name (`na`, `eu`, `fe`) or by the name of its AWS region.

    Raises:
        ValueError: There is no such region.
    """
    region = _REGIONS_BY_NAME.get(name.strip().lower())
    if region is None:
        message = f"{name!r} is not a region: use {', '.join(_REGIONS_BY_NAME)}"
        raise ValueError(message)
    return region


def find_marketplace(id_or_country_code: str) -> Marketplace:
    """Return the marketplace by its id or its country code (`US`; `UK` means `GB`).

    Raises:
        ValueError: There is no such marketplace.
    """
    name = id_or_country_code.strip().upper()
    marketplace = _BY_NAME.get(_COUNTRY_CODE_ALIASES.get(name, name))
    if marketplace is None:
        codes = ", ".join(sorted(item.country_code for item in MARKETPLACES))
        message = (
            f"{id_or_country_code!r} is neither a marketplace id "
            f"nor one of the country codes {codes}"
        )
        raise ValueError(message)
    return marketplace


def marketplace_of_channel(sales_channel: str) -> Marketplace | None:
    """Return the marketplace of a sales channel, such as `Amazon.com`; None for others.

    Orders of a seller's own shop have the sales channel `Non-Amazon`.
    """
    domain = sales_channel.strip().lower()
    return _BY_DOMAIN.get(_DOMAIN_ALIASES.get(domain, domain))


def marketplaces_in(region_name: str, marketplace_ids: Iterable[str]) -> list[str]:
    """Return those of some marketplaces, by their ids, that are in a region."""
    return [one for one in marketplace_ids if find_marketplace(one).region == region_name]


def marketplace_label(marketplace_id: str) -> str:
    """Return an id with the country code in brackets, if the marketplace is known here."""
    marketplace = _BY_NAME.get(marketplace_id)
    return (
        marketplace_id if marketplace is None else f"{marketplace_id} ({marketplace.country_code})"
    )


def marketplace_in(region_name: str, id_or_country_code: str) -> Marketplace:
    """Return the marketplace of an id or a country code, which must be in a region.

    Raises:
        ValueError: There is no such marketplace, or it is in another region.
    """
    marketplace = find_marketplace(id_or_country_code)
    if marketplace.region != region_name:
        message = (
            f"{id_or_country_code} is in region {marketplace.region}, but `region` is {region_name}"
        )
        raise ValueError(message)
    return marketplace
