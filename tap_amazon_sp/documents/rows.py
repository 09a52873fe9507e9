"""Read the rows of a report document in any format.

The report type says which format to expect, and the beginning of the document decides: a type may
come in several formats, and a failed report as JSON.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable, Sequence

from tap_amazon_sp.amazon.report_types import FILE_FORMATS, ReportType
from tap_amazon_sp.documents.beginnings import file_kind
from tap_amazon_sp.documents.columns import Column, has_known_columns
from tap_amazon_sp.documents.conventions import conventions_of
from tap_amazon_sp.documents.decoding import decoded, usual_charset
from tap_amazon_sp.documents.dialects import BEGINNING, has_known_header
from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.flat_files import FlatFile
from tap_amazon_sp.documents.json_records import JsonLines, JsonRecords
from tap_amazon_sp.documents.lines import begun
from tap_amazon_sp.documents.names import ColumnNames
from tap_amazon_sp.documents.xml_records import XmlRecords

logger = logging.getLogger(__name__)

__all__ = ["Column", "DocumentFormatError", "NoRowsError", "Rows", "read_json_lines", "read_rows"]

Rows = FlatFile | JsonRecords | JsonLines | XmlRecords
"""Readers that yield rows as dictionaries; flat files know their columns before the first row."""


class NoRowsError(Exception):
    """The document is a file without rows, such as a PDF or a workbook; it can only be stored."""


def read_rows(  # noqa: PLR0913 - all that is known about a document
    document: Iterable[bytes],
    report_type: ReportType,
    *,
    content_type: str = "",
    marketplace_ids: Sequence[str] = (),
    record_path: str | None = None,
    style: ColumnNames = "snake_case",
    label: str = "A document",
) -> Rows:
    """Read the beginning of a document and return a reader of its rows.

    Args:
        document: The bytes, uncompressed.
        report_type: The report type of the document.
        content_type: Content type of the download, with its character set if it has one.
        marketplace_ids: They decide the character set if the download has none, and what a number
            or a date is that can be read in two ways.
        record_path: Dotted path to the records of a JSON or XML document. By default that of the
            type, or the first array of objects, or the elements that repeat. A path that is given
            must exist, and so must that of a type in JSON.
        style: How to name columns.
        label: The name of the document in messages, such as `Report 50001`.

    Raises:
        NoRowsError: The document is a file without rows.
        DocumentFormatError: The document is not in its format; also raised while rows are read.
    """
    pieces = iter(document)
    beginning = next(pieces, b"")
    if report_type.format in FILE_FORMATS or (kind := file_kind(beginning)):
        message = (
            f"a document of {report_type.name} is {report_type.format or kind}, which has no rows: "
            "`save_to` stores it"
        )
        raise NoRowsError(message)
    texts = decoded(
        itertools.chain((beginning,), pieces), content_type, usual_charset(marketplace_ids)
    )
    first = next(texts, "")
    whole = itertools.chain((first,), texts)
    first_letter = first.lstrip()[:1]
    if first_letter in ("{", "[", "<") and report_type.is_flat:
        # Lines before a header may look like something else.
        first, texts = begun(whole, BEGINNING)
        whole = itertools.chain((first,), texts)
        if has_known_header(first, report_type, is_whole=len(first) < BEGINNING):
            first_letter = ""
    if first_letter in ("{", "["):
        arrays = [array.path for array in report_type.record_arrays]
        path = record_path or (arrays[0] if len(report_type.schemas) == 1 else None)
        return JsonRecords(whole, path, known_arrays=arrays, style=style)
    if first_letter == "<":
        return XmlRecords(
            whole,
            record_path,
            usual_path=report_type.record_path,
            lists=report_type.lists,
            style=style,
        )
    file = FlatFile(
        whole,
        report_type.delimiter,
        style=style,
        kinds=report_type.columns,
        known_columns=report_type.known_columns,
        quoted=report_type.quoted,
        type_name=report_type.name,
        conventions=conventions_of(marketplace_ids, date_order=report_type.date_order),
        label=label,
    )
    if file.columns and not has_known_columns(file.columns, report_type):
        # No names: if the header is missing, they are the values of a row.
        logger.warning(
            "A document of %s has none of the columns that are known of this type, in no language "
            "that is known: its first line is taken as the header, and its values as text",
            report_type.name,
        )
    return file


def read_json_lines(
    document: Iterable[bytes], *, content_type: str = "", style: ColumnNames = "snake_case"
) -> JsonLines:
    """Return the records of a JSON Lines document, the format of Data Kiosk."""
    return JsonLines(decoded(document, content_type), style=style)
