"""Which strikes fall in which pair of runs."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

from tests.mutations.kinds import API, DOCUMENT, TOKEN
from tests.mutations.pairs import Reference, Scenario
from tests.mutations.strikes import KINDS, Strike, Subject
from tests.mutations.world import DOCUMENT as DOCUMENT_SUBJECT
from tests.mutations.world import LWA

ALONE_IN_TURN: Final = 0.25
"""How probable it is that a pair of runs with a single strike follows one with many."""
STAYS: Final = 0.5
"""How probable it is that such a strike stays."""


class Plan:
    """Chooses strikes: each subject is struck by each kind in turn, in an order of its own."""

    def __init__(
        self,
        scenario: Scenario,
        reference: Reference,
        *,
        seed: int,
        passing: int,
        kinds: Collection[str] = KINDS,
    ) -> None:
        """Plan no strike yet.

        Args:
            scenario: What is read.
            reference: What is asked while nothing is wrong.
            seed: Another seed gives another plan.
            passing: How many answers to one subject are struck in their first try alone, at most,
                in one run.
            kinds: Names of the kinds to use.
        """
        self._scenario = scenario
        self._chance = random.Random(f"{seed} {scenario.name}")
        self._passing = passing
        self._kinds = kinds
        self._requests = reference.requests
        self._alone: list[tuple[Subject, str]] = []
        self._waiting: dict[Subject, list[str]] = {}
        self._families = self._by_family()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to strike."""
        return not any(self._applicable(subject) for subject in self._requests)

    def _by_family(self) -> list[list[Subject]]:
        """Return the subjects in groups. One subject of each is struck for good in a run.

        What a strike on one of a group harms lies among what strikes on the others may harm.
        """
        groups: dict[frozenset[tuple[str, str]], list[Subject]] = defaultdict(list)
        places: Mapping[Subject, frozenset[tuple[str, str]]] = {
            subject: found
            for subject in self._requests
            if (found := self._scenario.places(subject)) is not None
        }
        for subject, harmed in sorted(
            places.items(), key=lambda item: (-len(item[1]), item[0].label)
        ):
            widest = next((family for family in groups if harmed & family), harmed)
            groups[widest].append(subject)
        families = [*groups.values()]
        of_accounts: dict[str, list[Subject]] = defaultdict(list)
        for subject in sorted(self._requests.keys() - places.keys(), key=lambda one: one.label):
            of_accounts[subject.account].append(subject)
        if not self._scenario.streams:
            # Each account is a family of its own.
            return [*of_accounts.values()]
        return families

    def next_pair(self) -> list[Strike]:
        """Return the strikes of the next pair of runs."""
        strikes: list[Strike] = []
        if self._alone:
            subject, kind = self._alone.pop()
            ordinal = self._chance.randrange(self._requests[subject])
            stays = self._chance.random() < STAYS
            return [Strike(0, kind, subject, ordinal, stays, self._chance.getrandbits(32))]
        for family in self._families:
            subject = self._chance.choice(family)
            ordinal = self._chance.randrange(self._requests[subject])
            self._add(strikes, subject, ordinal, stays=True)
            for other in family:
                # In the answers that come before, as what comes after may never be asked for.
                ordinals = range(ordinal if other == subject else self._requests[other])
                for passing in self._chance.sample(ordinals, min(self._passing, len(ordinals))):
                    self._add(strikes, other, passing, stays=False)
        return strikes

    def _add(self, strikes: list[Strike], subject: Subject, ordinal: int, *, stays: bool) -> None:
        kind = self._next_kind(subject)
        if kind is not None and KINDS[kind].is_alone:
            # A few of these pairs show it, and each of them takes as long as the others.
            if not self._alone and self._chance.random() < ALONE_IN_TURN:
                self._alone.append((subject, kind))
        elif kind is not None:
            seed = self._chance.getrandbits(32)
            strikes.append(Strike(len(strikes), kind, subject, ordinal, stays, seed))

    def _next_kind(self, subject: Subject) -> str | None:
        waiting = self._waiting.setdefault(subject, [])
        if not waiting:
            waiting += self._applicable(subject)
            self._chance.shuffle(waiting)
        return waiting.pop() if waiting else None

    def _applicable(self, subject: Subject) -> list[str]:
        at = {LWA: TOKEN, DOCUMENT_SUBJECT: DOCUMENT}.get(subject.operation, API)
        return [
            name
            for name in self._kinds
            if KINDS[name].at == at
            and (not KINDS[name].operations or subject.operation in KINDS[name].operations)
        ]
