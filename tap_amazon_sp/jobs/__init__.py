"""Reports and Data Kiosk queries as jobs: submitted, polled and remembered."""
