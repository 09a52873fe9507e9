"""Product Fees: previews of what Amazon takes."""
