"""Names that look like a name that is not known: what a user may have meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable

_CLOSE_MATCHES = 2
_BETWEEN_WORDS = re.compile(r"[._-]")


def close_to(name: str, known: Iterable[str], *, part: Callable[[str], str] = str) -> str:
    """Return a question that names the most similar names; empty if there are none.

    If no name is similar as a whole, names are similar that have it as a word: `report_type` is
    similar to `type`.

    Args:
        name: The name that is not known.
        known: The names that are.
        part: Returns the part of a known name that is compared, such as the name of an operation
            without its API.
    """
    by_lower: dict[str, list[str]] = {}
    for candidate in known:
        by_lower.setdefault(part(candidate).lower(), []).append(candidate)
    wanted = name.lower()
    close = difflib.get_close_matches(wanted, by_lower, n=_CLOSE_MATCHES) or [
        candidate for candidate in by_lower if wanted in _BETWEEN_WORDS.split(candidate)
    ]
    if wanted in by_lower:
        close = [wanted]
    names = [candidate for match in close for candidate in by_lower[match]][:_CLOSE_MATCHES]
    found = " or ".join(f"`{candidate}`" for candidate in names)
    return f": did you mean {found}?" if found else ""
