from __future__ import annotations

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.marketplaces import (
    MARKETPLACES,
    REGIONS,
    find_marketplace,
    find_region,
    marketplace_parameter_of,
)


def test_every_marketplace_has_a_region_and_an_id_of_its_own() -> None:
    assert len(MARKETPLACES) == 23
    assert len({marketplace.id for marketplace in MARKETPLACES}) == 23
    assert {marketplace.region for marketplace in MARKETPLACES} == set(REGIONS)


@pytest.mark.parametrize("name", ["US", "us", " US ", "ATVPDKIKX0DER"])
def test_a_marketplace_is_found_by_country_code_or_id(name: str) -> None:
    assert find_marketplace(name).id == "ATVPDKIKX0DER"


def test_uk_and_gb_are_the_same_marketplace() -> None:
    assert find_marketplace("UK") == find_marketplace("GB")


def test_an_unknown_marketplace_is_named_with_the_known_codes() -> None:
    with pytest.raises(ValueError, match=r"'XX' is neither a marketplace id .* US"):
        find_marketplace("XX")


@pytest.mark.parametrize(
    ("name", "endpoint"),
    [
        ("na", "https://sellingpartnerapi-na.amazon.com"),
        ("us-east-1", "https://sellingpartnerapi-na.amazon.com"),
        ("EU", "https://sellingpartnerapi-eu.amazon.com"),
        ("eu-west-1", "https://sellingpartnerapi-eu.amazon.com"),
        ("us-west-2", "https://sellingpartnerapi-fe.amazon.com"),
    ],
)
def test_a_region_is_found_by_its_name_or_its_aws_name(name: str, endpoint: str) -> None:
    assert find_region(name).endpoint == endpoint


def test_an_unknown_region_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'us' is not a region: use na, eu, fe"):
        find_region("us")


@pytest.mark.parametrize(
    ("operation_id", "given", "name"),
    [
        ("orders_2026-01-01.searchOrders", (), "marketplaceIds"),
        ("ordersV0.getOrders", ("CreatedAfter",), "MarketplaceIds"),
        ("productPricingV0.getPricing", (), "MarketplaceId"),
        ("ordersV0.getOrders", ("MarketplaceIds",), None),
        ("sellers.getMarketplaceParticipations", (), None),
    ],
)
def test_marketplaces_go_into_a_parameter_that_has_no_value(
    operation_id: str, given: tuple[str, ...], name: str | None
) -> None:
    parameter = marketplace_parameter_of(catalogue.operation(operation_id), given)

    assert (parameter and parameter.name) == name
