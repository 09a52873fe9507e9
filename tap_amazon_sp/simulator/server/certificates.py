"""The certificates of the simulator: an authority that clients trust, and what it signs."""

from __future__ import annotations

import datetime as dt
import os
import ssl
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import trustme

AUTHORITY = "authority.pem"
_KEY = "authority-key.pem"
_ONLY_OWNER = 0o600
_ONLY_OWNERS_FOLDER = 0o700
_LIFE = dt.timedelta(days=365)


class CertificateError(Exception):
    """The certificates cannot be read, made or written."""


@dataclass(frozen=True)
class ServerCertificates:
    """What an HTTPS server needs.

    Attributes:
        authority: File of the certificate that clients must trust.
        context: The server's side of TLS.
    """

    authority: Path
    context: ssl.SSLContext


def make_certificates(folder: Path, names: Iterable[str]) -> ServerCertificates:
    """Return a certificate for some hosts, signed by the authority in a folder.

    The authority is made when the folder has none, and does not expire; the certificate is a new
    one at each start. Only the owner can read the key of the authority.

    Args:
        folder: Where the authority is kept; it is created if it does not exist.
        names: Names and IP addresses of the hosts.

    Raises:
        CertificateError: The folder cannot be written, what is in it cannot be read, or a name is
            not one that a certificate can have.
        ModuleNotFoundError: trustme is not installed.
    """
    # Only for HTTPS; most simulators serve HTTP.
    import trustme  # noqa: PLC0415

    certificate, key = folder / AUTHORITY, folder / _KEY
    try:
        if certificate.exists() and key.exists():
            _check_pair(certificate, key)
            authority = trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
        else:
            authority = trustme.CA(organization_name="Local SP-API simulator")
            folder.mkdir(mode=_ONLY_OWNERS_FOLDER, parents=True, exist_ok=True)
            _write(key, authority.private_key_pem.bytes(), _ONLY_OWNER)
            _write(certificate, authority.cert_pem.bytes(), 0o644)
        expiry = dt.datetime.now(dt.timezone.utc) + _LIFE
        issued = _issue(authority, names, expiry)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued.configure_cert(context)
    except (ssl.SSLError, ValueError) as error:
        message = f"{certificate} or {key} is damaged: remove both, and new ones are made"
        raise CertificateError(message) from error
    except OSError as error:
        message = f"the certificates in {folder} cannot be used: {error.strerror or error}"
        raise CertificateError(message) from error
    return ServerCertificates(certificate, context)


def _issue(authority: trustme.CA, names: Iterable[str], expiry: dt.datetime) -> trustme.LeafCert:
    try:
        return authority.issue_cert(*names, not_after=expiry)
    except UnicodeError as error:
        # What the package idna raises, such as for `_`, which is frequent in names of containers.
        message = (
            "there is no certificate for the host to listen on or the public URL: names of hosts"
            f" have letters, digits and hyphens ({error})"
        )
        raise CertificateError(message) from error


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder for an authority that nobody needs after the simulator has stopped."""
    return tempfile.TemporaryDirectory(prefix="sp-api-simulator-")


def _check_pair(certificate: Path, key: Path) -> None:
    """Check that a key is that of a certificate, which trustme does not.

    Raises:
        ssl.SSLError: It is not, or one of them cannot be read.
    """
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)


def _write(file: Path, content: bytes, mode: int) -> None:
    # It is never readable for others, not even for a moment.
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
