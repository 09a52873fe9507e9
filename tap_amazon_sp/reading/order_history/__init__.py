"""Orders of the past from the reports of all orders, in the form of Orders 2026-01-01."""
