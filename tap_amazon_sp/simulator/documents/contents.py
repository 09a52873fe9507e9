"""Contents of documents of any size, made while they are sent.

A large document is a block of rows, made up once, over and over: each time with another number in
its ids, of the same length, so that each block has the same size. Zipped, each block is a part of
its own of one gzip stream, padded to a fixed size with empty parts. So the size of all is known
before it is made, as S3 tells it, it can be read from anywhere, and nothing needs memory but a
block.
"""

from __future__ import annotations

import functools
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

MARK = "~Block~"
"""Stands in a row of a block where the block's number comes."""

_FASTEST = 1
_WITHOUT_HEADER = -15
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"
# Empty parts of a deflate stream that begin and end with a byte: a stored one of five bytes, and
# one with Huffman codes followed by a stored one, together six.
_EMPTY_5 = b"\x00\x00\x00\xff\xff"
_EMPTY_6 = b"\x02\x00\x00\x00\xff\xff"
_LAST = b"\x03\x00"
_TRAILER_SIZE = 8
_LEAST_PADDING = 20
# Blocks differ by a few bytes; numbers with other digits make no large difference.
_SPARE = 512
_TRIED_BLOCKS = (0, 1, 1_234_567, 9_876_543)


class Content(Protocol):
    """Bytes of a document."""

    @property
    def size(self) -> int:
        """How many bytes there are."""

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from one position to another, in parts of some size."""


@dataclass(frozen=True)
class WholeContent:
    """Bytes that exist."""

    content: bytes

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return len(self.content)

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from one position to another, in one part."""
        yield self.content[start:stop]


@dataclass(frozen=True)
class RowBlocks:
    """Rows without an end in sight.

    Attributes:
        head: What comes before the rows.
        rows: The rows of a block, with `MARK` where the block's number comes.
        count: How many rows there are in all blocks.
        tail: What comes after the rows.
        encoding: Of all of it.
    """

    head: bytes
    rows: tuple[bytes, ...]
    count: int
    tail: bytes
    encoding: str

    @functools.cached_property
    def _block(self) -> bytes:
        return b"".join(self.rows)

    @functools.cached_property
    def _mark(self) -> bytes:
        return MARK.encode(self.encoding)

    @property
    def blocks(self) -> int:
        """How many blocks there are; the last one may have fewer rows."""
        return -(-self.count // len(self.rows))

    @property
    def block_size(self) -> int:
        """Bytes of a whole block."""
        return len(self._block)

    def block(self, number: int) -> bytes:
        """A block, by its number from 0."""
        block = self._block
        if (number + 1) * len(self.rows) > self.count:
            block = b"".join(self.rows[: self.count - number * len(self.rows)])
        return block.replace(self._mark, f"{number:07d}".encode(self.encoding))

    @property
    def size(self) -> int:
        """How many bytes there are."""
        if not self.count:
            return len(self.head) + len(self.tail)
        whole = (self.blocks - 1) * self.block_size
        return len(self.head) + whole + len(self.block(self.blocks - 1)) + len(self.tail)

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from one position to another, a part for each block."""
        yield from _cut(self._parts(start), start, stop)

    def _parts(self, start: int) -> Iterator[tuple[int, bytes]]:
        yield 0, self.head
        first = max(0, start - len(self.head)) // self.block_size
        position = len(self.head) + first * self.block_size
        for number in range(first, self.blocks):
            block = self.block(number)
            yield position, block
            position += len(block)
        yield self.size - len(self.tail), self.tail


class ZippedRows:
    """Rows as one gzip stream."""

    def __init__(self, plain: RowBlocks) -> None:
        """Find out how large it becomes.

        Args:
            plain: The rows.
        """
        self._plain = plain
        self._head = _GZIP_HEADER + _part(plain.head)
        self._last = _part(plain.block(plain.blocks - 1)) if plain.count else b""
        self._tail = _part(plain.tail) + _LAST
        self._whole_blocks = max(0, plain.blocks - 1)
        self._block_size = 0
        if self._whole_blocks:
            tried = {number % self._whole_blocks for number in _TRIED_BLOCKS}
            largest = max(len(_part(plain.block(number))) for number in tried)
            self._block_size = largest + _SPARE + _LEAST_PADDING

    @property
    def plain(self) -> RowBlocks:
        """What is zipped."""
        return self._plain

    @property
    def size(self) -> int:
        """How many bytes there are."""
        blocks = self._whole_blocks * self._block_size + len(self._last)
        return len(self._head) + blocks + len(self._tail) + _TRAILER_SIZE

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from one position to another, a part for each block."""
        yield from _cut(self._parts(start), start, stop)

    def _parts(self, start: int) -> Iterator[tuple[int, bytes]]:
        plain = self._plain
        yield 0, self._head
        position = len(self._head)
        first = 0
        if self._whole_blocks:
            first = min(self._whole_blocks, max(0, start - position) // self._block_size)
        # All before counts for the checksum at the end, whether it is sent or not.
        checksum = zlib.crc32(plain.head)
        for number in range(first):
            checksum = zlib.crc32(plain.block(number), checksum)
        for number in range(first, self._whole_blocks):
            block = plain.block(number)
            checksum = zlib.crc32(block, checksum)
            part = _part(block)
            at = position + number * self._block_size
            yield at, part + _padding(self._block_size - len(part))
        position += self._whole_blocks * self._block_size
        for part in (self._last, self._tail):
            yield position, part
            position += len(part)
        if plain.count:
            checksum = zlib.crc32(plain.block(plain.blocks - 1), checksum)
        checksum = zlib.crc32(plain.tail, checksum)
        yield position, struct.pack("<II", checksum, plain.size % 2**32)


def _cut(parts: Iterator[tuple[int, bytes]], start: int, stop: int) -> Iterator[bytes]:
    """What of parts at positions lies between two positions."""
    for position, part in parts:
        if position >= stop:
            return
        piece = part[max(0, start - position) : stop - position]
        if piece:
            yield piece


def _part(content: bytes) -> bytes:
    """A part of a deflate stream that needs nothing before it and ends with a byte."""
    packer = zlib.compressobj(_FASTEST, zlib.DEFLATED, _WITHOUT_HEADER)
    return packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH)


def _padding(size: int) -> bytes:
    """So many bytes of a deflate stream that stand for nothing.

    Raises:
        ValueError: It is too few, as the block came out larger than those that were tried.
    """
    if size < _LEAST_PADDING:
        message = f"a block is too large by {_LEAST_PADDING - size} bytes"
        raise ValueError(message)
    sixes = size % 5
    return _EMPTY_5 * ((size - 6 * sixes) // 5) + _EMPTY_6 * sixes
