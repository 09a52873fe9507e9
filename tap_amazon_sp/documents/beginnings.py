"""What a document must begin with, so that nothing else is taken for it.

A store that fails may answer 200 with an HTML page, with XML that describes an error, with a
sentence or with nothing. And Amazon sometimes writes a sentence into the document of a report that
is `DONE`, such as "Date range exceeded. Report can be requested only upto 30 days."
(amzn/selling-partner-api-docs#3148), or the JSON object `{"errorDetails": "..."}`. None of these
is a report without rows. Such a report has a header, or a root without records. Where columns of a
type are known, a line without any of them that ends like a sentence is none:
`Error:<tab>Date range exceeded.`

Facts: error responses of Amazon S3 (its API reference: the root is `Error`, with a `Code`). Amazon
documents no type whose documents are empty: a report without data is `CANCELLED`, or has a header
and no rows (amzn/selling-partner-api-docs#1663), and a Data Kiosk query without data has no
document (model `dataKiosk_2023-11-15`).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tap_amazon_sp.amazon.report_types import FILE_FORMATS, ReportType
from tap_amazon_sp.common.json_values import UnusableJsonError, decode
from tap_amazon_sp.documents.columns import has_known_columns
from tap_amazon_sp.documents.decoding import WESTERN, decoded, is_utf16
from tap_amazon_sp.documents.dialects import has_known_header
from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.explanations import ERROR_NAMES, explanation_in, shortened
from tap_amazon_sp.documents.flat_files import FlatFile
from tap_amazon_sp.documents.json_records import HEADER

INSPECTED = 16 * 1024
"""Bytes at the beginning of a document that are looked at."""

GZIP_MAGIC = b"\x1f\x8b"

HEADER_LINES = 40
"""Lines at the beginning among which the header of a flat file is looked for."""

Form = Literal["flat", "json", "json lines", "xml", "unknown", "file", "explanation"]
"""What a document should be; `file` is any content that is only stored."""

_FILES = {b"%PDF": "pdf", b"PK\x03\x04": "xlsx or zip", b"\xd0\xcf\x11\xe0": "xls"}

_MIN_NAMES = 3
"""The fewest names of columns in a line that ends like a sentence."""
_MAX_SENTENCES = 5
"""Lines of a text that may be a message and not a file."""
_HTML_ROOTS = frozenset({"html", "head", "body", "title", "center", "h1"})
_ERROR_ROOTS = frozenset({"Error", "ErrorResponse"})
_BEFORE_ROOT = re.compile(
    r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\]\s*)?>)", re.DOTALL
)
_HTML_TYPE = re.compile(r"\s*<!DOCTYPE\s+html\b", re.IGNORECASE)
_ROOT = re.compile(r"\s*<\s*(?:[\w.-]+:)?([\w.-]+)")
_CODE = re.compile(r"<Code>(\w{1,100})</Code>")
_WORD = re.compile(r"[\w./-]+")
_END_OF_SENTENCE = (".", "!", "。")


@dataclass(frozen=True)
class Expectation:
    """What is known of a document before it is downloaded.

    Attributes:
        form: What it should be.
        may_be_empty: Whether it may have no content, if it has none each time it is downloaded.
        charset: The usual character set, if the document is not UTF-8 and says nothing else.
        report_type: The report type of a flat file.
    """

    form: Form = "file"
    may_be_empty: bool = False
    charset: str = WESTERN
    report_type: ReportType | None = None

    def refusal(
        self, beginning: bytes, content_type: str, *, is_whole: bool, is_last_try: bool = True
    ) -> str | None:
        """Return why content is not the expected document; None if it may be.

        Args:
            beginning: The beginning of the content, uncompressed.
            content_type: Content type of the download.
            is_whole: Whether that is all of the content.
            is_last_try: Whether the document is not downloaded again.

        Returns:
            The rest of a sentence that begins with `the document`.
        """
        if self.form == "unknown" and file_kind(beginning):
            return None
        if self.form != "file" and (reason := _refusal_of_bytes(beginning)) is not None:
            return reason
        text = self._text(beginning, content_type).lstrip()
        if not text:
            return None if self.may_be_empty and is_last_try else "is empty"
        if text[0] in "<{[":
            return self._refusal_of_data(text, is_whole=is_whole)
        return self._refusal_of_text(text, is_whole=is_whole)

    def _refusal_of_data(self, text: str, *, is_whole: bool) -> str | None:
        kind = self.report_type
        if kind is not None and has_known_header(text, kind, is_whole=is_whole):
            # Only the lines before the header look like something else.
            return None
        if text[0] == "<":
            return _refusal_of_markup(text, self.form)
        return _refusal_of_json(text, self.form, is_whole=is_whole)

    def _refusal_of_text(self, text: str, *, is_whole: bool) -> str | None:
        reason = _refusal_of_text(text, self.form, is_whole=is_whole)
        if reason is None and is_whole and self._is_message(text):
            return f"has only a line without known columns{_quoted(text, is_whole=True)}"
        return reason

    def _is_message(self, text: str) -> bool:
        """Return whether a whole flat file is a sentence in the place of the type's columns.

        A header in a language whose columns are not known is a report without rows.
        """
        kind = self.report_type
        if kind is None or not kind.is_flat:
            return False
        if not text.rstrip('" \t\r\n').endswith(_END_OF_SENTENCE):
            return False
        try:
            file = FlatFile(
                [text],
                kind.delimiter,
                kinds=kind.columns,
                quoted=kind.quoted,
                type_name=kind.name,
            )
            return not has_known_columns(file.columns, kind) and not any(file)
        except DocumentFormatError:
            # Reported while rows are read.
            return False

    def _text(self, beginning: bytes, content_type: str) -> str:
        try:
            return "".join(decoded([beginning], content_type, self.charset))
        except DocumentFormatError:
            # Reported while rows are read; a file may have any character set.
            return beginning.decode("ascii", "replace")


ANY_FILE = Expectation()
"""A file of a type that says nothing about its form, such as the documents of feeds."""

EXPLANATION = Expectation("explanation", may_be_empty=True)
"""A document with the reason for a failure; there may be none in it."""

JSON_LINES = Expectation("json lines")
"""The answer to a Data Kiosk query: one JSON object on each line."""


def expectation_of(report_type: ReportType, charset: str = WESTERN) -> Expectation:
    """Return what the documents of a report type should be."""
    if report_type.format in FILE_FORMATS:
        return Expectation("file")
    if report_type.format is None:
        # Nobody knows whether such a type has a header if it has no rows, unless its columns are
        # known.
        return Expectation("unknown", may_be_empty=not report_type.is_flat, charset=charset)
    if report_type.other_format is not None:
        return Expectation("unknown", charset=charset, report_type=report_type)
    forms: Mapping[str, Form] = {"json": "json", "xml": "xml"}
    form = forms.get(report_type.format, "flat")
    return Expectation(form, charset=charset, report_type=report_type)


def file_kind(beginning: bytes) -> str | None:
    """Return the kind of a file that has no rows, such as `pdf`, by its first bytes."""
    return next((kind for magic, kind in _FILES.items() if beginning.startswith(magic)), None)


def is_text(beginning: bytes) -> bool:
    """Is a document text, and not a file such as a PDF, an image or an archive?"""
    if file_kind(beginning) or beginning.startswith(GZIP_MAGIC):
        return False
    return b"\0" not in beginning or is_utf16(beginning)


def _refusal_of_bytes(beginning: bytes) -> str | None:
    if beginning.startswith(GZIP_MAGIC):
        return "is compressed more than once"
    if beginning and not beginning.strip(b"\0"):
        # Decoding drops them, so that nothing would be left.
        return "has only NUL characters"
    return None


def _refusal_of_markup(text: str, form: Form) -> str | None:
    if _HTML_TYPE.match(text):
        return "is an HTML page"
    rest = text
    while (found := _BEFORE_ROOT.match(rest)) is not None:
        rest = rest[found.end() :]
    root = _ROOT.match(rest)
    name = root[1] if root is not None else ""
    if name.lower() in _HTML_ROOTS:
        return "is an HTML page"
    if name in _ERROR_ROOTS:
        code = _CODE.search(rest)
        return f"is an error of the store ({code[1]})" if code else "is an error of the store"
    if form in ("json", "json lines", "flat"):
        return f"is XML, not {'a flat file' if form == 'flat' else 'JSON'}"
    return None


def _refusal_of_json(text: str, form: Form, *, is_whole: bool) -> str | None:
    if form == "explanation":
        return None
    if is_whole and (explanation := _error_in(text)) is not None:
        return f"only says: {shortened(explanation)}" if explanation else "is an error"
    if form == "json lines" and text[0] == "[":
        return "is not JSON Lines"
    if form in ("flat", "xml"):
        return f"is JSON, not {'XML' if form == 'xml' else 'a flat file'}"
    return None


def _error_in(text: str) -> str | None:
    """Return the explanation in a JSON object that has nothing else; None if it has records."""
    try:
        value = decode(text)
    except UnusableJsonError:
        return None
    if not isinstance(value, Mapping):
        return None
    names = value.keys() - {HEADER}
    return explanation_in(text) if names and names <= ERROR_NAMES else None


def _refusal_of_text(text: str, form: Form, *, is_whole: bool) -> str | None:
    if form in ("json", "json lines", "xml"):
        name = "XML" if form == "xml" else "JSON"
        return f"is not {name}{_quoted(text, is_whole=is_whole)}"
    if form not in ("flat", "unknown"):
        return None
    lines = [line for line in text.splitlines()[: HEADER_LINES + 1] if line.strip()]
    if any("\t" in line.strip() for line in lines) or any(map(_is_header, lines)):
        return None
    if form == "unknown" and len(lines) > 1 and _WORD.fullmatch(lines[0].strip()):
        # The only column.
        return None
    return f"has no header with several columns{_quoted(text, is_whole=is_whole)}"


def _is_header(line: str) -> bool:
    """Return whether a line without tabs has the names of several columns, not a sentence."""
    for delimiter in (",", ";"):
        fields = _fields(line, delimiter)
        if len(fields) < 2:  # noqa: PLR2004 - several
            continue
        spaces = [field.startswith(" ") for field in fields[1:]]
        # The name of a column may be abbreviated, but one with a space before it is none.
        has_end = fields[-1].rstrip().endswith(_END_OF_SENTENCE)
        is_sentence = has_end and (len(fields) < _MIN_NAMES or any(spaces))
        if not is_sentence and not all(spaces):
            return True
    return False


def _fields(line: str, delimiter: str) -> Sequence[str]:
    rows: Iterator[Sequence[str]] = csv.reader([line], delimiter=delimiter)
    return next(rows, ())


def _quoted(text: str, *, is_whole: bool) -> str:
    """Return the text of a document if it is a message and nothing else, as `; it says: ...`."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not is_whole or len(lines) > _MAX_SENTENCES or "\ufffd" in text:
        return ""
    return f"; it says: {shortened(text)}"
