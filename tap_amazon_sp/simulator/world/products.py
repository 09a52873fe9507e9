"""What the made-up sellers sell."""

from __future__ import annotations

import functools
import zlib
from dataclasses import dataclass

from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.randomness import seeded_random

_PRODUCTS = 120
_ASIN_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"

_THINGS = {
    "na": (
        "Stainless Steel Water Bottle",
        "Bamboo Cutting Board",
        "Crème Brûlée Torch",
        "LED Desk Lamp",
        "Yoga Mat, 6 mm",
        "Jalapeño Hot Sauce",
        "Wireless Mouse",
        'Picture Frame 8" x 10"',
        "Café French Press",
        "Dog Leash",
    ),
    "eu": (
        "Edelstahl-Trinkflasche",
        "Schneidebrett aus Bambus",
        "Crème-brûlée-Brenner",
        "Schreibtischlampe für Büro & Küche",
        "Gymnastikmatte 6 mm",
        "Caffettiera",
        "Kabellose Maus",
        "Bilderrahmen 20 x 30 cm",
        "Théière en fonte",
        "Hundeleine",
    ),
    "fe": (
        "ステンレスボトル",
        "竹まな板",
        "クリームブリュレバーナー",
        "LEDデスクライト",
        "ヨガマット 6mm",
        "Stubby Holder",
        "ワイヤレスマウス",
        "フォトフレーム",
        "急須",
        "犬用リード",
    ),
}
_COLOURS = ("Black", "Blue", "Green", "Red", "White", "Grey")


@dataclass(frozen=True)
class Product:
    """A product.

    Attributes:
        asin: Amazon's id.
        sku: The seller's id.
        title: Name.
        us_cents: Price in hundredths of a US dollar.
        number: Position among the products, from 0.
    """

    asin: str
    sku: str
    title: str
    us_cents: int
    number: int

    @property
    def fnsku(self) -> str:
        """Amazon's id of the units in its warehouses."""
        return f"X0{zlib.crc32(self.asin.encode()):08X}"

    def price(self, marketplace: Marketplace) -> int:
        """Return the unit price in hundredths, or in whole units of a currency without cents."""
        per_dollar = 1 if marketplace.currency == "JPY" else 100
        return max(1, round(self.us_cents / 100 * marketplace.price_factor * per_dollar))


# Several domains of a seller ask for the same products.
@functools.lru_cache(maxsize=256)
def make_products(seed: int, region: str) -> tuple[Product, ...]:
    """Return the products of a seller, always the same for a seed and region."""
    rng = seeded_random(seed, "products")
    things = _THINGS[region]
    products = []
    for number in range(_PRODUCTS):
        asin = "B0" + "".join(rng.choices(_ASIN_LETTERS, k=8))
        title = f"{things[number % len(things)]}, {_COLOURS[number % len(_COLOURS)]}"
        sku = f"SKU-{number:04d}-{_COLOURS[number % len(_COLOURS)][:2].upper()}"
        products.append(Product(asin, sku, title, rng.randrange(599, 8999), number))
    return tuple(products)
