"""Exit codes, and mistakes of the user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

import click

FAILURE = 1
USAGE = 2
"""Arguments or settings are wrong; nothing was sent."""
REFUSED = 3
"""Amazon answered 4xx."""
THROTTLED = 4
"""Amazon answered 429 until all tries were used up."""
SIGNALLED = 128
"""Added to the number of the signal that stopped the command."""

_TOO_MANY_REQUESTS = 429
_CLIENT_ERRORS = range(400, 500)


class MistakesError(click.ClickException):
    """Arguments are wrong; there is a sentence per mistake. Nothing was sent."""

    exit_code = USAGE

    def __init__(self, mistakes: Sequence[str]) -> None:
        """Keep the sentences."""
        super().__init__("; ".join(mistakes))
        self.mistakes = tuple(mistakes)

    def show(self, file: IO[Any] | None = None) -> None:
        """Write a line per mistake to stderr."""
        for mistake in self.mistakes:
            click.echo(f"Error: {mistake}", file=file, err=True)


def exit_code_of(status: int | None) -> int:
    """Return the exit code for the HTTP status of a failure; None means no response."""
    if status == _TOO_MANY_REQUESTS:
        return THROTTLED
    return REFUSED if status in _CLIENT_ERRORS else FAILURE
