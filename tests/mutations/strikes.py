"""Which answers are struck, and by what."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from tests.mutations.answers import ANSWERS
from tests.mutations.contents import CONTENTS
from tests.mutations.documents import DOCUMENTS
from tests.mutations.jobs import JOBS
from tests.mutations.kinds import Kind
from tests.mutations.tokens import TOKENS

KINDS: dict[str, Kind] = {
    **ANSWERS.by_name,
    **CONTENTS.by_name,
    **JOBS.by_name,
    **DOCUMENTS.by_name,
    **TOKENS.by_name,
}


@dataclass(frozen=True)
class Subject:
    """What is struck.

    Attributes:
        account: Name of the account.
        operation: Id of the operation, `lwa` or `document`.
        job: Type of the report, or the name of the query, that it belongs to; empty for none.
    """

    account: str
    operation: str
    job: str = ""

    @property
    def label(self) -> str:
        """The subject in words."""
        return f"{self.operation} {self.job} ({self.account})".replace("  ", " ")


@dataclass(frozen=True)
class Strike:
    """One request whose answer is changed.

    Attributes:
        number: Its number in the run.
        kind: Name of the kind.
        subject: Whose requests are counted.
        ordinal: Which of the different requests it is, from 0.
        stays: Whether each try gets the changed answer; otherwise the first one alone.
        seed: Of what is random about the change.
    """

    number: int
    kind: str
    subject: Subject
    ordinal: int
    stays: bool
    seed: int


class Waiting:
    """The strikes that have not yet struck, by subject and ordinal."""

    def __init__(self, strikes: Iterable[Strike]) -> None:
        self._waiting: dict[Subject, dict[int, Strike]] = defaultdict(dict)
        for strike in strikes:
            self._waiting[strike.subject][strike.ordinal] = strike

    def take(self, subject: Subject, ordinal: int) -> Strike | None:
        """Return the strike for a request, which then no longer waits."""
        return self._waiting.get(subject, {}).pop(ordinal, None)


def random_of(strike: Strike) -> random.Random:
    """Return what is random about a change: the same for each try."""
    return random.Random(strike.seed)
