"""What stands between the tap and a host: told apart, with the setting at fault and what to do.

The texts of the exceptions of requests and urllib3 hold whole addresses, whose parameters may be
secrets. So sentences are made of the kinds of the exceptions, of hosts and of the reasons that
OpenSSL and the operating system give.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies, select_proxy
from urllib3.exceptions import NewConnectionError

from tap_amazon_sp.common.addresses import is_this_machine

_REFUSED_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
_CERTIFICATE = re.compile(r"certificate verify failed: ([\w ,'.-]+)")
_NO_TLS = re.compile(r"wrong.version.number|record layer failure|unknown protocol", re.IGNORECASE)

_SIMULATOR = "If this is the address of the simulator, start it: `amazon-sp simulate`"


@dataclass(frozen=True)
class Obstacle:
    """Why a host gave no answer.

    Attributes:
        sentence: What happened, which setting is at fault and what to do.
        never_connected: Whether there was no connection, so that the request cannot have arrived.
    """

    sentence: str
    never_connected: bool


class ReachedHosts:
    """The hosts that have answered in a run. It may be used from many threads.

    With TLS and without it, a host counts as two: one of them may work, and the other never.
    """

    def __init__(self) -> None:
        """Have reached nothing yet."""
        self._lock = threading.Lock()
        self._hosts: set[tuple[str, str]] = set()

    def __contains__(self, url: str) -> bool:
        """Return whether the host of an address has answered."""
        return _origin_of(url) in self._hosts

    def add(self, url: str) -> None:
        """Note that the host of an address has answered."""
        origin = _origin_of(url)
        if origin not in self._hosts:
            with self._lock:
                self._hosts.add(origin)


def _origin_of(url: str) -> tuple[str, str]:
    return urlsplit(url).scheme, host_of(url)


def host_of(url: str) -> str:
    """Return the host of an address, with its port if it has one, and without a password."""
    return urlsplit(url).netloc.rpartition("@")[2]


def obstacle_to(
    url: str,
    error: requests.RequestException,
    *,
    setting: str | None,
    timeout: tuple[float, float] | None = None,
) -> Obstacle:
    """Return why there is no answer from an address.

    Args:
        url: The address. Only its host is named.
        error: What requests raised.
        setting: The setting with the address, such as `endpoint`; None if no setting has it.
        timeout: Seconds to wait for a connection, and for an answer to begin or go on, if known.
    """
    host = host_of(url) + (f" (`{setting}`)" if setting else "")
    found = _without_connection(url, error, host, timeout)
    if found is not None:
        return Obstacle(found, never_connected=True)
    what = f"the connection to {host} broke ({type(error).__name__})"
    if isinstance(error, requests.Timeout):
        seconds = f" within {timeout[1]:g} seconds" if timeout else " in time"
        what = f"{host} gave no answer{seconds} (`request_timeout`)"
    return Obstacle(what, never_connected=False)


def _without_connection(
    url: str, error: requests.RequestException, host: str, timeout: tuple[float, float] | None
) -> str | None:
    """Return why there is no connection, and what to do; None if there was one."""
    variable = f"{urlsplit(url).scheme.upper()}_PROXY"
    causes = [*_causes(error)]
    text = " ".join(map(str, causes))
    if isinstance(error, requests.exceptions.ProxyError):
        return _about_proxy(url, host, variable, text)
    if isinstance(error, requests.exceptions.SSLError):
        return _about_tls(host, text)
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        what = f"{host} is not a known host: check how it is written, and the DNS of this machine"
    elif isinstance(error, requests.ConnectTimeout):
        seconds = f" within {timeout[0]:g} seconds" if timeout else " in time"
        what = f"{host} did not accept a connection{seconds}: a firewall may be in the way"
    elif any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        what = f"{host} refuses connections: no server listens there, or a firewall forbids it"
    elif any(isinstance(cause, NewConnectionError) for cause in causes):
        reasons = [one.strerror for one in causes if type(one) is OSError and one.strerror]
        reason = f" ({reasons[0]})" if reasons else ""
        what = f"no connection to {host}{reason}: check the network"
    else:
        return None
    if is_this_machine(urlsplit(url).hostname or ""):
        return f"{what}. {_SIMULATOR}"
    return f"{what}. Where only a proxy reaches the Internet, set `{variable}`"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all errors inside it; requests and urllib3 keep them in several places."""
    waiting, seen = [error], set[int]()
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        inner = [*found.args, getattr(found, "reason", None), found.__cause__, found.__context__]
        waiting += [one for one in inner if isinstance(one, BaseException)]


def _about_proxy(url: str, host: str, variable: str, text: str) -> str:
    proxy = select_proxy(url, get_environ_proxies(url, no_proxy=None))
    name = f"the proxy {host_of(proxy)} (`{variable}`)" if proxy else f"the proxy (`{variable}`)"
    refused = _REFUSED_TUNNEL.search(text)
    reason = f"answers HTTP {refused[1]}" if refused else "cannot be reached"
    return (
        f"{name} {reason}, so that there is no connection to {host}. Check `{variable}`; "
        "`NO_PROXY` names the hosts that need no proxy"
    )


def _about_tls(host: str, text: str) -> str:
    if _NO_TLS.search(text):
        return (
            f"{host} does not speak TLS: check the address and the port. The tap's simulator has "
            "an address with `http://`"
        )
    if (certificate := _CERTIFICATE.search(text)) is not None:
        return (
            f"the certificate of {host} is not trusted ({certificate[1].strip()}). If a proxy or a "
            "firewall looks into TLS, give the file of its certificates as `REQUESTS_CA_BUNDLE`. "
            "Check this machine's clock, too"
        )
    return f"there is no TLS connection to {host}: a firewall or a proxy may be in the way"
