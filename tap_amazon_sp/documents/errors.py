"""Why a document cannot be read."""

from __future__ import annotations


class DocumentFormatError(Exception):
    """A document cannot be read in the format that it should have.

    The message is the rest of a sentence about the document; it quotes nothing of its rows.
    """
