"""From bytes to text, whatever character set a document has and whichever it says it has.

Amazon promises none: flat files are UTF-8 in North America, Cp1252 (listings in Europe), Shift_JIS
as Windows has it (Japan), and the `charset` of the download is at times missing or wrong. So:

1. A byte order mark decides (UTF-8, UTF-16); so do NULs in every other byte, which are UTF-16.
2. A line that is valid UTF-8 is UTF-8, whatever was said: a line of Cp1252 or Shift_JIS with a
   letter beyond ASCII is next to never valid UTF-8. The exception are two-byte sequences where
   Japanese is expected: two half-width katakana look like one letter of Latin, Greek or Cyrillic.
   Such a line is in the character set expected, unless others before were plainly UTF-8.
3. Any other line is in the character set the download says, or the marketplace's where it says none
   or UTF-8, which the line is not. ISO-8859-1 means Cp1252, Shift_JIS means cp932, as the WHATWG
   Encoding Standard has it. Bytes that mean nothing in it become U+FFFD, never an error.

Line by line: a bad byte half-way spoils the letters of its own line at most. NULs are left out,
which targets cannot store.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from email.message import Message

from tap_amazon_sp.amazon.marketplaces import MARKETPLACES

WESTERN = "cp1252"
JAPANESE = "cp932"

_ALIASES = {
    "ascii": WESTERN,
    "iso8859-1": WESTERN,
    "shift_jis": JAPANESE,
    # Windows-31J by the name that Java gives it.
    "windows-31j": JAPANESE,
    "ms932": JAPANESE,
}
_UTF16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_COUNTRIES = {market.id: market.country_code for market in MARKETPLACES}
_ONE_BYTE = {
    WESTERN,
    *(f"iso8859-{part}" for part in range(2, 17)),
    *(f"cp125{n}" for n in range(9)),
}
_LOOKED_AT = 4096
_LONG_LINE = 1 << 20
_BEYOND_TWO_BYTES = re.compile("[\u0800-\U0010ffff]")
_WHOLE = (b",", b" ", b'"')
"""Bytes that are whole characters in every set this reads, and never a part of one."""


def charset_of(content_type: str) -> str | None:
    """Return the character set of a `Content-Type`, by Python's name; None for none or unknown."""
    message = Message()
    message["content-type"] = content_type
    charset = message.get_param("charset")
    return _codec(charset.strip()) if isinstance(charset, str) else None


def usual_charset(marketplace_ids: Sequence[str] = ()) -> str:
    """Return the character set of a marketplace's flat files that are not UTF-8."""
    japanese = any(_COUNTRIES.get(marketplace) == "JP" for marketplace in marketplace_ids)
    return JAPANESE if japanese else WESTERN


def decoded(pieces: Iterable[bytes], content_type: str = "", usual: str = WESTERN) -> Iterator[str]:
    """Give a document's text, in pieces that end with a line where lines are not too long.

    Args:
        pieces: The bytes, from the beginning.
        content_type: As the download came with it.
        usual: The character set of what is neither UTF-8 nor said to be anything.
    """
    source = iter(pieces)
    beginning = b""
    for piece in source:
        beginning += piece
        if len(beginning) >= _LOOKED_AT:
            break
    declared = charset_of(content_type)
    if (utf16 := _utf16(beginning, declared)) is not None:
        texts = _incremental(_chained(beginning, source), utf16)
    else:
        unsaid = declared is None or declared.startswith("utf-")
        expected = usual if unsaid else str(declared)
        beginning = beginning.removeprefix(codecs.BOM_UTF8)
        texts = _by_line(_chained(beginning, source), expected)
    for text in texts:
        if cleaned := text.replace("\0", "") if "\0" in text else text:
            yield cleaned


def _codec(charset: str) -> str | None:
    lowered = charset.lower()
    if lowered in _ALIASES:
        return _ALIASES[lowered]
    try:
        name = codecs.lookup(lowered).name
        b"ab".decode(name, "replace")  # some codecs are no character sets
    except LookupError:
        return None
    return _ALIASES.get(name, name)


def _chained(beginning: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield beginning
    yield from rest


def _utf16(beginning: bytes, declared: str | None) -> str | None:
    """Return which UTF-16 a document is; None for another character set."""
    if (marked := _UTF16_MARKS.get(beginning[:2])) is not None:
        return marked
    looked_at = beginning[:_LOOKED_AT]
    half = len(looked_at) // 2
    if half and b"\0" in looked_at:
        # Most letters of a header are ASCII: the upper byte of each is a NUL.
        if looked_at[1::2].count(0) > half / 2 > looked_at[::2].count(0):
            return "utf-16-le"
        if looked_at[::2].count(0) > half / 2 > looked_at[1::2].count(0):
            return "utf-16-be"
    if declared is None or not declared.startswith("utf-16"):
        return None
    try:
        looked_at.decode("utf-8")
    except UnicodeDecodeError:
        return "utf-16-le" if declared == "utf-16" else declared
    # Said to be UTF-16, and plainly not: two bytes a letter would hold NULs.
    return None


def _incremental(pieces: Iterable[bytes], charset: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(charset)(errors="replace")
    first = True
    for piece in pieces:
        text = decoder.decode(piece)
        yield text.removeprefix("\ufeff") if first else text
        first = first and not text
    yield decoder.decode(b"", final=True)


def _by_line(pieces: Iterable[bytes], expected: str) -> Iterator[str]:
    decoder = _LineDecoder(expected)
    rest = b""
    for piece in pieces:
        data = rest + piece if rest else piece
        end = data.rfind(b"\n") + 1
        if not end and len(data) > _LONG_LINE:
            end = max(data.rfind(letter) for letter in _WHOLE) + 1
        rest = data[end:]
        if end:
            yield decoder.decode(data[:end])
    if rest:
        yield decoder.decode(rest)


class _LineDecoder:
    """Decodes whole lines: those that are UTF-8 as such, all others as they are expected to be."""

    def __init__(self, expected: str) -> None:
        self._expected = expected
        # Half-width katakana in pairs, and the like in other sets of several bytes a letter.
        self._two_bytes_mean_little = expected not in _ONE_BYTE
        self._utf8_was_seen = False

    def decode(self, lines: bytes) -> str:
        """Return the text of some lines."""
        if lines.isascii():
            return lines.decode("ascii")
        if (text := self._as_utf8(lines)) is not None:
            return text
        return "".join(self._line(line) for line in lines.splitlines(keepends=True))

    def _line(self, line: bytes) -> str:
        if line.isascii():
            return line.decode("ascii")
        text = self._as_utf8(line)
        return line.decode(self._expected, errors="replace") if text is None else text

    def _as_utf8(self, lines: bytes) -> str | None:
        """Return the text if it is UTF-8 beyond doubt, or as it was before."""
        try:
            text = lines.decode("utf-8")
        except UnicodeDecodeError:
            return None
        if self._two_bytes_mean_little and not self._utf8_was_seen:
            if _BEYOND_TWO_BYTES.search(text) is None:
                return None
            self._utf8_was_seen = True
        return text
