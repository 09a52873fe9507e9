"""A process of `report_rows.py`: it reads a report and writes a line of JSON for each row."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import requests

from tap_amazon_sp.amazon.report_types import report_type
from tap_amazon_sp.amazon.retry import RetryPolicy
from tap_amazon_sp.common.clock import SystemClock
from tap_amazon_sp.documents.document import Document
from tap_amazon_sp.documents.rows import read_rows

KNOWN = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
UNKNOWN = "GET_UNKNOWN_REPORT"


def read(reader: str, url: str) -> None:
    """Read the document, write a line of JSON for each row, and print the number of rows."""
    rows = (
        ours(url, KNOWN if reader == "typed" else UNKNOWN)
        if reader in ("typed", "text")
        else bare(url, has_names=reader != "csv")
    )
    written = 0
    if reader == "csv":
        for _ in rows:
            written += 1
    else:
        encode = encoder(reader)
        output = sys.stdout.buffer
        for each in rows:
            output.write(encode(each))
            output.write(b"\n")
            written += 1
    print(written - (reader == "csv"), file=sys.stderr)


def encoder(reader: str) -> Callable[[Any], bytes]:
    """Return the function that encodes a row as JSON."""
    if reader != "bare-json":
        return msgspec.json.Encoder(decimal_format="number").encode
    return lambda value: json.dumps(value).encode()


def ours(url: str, name: str) -> Iterator[Any]:
    """Yield the rows as the tap reads them."""
    session = requests.Session()
    document = Document(
        lambda: url,
        lambda address, headers: session.get(address, headers=headers, stream=True, timeout=60),
        retry=RetryPolicy(SystemClock()),
        name="reports.getReportDocument",
    )
    with document:
        yield from read_rows(document, report_type(name), content_type="text/plain; charset=UTF-8")


def bare(url: str, *, has_names: bool) -> Iterator[Any]:
    """Yield the rows of a document whose format is known."""
    with requests.get(url, stream=True, timeout=60) as response, gzip.open(response.raw) as file:
        reader = csv.reader(io.TextIOWrapper(file, "utf-8", newline=""), delimiter="\t")
        if not has_names:
            yield from reader
            return
        header = next(reader)
        for each in reader:
            yield dict(zip(header, each, strict=True))
