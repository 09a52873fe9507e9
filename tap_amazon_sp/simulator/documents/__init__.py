"""Documents of feeds, reports and queries, behind presigned URLs."""
