"""Orders of customers: both Orders APIs, and what they and others show of the same orders."""
