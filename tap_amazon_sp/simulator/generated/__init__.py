"""The operations without a folder of their own: their data is made up from Amazon's models."""
