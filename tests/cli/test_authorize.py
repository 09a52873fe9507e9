"""`amazon-sp authorize` against a Login with Amazon of its own, which keeps what it is sent."""

from __future__ import annotations

import json
import re
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.cli.running import AmazonSP

APPLICATION = ("--application-id", "amzn1.sp.solution.1")
REDIRECT_URI = "https://example.com/callback"
STATE = "made-up"
CODE = "SplxlOexamplebYS6WxSbIA"
TOKEN = "Atzr|IwEB-new-token"
SECRET = "amzn1.oa2-cs.v1.secret"


@dataclass
class Lwa:
    """A token endpoint that changes one code for a refresh token, once."""

    url: str = ""
    forms: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def lwa() -> Iterator[Lwa]:
    found = Lwa()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            fields = parse_qs(self.rfile.read(length).decode())
            form = {name: values[0] for name, values in fields.items()}
            is_good = form.get("code") == CODE and form not in found.forms
            found.forms.append(form)
            answer = (
                {"access_token": "Atza|x", "refresh_token": TOKEN, "expires_in": 3600}
                if is_good
                else {"error": "invalid_grant", "error_description": "The code is bad"}
            )
            content = json.dumps(answer).encode()
            self.send_response(200 if is_good else 400)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_address[1]}/auth/o2/token"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def settings_of(lwa: Lwa, **more: Any) -> dict[str, Any]:
    return {"client_id": "client", "client_secret": SECRET, "token_url": lwa.url, **more}


def configured(folder: Path, settings: dict[str, Any]) -> AmazonSP:
    config = folder / "config.json"
    config.write_text(json.dumps(settings), encoding="utf-8")
    return AmazonSP(config)


@pytest.fixture
def amazon_sp(lwa: Lwa, tmp_path: Path) -> AmazonSP:
    """The command with a configuration that has no refresh token yet."""
    return configured(tmp_path, settings_of(lwa, start_date="2026-01-01", region="na"))


def redirected(**parameters: str) -> str:
    query = {"state": STATE, "selling_partner_id": "A1SELLER", "spapi_oauth_code": CODE}
    return f"{REDIRECT_URI}?{urlencode(query | parameters)}"


AFTERWARDS = ("--redirected-url", redirected(), "--state", STATE)


def test_without_a_place_for_the_token_the_consent_address_is_printed(amazon_sp: AmazonSP) -> None:
    finished = amazon_sp.run("authorize", *APPLICATION, "--beta", "--redirect-uri", REDIRECT_URI)

    address = urlsplit(finished.stdout.strip())
    query = parse_qs(address.query)
    assert finished.exit_code == 0, finished.stderr
    assert address.netloc == "sellercentral.amazon.com"
    assert address.path == "/apps/authorize/consent"
    assert query["application_id"] == ["amzn1.sp.solution.1"]
    assert query["version"] == ["beta"]
    assert query["redirect_uri"] == [REDIRECT_URI]
    assert len(query["state"][0]) > 40


def test_each_consent_address_has_a_state_of_its_own(amazon_sp: AmazonSP) -> None:
    first, second = (amazon_sp.run_here("authorize", *APPLICATION).stdout for _ in range(2))

    assert first != second


@pytest.mark.parametrize(
    ("settings", "options", "host"),
    [
        ({"region": "eu"}, [], "sellercentral-europe.amazon.com"),
        ({"region": "fe"}, [], "sellercentral.amazon.co.jp"),
        ({"region": "eu", "marketplace_ids": ["PL", "DE"]}, [], "sellercentral.amazon.pl"),
        ({"region": "na"}, ["--marketplace", "A2EUQ1WTGCTBG2"], "sellercentral.amazon.ca"),
        ({"region": "eu"}, ["--marketplace", "de", "--vendor"], "vendorcentral.amazon.de"),
    ],
)
def test_the_central_is_that_of_the_marketplace(
    lwa: Lwa, tmp_path: Path, settings: dict[str, Any], options: list[str], host: str
) -> None:
    amazon_sp = configured(tmp_path, settings_of(lwa, **settings))

    finished = amazon_sp.run_here("authorize", *APPLICATION, *options)

    assert urlsplit(finished.stdout).netloc == host


def test_a_marketplace_of_another_region_is_a_mistake(amazon_sp: AmazonSP) -> None:
    finished = amazon_sp.run_here("authorize", *APPLICATION, "--marketplace", "DE")

    assert finished.exit_code == 2
    assert "DE is in region eu, but `region` is na" in finished.stderr


def test_the_token_is_stored_after_a_question(
    amazon_sp: AmazonSP, lwa: Lwa, tmp_path: Path
) -> None:
    config = tmp_path / "config.json"
    config.chmod(0o644)

    finished = amazon_sp.run_here(
        "authorize",
        *APPLICATION,
        "--state",
        STATE,
        "--store",
        str(config),
        stdin=f"{redirected()}\n",
    )

    assert finished.exit_code == 0, finished.stderr
    assert finished.stdout == ""
    assert re.search(r"https://sellercentral\.amazon\.com/\S+state=made-up", finished.stderr)
    assert "Authorized by selling partner A1SELLER" in finished.stderr
    assert json.loads(config.read_text()) == settings_of(
        lwa, start_date="2026-01-01", region="na", refresh_token=TOKEN
    )
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]
    assert lwa.forms == [
        {
            "grant_type": "authorization_code",
            "code": CODE,
            "redirect_uri": REDIRECT_URI,
            "client_id": "client",
            "client_secret": SECRET,
        }
    ]


