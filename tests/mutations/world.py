"""The process of a simulated world, which changes answers.

The simulator is made once and not started. For each pair of runs a process is forked that starts
it, so that each pair begins in the same world.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.simulator.server.calls import HttpAnswer, HttpRequest, Stream
from tap_amazon_sp.simulator.server.lwa import CLIENT_SECRET
from tap_amazon_sp.simulator.server.models import Match, load_models
from tap_amazon_sp.simulator.server.paths import (
    DOCUMENTS_PATH,
    TOKEN_PATH,
    account_of_document,
)
from tests.mutations.clocks import world_time
from tests.mutations.contents import FOREVER
from tests.mutations.jobs import CREATE, CREATE_RDT, GET, GET_DOCUMENT
from tests.mutations.kinds import Given
from tests.mutations.strikes import KINDS, Strike, Subject, Waiting, random_of

LWA, DOCUMENT = "lwa", "document"
SUCCESS = 300
"""Statuses below it are good answers."""
_WITH_TOKENS = {LWA: "access_token", CREATE_RDT: "restrictedDataToken"}
_WITH_JOBS = (*CREATE, *GET, "reports_2021-06-30.getReports")
_SIGNATURE = re.compile(r"X-Amz-Signature=([0-9a-fA-F]{16,})")
_QUERY_NAME = re.compile(r"\{\s*(\w+)\s*\(")
NO_SECRETS = 8
"""Texts that are shorter than this may occur by chance."""
MADE_UP_SIGNATURE = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Served:
    """What a world tells of a run.

    Attributes:
        struck: Numbers of the strikes that changed an answer.
        requests: How many different requests there were, by subject.
        secrets: What must not be in a log.
    """

    struck: frozenset[int]
    requests: Mapping[Subject, int]
    secrets: frozenset[str]


@dataclass
class Changes:
    """Changes answers, and remembers what was asked.

    Attributes:
        simulator: Whose answers they are.
        keys: Names of the properties that identify the records of an operation, by its id.
    """

    simulator: Simulator
    keys: Mapping[str, tuple[str, ...]]
    waiting: Waiting = field(default_factory=lambda: Waiting(()))
    _struck: dict[Any, Strike] = field(default_factory=dict)
    _memories: dict[int, dict[str, Any]] = field(default_factory=dict)
    _for_ever: dict[tuple[str, str], Strike] = field(default_factory=dict)
    _asked: dict[Subject, dict[Any, int]] = field(default_factory=dict)
    _jobs: dict[str, str] = field(default_factory=dict)
    _accounts: dict[str, str] = field(default_factory=dict)
    _secrets: set[str] = field(default_factory=lambda: {CLIENT_SECRET, MADE_UP_SIGNATURE})

    def begin(self, strikes: Sequence[Strike]) -> None:
        """Forget the last run."""
        self.waiting = Waiting(strikes)
        self._struck.clear()
        self._memories.clear()
        self._for_ever.clear()
        self._asked.clear()

    @property
    def served(self) -> Served:
        """What happened since the beginning of the run."""
        return Served(
            frozenset(self._memories),
            Counter({subject: len(asked) for subject, asked in self._asked.items()}),
            frozenset(self._secrets | self._buyers()),
        )

    def _buyers(self) -> set[str]:
        """Names, addresses and so on of the buyers of all accounts."""
        found: set[str] = set()
        for account in {*self._accounts.values()} - {""}:
            for order in self.simulator.truth("orders", account):
                for part in ("buyer", "recipient"):
                    found |= {text for text in _texts(order.get(part)) if len(text) > NO_SECRETS}
        return found

    def __call__(self, request: HttpRequest, answer: HttpAnswer) -> HttpAnswer:
        """Return the answer that is sent."""
        answer = _whole(answer)
        answer.headers.setdefault("Date", f"{world_time():%a, %d %b %Y %H:%M:%S GMT}")
        match = load_models().match(request.method, request.path)
        subject = self._subject(request, match)
        if subject is None:
            return answer
        self._learn(answer, subject)
        strike = self._strike_on(request, subject, match, is_good=answer.status < SUCCESS)
        if strike is None:
            return answer
        return self._changed(answer, strike, match)

    def _changed(self, answer: HttpAnswer, strike: Strike, match: Match | None) -> HttpAnswer:
        memory = self._memories.get(strike.number, {})
        assert isinstance(answer.body, bytes)
        operation = match.operation if match else None
        given = Given(
            answer.status,
            answer.headers,
            answer.body,
            random_of(strike),
            operation,
            load_models(),
            self.keys.get(operation.id, ()) if operation else (),
            strike.subject.job,
            memory,
        )
        changed = KINDS[strike.kind].change(given)
        if changed is None:
            return answer
        self._memories[strike.number] = memory
        return changed

    def _strike_on(
        self, request: HttpRequest, subject: Subject, match: Match | None, *, is_good: bool
    ) -> Strike | None:
        """Return what strikes a request, if anything does."""
        token = _token_of(request, match)
        if token.startswith(FOREVER):
            return self._for_ever.get((subject.operation, request.path))
        asked = self._asked.get(subject, {})
        # The signature of an address differs from try to try.
        target = request.path if subject.operation == DOCUMENT else request.raw_target
        key = request.method, target, request.body
        if key in asked:
            strike = self._struck.get((subject, key))
            return strike if strike is not None and strike.stays else None
        if not is_good:
            return None
        self._asked[subject] = asked
        asked[key] = len(asked)
        strike = self.waiting.take(subject, asked[key])
        if strike is not None:
            self._struck[subject, key] = strike
            self._for_ever[subject.operation, request.path] = strike
        return strike

    def _subject(self, request: HttpRequest, match: Match | None) -> Subject | None:
        if request.path == TOKEN_PATH:
            account = self._account_of_grant(request)
            return Subject(account, LWA)
        if request.path.startswith(DOCUMENTS_PATH):
            document = request.path.rpartition("/")[2]
            account = account_of_document(request.path)
            return Subject(account, DOCUMENT, self._jobs.get(document, ""))
        if match is None:
            return None
        account = self._accounts.get(request.headers.get("x-amz-access-token", ""), "")
        return Subject(account, match.operation.id, self._job(request, match))

    def _account_of_grant(self, request: HttpRequest) -> str:
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        refresh_token = form.get("refresh_token", "")
        if not refresh_token:
            return ""
        self._secrets.add(refresh_token)
        _, _, number = refresh_token.partition("simulator-seller")
        return f"seller{number}" if "seller" in refresh_token else "vendor"

    def _job(self, request: HttpRequest, match: Match) -> str:
        """Return the type of the report, or the name of the query, that a call is about."""
        operation = match.operation.id
        if operation in CREATE:
            body = json.loads(request.body)
            found = _QUERY_NAME.search(body.get("query", "").partition("{")[2])
            return str(body.get("reportType") or (found[1] if found else ""))
        if operation in (*GET, *GET_DOCUMENT):
            (job_id,) = match.path_parameters.values()
            return self._jobs.get(job_id, "")
        return ""

    def _learn(self, answer: HttpAnswer, subject: Subject) -> None:
        """Learn from a good answer which job has which id, and what is secret."""
        if answer.status >= SUCCESS or not isinstance(answer.body, bytes):
            return
        if subject.operation in _WITH_TOKENS:
            token = json.loads(answer.body)[_WITH_TOKENS[subject.operation]]
            self._accounts[token] = subject.account
            self._secrets.add(token)
        elif subject.operation in GET_DOCUMENT:
            self._secrets |= {*_SIGNATURE.findall(answer.body.decode())}
        elif subject.operation in _WITH_JOBS:
            content = json.loads(answer.body)
            for job in content.get("reports", [content]):
                self._learn_of_job(job, subject.job or job.get("reportType", ""))

    def _learn_of_job(self, job: Mapping[str, Any], name: str) -> None:
        for id_name in ("reportId", "queryId", "reportDocumentId", "dataDocumentId"):
            if id_name in job:
                self._jobs[job[id_name]] = name


def _whole(answer: HttpAnswer) -> HttpAnswer:
    """Return the answer with its body as bytes."""
    while not isinstance(answer.body, bytes | Stream):
        answer = answer.body()
    if isinstance(answer.body, Stream):
        answer.body = b"".join(answer.body.chunks(answer.body.size))
    return answer


def _token_of(request: HttpRequest, match: Match | None) -> str:
    """Return the page token of a request; an empty text if it has none."""
    name = match.operation.token_parameter if match else None
    query = dict(parse_qsl(urlsplit(request.raw_target).query))
    found = query.get(name or "", "")
    if not found and FOREVER.encode() in request.body:
        found = FOREVER
    return found


def _texts(content: Any) -> set[str]:
    if isinstance(content, str):
        return {content}
    parts = content.values() if isinstance(content, dict) else content
    if not isinstance(content, dict | list):
        return set()
    return set().union(*map(_texts, parts))


@dataclass(frozen=True)
class World:
    """A world that runs in a process of its own.

    Attributes:
        url: Where it listens.
    """

    url: str
    _connection: Connection
    _process: Any

    def begin(self, strikes: Sequence[Strike]) -> None:
        """Strike answers from now on, and forget what was asked before."""
        self._connection.send(strikes)
        self._connection.recv()

    def served(self) -> Served:
        """Return what happened since the beginning."""
        self._connection.send(None)
        served: Served = self._connection.recv()
        return served

    def end(self) -> None:
        """End the process."""
        self._connection.close()
        self._process.join(5)
        self._process.kill()
        self._process.join()


def start_world(simulator: Simulator, keys: Mapping[str, tuple[str, ...]]) -> World:
    """Fork a process in which a simulator runs that was made before."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(simulator, keys, theirs, ours), daemon=True)
    process.start()
    theirs.close()
    return World(ours.recv(), ours, process)


def _serve(
    simulator: Simulator,
    keys: Mapping[str, tuple[str, ...]],
    connection: Connection,
    other_end: Connection,
) -> None:
    other_end.close()
    # It complains of what it is made to send.
    logging.disable()
    changes = Changes(simulator, keys)
    simulator.change_answer = changes
    with simulator:
        connection.send(simulator.url)
        while True:
            try:
                strikes = connection.recv()
            except EOFError:
                return
            if strikes is None:
                connection.send(changes.served)
            else:
                changes.begin(strikes)
                connection.send(None)
