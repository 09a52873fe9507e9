"""The file of a run's events: opened without harm to what is there."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TextIO

FIRST_CHARACTERS = '{"at": "'
"""Of each line with an event."""


class OtherFileError(Exception):
    """There is something else at the path than the events of an earlier run."""


def open_event_file(path: str) -> TextIO:
    """Open an empty file in the place of an earlier run's.

    Another run that still writes into the earlier file goes on doing so, and disturbs nobody. Whole
    lines reach the file at once, so that those of a run that is killed are there.

    Args:
        path: The file, or a device, which is written as it is.

    Raises:
        OSError: It cannot be written.
        OtherFileError: There is something else, such as the settings, or a pipe, at which a run
            might wait forever.
    """
    place = Path(path).resolve()
    with suppress(FileNotFoundError):
        found = place.stat()
        if stat.S_ISCHR(found.st_mode):
            return place.open("w", buffering=1, encoding="utf-8")
        if not stat.S_ISREG(found.st_mode):
            message = f"{path} is not a file: name one"
            raise OtherFileError(message)
        if found.st_size and not _begins_with_an_event(place):
            message = f"{path} is not the timeline of an earlier run: name another file"
            raise OtherFileError(message)
    new = place.with_name(f"{place.name}.{os.getpid()}")
    file = new.open("w", buffering=1, encoding="utf-8")
    try:
        new.replace(place)
    except OSError:
        file.close()
        new.unlink()
        raise
    return file


def _begins_with_an_event(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(FIRST_CHARACTERS)) == FIRST_CHARACTERS.encode()
