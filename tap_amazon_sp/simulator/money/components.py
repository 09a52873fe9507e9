"""What amounts consist of, and what Amazon calls each component in its three accounts of them.

Sources: the charges and fees of model `financesV0`; the breakdowns that public connectors and their
tests show of Finances 2024-06-19 (airbytehq/airbyte `source-amazon-seller-partner`); the amount
types that public parsers of settlement reports know. Amazon does not document the breakdown of tax
that it withholds; it is a guess here.
"""

from __future__ import annotations

from typing import NamedTuple

SALES, EXPENSES = "Sales", "Expenses"
CHARGE, FEE, PROMOTION, WITHHELD = "charge", "fee", "promotion", "withheld"


class Component(NamedTuple):
    """A component of an amount.

    Attributes:
        kind: Whether it is a charge, a fee, a promotion or withheld tax, as Finances v0 sorts them.
        v0: What Finances v0 calls it.
        side: `Sales` or `Expenses`, the first level of breakdowns of Finances 2024-06-19.
        group: Their second level.
        leaf: Their third level.
        amount_type: `amount-type` of settlement reports.
        description: `amount-description` of settlement reports.
    """

    kind: str
    v0: str
    side: str
    group: str
    leaf: str
    amount_type: str
    description: str


def _charge(v0: str, group: str, leaf: str, description: str) -> Component:
    return Component(CHARGE, v0, SALES, group, leaf, "ItemPrice", description)


def _fee(name: str) -> Component:
    return Component(FEE, name, EXPENSES, "AmazonFees", name, "ItemFees", name)


def _withheld(of: str) -> Component:
    name = f"MarketplaceFacilitatorTax-{of}"
    return Component(WITHHELD, name, EXPENSES, "Tax", name, "ItemWithheldTax", name)


PRINCIPAL = _charge("Principal", "ProductCharges", "OurPricePrincipal", "Principal")
TAX = _charge("Tax", "Tax", "OurPriceTax", "Tax")
SHIPPING = _charge("ShippingCharge", "Shipping", "ShippingPrincipal", "Shipping")
SHIPPING_TAX = _charge("ShippingTax", "Tax", "ShippingTax", "ShippingTax")
GIFT_WRAP = _charge("GiftWrap", "GiftWrap", "GiftWrapPrincipal", "GiftWrap")
REBATE = Component(
    PROMOTION,
    "PromotionMetaDataDefinitionValue",
    EXPENSES,
    "PromoRebates",
    "OurPricePromo",
    "Promotion",
    "Principal",
)
WITHHELD_TAX = _withheld("Principal")
WITHHELD_SHIPPING_TAX = _withheld("Shipping")
COMMISSION = _fee("Commission")
FULFILLMENT = _fee("FBAPerUnitFulfillmentFee")
REFUND_COMMISSION = _fee("RefundCommission")


def _other(v0: str, leaf: str, amount_type: str, description: str) -> Component:
    """Return a component of an amount that belongs to no order."""
    return Component(FEE, v0, EXPENSES, "AmazonFees", leaf, amount_type, description)


STORAGE = _other("FBAStorageFee", "FBAStorageFee", "other-transaction", "Storage Fee")
SUBSCRIPTION = _other("Subscription", "Subscription", "other-transaction", "Subscription Fee")
ADVERTISING = _other(
    "ProductAds", "AdvertisingFee", "Cost of Advertising", "TransactionTotalAmount"
)
REIMBURSEMENT = Component(
    CHARGE,
    "FBAInventoryReimbursement",
    SALES,
    "FBAInventoryReimbursement",
    "FBAInventoryReimbursement",
    "FBA Inventory Reimbursement",
    "",
)
"""The settlement report describes it by the reason of the loss."""
RESERVE_DEBIT = _other(
    "ReserveDebit", "ReserveDebit", "other-transaction", "Current Reserve Amount"
)
RESERVE_CREDIT = _other(
    "ReserveCredit", "ReserveCredit", "other-transaction", "Previous Reserve Amount Balance"
)
TRANSFER = Component(CHARGE, "Transfer", "Transfers", "Transfer", "Transfer", "", "")
"""Settlement reports do not list it."""


class Line(NamedTuple):
    """An amount of one component; money that the seller gets is positive.

    Attributes:
        component: What it is.
        units: Hundredths, or whole units of a currency without cents.
    """

    component: Component
    units: int


def total_of(lines: tuple[Line, ...]) -> int:
    """Return the sum of lines."""
    return sum(line.units for line in lines)
