"""Store report documents as files, locally or where fsspec can write, such as `s3://`.

A file is complete or does not exist. A local file is written under another name in the same folder
and then renamed; elsewhere fsspec commits it, which completes the upload to an object store.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import importlib
import io
import json
import os
import re
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal

import msgspec
from fsspec import get_filesystem_class  # type: ignore[import-untyped]
from fsspec.core import url_to_fs  # type: ignore[import-untyped]
from fsspec.implementations.local import LocalFileSystem  # type: ignore[import-untyped]

from tap_amazon_sp.common.batches import batches
from tap_amazon_sp.common.json_values import encode_json, encode_json_into

FileFormat = Literal["jsonl", "csv", "parquet"]

PARQUET_EXTRA = "parquet"
"""The extra of this package that installs pyarrow."""

_ROWS_AT_ONCE = 10_000
_BYTES_AT_ONCE = 1 << 18
_UNSAFE = re.compile(r"[^A-Za-z0-9._=-]+")
_SAFE_IN_PARTS = frozenset(" ._=-()+,@&'")
_RESERVED_ON_WINDOWS = re.compile(r"(?:aux|con|nul|prn|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_MAX_PART = 150
"""Bytes; file systems take 255, and a file's name has more than one part."""
_OBJECT_STORES = frozenset({"abfs", "adl", "az", "gcs", "gs", "s3", "s3a"})
_READ_ONLY = frozenset({"data", "gist", "git", "github", "http", "https"})
# A name, a colon and more text before an `@`. Digits before a slash are a port.
_PASSWORD = re.compile(r"(?<=://)[^/@]*:(?!\d*(?:/|$)).*@", re.DOTALL)
# The digits and decimals that Parquet stores exactly.
_MAX_DIGITS = 38
_DECIMALS = 10


class FileFormatError(Exception):
    """A package that writes files of this format is not installed."""


def file_name(
    report_type: str,
    report_id: str,
    *,
    start: str | None = None,
    end: str | None = None,
    extension: str,
) -> str:
    """Return the name of a report's file: type, window and id, so that each report has its own.

    Args:
        report_type: Amazon's name of the type.
        report_id: Id of the report.
        start: Start of the window as ISO 8601; None leaves it out.
        end: End of the window as ISO 8601; None leaves it out.
        extension: Without the dot.
    """
    window = [_compact(time) for time in (start, end) if time]
    parts = [_UNSAFE.sub("-", part) for part in (report_type, *window)]
    return "_".join([*parts, path_part(report_id)]) + f".{extension}"


def path_part(name: str) -> str:
    """Return a name as one part of a path: different names give different parts.

    No part leads out of its folder, and every file system takes it. What a file system may not
    take is percent-encoded; a long name ends with its hash.
    """
    encoded = "".join(
        character if character.isalnum() or character in _SAFE_IN_PARTS else _percent(character)
        for character in name
    )
    # Windows leaves out dots and spaces at the end, and `..` is the folder above.
    if encoded[-1:] in (".", " "):
        encoded = encoded[:-1] + _percent(encoded[-1])
    if encoded[:1] in (".", " ") or _RESERVED_ON_WINDOWS.fullmatch(encoded):
        encoded = _percent(encoded[0]) + encoded[1:]
    if not encoded or len(encoded.encode()) > _MAX_PART:
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return f"{_cut(encoded, _MAX_PART - len(digest))}%{digest}"
    return encoded


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def _cut(text: str, length: int) -> str:
    """Return the beginning of a text, in at most so many bytes."""
    return text.encode()[:length].decode(errors="ignore")


def extension_of(document_format: str | None, content_type: str = "") -> str:
    """Return the extension of a document as delivered, by its format, else by its media type."""
    if document_format:
        return document_format
    media = content_type.partition(";")[0].strip().lower().rpartition("/")[2]
    known = {"tab-separated-values": "tsv", "plain": "txt", "vnd.ms-excel": "xls"}
    name = known.get(media, media)
    return name if re.fullmatch(r"[a-z0-9]{1,8}", name) else "bin"


def join(folder: str, name: str) -> str:
    """Return the address of a file in a folder: a URL, or a local path, in which `~` is a home."""
    return f"{folder.rstrip('/')}/{name}" if "://" in folder else str(_local_path(folder) / name)


def tee(document: Iterable[bytes], address: str) -> Iterator[bytes]:
    """Store a document's bytes and yield them; the file exists after the last.

    A document that breaks, or is not read to its end, leaves no file.

    Args:
        document: The bytes, uncompressed.
        address: Local path or URL of the file.

    Raises:
        OSError, ValueError, ImportError: The file cannot be written there.
    """
    with _whole_file(address) as file:
        for piece in document:
            file.write(piece)
            yield piece


