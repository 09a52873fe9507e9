"""Errors about settings."""

from __future__ import annotations


class SettingsError(Exception):
    """Settings, catalog or state are wrong. Each sentence names the setting, never a secret."""

    def __init__(self, errors: list[str]) -> None:
        """Make the error out of one sentence per mistake."""
        super().__init__("; ".join(errors))
        self.errors = errors


class ValueMistakesError(ValueError):
    """A value has several mistakes, or mistakes in its parts.

    Each text is the part of a sentence that follows the name of the setting, such as
    `['orders']: the file is missing`.
    """

    def __init__(self, mistakes: list[str]) -> None:
        """Make the error out of the end of one sentence per mistake."""
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes
