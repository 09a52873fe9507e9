"""HTTPS, and the names of Amazon's hosts."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from tap_amazon_sp.simulator import AMAZON_HOSTS, Simulator, SimulatorSettings
from tap_amazon_sp.simulator.server.certificates import CertificateError, make_certificates
from tests.simulator.api_caller import REPORTS, TIMEOUT
from tests.tap_runs import catalog_of, run_tap

NA, EU = "sellingpartnerapi-na.amazon.com", "sellingpartnerapi-eu.amazon.com"


class ToThisMachine(HTTPAdapter):
    """Sends requests for any host to the simulator, as an entry in the hosts file would."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        super().__init__()

    def add_headers(self, request: Any, **_: Any) -> None:
        request.headers["Host"] = self._host

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        del request, proxies, cert
        return self.poolmanager.connection_from_host(
            "127.0.0.1",
            self._port,
            scheme="https",
            pool_kwargs={
                "server_hostname": self._host,
                "assert_hostname": self._host,
                "ca_certs": verify,
                "cert_reqs": "CERT_REQUIRED",
            },
        )


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    settings = SimulatorSettings(
        orders=20, records=5, speed=1e6, changes_per_minute=0, port=0, tls=True, hosts=True
    )
    with Simulator(settings) as started:
        yield started


@pytest.fixture
def session(simulator: Simulator) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.verify = str(simulator.ca_certificate)
    port = int(simulator.url.rpartition(":")[2])
    for host in AMAZON_HOSTS:
        session.mount(f"https://{host}", ToThisMachine(host, port))
    return session


def log_in(session: requests.Session, simulator: Simulator) -> dict[str, str]:
    who = simulator.credentials()
    form = {
        "grant_type": "refresh_token",
        "refresh_token": who.refresh_token,
        "client_id": who.client_id,
        "client_secret": who.client_secret,
    }
    answer = session.post("https://api.amazon.com/auth/o2/token", data=form, timeout=TIMEOUT)
    assert answer.status_code == 200, answer.text
    return {"x-amz-access-token": answer.json()["access_token"], "user-agent": "a test"}


def test_a_client_that_only_knows_amazons_names_reads_a_document(
    simulator: Simulator, session: requests.Session
) -> None:
    headers = log_in(session, simulator)
    report = next(one for one in simulator.truth("reports") if "reportDocumentId" in one)
    path = f"{REPORTS}/documents/{report['reportDocumentId']}"

    document = session.get(f"https://{NA}{path}", headers=headers, timeout=TIMEOUT).json()
    content = session.get(document["url"], timeout=TIMEOUT)

    assert document["url"].startswith(f"https://{NA}:")
    assert content.status_code == 200


def test_the_host_of_another_region_refuses_the_account(
    simulator: Simulator, session: requests.Session
) -> None:
    headers = log_in(session, simulator)

    answer = session.get(f"https://{EU}/sellers/v1/account", headers=headers, timeout=TIMEOUT)

    assert answer.status_code == 403
    (error,) = answer.json()["errors"]
    assert error["code"] == "Unauthorized"
    assert f"not in the region of {EU}" in error["details"]


def test_a_client_that_does_not_trust_the_authority_is_not_served(simulator: Simulator) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{simulator.url}/_simulator/health", timeout=TIMEOUT)


def test_the_tap_reads_over_https(simulator: Simulator, tmp_path: Path) -> None:
    settings = simulator.settings_for_tap()
    environment = simulator.credentials().environment()

    run = run_tap(
        tmp_path,
        settings,
        catalog=catalog_of("seller_account", settings=settings),
        environment={"REQUESTS_CA_BUNDLE": environment["REQUESTS_CA_BUNDLE"]},
    )

    assert simulator.url.startswith("https://127.0.0.1:")
    assert run.exit_code == 0, run.log
    assert run.counts["seller_account"] == 1


def test_the_authority_is_kept_for_the_next_start(tmp_path: Path) -> None:
    first = make_certificates(tmp_path / "here", ["localhost"]).authority.read_bytes()
    again = make_certificates(tmp_path / "here", ["localhost", "127.0.0.1"])

    assert again.authority.read_bytes() == first
    key = tmp_path / "here" / "authority-key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    make_certificates(tmp_path, ["localhost"])
    (tmp_path / "authority.pem").write_text("nonsense")

    with pytest.raises(CertificateError, match=r"authority.pem .* is damaged: remove both"):
        make_certificates(tmp_path, ["localhost"])

    other = make_certificates(tmp_path / "other", ["localhost"]).authority
    (tmp_path / "authority.pem").write_bytes(other.read_bytes())
    with pytest.raises(CertificateError, match=r"or .*authority-key\.pem is damaged"):
        make_certificates(tmp_path, ["localhost"])

    (tmp_path / "file").touch()
    with pytest.raises(CertificateError, match="cannot be used"):
        make_certificates(tmp_path / "file" / "folder", ["localhost"])


def test_hosts_take_https() -> None:
    with pytest.raises(ValueError, match="`hosts` takes `tls`"):
        Simulator(SimulatorSettings(hosts=True, port=0)).start()


def test_a_simulator_without_a_folder_leaves_nothing_behind() -> None:
    with Simulator(SimulatorSettings(orders=1, tls=True, port=0)) as simulator:
        certificate = simulator.ca_certificate
        assert certificate is not None
        assert certificate.exists()

    assert not certificate.exists()


@pytest.mark.parametrize("name", ["sp_api", "sp..api", "-"])
def test_a_host_that_no_certificate_can_name_is_told_from_a_damaged_authority(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(CertificateError, match=r"or the public URL: .*letters, digits and hyphens"):
        make_certificates(tmp_path, ["localhost", name])
