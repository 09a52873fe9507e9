"""Sellers: the account of a seller and its marketplaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.world.world import World

API = "sellers"


class Sellers:
    """The Sellers API."""

    def __init__(self, world: World, number: int) -> None:
        """Serve a seller.

        Args:
            world: The world of the seller.
            number: Number of the seller, from 1.
        """
        self._marketplaces = world.marketplaces
        self._name = "Simulated Seller" if number == 1 else f"Simulated Seller {number}"

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {
            f"{API}.getMarketplaceParticipations": self.get_marketplace_participations,
            f"{API}.getAccount": self.get_account,
        }

    def get_marketplace_participations(self, call: Call) -> Answer:
        """Return the marketplaces that the seller sells in."""
        del call
        return Answer({"payload": self._participations()})

    def get_account(self, call: Call) -> Answer:
        """Return the account."""
        del call
        country = self._marketplaces[0].country
        address = {
            "addressLine1": "1 Warehouse Way",
            "city": "Springfield",
            "postalCode": "00001",
            "countryCode": country,
        }
        return Answer(
            {
                "payload": {
                    "businessType": "PRIVATE_LIMITED",
                    "sellingPlan": "PROFESSIONAL",
                    "business": {"name": self._name, "registeredBusinessAddress": address},
                    "primaryContact": {"name": "Sim Seller", "address": address},
                    "marketplaceParticipationList": self._participations(),
                }
            }
        )

    def _participations(self) -> list[dict[str, Any]]:
        return [
            {
                "marketplace": {
                    "id": marketplace.id,
                    "name": marketplace.name,
                    "countryCode": marketplace.country,
                    "defaultCurrencyCode": marketplace.currency,
                    "defaultLanguageCode": marketplace.language,
                    "domainName": f"www.{marketplace.domain.lower()}",
                },
                "participation": {"isParticipating": True, "hasSuspendedListings": False},
                "storeName": self._name,
            }
            for marketplace in self._marketplaces
        ]
