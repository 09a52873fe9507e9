"""A picture of a run of the tap: what it did when, and where the time went."""
