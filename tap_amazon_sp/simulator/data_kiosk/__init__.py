"""Data Kiosk."""
