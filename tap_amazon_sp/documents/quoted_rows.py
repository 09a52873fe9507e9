"""Read the rows of a flat file with quoted fields, also where quotes are wrong.

Blocks of lines in which every quote is where it should be are read by the csv module. In all other
blocks, each line is looked at: see `fields`. A row takes further lines only if a quoted field goes
on there. They are looked for until a line that is a row by itself, so that a quote that never
closes takes no row with it.
"""

from __future__ import annotations

import csv
import functools
import io
import re
from collections import deque
from collections.abc import Iterator, Sequence

from tap_amazon_sp.documents.fields import (
    OTHER_WIDTH,
    Reading,
    exact_reading,
    fits,
    goes_on,
    has_closed_fields,
    is_left_open,
    loose_reading,
    strict_reading,
    undouble,
)
from tap_amazon_sp.documents.limits import MAX_RECORD
from tap_amazon_sp.documents.lines import divided

_MAX_LINES = 200
"""The most lines of a field whose inner quotes are not doubled."""
_MAX_LINES_WITH_QUOTES = 20
"""The most of these that have quotes, besides one for each field."""
_MAX_TRIALS = 8
"""The most of these in which the end of such a field is looked for."""
_MAX_CHARACTERS = 64 * 1024
"""The most characters of such a field."""
_PASSES = 4
"""How often the text may be looked at in vain for the end of a field, on average."""
_ALLOWANCE = 512 * 1024
"""How many characters may be looked at in vain before these."""
_LINE = 16
"""How many characters take as much time as a line does besides."""


_Fields = tuple[list[str], Sequence[int]]
"""The fields of a row, and the places of the quoted ones that have quotes within."""


class Blocks:
    """Pieces of a text that end with a line; the rest of a piece may be given back."""

    def __init__(self, blocks: Iterator[str]) -> None:
        """Begin with the first piece."""
        self._blocks = blocks
        self._returned: list[str] = []

    def __iter__(self) -> Iterator[str]:
        """Return the remaining pieces."""
        return self

    def __next__(self) -> str:
        """Return the next piece."""
        return self._returned.pop() if self._returned else next(self._blocks)

    def give_back(self, text: str) -> None:
        """Let a text, not empty, be the next piece."""
        self._returned.append(text)


