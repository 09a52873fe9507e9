"""Sales: order metrics."""
