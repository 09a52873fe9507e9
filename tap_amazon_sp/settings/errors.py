"""What is wrong with settings."""

from __future__ import annotations


class SettingsError(Exception):
    """Settings, catalog or state are wrong; each error names what is at fault, never a secret."""

    def __init__(self, errors: list[str]) -> None:
        """Keep one sentence per mistake."""
        super().__init__("; ".join(errors))
        self.errors = errors


class ValueMistakesError(ValueError):
    """One value has several mistakes, or mistakes in its parts.

    Each is what follows the name of the setting in a sentence: `['orders']: the file is missing`.
    """

    def __init__(self, mistakes: list[str]) -> None:
        """Keep the end of one sentence per mistake."""
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes
