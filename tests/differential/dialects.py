"""The dialects of flat files, and what each can hold without ambiguity.

The rules are those by which a file is read:

1. A field that begins with a quote is a quoted field. Its quote closes it only before a delimiter
   or the end of a line, if it is not one of two quotes that stand for one.
2. The header decides how many cells a row has. If a row can be read in several ways, the right one
   has as many cells as the header, and takes no other row with it.

What follows from them, for each way to quote (`fitted` replaces what a dialect cannot hold):

- DOUBLED, NEEDED: every cell. (See below for line breaks.)
- SPARING quotes a cell only if it has a delimiter or a line break, or begins with a quote, and
  doubles the quotes of such a cell. Other cells are written as they are, with their quotes. It
  holds every cell, too.
- UNDOUBLED: a quote in a cell must not stand before a delimiter or a line break, where it would
  close the cell, nor before another quote, which would be one quote in a file that doubles them.
  A cell that begins with a delimiter or a line break must not follow one that ends with a quote:
  the quotes between them could be two that stand for one.
- NONE: no delimiters, no line breaks. A cell must not both begin and end with a quote, as that is
  a quoted field.
- In all: a cell with line breaks has fewer delimiters than a row with a cell less has. Otherwise
  the lines of the cell, with the cells beside it, could be rows of their own.
- Rows with more or fewer cells than the header cannot use rule 2. Neither can rows that end with
  an extra delimiter that the header does not have. In such a file, quotes of SPARING, UNDOUBLED
  and NONE stand between other letters of a cell: not at its ends, nor beside a quote, a delimiter
  or a line break. In DOUBLED and NEEDED this is so for the rows that have more or fewer cells. In
  all, a cell of such a row has no line break.
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


def fitted_row(cells: Sequence[str], width: int, dialect: Dialect) -> list[str]:
    """Return cells that the dialect can hold as a row.

    Args:
        cells: The cells; there may be more or fewer than names in the header.
        width: How many names there are.
        dialect: How the row will be written.
    """
    is_ragged = len(cells) != width or dialect.shape is Shape.TRAILING_ROWS
    fitted: list[str] = []
    for cell in cells:
        letters = _fitted_cell(cell, width, dialect, is_ragged=is_ragged)
        if (
            dialect.style is Style.UNDOUBLED
            and letters[:1] in (dialect.delimiter, "\r", "\n")
            and fitted
            and fitted[-1].endswith('"')
        ):
            letters = REPLACEMENT + letters
        fitted.append(letters)
    if fitted == [""]:
        return [REPLACEMENT]
    return fitted


def _fitted_cell(cell: str, width: int, dialect: Dialect, *, is_ragged: bool) -> str:
    letters = encodable(cell, dialect.charset)
    if is_ragged or dialect.style is Style.NONE or dialect.line_end == "\r":
        letters = letters.replace("\r\n", "\n")
    if is_ragged or dialect.style is Style.NONE:
        letters = letters.replace("\n", REPLACEMENT)
    looks_like_rows = "\n" in letters and letters.count(dialect.delimiter) > width - 2
    if dialect.style is Style.NONE or looks_like_rows:
        letters = letters.replace(dialect.delimiter, REPLACEMENT)
    can_be_ambiguous = dialect.style not in (Style.DOUBLED, Style.NEEDED)
    if is_ragged or (can_be_ambiguous and dialect.shape in (Shape.RAGGED, Shape.TRAILING_ROWS)):
        letters = _quotes_inside(letters, dialect)
    if dialect.style is Style.UNDOUBLED:
        for after in (dialect.delimiter, "\r", "\n", '"'):
            while '"' + after in letters:
                letters = letters.replace('"' + after, '"' + REPLACEMENT + after)
    if dialect.style is Style.NONE and len(letters) > 1 and letters[0] == letters[-1] == '"':
        letters = REPLACEMENT + letters
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
