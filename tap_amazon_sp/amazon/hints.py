"""What to do about refusals whose reason Amazon's own sentence hides.

Facts: issues at `selling-partner-api-models`, named at each hint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Hint:
    """What to do about one kind of refusal.

    Attributes:
        advice: What to do, in a sentence.
        statuses: The HTTP statuses that mean it.
        operations: The ids of the operations that mean it; all if there are none.
        code: Amazon's code; None means any.
        words: A pattern for Amazon's message, in any case.
        other_words: A pattern for messages that mean something else.
    """

    advice: str
    statuses: tuple[int, ...]
    operations: tuple[str, ...] = ()
    code: str | None = None
    words: str = ""
    other_words: str = r"(?!)"


HINTS = (
    # Issue 4489. LWA has issued an access token, so this is not one of its errors.
    Hint(
        "The secret of the application has expired, as LWA secrets do after 180 days: make a new "
        "one in the developer console (View > LWA credentials) and set `client_secret`",
        statuses=(401, 403),
        words=r"\bsecret\b.*\bexpired\b",
    ),
    # Issue 5365. Amazon refuses the whole request because of one value of `includedData`. The tap
    # writes the other parameters.
    Hint(
        "If Amazon refuses a part of the orders that the tap asks for, set `orders_included_data` "
        "without this part",
        statuses=(400,),
        operations=("orders_2026-01-01.searchOrders", "orders_2026-01-01.getOrder"),
        code="InvalidInput",
        other_words=r"\btoken\b",
    ),
)


def hint_for(
    operation_id: str, status: int | None, code: str | None, message: str | None
) -> str | None:
    """Return what to do about a failure; None if there is no hint for it."""
    for hint in HINTS:
        if (
            status in hint.statuses
            and operation_id in (hint.operations or (operation_id,))
            and code == (hint.code or code)
            and re.search(hint.words, message or "", re.IGNORECASE)
            and not re.search(hint.other_words, message or "", re.IGNORECASE)
        ):
            return hint.advice
    return None
