"""The Selling Partner API as a server: requests, checks, tokens, throttling, paging, faults."""
