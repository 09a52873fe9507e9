"""Errors that this program did not expect."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

logger = logging.getLogger(__name__)


def internal_error(error: BaseException) -> str:
    """Return a sentence that names an unexpected error and where it was raised.

    The error's message is left out: it may contain buyers' data. The traceback is logged at DEBUG.
    """
    frames = traceback.extract_tb(error.__traceback__)
    logger.debug("".join(frames.format()))
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return (
        f"A bug in this program: {type(error).__name__}{place}. LOGLEVEL=DEBUG shows the traceback"
    )
