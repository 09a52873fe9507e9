"""Sellers."""
