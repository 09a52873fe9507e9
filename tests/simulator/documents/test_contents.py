"""Contents of any size: blocks of rows, as they are and as one gzip stream."""

from __future__ import annotations

import gzip
import random
import zlib

import pytest

from tap_amazon_sp.simulator.documents.contents import MARK, RowBlocks, WholeContent, ZippedRows


def blocks(count: int, encoding: str = "utf-8", rows: int = 50) -> RowBlocks:
    lines = [f"order-{MARK}-{number:03d}\tcafé\r\n" for number in range(rows)]
    return RowBlocks(
        head="id\tname\r\n".encode(encoding),
        rows=tuple(line.encode(encoding) for line in lines),
        count=count,
        tail="end\r\n".encode(encoding),
        encoding=encoding,
    )


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 100, 731])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16-le"])
def test_all_rows_come_once_plain_and_zipped(count: int, encoding: str) -> None:
    plain = blocks(count, encoding)
    zipped = ZippedRows(plain)

    content = b"".join(plain.chunks(0, plain.size))
    stream = b"".join(zipped.chunks(0, zipped.size))

    assert len(content) == plain.size
    assert len(stream) == zipped.size
    assert gzip.decompress(stream) == content
    head, *rows, tail = content.decode(encoding).splitlines()
    assert (head, tail) == ("id\tname", "end")
    assert len({*rows}) == len(rows) == count
    assert all(row.startswith("order-0") and row.endswith("\tcafé") for row in rows)


def test_the_stream_is_one_member() -> None:
    stream = b"".join(ZippedRows(blocks(731)).chunks(0, 10**9))
    reader = zlib.decompressobj(31)

    assert reader.decompress(stream).count(b"\r\n") == 733
    assert reader.eof
    assert reader.unused_data == b""


def test_any_part_can_be_read_by_itself() -> None:
    plain = blocks(731)
    rng = random.Random(1)  # noqa: S311 - guards nothing
    for content in (plain, ZippedRows(plain), WholeContent(b"0123456789" * 100)):
        whole = b"".join(content.chunks(0, content.size))
        for _ in range(200):
            start = rng.randrange(content.size)
            stop = rng.randrange(start, content.size + 1)
            assert b"".join(content.chunks(start, stop)) == whole[start:stop]


def test_ten_million_rows_have_a_size_before_they_are_made() -> None:
    zipped = ZippedRows(blocks(10_000_000, rows=2000))

    last = b"".join(zipped.chunks(zipped.size - 8, zipped.size))

    assert int.from_bytes(last[4:], "little") == zipped.plain.size
    assert 10_000_000 * 20 < zipped.plain.size < 10_000_000 * 30
