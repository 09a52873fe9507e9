from __future__ import annotations

import datetime as dt

from tap_amazon_sp.simulator.inventory.movements import Movement
from tap_amazon_sp.simulator.inventory.shelves import Shelf
from tap_amazon_sp.simulator.inventory.stock import Stock
from tap_amazon_sp.simulator.inventory.storage import Storage, average_units
from tap_amazon_sp.simulator.money.fees import storage_fee
from tap_amazon_sp.simulator.world.marketplaces import MARKETPLACES
from tap_amazon_sp.simulator.world.products import make_products
from tests.simulator.inventory.test_stock import NOW, seller


def moment(text: str) -> int:
    return int(dt.datetime.fromisoformat(f"{text}+00:00").timestamp())


def test_the_average_is_that_of_the_ends_of_all_days() -> None:
    shelf = Shelf(make_products(1, "na")[0], MARKETPLACES["na"][0], lot=6)
    for text, quantity in (
        ("2026-09-29T10:00:00", 40),
        ("2026-10-01T00:00:00", -10),
        ("2026-10-16T23:59:59", 31),
        ("2026-10-31T12:00:00", -61),
        ("2026-11-01T00:00:00", 5),
    ):
        shelf.move(Movement(moment(text), "Receipts", quantity, "SELLABLE", 1))

    assert average_units(shelf, 2026, 9) == 40 * 2 / 30
    assert average_units(shelf, 2026, 10) == (30 * 15 + 61 * 15) / 31
    assert average_units(shelf, 2026, 11) == 5


def test_the_total_is_the_sum_of_the_products_fees() -> None:
    stock = Stock(seller())
    stock.advance(NOW)
    storage = Storage(stock)
    for marketplace in stock.world.marketplaces:
        charges = storage.charges(marketplace, 2026, 10)

        assert len(charges) == len(stock.world.products)
        assert storage.total(marketplace, 2026, 10) == sum(charge.fee for charge in charges) > 0
        for charge in charges:
            product, units = charge.shelf.product, average_units(charge.shelf, 2026, 10)
            assert charge.fee == storage_fee(product, marketplace, units)
        assert storage.charges(marketplace, 2026, 7) == []
