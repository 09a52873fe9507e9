"""Runs that are stopped and killed again and again, and what became of their data."""
