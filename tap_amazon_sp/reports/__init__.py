"""Reports: their types."""
