from __future__ import annotations

from dataclasses import replace

import pytest

from tap_amazon_sp.simulator.money.components import Line, total_of
from tap_amazon_sp.simulator.money.item_lines import refund_lines, shipment_lines
from tap_amazon_sp.simulator.orders.details import Item
from tap_amazon_sp.simulator.orders.history import OrderState
from tap_amazon_sp.simulator.world.marketplaces import MARKETPLACES, Marketplace
from tap_amazon_sp.simulator.world.products import Product

US, CA = MARKETPLACES["na"][:2]
JP = MARKETPLACES["fe"][0]
PRODUCT = Product("B0TEST0001", "SKU-1", "A bottle", 2000, 0)
ITEM = Item(
    id="1",
    product=PRODUCT,
    quantity=3,
    unit_price=2000,
    shipping=300,
    discount=600,
    promotion_id="PROMO-01",
    tax=420,
    shipping_tax=21,
    gift_message=None,
    gift_wrap=0,
)


def order(market: Marketplace = US, *, by_amazon: bool = False) -> OrderState:
    return OrderState(0, market, by_amazon, 1, [(0, "SHIPPED")])


def amounts(lines: tuple[Line, ...]) -> dict[str, int]:
    assert len({line.component for line in lines}) == len(lines)
    return {line.component.v0: line.units for line in lines}


def test_amazon_takes_its_commission_of_what_the_buyer_pays_without_tax() -> None:
    assert amounts(shipment_lines(order(), ITEM)) == {
        "Principal": 6000,
        "Tax": 420,
        "ShippingCharge": 300,
        "ShippingTax": 21,
        "PromotionMetaDataDefinitionValue": -600,
        "MarketplaceFacilitatorTax-Principal": -420,
        "MarketplaceFacilitatorTax-Shipping": -21,
        "Commission": -855,
    }


def test_only_in_the_us_tax_is_withheld() -> None:
    lines = amounts(shipment_lines(order(CA), ITEM))

    assert not [name for name in lines if name.startswith("MarketplaceFacilitatorTax")]


def test_amazons_fulfillment_is_charged_for_each_unit_in_the_currency() -> None:
    us = amounts(shipment_lines(order(by_amazon=True), ITEM))
    japan = amounts(shipment_lines(order(JP, by_amazon=True), ITEM))

    assert us["FBAPerUnitFulfillmentFee"] == -3 * 322
    # 3.22 dollars are 483 yen, which have no hundredths.
    assert japan["FBAPerUnitFulfillmentFee"] == -3 * 483


def test_a_whole_refund_gives_back_all_but_a_part_of_the_commission() -> None:
    shipped, refunded = shipment_lines(order(), ITEM), refund_lines(order(), ITEM, 3)

    assert amounts(refunded) == {
        "Principal": -6000,
        "Tax": -420,
        "ShippingCharge": -300,
        "ShippingTax": -21,
        "PromotionMetaDataDefinitionValue": 600,
        "MarketplaceFacilitatorTax-Principal": 420,
        "MarketplaceFacilitatorTax-Shipping": 21,
        "Commission": 855,
        "RefundCommission": -171,
    }
    assert total_of(shipped) + total_of(refunded) == -171


def test_the_refund_of_a_unit_leaves_shipping_and_the_other_units() -> None:
    lines = amounts(refund_lines(order(CA), ITEM, 1))

    assert lines == {
        "Principal": -2000,
        "Tax": -140,
        "PromotionMetaDataDefinitionValue": 200,
        "Commission": 270,
        "RefundCommission": -54,
    }


@pytest.mark.parametrize("quantity", [1, 2, 3])
def test_amounts_of_nothing_are_left_out(quantity: int) -> None:
    free = replace(ITEM, tax=0, shipping=0, shipping_tax=0, discount=0)

    for lines in (shipment_lines(order(), free), refund_lines(order(), free, quantity)):
        assert all(line.units for line in lines)
        assert "Tax" not in amounts(lines)