@contextlib.contextmanager
def storing(document: Iterable[bytes], address: str) -> Iterator[Iterator[bytes]]:
    """Store a document's bytes as they are taken; the file exists after the block.

    A block that fails, or does not take all of the document, leaves no file.

    Args:
        document: The bytes, uncompressed.
        address: Local path or URL of the file.

    Raises:
        OSError, ValueError, ImportError: The file cannot be written there.
    """
    is_whole = False

    def written(file: IO[bytes]) -> Iterator[bytes]:
        nonlocal is_whole
        for piece in document:
            file.write(piece)
            yield piece
        is_whole = True

    with contextlib.suppress(_NotWholeError), _whole_file(address) as file:
        yield written(file)
        if not is_whole:
            raise _NotWholeError


class _NotWholeError(Exception):
    """A document was not read to its end."""


def store(document: Iterable[bytes], address: str) -> int:
    """Store a document as delivered, uncompressed; return its length in bytes.

    Raises:
        OSError, ValueError, ImportError: As `tee`.
    """
    return sum(map(len, tee(document, address)))


def store_rows(rows: Iterable[Mapping[str, Any]], address: str, form: FileFormat) -> int:
    """Store rows in a format; return how many there were.

    Raises:
        FileFormatError, OSError, ValueError, ImportError: As `tee_rows`.
    """
    return sum(1 for _ in tee_rows(rows, address, form))


def tee_rows(
    rows: Iterable[dict[str, Any]] | Iterable[Mapping[str, Any]], address: str, form: FileFormat
) -> Iterator[Any]:
    """Store rows in a format and yield them; the file exists after the last.

    Rows may differ in their columns: CSV and Parquet files have the columns of all rows, in the
    order in which they first occur. For that, rows go through a temporary file. Nested values
    become JSON text. Parquet stores numbers exactly, as integers or decimals; a column that has
    other values as well is text.

    Raises:
        FileFormatError: The format is Parquet, and pyarrow is not installed.
        OSError, ValueError, ImportError: As `tee`.
    """
    if form == "jsonl":
        with _whole_file(address) as file:
            yield from _written_lines(file, rows)
        return
    write = _write_csv if form == "csv" else _parquet_writer()
    with tempfile.TemporaryFile() as spool:
        columns = _Columns()
        yield from _written_lines(spool, map(columns.noted, rows))
        with _whole_file(address) as file:
            write(file, columns, _spooled(spool))


@contextlib.contextmanager
def without_unfinished_files() -> Iterator[None]:
    """Remove incomplete local files; inside the block, no file is started or completed.

    For a process that ends at once while other threads are still writing.
    """
    with _UNFINISHED.lock:
        for path in list(_UNFINISHED.paths):
            with contextlib.suppress(OSError):
                path.unlink()
        yield


def mistake_in_address(address: str) -> str | None:
    """Return why nothing can be written to a URL; None if it can be tried.

    Nothing is opened or connected. The sentence does not contain the URL.
    """
    if _PASSWORD.search(address):
        return (
            "it contains a password, which logs and rows would show: leave it out, and set the "
            "environment variable that fsspec reads, such as `FSSPEC_FTP_PASSWORD` for ftp"
        )
    protocols, _, place = address.rpartition("://")
    for protocol in protocols.split("::"):
        name = protocol.rpartition("://")[0] or protocol
        if not name:
            return "the protocol before `://` is missing"
        if name in _READ_ONLY:
            return f"{name}:// can be read, but not written"
        try:
            get_filesystem_class(name)
        except (ImportError, OSError, ValueError) as error:
            return str(error)
    if name in _OBJECT_STORES and not place.strip("/"):
        return "the bucket is missing"
    return None


def without_password(address: str) -> str:
    """Return an address in which the password is hidden."""
    return _PASSWORD.sub("***@", address)


