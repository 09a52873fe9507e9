"""Contents of documents of any size, generated while they are sent.

A large document repeats one block of rows. Each repetition has another number in its ids, always
of the same length, so that all blocks have the same size. In a zipped document, each block is a
part of one gzip stream, padded to a fixed size with empty parts. So the size of a document is known
in advance, which S3 sends as `Content-Length`; it can be read from any position; and no more than
one block is in memory.
"""

from __future__ import annotations

import functools
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

MARK = "~Block~"
"""Placeholder for the number of the block in a row."""

_FASTEST = 1
_WITHOUT_HEADER = -15
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"
# Empty parts of a deflate stream that begin and end at byte boundaries: a stored part of five
# bytes, and a part with Huffman codes followed by a stored one, six bytes together.
_EMPTY_5 = b"\x00\x00\x00\xff\xff"
_EMPTY_6 = b"\x02\x00\x00\x00\xff\xff"
_LAST = b"\x03\x00"
_TRAILER_SIZE = 8
_MIN_PADDING = 20
# Zipped blocks differ by a few bytes, because their numbers have other digits.
_SPARE = 512
_SAMPLE_BLOCKS = (0, 1, 1_234_567, 9_876_543)


class Content(Protocol):
    """The bytes of a document."""

    @property
    def size(self) -> int:
        """Number of bytes."""

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from one position to another, in chunks of any size."""


@dataclass(frozen=True)
class WholeContent:
    """Bytes in memory."""

    content: bytes

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self.content)

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from one position to another, in one chunk."""
        yield self.content[start:stop]


@dataclass(frozen=True)
class RowBlocks:
    """Any number of rows, as blocks.

    Attributes:
        head: Bytes before the rows.
        rows: The rows of a block, with `MARK` in place of the number of the block.
        count: Number of rows in all blocks.
        tail: Bytes after the rows.
        encoding: Encoding of the document.
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
        """Number of blocks; the last one may have fewer rows."""
        return -(-self.count // len(self.rows)) if self.rows else 0

    @property
    def block_size(self) -> int:
        """Number of bytes of a whole block."""
        return len(self._block)

    def block(self, number: int) -> bytes:
        """Return a block, by its number from 0."""
        block = self._block
        if (number + 1) * len(self.rows) > self.count:
            block = b"".join(self.rows[: self.count - number * len(self.rows)])
        return block.replace(self._mark, f"{number:07d}".encode(self.encoding))

    @property
    def size(self) -> int:
        """Number of bytes."""
        if not self.count:
            return len(self.head) + len(self.tail)
        whole = (self.blocks - 1) * self.block_size
        return len(self.head) + whole + len(self.block(self.blocks - 1)) + len(self.tail)

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from one position to another, a chunk for each block."""
        yield from _cut(self._parts(start), start, stop)

    def _parts(self, start: int) -> Iterator[tuple[int, bytes]]:
        yield 0, self.head
        first = max(0, start - len(self.head)) // self.block_size if self.rows else 0
        position = len(self.head) + first * self.block_size
        for number in range(first, self.blocks):
            block = self.block(number)
            yield position, block
            position += len(block)
        yield self.size - len(self.tail), self.tail


class ZippedRows:
    """Rows as one gzip stream."""

    def __init__(self, plain: RowBlocks) -> None:
        """Determine the size of a zipped block.

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
            samples = {number % self._whole_blocks for number in _SAMPLE_BLOCKS}
            largest = max(len(_part(plain.block(number))) for number in samples)
            self._block_size = largest + _SPARE + _MIN_PADDING

    @property
    def plain(self) -> RowBlocks:
        """The rows before they are zipped."""
        return self._plain

    @property
    def size(self) -> int:
        """Number of bytes."""
        blocks = self._whole_blocks * self._block_size + len(self._last)
        return len(self._head) + blocks + len(self._tail) + _TRAILER_SIZE

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from one position to another, a chunk for each block."""
        yield from _cut(self._parts(start), start, stop)

    def _parts(self, start: int) -> Iterator[tuple[int, bytes]]:
        plain = self._plain
        yield 0, self._head
        position = len(self._head)
        first = 0
        if self._whole_blocks:
            first = min(self._whole_blocks, max(0, start - position) // self._block_size)
        # The checksum at the end covers all blocks, including those that are not sent.
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
    """Yield what lies between two positions, from parts and their positions."""
    for position, part in parts:
        if position >= stop:
            return
        piece = part[max(0, start - position) : stop - position]
        if piece:
            yield piece


def _part(content: bytes) -> bytes:
    """Return a part of a deflate stream that is independent and ends at a byte boundary."""
    packer = zlib.compressobj(_FASTEST, zlib.DEFLATED, _WITHOUT_HEADER)
    return packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH)


def _padding(size: int) -> bytes:
    """Return a number of bytes of a deflate stream that decode to nothing.

    Raises:
        ValueError: The number is too small: a block is larger than all samples.
    """
    if size < _MIN_PADDING:
        message = f"a block is too large by {_MIN_PADDING - size} bytes"
        raise ValueError(message)
    sixes = size % 5
    return _EMPTY_5 * ((size - 6 * sixes) // 5) + _EMPTY_6 * sixes
