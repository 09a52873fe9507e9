"""Names that look like a name that is not known: what a user may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_CLOSE_MATCHES = 2


def close_to(name: str, known: Iterable[str]) -> str:
    """Return a question that names the most similar names; empty if there are none."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=_CLOSE_MATCHES)
    found = " or ".join(f"`{by_lower[match]}`" for match in close)
    return f": did you mean {found}?" if found else ""