def _written_lines(
    file: IO[bytes], rows: Iterable[Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    """Write rows as JSON Lines and yield them."""
    buffer = bytearray()
    for row in rows:
        encode_json_into(row, buffer, -1)
        buffer += b"\n"
        if len(buffer) >= _BYTES_AT_ONCE:
            file.write(buffer)
            buffer.clear()
        yield row
    file.write(buffer)


class _Columns:
    """The columns of rows with the kind of their values: integer, number, boolean or text."""

    def __init__(self) -> None:
        self.kinds: dict[str, str | None] = {}

    def noted(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Note the columns of a row, and return the row."""
        for name, value in row.items():
            before = self.kinds.get(name)
            if value is None:
                self.kinds.setdefault(name, None)
            elif before != "text" and before != (kind := _kind(value)):
                both_numbers = {before, kind} == {"integer", "number"}
                self.kinds[name] = "number" if both_numbers else kind if before is None else "text"
        return row


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer" if -(2**63) <= value < 2**63 else "text"
    if isinstance(value, (Decimal, float)):
        _, digits, exponent = Decimal(str(value)).as_tuple()
        if not isinstance(exponent, int) or -exponent > _DECIMALS:
            return "text"
        return "number" if len(digits) + exponent <= _MAX_DIGITS - _DECIMALS else "text"
    return "text"


def _spooled(spool: IO[bytes]) -> Iterator[dict[str, Any]]:
    spool.seek(0)
    decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
    for line in spool:
        yield decoder.decode(line)


def _text(value: Any) -> Any:
    """Return a value as text for CSV and text columns; nested values become JSON."""
    if isinstance(value, (dict, list)):
        return encode_json(value).decode()
    if isinstance(value, bool):
        return json.dumps(value)
    return value if value is None or isinstance(value, str) else str(value)


def _write_csv(file: IO[bytes], columns: _Columns, rows: Iterable[Mapping[str, Any]]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns.kinds)
    writer.writerows([_text(row.get(name)) for name in columns.kinds] for row in rows)
    text.detach()


def _parquet_writer() -> Any:
    """Return a function that writes Parquet.

    Raises:
        FileFormatError: pyarrow is not installed.
    """
    try:
        arrow: Any = importlib.import_module("pyarrow")
        parquet: Any = importlib.import_module("pyarrow.parquet")
    except ImportError:
        message = (
            "Parquet needs pyarrow, which is not installed: install this package with the extra "
            f"`{PARQUET_EXTRA}`"
        )
        raise FileFormatError(message) from None
    types = {
        "integer": arrow.int64(),
        "number": arrow.decimal128(_MAX_DIGITS, _DECIMALS),
        "boolean": arrow.bool_(),
    }

    def write(file: IO[bytes], columns: _Columns, rows: Iterable[Mapping[str, Any]]) -> None:
        schema = arrow.schema(
            [
                (name, types.get(kind or "text", arrow.string()))
                for name, kind in columns.kinds.items()
            ]
        )
        with parquet.ParquetWriter(file, schema) as writer:
            for batch in batches(rows, _ROWS_AT_ONCE):
                arrays = [
                    arrow.array(
                        [_arrow_value(row.get(name), kind) for row in batch],
                        type=types.get(kind or "text", arrow.string()),
                    )
                    for name, kind in columns.kinds.items()
                ]
                writer.write_batch(arrow.record_batch(arrays, schema=schema))

    return write


def _arrow_value(value: Any, kind: str | None) -> Any:
    if kind == "number" and value is not None:
        return Decimal(value)
    return value if kind in ("integer", "boolean") else _text(value)


@contextlib.contextmanager
def _whole_file(address: str) -> Iterator[IO[bytes]]:
    """Open a file that exists only if the block succeeds."""
    if "://" not in address:
        with _local_file(_local_path(address)) as file:
            yield file
        return
    try:
        filesystem, path = url_to_fs(address)
    except ImportError as error:
        protocol = address.partition("://")[0]
        message = f"{protocol}:// needs a package that is not installed: {error}"
        raise ImportError(message) from None
    except (OSError, ValueError):
        raise
    except Exception as error:
        # Some file systems connect at once, and raise errors of their own.
        raise OSError(str(error) or type(error).__name__) from error
    if isinstance(filesystem, LocalFileSystem):
        with _local_file(Path(path)) as file:
            yield file
    elif _OBJECT_STORES.intersection(_protocols(filesystem)):
        # An object exists once its upload is committed; moving it would copy it.
        remote = filesystem.open(path, "wb", autocommit=False)
        with _discarded_if_broken(remote, remote.discard):
            yield remote
        remote.commit()
    else:
        folder, _, name = path.rpartition("/")
        temporary = f"{folder}/{_temporary_name(name)}"
        with contextlib.suppress(NotImplementedError):
            filesystem.makedirs(folder or "/", exist_ok=True)
        remote = filesystem.open(temporary, "wb")
        with _discarded_if_broken(remote, lambda: filesystem.rm(temporary)):
            yield remote
        if filesystem.exists(path):
            filesystem.rm(path)
        filesystem.mv(temporary, path)


@contextlib.contextmanager
def _discarded_if_broken(remote: Any, discard: Callable[[], object]) -> Iterator[None]:
    try:
        yield
        remote.close()
    except BaseException:
        with contextlib.suppress(Exception):
            discard()
        raise


class _Unfinished:
    """The temporary names of this process's incomplete local files."""

    def __init__(self) -> None:
        # Reentrant: a discarded reader cleans up in any thread, even in one that has the lock.
        self.lock = threading.RLock()
        self.paths: set[Path] = set()


_UNFINISHED = _Unfinished()


@contextlib.contextmanager
def _local_file(path: Path) -> Iterator[IO[bytes]]:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(_temporary_name(path.name))
    try:
        with _UNFINISHED.lock:
            file = temporary.open("xb")
            _UNFINISHED.paths.add(temporary)
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with _UNFINISHED.lock:
            temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        with _UNFINISHED.lock:
            _UNFINISHED.paths.discard(temporary)


def _local_path(text: str) -> Path:
    """Return a path; like a shell, leave a `~` that is nobody's home unchanged."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def _temporary_name(name: str) -> str:
    return f".{_cut(name, 100)}.{uuid.uuid4().hex}.part"


def _protocols(filesystem: Any) -> set[str]:
    protocol = filesystem.protocol
    return {protocol} if isinstance(protocol, str) else set(protocol)


def _compact(time: str) -> str:
    """Return a time without characters that file names cannot have, such as 20260131T235959Z."""
    return time.replace(":", "").replace("-", "") if time[:4].isdecimal() else time
