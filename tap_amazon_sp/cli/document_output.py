"""Print documents of Amazon's, which are in many character sets, and not all text."""

from __future__ import annotations

import io
import itertools
import re
import sys
from collections.abc import Iterable, Iterator

import click

from tap_amazon_sp.cli.terminal import write_bytes, write_text
from tap_amazon_sp.documents.beginnings import is_text
from tap_amazon_sp.documents.decoding import decoded
from tap_amazon_sp.documents.errors import DocumentFormatError

_DECLARED = re.compile(r"""(\s*<\?xml[^>]*?encoding=["'])[^"'>]+""")


def print_document(
    document: Iterable[bytes], content_type: str, usual: str, *, instead: str
) -> None:
    """Print a document: text in UTF-8, or as the terminal can show it; other files unchanged.

    Args:
        document: The bytes, uncompressed.
        content_type: Content type of the download.
        usual: Character set if none is declared and the text is not UTF-8.
        instead: What the user can do if this fails, as a sentence.

    Raises:
        click.ClickException: Nobody can read its characters, or a terminal cannot show it.
    """
    pieces = iter(document)
    beginning = next(pieces, b"")
    whole = itertools.chain((beginning,), pieces)
    if is_text(beginning):
        try:
            for _ in printed(whole, content_type, usual):
                pass
        except DocumentFormatError as error:
            message = f"the document cannot be shown as text: {error}. {instead}"
            raise click.ClickException(message) from None
    elif sys.stdout.isatty():
        message = f"the document is not text, and a terminal cannot show it. {instead}"
        raise click.ClickException(message)
    else:
        print_unchanged(whole)


def print_unchanged(document: Iterable[bytes]) -> None:
    """Write the bytes of a document to stdout as they are."""
    for piece in document:
        write_bytes(piece)


def printed(document: Iterable[bytes], content_type: str, usual: str) -> Iterator[str]:
    """Write a text to stdout piece by piece, and yield the pieces.

    If it is XML that declares a character set, what is written declares the one it is written in.

    Args:
        document: The bytes, uncompressed.
        content_type: Content type of the download.
        usual: Character set if none is declared and the text is not UTF-8.

    Raises:
        DocumentFormatError: Nobody can read its characters.
    """
    is_terminal = sys.stdout.isatty()
    # On a terminal, a carriage return would write over the line; a file may have nothing else.
    ends = io.IncrementalNewlineDecoder(None, translate=True)
    is_first = True
    for text in decoded(document, content_type, usual):
        written = _DECLARED.sub(r"\1UTF-8", text, count=1) if is_first else text
        is_first = False
        write_text(ends.decode(written) if is_terminal else written)
        yield text
    if is_terminal:
        write_text(ends.decode("", final=True))
