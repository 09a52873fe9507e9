"""Documents that nobody expects: how much memory each takes, and how it ends.

    python benchmarks/odd_documents.py [--megabytes 100]

Each document is made up while it is read, in a process of its own that has imported the tap and
reads rows as its streams do. Nothing is downloaded. Memory is the largest resident set of the
process. A document ends with all its rows or with the sentence that fails its stream; anything else
is an error of this program.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import tap_amazon_sp.tap  # noqa: F401 - its memory is a part of what is measured
from benchmarks.tables import goal, megabytes, seconds, table
from benchmarks.tap_process import own_peak_memory
from tap_amazon_sp.amazon.report_types import report_type
from tap_amazon_sp.common.batches import batches_by_size
from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.rows import Rows, read_json_lines, read_rows
from tap_amazon_sp.reading.documents import MAX_PAGE_SIZE, ROWS_PER_PAGE
from tap_amazon_sp.singer.writer import to_json

FLAT = "GET_MERCHANT_LISTINGS_ALL_DATA"
JSON = "GET_SALES_AND_TRAFFIC_REPORT"
XML = "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
PIECE = 1 << 18
MAX_MEMORY = 300.0


def repeated(beginning: bytes, part: bytes, end: bytes = b"") -> Callable[[int], Iterator[bytes]]:
    """Return a function that yields a document of about so many bytes."""

    def document(size: int) -> Iterator[bytes]:
        block = part * max(1, PIECE // len(part))
        yield beginning
        yield from itertools.repeat(block, max(1, size // len(block)))
        yield end

    return document


HEADER = b"seller-sku\titem-name\tprice\n"
LONG = b"x" * 3_000_000
DOCUMENTS: dict[str, tuple[str, Callable[[int], Iterator[bytes]]]] = {
    "rows": (FLAT, repeated(HEADER, b"SKU-1\tA name\t12.50\n")),
    "one line": (FLAT, repeated(HEADER, b"0123456789")),
    "one line without a header": (FLAT, repeated(b"", b"0123456789")),
    "tabs": (FLAT, repeated(b"", b"\t")),
    "tabs after a header": (FLAT, repeated(HEADER, b"\t")),
    "a wide header": (FLAT, repeated(b"", b"a\t")),
    "long lines": (FLAT, repeated(HEADER, b"SKU-1\t" + LONG + b"\t1\n")),
    "an open quote": (FLAT, repeated(HEADER + b'SKU-1\t"', LONG + b"\n")),
    "another character set": (FLAT, repeated(b"", "seller-sku\tprice\n".encode("cp037"))),
    "JSON objects": (JSON, repeated(b'{"salesAndTrafficByDate": [{}', b',{"date": "a"}', b"]}")),
    "a JSON text": (JSON, repeated(b'{"salesAndTrafficByDate": ["', b"0123456789")),
    "a JSON number": (JSON, repeated(b'{"salesAndTrafficByDate": [', b"1")),
    "JSON in JSON": (JSON, repeated(b'{"salesAndTrafficByDate": ', b"[")),
    "an object of a JSON array": (JSON, repeated(b'{"salesAndTrafficByDate": [{"a": [', b"{},")),
    "JSON beside the records": (JSON, repeated(b'{"a": [', b'{"b": [1, 2]},', b"1]}")),
    "a line of JSON": ("", repeated(b'{"a": [', b"[],")),
    "lines of JSON": ("", repeated(b"", b'{"a": "' + LONG + b'"}\n')),
    "XML elements": (
        XML,
        repeated(b"<AmazonEnvelope>", b"<Message><Order/></Message>", b"</AmazonEnvelope>"),
    ),
    "XML in XML": (XML, repeated(b"<AmazonEnvelope>", b"<Message>")),
    "an XML text": (XML, repeated(b"<AmazonEnvelope><Message><Order>", b"0123456789")),
    "an XML attribute": (XML, repeated(b"<AmazonEnvelope><Message><Order a='", b"0123456789")),
    "an XML element": (XML, repeated(b"<AmazonEnvelope><Message><Order>", b"<a>1</a>")),
    "XML beside the records": (
        XML,
        repeated(b"<AmazonEnvelope><Header>", b"<a>1</a>", b"</Header></AmazonEnvelope>"),
    ),
}


def main() -> None:
    """Read each document in a process of its own, or one of them in this process."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=100, help="size of each document")
    parser.add_argument("--only", choices=DOCUMENTS, nargs="+", help="documents to read")
    parser.add_argument("--here", choices=DOCUMENTS, help="read this document in this process")
    options = parser.parse_args()
    if options.here:
        print(json.dumps(read(options.here, options.megabytes * 1_000_000)))
        return
    rows, most = [], 0
    for name in options.only or DOCUMENTS:
        arguments = ["--here", name, "--megabytes", str(options.megabytes)]
        finished = subprocess.run(
            [sys.executable, "-m", "benchmarks.odd_documents", *arguments],
            capture_output=True,
            check=True,
            text=True,
        )
        found = json.loads(finished.stdout)
        most = max(most, found["peak"])
        rows.append([name, found["end"], seconds(found["seconds"]), megabytes(found["peak"])])
    print(table(("document", "ends with", "time", "peak memory"), rows))
    print(f"\n- {goal('Largest peak memory in MB', most / 1e6, MAX_MEMORY, digits=0)}")


def read(name: str, size: int) -> dict[str, object]:
    """Read a document; return how it ended, the seconds, and the peak memory in bytes."""
    kind, document = DOCUMENTS[name]
    began_at = time.monotonic()
    count = length = 0

    def pieces() -> Iterator[bytes]:
        nonlocal length
        for piece in document(size):
            length += len(piece)
            yield piece

    try:
        rows: Rows = read_rows(pieces(), report_type(kind)) if kind else read_json_lines(pieces())
        for page in batches_by_size(rows, ROWS_PER_PAGE, lambda: length, MAX_PAGE_SIZE):
            count += len(page)
            for row in page:
                to_json(row)
        end = f"{count} rows"
    except DocumentFormatError as error:
        end = str(error)
    elapsed = time.monotonic() - began_at
    return {"end": end, "seconds": elapsed, "peak": own_peak_memory()}


if __name__ == "__main__":
    main()
