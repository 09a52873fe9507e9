"""What the made-up seller sells, and who buys it."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.randomness import chance

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
        number: Position in the catalogue.
    """

    asin: str
    sku: str
    title: str
    us_cents: int
    number: int

    def price(self, marketplace: Marketplace) -> int:
        """Unit price in hundredths, or whole units of a currency without cents."""
        per_dollar = 1 if marketplace.currency == "JPY" else 100
        return max(1, round(self.us_cents / 100 * marketplace.price_factor * per_dollar))


# Several domains of a seller sell the same.
@functools.lru_cache(maxsize=256)
def make_products(seed: int, region: str) -> tuple[Product, ...]:
    """Make up the catalogue of a region."""
    luck = chance(seed, "products")
    things = _THINGS[region]
    products = []
    for number in range(_PRODUCTS):
        asin = "B0" + "".join(luck.choices(_ASIN_LETTERS, k=8))
        title = f"{things[number % len(things)]}, {_COLOURS[number % len(_COLOURS)]}"
        sku = f"SKU-{number:04d}-{_COLOURS[number % len(_COLOURS)][:2].upper()}"
        products.append(Product(asin, sku, title, luck.randrange(599, 8999), number))
    return tuple(products)


@dataclass(frozen=True)
class Person:
    """A buyer and where to deliver.

    Attributes:
        name: Full name.
        email: Amazon's anonymized address.
        company: Company of a business order.
        street: First line of the address.
        city: City.
        state: State or region.
        postal_code: Postal code.
        country: ISO 3166-1 alpha-2 code.
        phone: Phone number.
    """

    name: str
    email: str
    company: str | None
    street: str
    city: str
    state: str
    postal_code: str
    country: str
    phone: str


_FIRST = ("Ana", "Björn", "Chloé", "David", "Emi", "Fatima", "George", "Hélène", "Ivo", "José")
_LAST = ("Müller", "Smith", "García", "Tanaka", "O'Neill", "Rossi", "Nguyen", "Łukasik", "Silva")
_STREETS = ("Main St", "Oak Ave", "Rue de l'Église", "Hauptstraße", "Avenida Central", "Elm Rd")
_COMPANIES = ("Acme Trading", "Northwind GmbH", "Contoso Ltda", "Böhm & Söhne")
_PLACES = {
    "US": (("Seattle", "WA", "98109"), ("Austin", "TX", "78701"), ("Boston", "MA", "02108")),
    "CA": (("Toronto", "ON", "M5V 2T6"), ("Montréal", "QC", "H3B 1A7")),
    "MX": (("Ciudad de México", "CDMX", "06000"), ("Mérida", "Yucatán", "97000")),
    "BR": (("São Paulo", "SP", "01310-100"), ("Brasília", "DF", "70040-010")),
    "DE": (("Köln", "Nordrhein-Westfalen", "50667"), ("Berlin", "Berlin", "10115")),
    "GB": (("London", "Greater London", "SW1A 1AA"), ("Leeds", "West Yorkshire", "LS1 4DY")),
    "FR": (("Besançon", "Doubs", "25000"), ("Paris", "Île-de-France", "75001")),
    "IT": (("Forlì", "FC", "47121"), ("Roma", "RM", "00184")),
    "JP": (("渋谷区", "東京都", "150-0002"), ("大阪市", "大阪府", "530-0001")),
    "AU": (("Sydney", "NSW", "2000"), ("Perth", "WA", "6000")),
    "SG": (("Singapore", "Singapore", "018956"),),
}


def make_person(seed: int, number: int, country: str, *, business: bool) -> Person:
    """Make up the buyer of an order."""
    luck = chance(seed, "person", number)
    city, state, postal_code = luck.choice(_PLACES[country])
    return Person(
        name=f"{luck.choice(_FIRST)} {luck.choice(_LAST)}",
        email=f"{luck.randrange(16**12):012x}@marketplace.example",
        company=luck.choice(_COMPANIES) if business else None,
        street=f"{luck.randrange(1, 999)} {luck.choice(_STREETS)}",
        city=city,
        state=state,
        postal_code=postal_code,
        country=country,
        phone=f"+1 555-01{luck.randrange(100):02d}",
    )
