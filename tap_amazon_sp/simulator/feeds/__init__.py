"""Feeds: what sellers upload, as jobs."""
