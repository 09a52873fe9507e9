"""Errors about settings."""

from __future__ import annotations

import re

MAX_SENTENCE = 4000
"""Characters of a sentence about a mistake that are shown."""

_LONG_WORD = re.compile(r"(\S{100})\S{201,}")


class SettingsError(Exception):
    """Settings, catalog or state are wrong. Each sentence names the setting, never a secret."""

    def __init__(self, errors: list[str]) -> None:
        """Make the error out of one sentence per mistake."""
        self.errors = list(map(without_long_values, errors))
        super().__init__("; ".join(self.errors))


def without_long_values(sentence: str) -> str:
    """Return a sentence about a mistake, without most of what is too long to read in it."""
    sentence = _LONG_WORD.sub(r"\1…", sentence)
    if len(sentence) <= MAX_SENTENCE:
        return sentence
    return f"{sentence[: MAX_SENTENCE // 2]} … {sentence[-MAX_SENTENCE // 2 :]}"


class ValueMistakesError(ValueError):
    """A value has several mistakes, or mistakes in its parts.

    Each text is the part of a sentence that follows the name of the setting, such as
    `['orders']: the file is missing`.
    """

    def __init__(self, mistakes: list[str]) -> None:
        """Make the error out of the end of one sentence per mistake."""
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes
