"""Rows out of a report document, whatever its format.

The report type says what a document is, and its first letters have the last word: what begins like
JSON or XML is that, since the same type may come in several formats, and a failed report as JSON.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from typing import Any

from tap_amazon_sp.amazon.report_types import FILE_FORMATS, ReportType
from tap_amazon_sp.documents.decoding import decoded, usual_charset
from tap_amazon_sp.documents.flat_files import Column, DocumentFormatError, FlatFile
from tap_amazon_sp.documents.json_records import JsonLines, JsonRecords
from tap_amazon_sp.documents.names import ColumnNames
from tap_amazon_sp.documents.xml_records import XmlRecords

__all__ = ["Column", "DocumentFormatError", "NoRowsError", "Rows", "read_json_lines", "read_rows"]

Rows = FlatFile | JsonRecords | JsonLines | XmlRecords
"""What gives rows as dictionaries; flat files know their columns before the first."""

_LOOKED_AT = 200
_XML_CHARSET = re.compile(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding=["']([^"']+)""")
_FILES = {b"%PDF": "pdf", b"PK\x03\x04": "xlsx or zip", b"\xd0\xcf\x11\xe0": "xls"}


class NoRowsError(Exception):
    """The document is a file, such as PDF or a workbook: it can be stored, but has no rows."""


def read_rows(  # noqa: PLR0913 - what a document is about
    document: Iterable[bytes],
    report_type: ReportType,
    *,
    content_type: str = "",
    marketplace_ids: Sequence[str] = (),
    record_path: str | None = None,
    style: ColumnNames = "snake_case",
) -> Rows:
    """Read the beginning of a document and return its rows, which are read one by one.

    Args:
        document: The bytes, not compressed.
        report_type: As the table of types, or the settings, have it.
        content_type: With the character set, if the download said one.
        marketplace_ids: For the character set where it did not.
        record_path: Where the records of a JSON or XML document are: dotted names. None is the
            type's, or the first array of objects, or the elements that repeat. One that is given
            must lead somewhere, as must that of a type in JSON.
        style: How columns are called.

    Raises:
        NoRowsError: It is a file without rows.
        DocumentFormatError: When rows are read: the document is not what it seems.
    """
    pieces = iter(document)
    beginning = next(pieces, b"")
    if report_type.format in FILE_FORMATS or (kind := _file_kind(beginning)):
        message = (
            f"a document of {report_type.name} is {report_type.format or kind}, which has no rows: "
            "`save_to` stores it"
        )
        raise NoRowsError(message)
    if declared := _XML_CHARSET.match(beginning[:_LOOKED_AT]):
        # What an XML document says of itself goes before what the download says of it.
        content_type = f"text/xml; charset={declared[1].decode('ascii', 'replace')}"
    texts = decoded(
        itertools.chain((beginning,), pieces), content_type, usual_charset(marketplace_ids)
    )
    first = next(texts, "")
    whole = itertools.chain((first,), texts)
    first_letter = first.lstrip()[:1]
    if first_letter in ("{", "["):
        arrays = report_type.record_arrays
        path = record_path or (arrays[0].path if len(report_type.schemas) == 1 else None)
        return JsonRecords(whole, path, style=style)
    if first_letter == "<":
        return XmlRecords(
            whole,
            record_path,
            usual_path=report_type.record_path,
            lists=report_type.lists,
            style=style,
        )
    return FlatFile(
        whole,
        "," if report_type.format == "csv" else "\t",
        style=style,
        kinds=report_type.columns,
        quoted=report_type.quoted,
    )


def read_json_lines(
    document: Iterable[bytes], *, content_type: str = "", style: ColumnNames = "snake_case"
) -> JsonLines:
    """Return the records of a JSON Lines document, as Data Kiosk gives them."""
    return JsonLines(decoded(document, content_type), style=style)


def _file_kind(beginning: bytes) -> Any:
    return next((kind for magic, kind in _FILES.items() if beginning.startswith(magic)), None)
