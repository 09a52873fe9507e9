"""How large the parts of a document may be.

The limits are far above what Amazon sends: a row is some kilobytes long, and the widest flat file
has some hundred columns. They keep the memory for any document small. A document that exceeds them
fails, and the others are read.
"""

from __future__ import annotations

MAX_RECORD = 4 * 1024 * 1024
"""Characters of the longest record: a line of a flat file or of JSON Lines, an object in a JSON
report, an element of an XML report."""

MAX_COLUMNS = 10_000
"""The most columns of a flat file, and the most fields of its lines."""

MAX_DEPTH = 100
"""How deep elements of an XML document may be nested; see `json_values` for JSON."""

RECORD_TOO_LONG = f"it has a record of more than {MAX_RECORD:,} characters"

TOO_MANY_FIELDS = f"it has a line of more than {MAX_COLUMNS:,} fields"
