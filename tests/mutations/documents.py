"""Damage to the documents of reports and queries."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

from tap_amazon_sp.amazon.report_types import report_type
from tap_amazon_sp.documents.beginnings import expectation_of
from tap_amazon_sp.simulator.server.calls import HttpAnswer
from tests.mutations.kinds import DOCUMENT, Change, Given, Kind, Kinds

DOCUMENTS = Kinds()


def is_zipped(body: bytes) -> bool:
    return body.startswith(b"\x1f\x8b")


def plain(body: bytes) -> bytes:
    return gzip.decompress(body) if is_zipped(body) else body


def may_be_empty(job: str) -> bool:
    """Return whether a document without content may be a report without rows, which is logged."""
    known = report_type(job)
    return known.known and expectation_of(known).may_be_empty


def kind(what: str, **more: Any) -> Callable[[Change], Change]:
    return DOCUMENTS.kind(what, at=DOCUMENT, **more)


def _content(name: str, what: str, content: bytes, content_type: str | None = None) -> None:
    def change(given: Given) -> HttpAnswer | None:
        if not content.strip() and may_be_empty(given.job):
            return None
        zipped = gzip.compress(content) if is_zipped(given.body) else content
        return given.with_body(zipped, content_type)

    DOCUMENTS.add(Kind(name, what, change, at=DOCUMENT))


_content("document_json_error", "a JSON error", b'{"errorDetails": "Internal error"}')
_content(
    "document_errors",
    "JSON with `errors`",
    b'{"errors": [{"code": "InternalFailure", "message": "x"}]}',
)
_content("document_zipped_nothing", "a gzip of nothing, or nothing", b"")
_content("document_zipped_blanks", "only line ends", b"\n\n\r\n")
_content("document_zipped_html", "an HTML page, zipped if documents are", b"<html>Sorry</html>")
_content(
    "document_zipped_xml", "an XML error, zipped if documents are", b"<Error><Code>X</Code></Error>"
)
_content(
    "document_zipped_sentence",
    "a sentence, zipped if documents are",
    b"Date range exceeded. Report can be requested only upto 30 days.",
)
_content("document_null", "`null`", b"null")
_content("document_number", "`17`", b"17")
_content("document_nuls", "a thousand NUL bytes", b"\0" * 1000)
_content("document_noise", "bytes that mean nothing", bytes(range(128, 256)) * 8)
_content("document_long_line", "a line of a million characters", b"x" * 1_000_000)
_content("document_deep", "200,000 nested lists", b"[" * 200_000)
_content("document_pdf", "a PDF", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n")


@kind("no bytes at all")
def document_no_bytes(given: Given) -> HttpAnswer | None:
    return None if may_be_empty(given.job) else given.with_body(b"")


@kind("a header of one column, and a row")
def document_one_column(given: Given) -> HttpAnswer | None:
    known = report_type(given.job)
    if known.format is None or known.other_format is not None:
        # Nobody knows what such a document looks like.
        return None
    content = b"message\nnothing found\n"
    return given.with_body(gzip.compress(content) if is_zipped(given.body) else content)


@kind("the gzip is cut off, and its length fits")
def document_gzip_cut(given: Given) -> HttpAnswer | None:
    return given.with_body(given.body[: len(given.body) // 2]) if is_zipped(given.body) else None


@kind("a byte in the middle of the gzip is another")
def document_gzip_broken(given: Given) -> HttpAnswer | None:
    if not is_zipped(given.body):
        return None
    middle = len(given.body) // 2
    changed = bytes([given.body[middle] ^ 0x5A])
    return given.with_body(given.body[:middle] + changed + given.body[middle + 1 :])


@kind("the gzip is zipped again")
def document_gzip_twice(given: Given) -> HttpAnswer | None:
    return given.with_body(gzip.compress(given.body)) if is_zipped(given.body) else None


@kind("bytes follow the gzip", keeps_records=True)
def document_gzip_trailing(given: Given) -> HttpAnswer | None:
    return given.with_body(given.body + b"\0" * 100) if is_zipped(given.body) else None


@kind("not zipped, although others are", keeps_records=True)
def document_not_zipped(given: Given) -> HttpAnswer | None:
    return given.with_body(plain(given.body)) if is_zipped(given.body) else None


@kind("a character set that does not exist", keeps_records=True)
def document_unknown_charset(given: Given) -> HttpAnswer:
    return given.with_headers(Content_Type="text/plain; charset=x-martian")


@kind("a character set that is not for text", keeps_records=True)
def document_odd_charset(given: Given) -> HttpAnswer:
    name = given.chance.choice(["idna", "punycode", "rot13", "base64", "undefined", "mbcs", "hex"])
    return given.with_headers(Content_Type=f"text/plain; charset={name}")


@kind("206 that begins elsewhere")
def document_other_range(given: Given) -> HttpAnswer:
    length = len(given.body)
    answer = given.with_headers(Content_Range=f"bytes 100-{length + 99}/{length + 100}")
    answer.status = 206
    return answer


@kind("an ETag that is none", keeps_records=True)
def document_odd_etag(given: Given) -> HttpAnswer:
    return given.with_headers(ETag='W/"')


@kind("`Content-Encoding` names nothing that exists", keeps_records=True)
def document_unknown_encoding(given: Given) -> HttpAnswer:
    return given.with_headers(Content_Encoding="x-squeezed")


def _json_becomes(name: str, what: str, change: Callable[[Any], bytes | None]) -> None:
    def with_json(given: Given) -> HttpAnswer | None:
        text = plain(given.body)
        try:
            content = json.loads(text)
        except ValueError:
            return None
        is_lines = "jsonl" in given.headers.get("Content-Type", "")
        has_rows = isinstance(content, dict | list) and bool(content) and not is_lines
        changed = change(content) if has_rows else None
        if changed is None:
            return None
        return given.with_body(gzip.compress(changed) if is_zipped(given.body) else changed)

    DOCUMENTS.add(Kind(name, what, with_json, at=DOCUMENT))


_json_becomes(
    "document_json_cut",
    "JSON that is cut off",
    lambda content: json.dumps(content).encode()[: len(json.dumps(content)) // 2],
)
_json_becomes("document_json_empty", "`{}` in the place of JSON", lambda content: b"{}")
_json_becomes(
    "document_json_text",
    "the JSON in a JSON text",
    lambda content: json.dumps(json.dumps(content)).encode(),
)


def _lines_become(
    name: str, what: str, change: Callable[[list[bytes]], list[bytes]], **more: Any
) -> None:
    """Declare a kind that changes JSON Lines, as Data Kiosk has them."""

    def with_lines(given: Given) -> HttpAnswer | None:
        lines = plain(given.body).splitlines()
        if len(lines) < 2 or not all(line.startswith(b"{") for line in lines):
            return None
        changed = b"\n".join(change(lines)) + b"\n"
        return given.with_body(gzip.compress(changed) if is_zipped(given.body) else changed)

    DOCUMENTS.add(Kind(name, what, with_lines, at=DOCUMENT, **more))


_lines_become("lines_half", "half a last line", lambda lines: [*lines[:-1], lines[-1][:-5]])
_lines_become("lines_text", "a line that is a text", lambda lines: [lines[0], b'"x"', *lines[1:]])
_lines_become("lines_list", "a line that is a list", lambda lines: [b"[]", *lines])
_lines_become("lines_null", "a line that is null", lambda lines: [*lines, b"null"])
_lines_become("lines_words", "a line that is not JSON", lambda lines: [*lines, b"-- end --"])
_lines_become("lines_glued", "two objects in a line", lambda lines: [b"".join(lines)])
_lines_become(
    "lines_blank",
    "blank lines among the others",
    lambda lines: [b"", *lines, b" ", b""],
    keeps_records=True,
)
_lines_become(
    "lines_long_integer",
    "a number of 5,000 digits in a line",
    lambda lines: [lines[0][:-1] + b', "n": ' + b"9" * 5000 + b"}", *lines[1:]],
    keeps_records=True,
)
_lines_become(
    "lines_half_pair",
    "half a surrogate pair in a line",
    lambda lines: [lines[0][:-1] + b', "t": "cut \\ud83d"}', *lines[1:]],
    keeps_records=True,
)
