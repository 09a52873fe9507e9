"""Read the rows after the header of a flat file, without knowing how it is quoted."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator

from tap_amazon_sp.documents.dialects import allow_long_fields
from tap_amazon_sp.documents.lines import whole_lines, with_ends
from tap_amazon_sp.documents.quoted_rows import Blocks, QuotedRows
from tap_amazon_sp.documents.quoting import encloses_fields

_SAMPLE = 64 * 1024
"""Characters that show what quotes mean, from the first line with a quote on."""


class FlatRows:
    """The rows of a flat file as lists of text. Lines without anything are empty rows.

    Iterating is as fast as the csv module: it decides how to read a block of lines at a time.

    Attributes:
        encloses: Whether quotes enclose fields; None as long as there was none.
    """

    def __init__(
        self, texts: Iterable[str], delimiter: str, width: int, *, is_quoted: bool = False
    ) -> None:
        """Read nothing yet.

        Args:
            texts: The text after the header, in any pieces.
            delimiter: What separates fields.
            width: How many fields the header has.
            is_quoted: Whether fields are quoted in the header, or usually in files of the type.
        """
        allow_long_fields()
        self.encloses: bool | None = None
        self._delimiter = delimiter
        self._width = width
        self._is_quoted = is_quoted
        self._blocks = Blocks(whole_lines(texts))
        self._quoted_rows = QuotedRows(self._blocks, delimiter, width)

    def __iter__(self) -> Iterator[list[str]]:
        """Return the rows.

        Raises:
            csv.Error: A field is too long.
            DocumentFormatError: A line is too long.
        """
        return itertools.chain.from_iterable(map(self._rows_of, self._blocks))

    def _rows_of(self, block: str) -> Iterable[list[str]]:
        if '"' in block:
            if self.encloses is None:
                block = self._sample(block)
                self.encloses = encloses_fields(
                    block, self._delimiter, self._width, expected=self._is_quoted
                )
            if self.encloses:
                return self._quoted_rows.rows_of(block)
        # Only line feeds end a line, with or without a carriage return.
        lines = io.StringIO(with_ends(block, self._delimiter, self._width), newline="\n")
        return csv.reader(lines, delimiter=self._delimiter, quoting=csv.QUOTE_NONE)

    def _sample(self, block: str) -> str:
        blocks, length = [block], len(block)
        while length < _SAMPLE and (following := next(self._blocks, None)) is not None:
            blocks.append(following)
            length += len(following)
        return "".join(blocks)
