"""The datasets of an order that searchOrders and getOrder of Orders 2026-01-01 include on demand.

Facts: Amazon's model `orders_2026-01-01`; its page "Get orders with filtering criteria".
"""

from __future__ import annotations

from collections.abc import Mapping

DATASETS: Mapping[str, tuple[str, ...]] = {
    "BUYER": ("buyer",),
    "RECIPIENT": ("recipient",),
    "PROCEEDS": ("proceeds", "orderItems.proceeds"),
    "EXPENSE": ("orderItems.expense",),
    "PROMOTION": ("orderItems.promotion",),
    "CANCELLATION": ("orderItems.cancellation",),
    "FULFILLMENT": ("fulfillment", "orderItems.fulfillment"),
    "PACKAGES": ("packages",),
    "TAX": ("tax", "orderItems.tax"),
    "PAYMENT": ("payment",),
    "FULFILLMENT_ORDERS": ("fulfillmentOrders",),
}
"""The places in an order that each dataset fills.

The page does not name the last three yet: they are the properties of that name in the model.
"""

PERSONAL_DATASETS = ("BUYER", "RECIPIENT")
"""The datasets with personal data (its page "Access Orders PII")."""
