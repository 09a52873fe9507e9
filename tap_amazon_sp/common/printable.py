"""Text of others in messages: a terminal must not obey it.

A terminal obeys control characters: an escape sequence in a product title could clear the screen,
set the title of the window or make the terminal type.
"""

from __future__ import annotations

import re

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""C0 and C1, apart from tabs and line feeds."""


def printable(text: str) -> str:
    r"""Return text with escapes such as `\u001b` in place of control characters.

    JSON reads such an escape as the character. Tabs and line feeds stay.
    """
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
