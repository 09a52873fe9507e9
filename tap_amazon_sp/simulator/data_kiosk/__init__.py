"""Data Kiosk: queries in GraphQL, as jobs."""
