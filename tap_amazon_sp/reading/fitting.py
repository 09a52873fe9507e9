"""How the schema of a stream and its records are fitted to each other, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_amazon_sp.reading.raw_records import UnchangedRecord
from tap_amazon_sp.reading.reader import Records

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


class SchemaFitting:
    """Fits the records of one stream of one account to its schema, or the schema to them."""

    is_inferred = False
    """Whether nobody describes the records, so that the schema follows from them."""

    def __init__(self, stream: AmazonStream) -> None:
        """Write nothing yet."""
        self.stream = stream

    def fit(self, page: Records) -> Records:
        """Return the records as they are written, having written the SCHEMA that they need."""
        normalize = self.stream.pipeline.normalize_timestamps
        return [
            record if isinstance(record, UnchangedRecord) else normalize(record) for record in page
        ]

    def write_first_schema(self) -> None:
        """Write the SCHEMA that comes before the records."""
        self.stream.messages.write_first_schema()

    def write_missing_schema(self) -> None:
        """Write a SCHEMA even if there was no record in the whole run."""


class DeclaredSchema(SchemaFitting):
    """Fits records to a schema that Amazon's models, or the settings, describe."""
