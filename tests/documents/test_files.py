from __future__ import annotations

import io
import json
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import fsspec  # type: ignore[import-untyped]
import pytest

from tap_amazon_sp.documents import files
from tap_amazon_sp.documents.files import (
    FileFormatError,
    extension_of,
    file_name,
    join,
    mistake_in_address,
    path_part,
    store,
    store_rows,
    storing,
    tee,
    without_password,
    without_unfinished_files,
)

ROWS: list[dict[str, Any]] = [
    {"sku": "007", "quantity": 1, "price": Decimal("12.50"), "note": 'a, "b"\nc'},
    {"sku": "008", "quantity": 2, "price": None, "items": [{"amount": Decimal("1.10")}]},
    {"sku": "ü", "quantity": Decimal("2.5"), "price": "N/A", "flag": True},
]


@pytest.fixture
def memory() -> Iterator[Any]:
    filesystem = fsspec.filesystem("memory")
    filesystem.store.clear()
    yield filesystem
    filesystem.store.clear()


def broken() -> Iterator[bytes]:
    yield b"half"
    message = "the download broke"
    raise OSError(message)


def test_a_document_is_stored_as_delivered(tmp_path: Path) -> None:
    address = tmp_path / "new" / "report.tsv"

    assert store([b"sku\tname\r\n", "Größe\r\n".encode("cp1252")], str(address)) == 17
    assert address.read_bytes() == b"sku\tname\r\nGr\xf6\xdfe\r\n"


def test_a_document_that_breaks_leaves_the_file_of_before(tmp_path: Path) -> None:
    address = tmp_path / "report.tsv"
    address.write_bytes(b"before")

    with pytest.raises(OSError, match="the download broke"):
        store(broken(), str(address))

    assert address.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [address]


def test_a_document_is_not_there_before_it_is_whole(tmp_path: Path) -> None:
    address = tmp_path / "report.tsv"
    pieces = tee([b"one", b"two"], str(address))

    assert next(pieces) == b"one"
    assert not address.exists()
    assert list(pieces) == [b"two"]
    assert address.read_bytes() == b"onetwo"


def test_a_document_of_which_nobody_read_the_rest_is_no_file(tmp_path: Path) -> None:
    pieces = tee([b"one", b"two"], str(tmp_path / "report.tsv"))
    next(pieces)

    pieces.close()  # type: ignore[attr-defined]

    assert list(tmp_path.iterdir()) == []


def test_unfinished_files_are_removed_at_once_when_the_process_is_to_end(tmp_path: Path) -> None:
    store([b"whole"], str(tmp_path / "before.tsv"))
    begun = [tee([b"one", b"two"], str(tmp_path / f"{number}.tsv")) for number in range(3)]
    for pieces in begun:
        next(pieces)
    assert len(list(tmp_path.iterdir())) == 4

    with without_unfinished_files():
        assert list(tmp_path.iterdir()) == [tmp_path / "before.tsv"]

    # What was removed is not taken for a file that is whole.
    with pytest.raises(FileNotFoundError):
        list(begun[0])
    assert list(tmp_path.iterdir()) == [tmp_path / "before.tsv"]


def test_no_file_is_begun_while_the_process_ends(tmp_path: Path) -> None:
    late = threading.Thread(target=store, args=([b"one"], str(tmp_path / "late.tsv")))

    with without_unfinished_files():
        late.start()
        late.join(0.1)
        assert list(tmp_path.iterdir()) == []
    late.join()

    assert (tmp_path / "late.tsv").read_bytes() == b"one"


def test_a_tilde_is_the_home_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    store([b"one"], "~/reports/a.tsv")

    assert (tmp_path / "reports" / "a.tsv").read_bytes() == b"one"
    # So that what a record says of its file is true for everybody.
    assert join("~/reports", "a.tsv") == str(tmp_path / "reports" / "a.tsv")
    assert join("~nobody-of-this-name", "a.tsv") == str(Path("~nobody-of-this-name") / "a.tsv")


def test_a_document_is_stored_wherever_fsspec_reaches(memory: Any) -> None:
    store([b"one"], "memory://reports/2026/report.tsv")
    with pytest.raises(OSError, match="the download broke"):
        store(broken(), "memory://reports/2026/report.tsv")

    assert memory.cat("/reports/2026/report.tsv") == b"one"
    assert memory.ls("/reports/2026", detail=False) == ["/reports/2026/report.tsv"]

    store([b"two"], "memory://reports/2026/report.tsv")
    assert memory.cat("/reports/2026/report.tsv") == b"two"


def test_a_file_url_is_a_local_path(tmp_path: Path) -> None:
    store([b"one"], f"file://{tmp_path}/report.tsv")

    assert (tmp_path / "report.tsv").read_bytes() == b"one"


def test_names_say_type_window_and_id() -> None:
    assert (
        file_name(
            "GET_X",
            "50017018622",
            start="2026-01-01T00:00:00Z",
            end="2026-01-31",
            extension="tsv",
        )
        == "GET_X_20260101T000000Z_20260131_50017018622.tsv"
    )
    assert file_name("GET_X", "../1", extension="json") == "GET_X_%2E.%2F1.json"
    assert join("s3://bucket/folder/", "a.tsv") == "s3://bucket/folder/a.tsv"
    assert join("folder", "a.tsv") == str(Path("folder") / "a.tsv")


def test_extensions_are_the_formats() -> None:
    assert extension_of("pdf") == "pdf"
    assert extension_of(None, "application/json") == "json"
    assert extension_of(None, "text/plain; charset=UTF-8") == "txt"
    assert extension_of(None, "application/octet-stream") == "bin"


