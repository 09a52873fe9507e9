"""The Selling Partner API: its catalogue of operations, and the client that calls them."""