class QuotedRows:
    """Reads blocks of lines as rows."""

    def __init__(self, blocks: Blocks, delimiter: str, width: int) -> None:
        """Read nothing yet.

        Args:
            blocks: The text after the blocks that are read; more of it is taken if a field goes on.
            delimiter: What separates fields.
            width: How many fields the header has.
        """
        self._blocks = blocks
        self._delimiter = delimiter
        self._width = width
        self._between = f'"{delimiter}"'
        # A quote that neither begins nor ends a field, where `"` stands for a whole quoted text;
        # or a carriage return outside of these.
        self._misplaced = re.compile(rf'[^"{delimiter}\n]"|"[^"{delimiter}\r\n]|\r(?!\n)')
        # The same lines are looked at from several that may go on in them.
        self._exact = functools.lru_cache(_MAX_LINES_WITH_QUOTES)(self._exact_reading)
        self._is_whole = functools.lru_cache(_MAX_LINES_WITH_QUOTES)(self._is_clearly_row)
        # How many characters may still be looked at in vain.
        self._allowance = _ALLOWANCE

    def rows_of(self, block: str) -> list[list[str]]:
        """Return the rows that begin in a block of whole lines."""
        self._allowance = min(self._allowance + _PASSES * len(block), MAX_RECORD)
        if block.count('"') % 2:
            block = self._up_to_row(block)
        rows = self._of_clean_fields(block) or self._well_formed(block)
        return rows if rows is not None else self._looked_at(block)

    def _up_to_row(self, block: str) -> str:
        """Return a block up to a line after which no quoted field is open, if quotes are doubled.

        The rest is read with what follows. Without such a line, or if nothing follows, it is the
        whole block.
        """
        end, quotes = len(block), 0
        for _ in range(_MAX_LINES):
            line_end, end = end, block.rfind("\n", 0, end - 1) + 1
            if not end:
                break
            quotes += block.count('"', end, line_end)
            if quotes % 2:
                following = next(self._blocks, None)
                if following is None:
                    break
                self._blocks.give_back(block[end:] + following)
                return block[:end]
        return block

    # --- Blocks in which all quotes are in their places ------------------------------------------

    def _of_clean_fields(self, block: str) -> list[list[str]] | None:
        """Return the rows of a block if all fields are quoted and have no quotes within."""
        end = "\r\n" if block.endswith("\r\n") else "\n"
        between = f'"{end}"'
        fields, rows = block.count(self._between), block.count(between)
        if block.count('"') != 2 * (fields + rows + 1) or fields != (rows + 1) * (self._width - 1):
            return None
        if block[0] != '"' or not block.endswith('"' + end):
            return None
        found = [row.split(self._between) for row in block[1 : -1 - len(end)].split(between)]
        return found if set(map(len, found)) == {self._width} else None

    def _well_formed(self, block: str) -> list[list[str]] | None:
        """Return the rows of a block if there is one way to read them and all fit the header."""
        pieces = block.split('"')
        if not len(pieces) % 2:
            # A quote is not closed in this block.
            return None
        outside = '"'.join(pieces[::2])
        if self._misplaced.search(outside):
            return None
        if self._lines_may_be_rows:
            # Lines that are rows by themselves and also one quoted text.
            between = self._width - 1
            for text in pieces[1::2]:
                if "\n" in text and text.count(self._delimiter) == text.count("\n") * between:
                    return None
        rows = list(csv.reader(io.StringIO(block, newline=""), delimiter=self._delimiter))
        for length in set(map(len, rows)) - {0, self._width}:
            if length < self._width or any(
                any(row[self._width :]) for row in rows if len(row) == length
            ):
                return None
        return rows

    # --- Other blocks ---------------------------------------------------------------------------

    def _looked_at(self, block: str) -> list[list[str]]:
        """Return the rows of a block, line by line."""
        lines = _Lines(block, self._blocks)
        rows: list[list[str]] = []
        while lines.of_block:
            line = lines.take()
            if '"' not in line:
                rows += self._unquoted(line)
                continue
            found = self._all_quoted(line) or self._fields(line, lines)
            if found is not None:
                fields, places = found
                undouble(fields, places)
                rows.append(fields)
        lines.give_back()
        return rows

    def _unquoted(self, line: str) -> list[list[str]]:
        """Return the rows of a line without quotes: several if carriage returns end them."""
        if "\r" in line:
            lines = divided(line, self._delimiter, self._width).split("\n")
            return [each.split(self._delimiter) for each in lines]
        return [line.split(self._delimiter)] if line else []

    def _all_quoted(self, line: str) -> _Fields | None:
        """Return the fields of a line if all are quoted and there is no doubt where they end."""
        if line[0] != '"' or line[-1] != '"' or len(line) == 1:
            return None
        fields = line[1:-1].split(self._between)
        if len(fields) != self._width:
            return None
        if line.count('"') == 2 * self._width:
            return fields, ()
        places = [place for place, text in enumerate(fields) if '"' in text]
        if "\r" in line or any(_is_at_end(fields[place]) for place in places):
            return None
        return fields, places

    def _fields(self, line: str, lines: _Lines) -> _Fields | None:
        reading = self._reading(line, lines)
        return None if reading is None else (reading.fields, reading.doubtful)

    def _reading(self, line: str, lines: _Lines) -> Reading | None:
        """Return the fields of a row that begins with a line; None if the line is divided."""
        parts = line.split(self._delimiter)
        strict = strict_reading(parts, self._delimiter)
        if strict is not None and not strict.cost and self._fits(strict) and "\r" not in line:
            return strict
        if "\r" in line and (pieces := self._pieces(line)):
            lines.put_first(pieces)
            return None
        exact = exact_reading(parts, self._width, self._delimiter)
        loose = loose_reading(parts, self._delimiter)
        if exact is not None and len(loose.fields) < self._width:
            # Quotes are letters rather than the ends of a field with delimiters.
            loose = exact
        # The first of several that are as likely.
        single = min(filter(None, (strict, loose, exact)), key=self._cost)
        several = None
        if strict is None and (exact is None or exact.cost) and self._allowance > 0:
            several = self._of_doubled(parts, lines)
            if several is None and (exact is None or single.is_open):
                several = self._of_single(parts, self._cost(single), lines)
        return several or single

    @property
    def _lines_may_be_rows(self) -> bool:
        """Whether lines that are rows by themselves are rows, though quotes may enclose them."""
        return self._width > 1 and self._delimiter == "\t"

    def _fits(self, reading: Reading) -> bool:
        return fits(reading.fields, self._width)

    def _cost(self, reading: Reading) -> int:
        if not self._fits(reading):
            return reading.cost + OTHER_WIDTH
        if has_closed_fields(reading, self._width, self._delimiter):
            # Rather than a row that is too short, even if that has doubled quotes.
            return min(reading.cost, OTHER_WIDTH - 1)
        return reading.cost

    def _pieces(self, line: str) -> list[str]:
        """Return the rows in a line with carriage returns; none if they end no rows."""
        pieces = [piece for piece in line.split("\r") if piece]
        return pieces if len(pieces) > 1 and all(map(self._is_row, pieces)) else []

    def _is_row(self, line: str) -> bool:
        """Return whether a line has the fields of the header, if all quotes are closed in it."""
        exact = self._exact(line)
        return exact is not None and not exact.is_open

    def _has_closed_fields(self, line: str) -> bool:
        """Return whether a line has the width of the header, and all its fields are quoted."""
        exact = self._exact(line)
        return exact is not None and has_closed_fields(exact, self._width, self._delimiter)

    def _exact_reading(self, line: str) -> Reading | None:
        parts = line.rstrip("\r").split(self._delimiter)
        return exact_reading(parts, self._width, self._delimiter)

    # --- Fields of several lines ----------------------------------------------------------------

    def _of_doubled(self, parts: list[str], lines: _Lines) -> Reading | None:
        """Return the fields of a row of several lines in which quotes are doubled."""
        if not goes_on(parts) or not (taken := self._until_closed(parts, lines)):
            return None
        reading = strict_reading(self._parts(taken), self._delimiter)
        if reading is None or not self._are_a_row(taken, reading):
            self._allowance -= sum(map(len, taken)) + _LINE * len(taken)
            return None
        lines.skip(len(taken) - 1)
        return reading

    def _are_a_row(self, taken: list[str], reading: Reading) -> bool:
        """Return whether lines are one row, rather than rows with quotes for letters."""
        if not self._fits(reading):
            if all(map(self._has_closed_fields, taken)):
                return False
            return not reading.cost and not any(map(self._is_whole, taken[1:]))
        if not self._lines_may_be_rows:
            return True
        # If extra delimiters end this row, they end all rows.
        least = len(reading.fields) - 1
        return not all(
            each.count(self._delimiter) >= least and self._has_width(each.rstrip("\r"))
            for each in taken
        )

    def _until_closed(self, parts: list[str], lines: _Lines) -> list[str]:
        """Return the lines up to the one that ends a row, if quotes are doubled.

        There are none if the text ends before, or becomes too long, or if a line is clearly a row.

        Args:
            parts: The first line, divided at each delimiter.
            lines: The lines.
        """
        taken = [lines.taken]
        length = len(lines.taken)
        is_all_quoted = len(parts) > 1 and all(part[:1] == '"' for part in parts)
        while (following := lines.ahead(len(taken) - 1)) is not None:
            length += len(following) + 1
            quotes = following.count('"')
            is_row = is_all_quoted and quotes == 2 * self._width and self._has_all_quoted(following)
            if length > MAX_RECORD or is_row:
                break
            taken.append(following)
            if quotes and not goes_on(following.split(self._delimiter), is_inside=True):
                return taken
        self._allowance -= length + _LINE * len(taken)
        return []

    def _of_single(self, parts: list[str], cost: int, lines: _Lines) -> Reading | None:
        """Return the fields of a row of several lines in which quotes are not doubled.

        Args:
            parts: The first line, divided at each delimiter.
            cost: How unlikely it is that the first line is a row. The lines together must be more
                likely a row than each of them is one.
            lines: The lines.
        """
        if not is_left_open(parts):
            return None
        taken = [lines.taken]
        # A wide row may have many fields of several lines.
        max_with_quotes = _MAX_LINES_WITH_QUOTES + self._width
        length, count, with_quotes, trials = len(lines.taken), len(parts), 0, 0
        while len(taken) < _MAX_LINES and with_quotes < max_with_quotes:
            following = lines.ahead(len(taken) - 1)
            length += len(following or "") + 1
            if following is None or length > _MAX_CHARACTERS or self._is_whole(following):
                break
            taken.append(following)
            count += following.count(self._delimiter)
            row = self._exact(following) if following else None
            cost += self._cost(row or loose_reading(self._parts([following]), self._delimiter))
            if '"' not in following:
                continue
            with_quotes += 1
            if count < self._width or is_left_open(self._parts([following]), is_inside=True):
                continue
            trials += 1
            together = self._exact_reading("\n".join(taken))
            if together and not together.is_open and self._cost(together) < cost:
                lines.skip(len(taken) - 1)
                return together
            if trials == _MAX_TRIALS:
                break
        self._allowance -= (length + _LINE * len(taken)) * (trials + 1)
        return None

    def _is_clearly_row(self, line: str) -> bool:
        """Return whether a line is clearly a row by itself.

        It is if it has the fields of the header, and nothing is unusual. If all its fields are
        quoted and its first one is as usual, it may have more or fewer.
        """
        parts = line.rstrip("\r").split(self._delimiter)
        if '"' not in line:
            return self._width > 1 and self._has_width(line)
        if line[0] == '"' and line.rstrip("\r")[-1:] == '"':
            loose = loose_reading(parts, self._delimiter)
            if loose.quoted == len(loose.fields) and '"' not in loose.fields[0]:
                return True
        strict = strict_reading(parts, self._delimiter)
        return strict is not None and not strict.cost and self._fits(strict)

    def _parts(self, lines: list[str]) -> list[str]:
        return "\n".join(lines).rstrip("\r").split(self._delimiter)

    def _has_width(self, line: str) -> bool:
        """Return whether a line has the fields of the header, if quotes are letters."""
        return fits(line.split(self._delimiter), self._width)

    def _has_all_quoted(self, line: str) -> bool:
        """Return whether a line with as many quotes as a row of quoted fields is one."""
        text = line.rstrip("\r")
        is_quoted = text[0] == text[-1] == '"'
        return is_quoted and text.count(self._between) == self._width - 1


