"""Authentication: LWA access tokens, restricted data tokens, signatures."""
