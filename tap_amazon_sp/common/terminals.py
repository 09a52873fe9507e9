"""What a person sees on a terminal, and what goes into files and pipes."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from typing import TextIO


def shows_live_view(setting: bool | None, environment: Mapping[str, str]) -> bool:  # noqa: FBT001
    """Return whether to show a table on the terminal: a person sees it, and no record goes there.

    Args:
        setting: None if the user has not chosen. Then records must go into a file: the program at
            the other end of a pipe may log to the same terminal, and the table would hide lines.
        environment: Variables of this process.
    """
    if setting is False or environment.get("CI") or not sys.stderr.isatty() or sys.stdout.isatty():
        return False
    if environment.get("TERM") in {None, "", "dumb", "unknown"}:
        return False
    return setting is True or _goes_into_file(sys.stdout)


def _goes_into_file(output: TextIO) -> bool:
    """Return whether an output is a file or a device such as /dev/null, which logs nothing."""
    try:
        mode = os.fstat(output.fileno()).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(mode) or stat.S_ISCHR(mode)
