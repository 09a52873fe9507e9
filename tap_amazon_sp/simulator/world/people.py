"""Who buys from the made-up sellers."""

from __future__ import annotations

from dataclasses import dataclass

from tap_amazon_sp.simulator.world.randomness import seeded_random


@dataclass(frozen=True)
class Person:
    """A buyer and where to deliver.

    Attributes:
        name: Full name.
        email: The anonymized address that Amazon shows.
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
    """Return the buyer of an order, always the same for a seed and number."""
    rng = seeded_random(seed, "person", number)
    city, state, postal_code = rng.choice(_PLACES[country])
    return Person(
        name=f"{rng.choice(_FIRST)} {rng.choice(_LAST)}",
        email=f"{rng.randrange(16**12):012x}@marketplace.example",
        company=rng.choice(_COMPANIES) if business else None,
        street=f"{rng.randrange(1, 999)} {rng.choice(_STREETS)}",
        city=city,
        state=state,
        postal_code=postal_code,
        country=country,
        phone=f"+1 555-01{rng.randrange(100):02d}",
    )
