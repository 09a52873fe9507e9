from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests

from tap_amazon_sp.amazon.account import LwaCredentials
from tap_amazon_sp.amazon.auth.lwa import LwaTokens
from tap_amazon_sp.amazon.errors import AuthenticationError, UnreachableError
from tap_amazon_sp.amazon.retry import RetryPolicy
from tap_amazon_sp.simulator import Simulator
from tests.fake_clock import FakeClock

MakeTokens = Callable[..., LwaTokens]


class CountingSession(requests.Session):
    """A session that counts its posts."""

    posts = 0

    def post(self, *args: object, **kwargs: object) -> requests.Response:
        self.posts += 1
        return super().post(*args, **kwargs)  # type: ignore[arg-type]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def session() -> CountingSession:
    return CountingSession()


@pytest.fixture
def make_tokens(simulator: Simulator, clock: FakeClock, session: CountingSession) -> MakeTokens:
    def make(**changes: str) -> LwaTokens:
        settings = simulator.settings_for_tap() | changes
        return LwaTokens(
            LwaCredentials(
                settings["client_id"], settings["client_secret"], settings["refresh_token"]
            ),
            token_url=settings["token_url"],
            session=session,
            clock=clock,
            retry=RetryPolicy(clock),
            timeout=(5, 5),
        )

    return make


def test_a_token_is_kept_until_shortly_before_it_expires(
    make_tokens: MakeTokens, clock: FakeClock
) -> None:
    tokens = make_tokens()
    first = tokens.token()

    clock.advance(3600 - 61)
    assert tokens.token() == first
    clock.advance(2)
    assert tokens.token() != first


def test_many_threads_make_one_request(make_tokens: MakeTokens, session: CountingSession) -> None:
    tokens = make_tokens()
    values: list[str] = []
    threads = [threading.Thread(target=lambda: values.append(tokens.token())) for _ in range(16)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert session.posts == 1
    assert len(values) == 16
    assert len(set(values)) == 1


def test_grantless_tokens_are_separate_from_the_sellers_tokens(make_tokens: MakeTokens) -> None:
    tokens = make_tokens()
    scope = "sellingpartnerapi::notifications"

    assert tokens.token(scope) != tokens.token()
    assert tokens.token(scope) == tokens.token(scope)


def test_a_discarded_token_is_replaced(make_tokens: MakeTokens) -> None:
    tokens = make_tokens()
    first = tokens.token()

    tokens.discard(first)

    assert tokens.token() != first


def test_discarding_an_old_token_keeps_the_new_one(make_tokens: MakeTokens) -> None:
    tokens = make_tokens()
    old = tokens.token()
    tokens.discard(old)
    new = tokens.token()

    tokens.discard(old)

    assert tokens.token() == new


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"refresh_token": "Atzr|hush"}, r"invalid_grant\): .* set `refresh_token`"),
        ({"client_secret": "hush"}, r"invalid_client\): .* expire after 180 days"),
        ({"client_id": "hush"}, r"invalid_client\): `client_id` or `client_secret` is wrong"),
    ],
)
def test_a_refusal_says_which_setting_is_at_fault(
    make_tokens: MakeTokens,
    session: CountingSession,
    changes: dict[str, str],
    sentence: str,
) -> None:
    with pytest.raises(AuthenticationError, match=sentence) as caught:
        make_tokens(**changes).token()

    assert "hush" not in str(caught.value)
    assert session.posts == 1


def test_an_address_that_cannot_be_reached_is_named_in_seconds(
    make_tokens: MakeTokens, clock: FakeClock, session: CountingSession
) -> None:
    tokens = make_tokens(token_url="http://127.0.0.1:9/auth/o2/token")

    for _ in range(2):
        with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:9 \(`token_url`\) refuses"):
            tokens.token()

    assert session.posts == 4
    assert sum(clock.sleeps) == 5.0


def test_secrets_do_not_follow_a_redirect(make_tokens: MakeTokens) -> None:
    received: list[str] = []

    class Redirecting(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.path)
            self.send_response(307)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with HTTPServer(("127.0.0.1", 0), Redirecting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(AuthenticationError, match=r"HTTP 307.*`token_url`"):
            make_tokens(token_url=f"http://127.0.0.1:{server.server_port}/token").token()
        server.shutdown()

    assert received == ["/token"]


def test_an_address_that_serves_something_else_is_refused(
    make_tokens: MakeTokens, simulator: Simulator
) -> None:
    with pytest.raises(AuthenticationError, match="`token_url`"):
        make_tokens(token_url=f"{simulator.url}/orders/v0/orders").token()


class AnsweringSession(requests.Session):
    """A session whose posts get these answers, one after the other."""

    def __init__(self, *answers: object) -> None:
        super().__init__()
        self.posts = 0
        self._answers = answers

    def post(self, *_: object, **__: object) -> requests.Response:
        response = requests.Response()
        response.status_code = 200
        answer = self._answers[min(self.posts, len(self._answers) - 1)]
        response._content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.posts += 1
        return response


def tokens_from(session: AnsweringSession, clock: FakeClock) -> LwaTokens:
    return LwaTokens(
        LwaCredentials("id", "hush", "hush"),
        token_url="https://lwa",
        session=session,
        clock=clock,
        retry=RetryPolicy(clock),
        timeout=(5, 5),
    )


ODD_LIFETIMES: list[object] = [
    None,
    "3600",
    "soon",
    -5,
    0,
    True,
    [],
    {},
    1e308,
    10**30,
    float("nan"),
]


@pytest.mark.parametrize("lifetime", ODD_LIFETIMES, ids=repr)
def test_an_odd_lifetime_is_the_one_that_amazon_documents(
    clock: FakeClock, lifetime: object
) -> None:
    session = AnsweringSession(
        {"access_token": "first", "expires_in": lifetime}, {"access_token": "second"}
    )
    tokens = tokens_from(session, clock)
    assert tokens.token() == "first"

    clock.advance(3600 - 61)
    assert tokens.token() == "first"
    clock.advance(2)
    assert tokens.token() == "second"


NO_TOKENS: list[object] = [
    b"",
    b"<html>",
    b"[" * 5000,
    [],
    None,
    {},
    {"access_token": None},
    {"access_token": ""},
    {"access_token": 5},
    {"access_token": ["a"]},
    {"access_token": "a\nb: c"},
    {"access_token": "ü"},
    {"error": {"a": 1}},
    {"error": ["invalid_grant"]},
]


@pytest.mark.parametrize("answer", NO_TOKENS, ids=lambda value: repr(value)[:30])
def test_an_answer_of_success_without_a_token_is_tried_again(
    clock: FakeClock, answer: object
) -> None:
    session = AnsweringSession(answer, {"access_token": "token"})
    assert tokens_from(session, clock).token() == "token"
    assert session.posts == 2

    session = AnsweringSession(answer)
    with pytest.raises(AuthenticationError, match=r"gave no access token \(HTTP 200\)"):
        tokens_from(session, clock).token()
    assert session.posts == 7
