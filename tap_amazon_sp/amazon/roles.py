"""Roles of applications that several streams share.

Facts: Amazon's page "Role Mappings for SP-API operations".
"""

from __future__ import annotations

ORDER_ROLES = (
    "Inventory and Order Tracking",
    "Pricing",
    "Product Listing",
    "Finance and Accounting",
    "Amazon Fulfillment",
    "Buyer Communication",
    "Buyer Solicitation",
    "Selling Partner Insights",
    "Direct-to-Consumer Delivery (Restricted)",
    "Tax Invoicing (Restricted)",
    "Tax Remittance (Restricted)",
)
