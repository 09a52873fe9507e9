"""Notifications: destinations and subscriptions."""
