"""The money of a seller: fees, charges, refunds, settlements and transfers, all from the orders."""
