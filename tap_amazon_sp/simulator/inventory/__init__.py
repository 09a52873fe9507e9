"""The stock of a seller in Amazon's warehouses."""
