"""Decode documents in any character set, also if the declared one is missing or wrong.

Amazon promises no character set: flat files are UTF-8 (North America), Cp1252 (listings in Europe)
or Shift_JIS in Microsoft's variant (Japan), and the `charset` of the download is sometimes missing
or wrong. The rules:

0. The declaration of an XML document takes precedence over that of the download.
1. A byte order mark decides (UTF-8, UTF-16). So do NULs in every other byte: they mean UTF-16.
2. A line that is valid UTF-8 is UTF-8, even if something else is declared: a line of Cp1252 or
   Shift_JIS with letters beyond ASCII is almost never valid UTF-8. The exception is Japanese: two
   half-width katakana look like one Latin, Greek or Cyrillic letter of two bytes. If Japanese is
   expected, a line with such letters is Japanese, unless it makes no sense in Japanese (bytes
   without a meaning; `Hﾃ､ndler`, the UTF-8 of `Händler`), an earlier line was clearly UTF-8, or
   UTF-8 is declared and no earlier line was anything else.
3. Any other line has the declared character set. If none or UTF-8 is declared, it has the usual one
   of the marketplace. ISO-8859-1 means Cp1252 and Shift_JIS means cp932, as in the WHATWG Encoding
   Standard. Bytes without a meaning become U+FFFD and are not an error.

A declared character set that is not in `CHARSETS` is an error of the first line that is not UTF-8:
Python knows many codecs more, and some of them take hours for a long line.

Lines are decoded one by one, so that a bad byte affects its own line only. NULs are removed, as
targets cannot store them.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from email.message import Message

from tap_amazon_sp.amazon.marketplaces import MARKETPLACES
from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.limits import MAX_RECORD, RECORD_TOO_LONG

WESTERN = "cp1252"
JAPANESE = "cp932"

_ALIASES = {
    "ascii": WESTERN,
    "iso8859-1": WESTERN,
    "shift_jis": JAPANESE,
    # Java's name for cp932.
    "windows-31j": JAPANESE,
    "ms932": JAPANESE,
}
CHARSETS = frozenset(
    {
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        *(f"cp125{n}" for n in range(9)),
        *(f"iso8859-{part}" for part in range(2, 17)),
        *(JAPANESE, "euc_jp"),
        *("big5", "cp950", "gb2312", "gbk", "gb18030"),
        *("cp949", "euc_kr"),
        "koi8-r",
    }
)
"""Python's names of the character sets that are read: those of Amazon's marketplaces, and those
that programs there write."""

_UTF16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_COUNTRIES = {market.id: market.country_code for market in MARKETPLACES}
_ONE_BYTE = {
    WESTERN,
    *(f"iso8859-{part}" for part in range(2, 17)),
    *(f"cp125{n}" for n in range(9)),
}
_XML_CHARSET = re.compile(
    rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]{,200}?encoding=["']([^"'>]{,40})["']"""
)
_INSPECTED = 4096
"""Bytes at the beginning of a document that show whether it is UTF-16."""
_LONG_LINE = 1 << 20
_BEYOND_TWO_BYTES = re.compile("[\u0800-\U0010ffff]")
_MEANINGLESS = re.compile("[\x80-\x9f\xa0\uf8f0-\uf8f3]")
"""What Python makes of the bytes that have no meaning in cp932: 80, A0 and FD to FF."""
_LOWER = "".join(
    letter
    for letter in map(chr, range(0xDF, 0x180))
    # Words of two katakana are possible from U+0100 on: `ﾄｱ`, `ﾅｵ`. A katakana and half a kanji,
    # with a Latin letter as the other half, are not, and neither are pairs that begin with `ﾃ`.
    if letter.islower() and (letter < "\u0100" or letter.encode()[1:] < b"\xa1")
)
_WITHIN_WORD = re.compile(f"[A-Za-z][{_LOWER}]{{1,2}}[a-z]|[A-Z][\u00c0-\u00d6\u00d8-\u00de][A-Z]")
"""Letters of two bytes within a Latin word: not katakana, nor a katakana and a kanji."""
_WHOLE = (b",", b" ", b'"', b"\t", b">")
"""Bytes that are whole characters in each of these character sets, never parts of characters."""


def charset_of(content_type: str) -> str | None:
    """Return Python's name of the character set in a `Content-Type`; None if it is not known."""
    charset = _declared_in(content_type)
    return _codec(charset) if charset is not None else None


def usual_charset(marketplace_ids: Sequence[str] = (), region: str = "") -> str:
    """Return the character set of documents that are not UTF-8.

    Args:
        marketplace_ids: The marketplaces of a document.
        region: Used if the marketplaces are not known.
    """
    if not marketplace_ids:
        # The other marketplaces of the region write English, which is mostly ASCII.
        return JAPANESE if region == "fe" else WESTERN
    japanese = any(_COUNTRIES.get(marketplace) == "JP" for marketplace in marketplace_ids)
    return JAPANESE if japanese else WESTERN


def is_utf16(beginning: bytes) -> bool:
    """Is a document UTF-16, by its first bytes?"""
    return _utf16(beginning, None) is not None


