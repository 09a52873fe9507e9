"""Fits the schema of a stream and its records to each other, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_amazon_sp.reading.reader import Records

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


class SchemaFitting:
    """Fits the records of one stream of one account to its schema.

    The schema comes from Amazon's models or from the settings; a subclass may infer it.
    """

    is_inferred = False
    """Whether the schema is inferred from the records, because nothing describes them."""

    def __init__(self, stream: AmazonStream) -> None:
        """Write nothing yet."""
        self.stream = stream

    def fit(self, page: Records) -> Records:
        """Write the SCHEMA that the records need, and return the records as they are written."""
        return page

    def write_first_schema(self) -> None:
        """Write the SCHEMA that comes before the records."""
        self.stream.messages.write_first_schema()

    def write_missing_schema(self) -> None:
        """Write a SCHEMA if there was no record in the whole run."""