def test_rows_become_json_lines(tmp_path: Path) -> None:
    address = tmp_path / "rows.jsonl"

    assert store_rows(iter(ROWS), str(address), "jsonl") == 3

    lines = address.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0], parse_float=Decimal) == ROWS[0]
    assert '"price":12.50' in lines[0]


def test_rows_become_csv_with_the_columns_of_all(tmp_path: Path) -> None:
    address = tmp_path / "rows.csv"

    assert store_rows(iter(ROWS), str(address), "csv") == 3

    assert address.read_text(encoding="utf-8") == (
        "sku,quantity,price,note,items,flag\n"
        '007,1,12.50,"a, ""b""\nc",,\n'
        '008,2,,,"[{""amount"":1.10}]",\n'
        "ü,2.5,N/A,,,true\n"
    )


def test_rows_become_parquet_with_exact_numbers(memory: Any) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")

    assert store_rows(iter(ROWS), "memory://rows.parquet", "parquet") == 3

    table = parquet.read_table(io.BytesIO(memory.cat("/rows.parquet")))
    assert table.to_pylist() == [
        {
            "sku": "007",
            "quantity": Decimal(1),
            "price": "12.50",
            "note": 'a, "b"\nc',
            "items": None,
            "flag": None,
        },
        {
            "sku": "008",
            "quantity": Decimal(2),
            "price": None,
            "note": None,
            "items": '[{"amount":1.10}]',
            "flag": None,
        },
        {
            "sku": "ü",
            "quantity": Decimal("2.5"),
            "price": "N/A",
            "note": None,
            "items": None,
            "flag": True,
        },
    ]


def test_parquet_without_pyarrow_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(FileFormatError, match="extra `parquet`"):
        store_rows(iter(ROWS), str(tmp_path / "rows.parquet"), "parquet")
    assert list(tmp_path.iterdir()) == []


def test_a_store_without_its_package_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)

    with pytest.raises(ImportError, match=r"s3:// needs a package that is not installed: .*s3fs"):
        store([b"one"], "s3://bucket/report.tsv")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ftp://user:hush@nowhere.invalid/folder", "it contains a password"),
        ("ftp://:hush@nowhere.invalid", "it contains a password"),
        ("sftp://user:hu/sh@nowhere.invalid/folder", "it contains a password"),
        ("ftp://user:22@nowhere.invalid/folder", "it contains a password"),
        ("simplecache::ftp://user:hush@nowhere.invalid/a", "it contains a password"),
        ("http://nowhere.invalid/folder", "http:// can be read, but not written"),
        ("simplecache::https://nowhere.invalid/a", "https:// can be read, but not written"),
        ("moon://base/folder", "Protocol not known: moon"),
        ("://folder", "the protocol before `://` is missing"),
    ],
)
def test_why_nothing_can_be_written_to_an_address(address: str, words: str) -> None:
    mistake = mistake_in_address(address)

    assert mistake is not None
    assert words in mistake
    for text in (mistake, without_password(address)):
        assert "hu" not in text
        assert "22" not in text


@pytest.mark.parametrize(
    "address",
    [
        # Nobody is connected to: there is no such host.
        "ftp://nowhere.invalid/folder",
        "ftp://nowhere.invalid:21/a@b",
        "ftp://user@nowhere.invalid/a:b@c",
        "memory://folder/a:b@c",
        "file:///folder",
    ],
)
def test_an_address_is_checked_without_a_connection(address: str) -> None:
    assert mistake_in_address(address) is None
    assert without_password(address) == address


def test_an_object_store_wants_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "get_filesystem_class", lambda _: None)

    assert mistake_in_address("s3://") == "the bucket is missing"
    assert mistake_in_address("s3://bucket") is None


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("shop-us", "shop-us"),
        ("Shop DE (new)", "Shop DE (new)"),
        ("Größe 寸法", "Größe 寸法"),
        ("50000842", "50000842"),
        ("../x", "%2E.%2Fx"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("a/b\\c", "a%2Fb%5Cc"),
        ("a%2Fb", "a%252Fb"),
        ("a\0b\n", "a%00b%0A"),
        ("C:", "C%3A"),
        ("ends with.", "ends with%2E"),
        (" a ", "%20a%20"),
        ("con", "%63on"),
        ("NUL.txt", "%4EUL.txt"),
        ("console", "console"),
        ("cut \ud83d", "cut %ED%A0%BD"),
    ],
)
def test_a_name_is_one_part_of_a_path(name: str, part: str) -> None:
    assert path_part(name) == part


NAMES = [
    "",
    ".",
    "..",
    "a/b",
    "a%2Fb",
    "a-b",
    "a b",
    "寸" * 300,
    "寸" * 301,
    "x" * 5000,
    "x" * 5001,
]


def test_different_names_are_different_files_in_their_folder(tmp_path: Path) -> None:
    for name in NAMES:
        address = join(join(str(tmp_path), path_part(name)), file_name("T", name, extension="tsv"))
        store([name.encode()], address)

    stored = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(path.read_text("utf-8") for path in stored) == sorted(NAMES)
    assert {path.parent.parent for path in stored} == {tmp_path}


def test_a_document_is_stored_only_if_the_block_succeeds_and_takes_all_of_it(
    tmp_path: Path,
) -> None:
    file = tmp_path / "report"

    def fail() -> None:
        with storing([b"a", b"b"], str(file)) as pieces:
            assert list(pieces) == [b"a", b"b"]
            message = "bad"
            raise ValueError(message)

    with pytest.raises(ValueError, match="bad"):
        fail()
    assert [*tmp_path.iterdir()] == []

    with storing([b"a", b"b"], str(file)) as pieces:
        assert next(pieces) == b"a"
    assert [*tmp_path.iterdir()] == []

    with storing([b"a", b"b"], str(file)) as pieces:
        assert list(pieces) == [b"a", b"b"]
    assert file.read_bytes() == b"ab"
