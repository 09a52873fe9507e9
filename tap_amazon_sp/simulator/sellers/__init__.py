"""Sellers: the account and its marketplaces."""
