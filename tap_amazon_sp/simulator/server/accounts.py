"""The selling partners that authorized the application, and what they may call."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from tap_amazon_sp.simulator.server.calls import Account
from tap_amazon_sp.simulator.server.models import Operation

SELLER_REFRESH_TOKEN = "Atzr|simulator-seller"  # noqa: S105 - opens nothing but the simulator
VENDOR_REFRESH_TOKEN = "Atzr|simulator-vendor"  # noqa: S105

_TOKEN_BYTES = 180
_FOR_VENDORS = (
    "vendor",
    "feeds_",
    "reports_",
    "tokens_",
    "dataKiosk_",
    "notifications",
    "application_",
    "uploads_",
    "catalogItems_2022",
    "definitionsProductTypes_",
    "listingsItems_2021",
)


def _everything(operation: Operation) -> bool:  # noqa: ARG001 - the seller may call any operation
    return True


def _vendor_side(operation: Operation) -> bool:
    return operation.api.startswith(_FOR_VENDORS)


# A seller may also call the operations of vendors, so that one authorization shows everything.
SELLER = Account("seller", "A1SIMULATEDSELLER", _everything)
VENDOR = Account("vendor", "SIMVC", _vendor_side)


class Accounts:
    """All accounts that authorized the application.

    Attributes:
        by_refresh_token: The first seller, the vendor, then the other sellers, by the refresh
            tokens that they have at the start.
        by_name: The same accounts by name.
    """

    def __init__(self, sellers: int) -> None:
        """Authorize the application for a number of sellers, and for the vendor."""
        self.by_refresh_token: Mapping[str, Account] = {
            SELLER_REFRESH_TOKEN: SELLER,
            VENDOR_REFRESH_TOKEN: VENDOR,
            **{
                f"{SELLER_REFRESH_TOKEN}-{number}": Account(
                    f"{SELLER.name}-{number}", f"A{number}SIMULATEDSELLER", _everything, number
                )
                for number in range(2, sellers + 1)
            },
        }
        self.by_name: Mapping[str, Account] = {
            account.name: account for account in self.by_refresh_token.values()
        }
        self._consented: dict[str, Account] = {}

    def authorize(self, account: Account) -> str:
        """Return a new refresh token of an account that has consented."""
        refresh_token = f"Atzr|{secrets.token_urlsafe(_TOKEN_BYTES)}"
        self._consented[refresh_token] = account
        return refresh_token

    def of_refresh_token(self, refresh_token: str) -> Account | None:
        """Return the account of any refresh token, or None."""
        known = self.by_refresh_token.get(refresh_token)
        return known or self._consented.get(refresh_token)

    def sellers(self) -> Mapping[str, Account]:
        """Return the sellers by refresh token, in the order of their numbers."""
        return {
            refresh_token: account
            for refresh_token, account in self.by_refresh_token.items()
            if account != VENDOR
        }
