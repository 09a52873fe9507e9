"""Where and how `amazon-sp report` writes a report: as Amazon delivers it, or as rows."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tap_amazon_sp.amazon.report_types import (
    FILE_FORMATS,
    ReportType,
)
from tap_amazon_sp.cli.data_output import JSON_LINES, record_writer
from tap_amazon_sp.cli.document_output import print_document, print_unchanged
from tap_amazon_sp.cli.notices import notice
from tap_amazon_sp.documents.decoding import WESTERN, usual_charset
from tap_amazon_sp.documents.document import PIECE, Document
from tap_amazon_sp.documents.files import (
    FileFormat,
    mistake_in_address,
    store,
    store_rows,
    without_password,
)
from tap_amazon_sp.documents.json_records import JsonRecords
from tap_amazon_sp.documents.rows import Rows, read_rows
from tap_amazon_sp.jobs.api import REPORTS
from tap_amazon_sp.jobs.polling import Job
from tap_amazon_sp.jobs.requests import marketplaces_of

ORIGINAL = "original"
STDOUT = "-"


@dataclass(frozen=True)
class ReportOutput:
    """Where a report is written, and in which format."""

    place: str
    form: str
    record_path: str | None

    def mistakes(self, kind: ReportType) -> Iterator[str]:
        """Yield a sentence for each reason why a report of this type cannot be written so."""
        if self.form != ORIGINAL and kind.format in FILE_FORMATS:
            yield f"{kind.name} is {kind.format}, which has no rows: leave `--format` out"
        if self.record_path is not None and self.form == ORIGINAL:
            yield "`--format original` writes no rows: leave `--record-path` out"
        elif self.record_path is not None and kind.format in ("tsv", "csv"):
            yield f"{kind.name} is {kind.format}: `--record-path` is for JSON and XML"
        if self.form == "parquet" and importlib.util.find_spec("pyarrow") is None:
            yield "`--format parquet` needs pyarrow: install the extra `parquet`"
        written = kind.format if self.form == ORIGINAL else self.form
        if written in (*FILE_FORMATS, "parquet") and self.place == STDOUT and sys.stdout.isatty():
            yield f"a terminal cannot show {written}: store it with `--output FILE`"
        if "://" in self.place and (mistake := mistake_in_address(self.place)):
            yield f"--output {without_password(self.place)}: {mistake}"

    def write(self, document: Document, kind: ReportType, report: Job) -> None:
        """Write the content of a report.

        Raises:
            DocumentFormatError, NoRowsError: It has no rows, or they cannot be read.
        """
        marketplace_ids = marketplaces_of(report)
        if self.form == ORIGINAL and self.place == STDOUT:
            _print(document, document.content_type, usual_charset(marketplace_ids))
        elif self.form == ORIGINAL:
            length = store(document, self.place)
            notice(f"Wrote {length} bytes to {self.place}")
        else:
            rows = read_rows(
                document,
                kind,
                content_type=document.content_type,
                marketplace_ids=marketplace_ids,
                record_path=self.record_path,
                label=REPORTS.label_of(report),
            )
            if self.record_path is None:
                _name_other_arrays(rows, kind)
            _write_rows(rows, self.place, cast("FileFormat", self.form))


def _name_other_arrays(rows: Rows, kind: ReportType) -> None:
    """Print which of several known arrays is read; if none is known, the reader logs it."""
    if not isinstance(rows, JsonRecords) or len(kind.schemas) != 1:
        return
    paths = [array.path for array in kind.record_arrays]
    others = ", ".join(f"`{path}`" for path in paths if path != rows.record_path)
    if others:
        notice(
            f"Records are read from `{rows.record_path}`; for others use `--record-path`: {others}"
        )


def _write_rows(rows: Iterable[Mapping[str, Any]], output: str, form: FileFormat) -> None:
    if output != STDOUT:
        count = store_rows(rows, output, form)
        notice(f"Wrote {count} rows to {output}")
    elif form == "jsonl":
        with record_writer(JSON_LINES) as writer:
            for row in rows:
                writer.write([row])
    else:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "rows"
            store_rows(rows, str(file), form)
            with file.open("rb") as content:
                _print(iter(lambda: content.read(PIECE), b""), "text/plain; charset=UTF-8")


def _print(content: Iterable[bytes], content_type: str, usual: str = WESTERN) -> None:
    """Write a file to stdout: unchanged, or as a terminal can show it."""
    if sys.stdout.isatty():
        print_document(content, content_type, usual, instead="`--output FILE` stores it")
    else:
        print_unchanged(content)
