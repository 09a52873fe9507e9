"""Replace characters of other scripts in numbers and dates by those of ASCII."""

from __future__ import annotations

import unicodedata
from itertools import filterfalse

_SPACES = (
    "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
_INVISIBLE = (
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
"""Marks of the direction of writing, and others without width."""

_AROUND = f"{_SPACES}{_INVISIBLE} \t\r\n\v\f"

_QUOTES = {
    '"': '"',
    "'": "'",
    "\u201c": "\u201d",
    "\u201d": "\u201d",
    "\u201e": "\u201c\u201d",
    "\u2018": "\u2019",
    "\u2019": "\u2019",
    "\u201a": "\u2018\u2019",
    "\u00ab": "\u00bb",
    "\u00bb": "\u00ab",
}
"""The quotes that may close a value, by the one that opens it."""

_SIGNS = {
    # Hyphens, the minus sign and the en dash, which stands for it in Scandinavia.
    "-": "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d",
    "+": "\uff0b",
    ".": "\uff0e",
    ",": "\uff0c",
    ":": "\uff1a",
    "/": "\uff0f",
    "(": "\uff08",
    ")": "\uff09",
    # Separates thousands, as in Switzerland; the last is the Arabic sign for them.
    "'": "\u2018\u2019\u02bc\uff07\u066c",
    "$": "\uff04",
    "\u00a5": "\uffe5",
    "\u00a3": "\uffe1",
}
_ZEROS = ("\uff10", "\u0660", "\u06f0", "\u0966")
"""The first of ten digits: of full width, Arabic, Persian, Hindi."""

_DOTLESS_I = "\N{LATIN SMALL LETTER DOTLESS I}"

_TABLE: dict[int, str | None] = {
    **dict.fromkeys(map(ord, _SPACES), " "),
    **dict.fromkeys(map(ord, _INVISIBLE)),
    **{ord(other): sign for sign, others in _SIGNS.items() for other in others},
    **{ord(zero) + digit: str(digit) for zero in _ZEROS for digit in range(10)},
}


def plain(text: str) -> str:
    """Return a value without spaces around it, and without quotes of its own.

    Some files that are not quoted have quotes around single values, and spreadsheets write an
    apostrophe before a number that they take as text.
    """
    text = text.strip(_AROUND)
    if len(text) > 1 and text[-1] in _QUOTES.get(text[0], ""):
        return text[1:-1].strip(_AROUND)
    return text[1:] if text[:1] == "'" and text[1:2] != "'" else text


def ascii_text(text: str) -> str:
    """Return a text with the digits, signs and spaces of ASCII, without marks that are not seen.

    A text with digits of several scripts, which nobody writes, is returned as it is.
    """
    if text.isascii():
        return text
    zeros = {
        ord(character) - digit
        for character in text
        if (digit := unicodedata.decimal(character, None)) is not None
    }
    return text if len(zeros) > 1 else text.translate(_TABLE).strip(" ")


def folded(text: str) -> str:
    """Return a text in ASCII as far as it has such characters, without case and accents."""
    text = ascii_text(text)
    if not text.isascii():
        letters = filterfalse(unicodedata.combining, unicodedata.normalize("NFD", text))
        text = unicodedata.normalize("NFC", "".join(letters)).replace(_DOTLESS_I, "i")
    return text.casefold()
