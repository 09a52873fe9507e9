"""Documents behind presigned URLs."""