def test_the_token_is_printed_only_when_asked_for(amazon_sp: AmazonSP, tmp_path: Path) -> None:
    environment = {"LOGLEVEL": "DEBUG"}

    stored = amazon_sp.run(
        "authorize", *AFTERWARDS, "--store", str(tmp_path / "a.json"), environment=environment
    )

    assert stored.exit_code == 0, stored.stderr
    for secret in (TOKEN, SECRET, CODE):
        assert secret not in stored.stdout + stored.stderr


def test_the_token_alone_is_on_stdout(amazon_sp: AmazonSP) -> None:
    finished = amazon_sp.run("authorize", *AFTERWARDS, "--print")

    assert finished.stdout == f"{TOKEN}\n"
    assert TOKEN not in finished.stderr


def test_the_token_goes_to_the_named_account(lwa: Lwa, tmp_path: Path) -> None:
    accounts = [{"name": "us", "refresh_token": "Atzr|old"}, {"name": "ca", "region": "na"}]
    amazon_sp = configured(tmp_path, settings_of(lwa, accounts=accounts))
    config = str(amazon_sp.config)

    unnamed = amazon_sp.run_here("authorize", *AFTERWARDS, "--store", config)
    finished = amazon_sp.run_here("authorize", *AFTERWARDS, "--store", config, "--account", "ca")

    assert unnamed.exit_code == 2
    assert finished.exit_code == 0, finished.stderr
    stored = json.loads(Path(config).read_text())
    assert stored["accounts"] == [accounts[0], {**accounts[1], "refresh_token": TOKEN}]
    assert "refresh_token" not in stored


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"TAP_AMAZON_SP_REFRESH_TOKEN='{TOKEN}'\n"),
        ("# mine\nA=1", f"# mine\nA=1\nTAP_AMAZON_SP_REFRESH_TOKEN='{TOKEN}'\n"),
        (
            "export TAP_AMAZON_SP_REFRESH_TOKEN=old\nB='2'\n",
            f"export TAP_AMAZON_SP_REFRESH_TOKEN='{TOKEN}'\nB='2'\n",
        ),
    ],
)
def test_a_file_of_variables_keeps_its_other_lines(
    amazon_sp: AmazonSP, tmp_path: Path, before: str, after: str
) -> None:
    file = tmp_path / ".env"
    file.write_text(before, encoding="utf-8")

    finished = amazon_sp.run_here("authorize", *AFTERWARDS, "--store", str(file))

    assert finished.exit_code == 0, finished.stderr
    assert file.read_text(encoding="utf-8") == after
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_link_stays_a_link(amazon_sp: AmazonSP, tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("{}", encoding="utf-8")
    link = tmp_path / "link.json"
    link.symlink_to("real.json")

    amazon_sp.run_here("authorize", *AFTERWARDS, "--store", str(link))

    assert link.is_symlink()
    assert json.loads((tmp_path / "real.json").read_text()) == {"refresh_token": TOKEN}


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (redirected(state="another"), "another `state` than the consent URL"),
        (redirected(state="ä"), "another `state` than the consent URL"),
        (REDIRECT_URI, "lacks `spapi_oauth_code` or `state`"),
        ("https://[", "lacks `spapi_oauth_code` or `state`"),
        (f"{REDIRECT_URI}?error=access_denied&state={STATE}", "there is no consent: access_denied"),
    ],
)
def test_a_redirected_address_of_no_consent_of_ours_is_not_used(
    amazon_sp: AmazonSP, lwa: Lwa, url: str, sentence: str
) -> None:
    finished = amazon_sp.run_here("authorize", "--redirected-url", url, "--state", STATE, "--print")

    assert finished.exit_code == 2
    assert sentence in finished.stderr
    assert lwa.forms == []


def test_a_code_that_is_good_no_more_is_told(amazon_sp: AmazonSP, tmp_path: Path) -> None:
    file = tmp_path / "token.json"
    words = ("authorize", *AFTERWARDS, "--store", str(file))
    amazon_sp.run_here(*words)
    before = file.read_text()

    finished = amazon_sp.run_here(*words)

    assert finished.exit_code == 3
    assert "HTTP 400 invalid_grant" in finished.stderr
    assert "older than five minutes" in finished.stderr
    assert file.read_text() == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--print"], "`--application-id` is missing"),
        (["--redirected-url", redirected(), "--print"], "needs the `--state`"),
        ([*AFTERWARDS], "say where the refresh token goes"),
        (
            [*AFTERWARDS, "--store", "/none/config.json"],
            "the folder does not exist or cannot be written to",
        ),
        ([*AFTERWARDS, "--store", "broken.json"], "--store broken.json: is not JSON"),
        ([*AFTERWARDS, "--store", "list.json"], "--store list.json: must be a JSON object"),
        ([*AFTERWARDS, "--store", "accounts.json"], "it has several `accounts`"),
    ],
)
def test_mistakes_are_told_before_the_code_is_used(  # noqa: PLR0913, PLR0917 - fixtures
    amazon_sp: AmazonSP,
    lwa: Lwa,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    files = {"broken": "{", "list": "[]", "accounts": '{"accounts": [{"name": "a"}]}'}
    for name, content in files.items():
        (tmp_path / f"{name}.json").write_text(content, encoding="utf-8")

    finished = amazon_sp.run_here("authorize", *words)

    assert finished.exit_code == 2
    assert sentence in finished.stderr
    assert lwa.forms == []
    assert (tmp_path / "broken.json").read_text() == "{"
