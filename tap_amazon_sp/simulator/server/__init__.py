"""The Selling Partner API as a server: HTTP, tokens, checks, throttling, paging, faults."""