def _is_at_end(text: str) -> bool:
    """Return whether a quote is at an end of a quoted text, so that its end is in doubt."""
    return text[0] == '"' or text[-1] == '"'


class _Lines:
    """The lines of a block, without line feeds, and those after it, which may be looked at."""

    def __init__(self, block: str, blocks: Blocks) -> None:
        self._blocks = blocks
        self._lines: deque[str] = deque()
        # The last line that was taken, with carriage returns at its end.
        self.taken = ""
        # How many lines of the block are left.
        self._add(block)
        self.of_block = len(self._lines)

    def take(self) -> str:
        """Return the next line of the block, without carriage returns at its end."""
        self.of_block -= 1
        line = self.taken = self._lines.popleft()
        return line.rstrip("\r") if line[-1:] == "\r" else line

    def ahead(self, place: int) -> str | None:
        """Return a line after the last one that was taken, or None after the end of the text."""
        while place >= len(self._lines):
            block = next(self._blocks, None)
            if block is None:
                return None
            self._add(block)
        return self._lines[place]

    def skip(self, count: int) -> None:
        """Drop lines that were looked at."""
        for _ in range(count):
            self._lines.popleft()
        self.of_block = max(0, self.of_block - count)

    def put_first(self, lines: list[str]) -> None:
        """Let these be the next lines of the block."""
        self._lines.extendleft(reversed(lines))
        self.of_block += len(lines)

    def give_back(self) -> None:
        """Return the lines after the block that were looked at only."""
        if self._lines:
            self._blocks.give_back("\n".join(self._lines) + "\n")

    def _add(self, block: str) -> None:
        self._lines.extend(block.removesuffix("\n").split("\n"))
