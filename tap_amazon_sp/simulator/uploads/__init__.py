"""Uploads: files for A+ content and for messages to buyers."""
