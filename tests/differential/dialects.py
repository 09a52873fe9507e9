"""The dialects of flat files, and what each can hold without ambiguity.

The rules are those by which a file is read:

1. A field that begins with a quote is a quoted field. Its quote closes it only before a delimiter
   or the end of a line, if it is not one of two quotes that stand for one.
2. The header decides how many cells a row has. If a row can be read in several ways, the right one
   has as many cells as the header, and takes no other row with it.

What follows from them, for each way to quote (`fitted_row` replaces what a dialect cannot hold):

- DOUBLED, NEEDED: every cell. (See below for line breaks.)
- SPARING quotes a cell only if it has a delimiter or a line break, or begins with a quote, and
  doubles the quotes of such a cell. Other cells are written as they are, with their quotes. In a
  cell that is quoted, no quote is next to a delimiter: `",` and `0"` would be the same line as `"`
  and `,0`.
- UNDOUBLED: a quote in a cell must not stand before a delimiter or a line break, where it would
  close the cell, nor before another quote, which would be one quote in a file that doubles them.
  A delimiter does not begin a cell, and a line break neither begins nor ends it: the quote that
  encloses the cell would seem to close another one. In a row with line breaks, which could be rows
  that are too short, quotes stand between other letters, as below.
- SPARING, UNDOUBLED: a cell that begins with a delimiter or a line break must not follow one that
  ends with a quote: the quotes between them could be two that stand for one.
- NONE: no delimiters, no line breaks. A cell must not both begin and end with a quote, as that is
  a quoted field.
- If an extra delimiter ends each line, what follows it can pass for a cell. So in NONE, a cell that
  ends with a quote must not follow one that begins with a quote, nor in UNDOUBLED the other way
  round: they could be one cell.
- In all: a cell with line breaks has fewer delimiters than a row with a cell less has. Otherwise
  the lines of the cell, with the cells beside it, could be rows of their own. For the same reason,
  it has no quote before a delimiter.
- Rows with more or fewer cells than the header cannot use rule 2. Neither can rows that end with
  an extra delimiter that the header does not have. In such a file, quotes of SPARING, UNDOUBLED
  and NONE stand between other letters of a cell: not at its ends, nor beside a quote, a delimiter
  or a line break. In DOUBLED and NEEDED this is so for the rows that have more or fewer cells. In
  all, a cell of such a row has no line break and no delimiter.
- If there is a preamble, or if rows are quoted and the header is not, the first row shows how rows
  are written: it has no quotes, delimiters or line breaks.
- No row is an empty line.
- A name in the header begins with a letter and has no line breaks; its quotes stand between other
  letters. Without quotes around it, it has none of the three delimiters, as the header shows which
  one separates.
- A preamble is only before a header of three or more names. Before a name or two, nobody can tell
  it from a table with rows that are too long.
- Cp1252 and cp932 hold their letters, as long as a line is not valid UTF-8 by chance.
- Line breaks in cells are LF or CRLF, in files with either of them as line ends. In a file with CR
  they are CR, and are read as LF.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

DELIMITERS = ("\t", ",", ";")
LINE_ENDS = ("\n", "\r\n", "\r")
REPLACEMENT = "_"


class Style(enum.Enum):
    """How fields are quoted."""

    DOUBLED = "quoted, quotes doubled"
    UNDOUBLED = "quoted, quotes not doubled"
    NEEDED = "quoted where needed"
    SPARING = "quoted where there is a delimiter"
    NONE = "not quoted"


class Shape(enum.Enum):
    """How many fields lines have."""

    EXACT = "as many as the header"
    TRAILING = "an extra delimiter ends each line"
    TRAILING_ROWS = "an extra delimiter ends each row, but not the header"
    RAGGED = "some rows have more or fewer"


QUOTED = (Style.DOUBLED, Style.UNDOUBLED)
"""Styles in which every field is in quotes."""

QUOTINGS = (
    (Style.DOUBLED, Style.DOUBLED),
    (Style.UNDOUBLED, Style.UNDOUBLED),
    (Style.NEEDED, Style.NEEDED),
    (Style.SPARING, Style.SPARING),
    (Style.NONE, Style.NONE),
    (Style.DOUBLED, Style.NONE),
    (Style.NONE, Style.DOUBLED),
    (Style.NONE, Style.UNDOUBLED),
)
"""How the header is quoted, and how the rows are."""

CHARSETS = ("utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "cp1252", "cp932")
"""Names of codecs. UTF-16 is written with a byte order mark."""


@dataclass(frozen=True)
class Dialect:
    """One way to write a table."""

    delimiter: str
    header_style: Style
    style: Style
    line_end: str = "\n"
    charset: str = "utf-8"
    has_preamble: bool = False
    shape: Shape = Shape.EXACT

    def __str__(self) -> str:
        """Return the dialect in words."""
        return ", ".join(
            (
                {"\t": "tab", ",": "comma", ";": "semicolon"}[self.delimiter],
                f"header {self.header_style.value}",
                f"rows {self.style.value}",
                {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}[self.line_end],
                self.charset,
                "preamble" if self.has_preamble else "no preamble",
                self.shape.value,
            )
        )


ALL = tuple(
    Dialect(delimiter, *quoting, line_end, charset, has_preamble, shape)
    for delimiter, quoting, line_end, charset, has_preamble, shape in itertools.product(
        DELIMITERS, QUOTINGS, LINE_ENDS, CHARSETS, (False, True), Shape
    )
)


def fitted_header(names: Sequence[str], dialect: Dialect) -> list[str]:
    """Return names that the dialect can hold in its header."""
    fitted = []
    for name in names:
        letters = encodable(name, dialect.charset)
        letters = _quotes_inside(letters, dialect)
        if dialect.header_style in (Style.NEEDED, Style.SPARING):
            letters = _without(letters, [each for each in DELIMITERS if each != dialect.delimiter])
        elif dialect.header_style is Style.NONE:
            letters = _without(letters, DELIMITERS)
        fitted.append(letters)
    return fitted


def fitted_row(
    cells: Sequence[str], width: int, dialect: Dialect, *, is_first: bool = False
) -> list[str]:
    """Return cells that the dialect can hold as a row.

    Args:
        cells: The cells; there may be more or fewer than names in the header.
        width: How many names there are.
        dialect: How the row will be written.
        is_first: Whether it follows the header.
    """
    is_quoted_alone = dialect.style in QUOTED and dialect.header_style not in QUOTED
    if is_first and (dialect.has_preamble or is_quoted_alone):
        cells = [_without(cell, ('"', *DELIMITERS, "\r\n", "\n")) for cell in cells]
    # Rows that end with an extra delimiter have another width, too.
    is_ragged = len(cells) != width or dialect.shape is Shape.TRAILING_ROWS
    if dialect.style is Style.UNDOUBLED and any("\n" in cell for cell in cells):
        cells = [_quotes_inside(cell, dialect) for cell in cells]
    fitted: list[str] = []
    for cell in cells:
        letters = _fitted_cell(cell, width, dialect, is_ragged=is_ragged)
        fitted.append(_fitted_beside(letters, fitted, dialect))
    return [REPLACEMENT] if fitted == [""] else fitted


def _fitted_cell(cell: str, width: int, dialect: Dialect, *, is_ragged: bool) -> str:
    letters, delimiter = encodable(cell, dialect.charset), dialect.delimiter
    has_no_quotes = is_ragged or dialect.style is Style.NONE
    if has_no_quotes or dialect.line_end == "\r":
        letters = letters.replace("\r\n", "\n")
    if has_no_quotes:
        letters = _without(letters, (delimiter, "\n"))
    if "\n" in letters and (letters.count(delimiter) > width - 2 or f'"{delimiter}' in letters):
        letters = letters.replace(delimiter, REPLACEMENT)
    can_be_ambiguous = dialect.style not in (Style.DOUBLED, Style.NEEDED)
    has_other_widths = dialect.shape in (Shape.RAGGED, Shape.TRAILING_ROWS)
    if is_ragged or (can_be_ambiguous and has_other_widths):
        letters = _quotes_inside(letters, dialect)
    if dialect.style is Style.UNDOUBLED:
        letters = _apart(letters, ['"' + after for after in (delimiter, "\r", "\n", '"')])
        begins, ends = letters[:1] in (delimiter, "\r", "\n"), letters[-1:] == "\n"
        letters = REPLACEMENT * begins + letters + REPLACEMENT * ends
    if dialect.style is Style.SPARING:
        letters = _apart(letters, [f'"{delimiter}', f'{delimiter}"'])
    if dialect.style is Style.NONE and len(letters) > 1 and letters[0] == letters[-1] == '"':
        letters = REPLACEMENT + letters
    return letters


def _fitted_beside(letters: str, before: Sequence[str], dialect: Dialect) -> str:
    """Return a cell that can follow others."""
    style = dialect.style
    is_trailing = dialect.shape is Shape.TRAILING
    if style in (Style.SPARING, Style.UNDOUBLED) and before and before[-1].endswith('"'):
        could_close = [dialect.delimiter, "\r", "\n"]
        if style is Style.UNDOUBLED and is_trailing:
            could_close.append('"')
        if letters[:1] in could_close:
            letters = REPLACEMENT + letters
    if style is Style.NONE and is_trailing and letters.endswith('"'):
        return letters + REPLACEMENT if any(each.startswith('"') for each in before) else letters
    return letters


def _apart(letters: str, pairs: Sequence[str]) -> str:
    """Return letters with something between the two of each pair."""
    for pair in pairs:
        while pair in letters:
            letters = letters.replace(pair, pair[0] + REPLACEMENT + pair[1])
    return letters


def _quotes_inside(letters: str, dialect: Dialect) -> str:
    """Return letters with quotes only between others, and not beside a quote or a delimiter."""
    apart = ("", '"', dialect.delimiter, "\r", "\n")
    result = ""
    for place, letter in enumerate(letters):
        beside = (letters[place - 1 : place], letters[place + 1 : place + 2])
        is_inside = 0 < place < len(letters) - 1 and not any(each in apart for each in beside)
        result += letter if letter != '"' or is_inside else REPLACEMENT
    return result


def encodable(letters: str, charset: str) -> str:
    """Return letters that are the same after they were written and read."""
    if charset.startswith("utf"):
        return letters
    return "".join(
        letter if letter.encode(charset, "replace").decode(charset) == letter else REPLACEMENT
        for letter in letters
    )


def _without(letters: str, unwanted: Sequence[str]) -> str:
    for letter in unwanted:
        letters = letters.replace(letter, REPLACEMENT)
    return letters
