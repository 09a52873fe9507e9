"""Purchase orders that Amazon places with a vendor."""
