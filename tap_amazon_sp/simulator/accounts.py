"""The selling partners that authorized the application, and what they may call."""

from __future__ import annotations

from collections.abc import Mapping

from tap_amazon_sp.simulator.calls import Account
from tap_amazon_sp.simulator.models import Operation
from tap_amazon_sp.simulator.settings import SELLER_REFRESH_TOKEN, VENDOR_REFRESH_TOKEN

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


def _everything(operation: Operation) -> bool:  # noqa: ARG001 - the seller may call any
    return True


def _vendor_side(operation: Operation) -> bool:
    return operation.api.startswith(_FOR_VENDORS)


# So that one authorization can show every table, the seller is also a vendor.
SELLER = Account("seller", "A1SIMULATEDSELLER", _everything)
VENDOR = Account("vendor", "SIMVC", _vendor_side)

ACCOUNTS: Mapping[str, Account] = {SELLER_REFRESH_TOKEN: SELLER, VENDOR_REFRESH_TOKEN: VENDOR}
"""Accounts by refresh token."""
