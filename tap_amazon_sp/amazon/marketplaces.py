"""Regions, endpoints and marketplaces of the SP-API.

Sources: Amazon's pages "SP-API Endpoints" and "Marketplace IDs" of the SP-API documentation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


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
    """A marketplace: its id, the code of its country, and its region's name."""

    id: str
    country_code: str
    region: str


REGIONS = {
    region.name: region
    for region in (
        Region("na", "us-east-1"),
        Region("eu", "eu-west-1"),
        Region("fe", "us-west-2"),
    )
}

MARKETPLACES = tuple(
    Marketplace(marketplace_id, country_code, region)
    for region, marketplaces in {
        "na": {
            "CA": "A2EUQ1WTGCTBG2",
            "US": "ATVPDKIKX0DER",
            "MX": "A1AM78C64UM0Y8",
            "BR": "A2Q3Y263D00KWC",
        },
        "eu": {
            "IE": "A28R8C7NBKEWEA",
            "ES": "A1RKKUPIHCS9HS",
            "GB": "A1F83G8C2ARO7P",
            "FR": "A13V1IB3VIYZZH",
            "BE": "AMEN7PMS3EDWL",
            "NL": "A1805IZSGTT6HS",
            "DE": "A1PA6795UKMFR9",
            "IT": "APJ6JRA9NG5V4",
            "SE": "A2NODRKZP88ZB9",
            "ZA": "AE08WJ6YKNBMC",
            "PL": "A1C3SOZRARQ6R3",
            "EG": "ARBP9OOSHTCHU",
            "TR": "A33AVAJ2PDY3EV",
            "SA": "A17E79C6D8DWNP",
            "AE": "A2VIGQ35RCS4UG",
            "IN": "A21TJRUUN4KGV",
        },
        "fe": {
            "SG": "A19VAU5U5O7RUS",
            "AU": "A39IBJ37TRP1C6",
            "JP": "A1VC38T7YXB528",
        },
    }.items()
    for country_code, marketplace_id in marketplaces.items()
)

_COUNTRY_CODE_ALIASES = {"UK": "GB"}
_BY_NAME = {marketplace.id: marketplace for marketplace in MARKETPLACES} | {
    marketplace.country_code: marketplace for marketplace in MARKETPLACES
}
_REGIONS_BY_NAME = REGIONS | {region.aws_region: region for region in REGIONS.values()}


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