def decoded(pieces: Iterable[bytes], content_type: str = "", usual: str = WESTERN) -> Iterator[str]:
    """Yield a document's text, in pieces that end with a line unless a line is very long.

    Args:
        pieces: The bytes of the document.
        content_type: Content type of the download.
        usual: Character set if none is declared and the text is not UTF-8.

    Raises:
        DocumentFormatError: The character set is not one that is read, or there is no end of a
            line, nor a comma, space, tab, quote or `>`, for longer than a record may be.
    """
    source = iter(pieces)
    beginning = b""
    for piece in source:
        beginning += piece
        if len(beginning) >= _INSPECTED:
            break
    if (named := _XML_CHARSET.match(beginning)) is not None:
        content_type = f"text/xml; charset={named[1].decode('ascii', 'replace')}"
    declared = charset_of(content_type)
    if (utf16 := _utf16(beginning, declared)) is not None:
        texts = _incremental(_chained(beginning, source), utf16)
    else:
        is_declared = declared is not None and not declared.startswith("utf-")
        expected: str | None = declared if is_declared else usual
        if declared is None and _declared_in(content_type):
            expected = None
        is_utf8 = beginning.startswith(codecs.BOM_UTF8) or (declared or "").startswith("utf-8")
        beginning = beginning.removeprefix(codecs.BOM_UTF8)
        texts = _by_line(_chained(beginning, source), _LineDecoder(expected, is_utf8=is_utf8))
    for text in texts:
        if cleaned := text.replace("\0", "") if "\0" in text else text:
            yield cleaned


def _codec(charset: str) -> str | None:
    lowered = charset.lower()
    if lowered in _ALIASES:
        return _ALIASES[lowered]
    try:
        name = codecs.lookup(lowered).name
    except (LookupError, ValueError):
        return None
    name = _ALIASES.get(name, name)
    return name if name in CHARSETS else None


def _declared_in(content_type: str) -> str | None:
    """Return the character set that a `Content-Type` declares, as it is written there."""
    message = Message()
    message["content-type"] = content_type
    charset = message.get_param("charset")
    return charset.strip() or None if isinstance(charset, str) else None


def _chained(beginning: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield beginning
    yield from rest


def _utf16(beginning: bytes, declared: str | None) -> str | None:
    """Return the byte order of a UTF-16 document as a codec; None for another character set."""
    if (marked := _UTF16_MARKS.get(beginning[:2])) is not None:
        return marked
    inspected = beginning[:_INSPECTED]
    half = len(inspected) // 2
    if half and b"\0" in inspected:
        # Most letters of a header are ASCII: the upper byte of each is a NUL.
        if inspected[1::2].count(0) > half / 2 > inspected[::2].count(0):
            return "utf-16-le"
        if inspected[::2].count(0) > half / 2 > inspected[1::2].count(0):
            return "utf-16-be"
    if declared is None or not declared.startswith("utf-16"):
        return None
    try:
        inspected.decode("utf-8")
    except UnicodeDecodeError:
        return "utf-16-le" if declared == "utf-16" else declared
    # Declared as UTF-16, but it cannot be: two bytes per letter would contain NULs.
    return None


def _incremental(pieces: Iterable[bytes], charset: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(charset)(errors="replace")
    first = True
    for piece in pieces:
        text = decoder.decode(piece)
        yield text.removeprefix("\ufeff") if first else text
        first = first and not text
    yield decoder.decode(b"", final=True)


def _by_line(pieces: Iterable[bytes], decoder: _LineDecoder) -> Iterator[str]:
    rest: list[bytes] = []
    length = 0
    for piece in pieces:
        end = piece.rfind(b"\n") + 1
        if not end and length + len(piece) > _LONG_LINE:
            end = max(piece.rfind(letter) for letter in _WHOLE) + 1
        if end:
            yield decoder.decode(b"".join((*rest, piece[:end])))
            rest, length = [], 0
        rest.append(piece[end:])
        length += len(piece) - end
        if length > MAX_RECORD:
            raise DocumentFormatError(RECORD_TOO_LONG)
    if length:
        yield decoder.decode(b"".join(rest))


class _LineDecoder:
    """Decodes whole lines as UTF-8 if they are, else in the expected character set."""

    def __init__(self, expected: str | None, *, is_utf8: bool) -> None:
        """Decode nothing yet.

        Args:
            expected: The character set of lines that are not UTF-8; None is one that is not read.
            is_utf8: Whether UTF-8 is declared or marked, as it is for some files that are not.
        """
        self._expected = expected
        # Pairs of half-width katakana, and similar pairs in other multi-byte character sets.
        self._two_bytes_are_ambiguous = expected is not None and expected not in _ONE_BYTE
        self._utf8_was_seen = False
        self._utf8_is_believed = is_utf8

    def decode(self, lines: bytes) -> str:
        """Return the text of whole lines."""
        if lines.isascii():
            return lines.decode("ascii")
        if (text := self._as_utf8(lines)) is not None:
            return text
        return "".join(self._line(line) for line in lines.splitlines(keepends=True))

    def _line(self, line: bytes) -> str:
        if line.isascii():
            return line.decode("ascii")
        text = self._as_utf8(line)
        if text is not None:
            return text
        if self._expected is None:
            message = "it is not UTF-8, and its declared character set is not one that is read"
            raise DocumentFormatError(message)
        return line.decode(self._expected, errors="replace")

    def _as_utf8(self, lines: bytes) -> str | None:
        """Return the text if it is UTF-8, without doubt or because earlier lines were."""
        try:
            text = lines.decode("utf-8")
        except UnicodeDecodeError:
            self._utf8_is_believed = False
            return None
        believed = self._utf8_was_seen or self._utf8_is_believed
        if self._two_bytes_are_ambiguous and not believed:
            if _BEYOND_TWO_BYTES.search(text) is None and self._makes_sense(lines, text):
                return None
            self._utf8_was_seen = True
        return text

    def _makes_sense(self, lines: bytes, as_utf8: str) -> bool:
        """Return whether lines that are UTF-8, too, may be text in the expected character set."""
        try:
            text = lines.decode(self._expected or "utf-8")
        except UnicodeDecodeError:
            return False
        if self._expected != JAPANESE:
            return True
        return _MEANINGLESS.search(text) is None and _WITHIN_WORD.search(as_utf8) is None
