"""A network of its own, in which Amazon's names lead to this machine and nothing leads out."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

_INSIDE = "CLIENTS_IN_PRIVATE_NETWORK"
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1


def is_inside() -> bool:
    """Return whether this program runs in such a network."""
    return _INSIDE in os.environ


def enter(hosts: tuple[str, ...]) -> None:
    """Run this program again in network and mount namespaces of its own, unless it is there.

    There, port 443 can be listened on, and the hosts file leads all names to 127.0.0.1.

    Raises:
        SystemExit: With the exit code of that run, or with a sentence if there cannot be one.
    """
    if is_inside():
        _bring_loopback_up()
        _use_hosts_file(hosts)
        return
    unshare = ["unshare", "--map-root-user", "--net", "--mount"]
    try:
        allowed = subprocess.run([*unshare, "true"], check=False, capture_output=True)
    except FileNotFoundError:
        sys.exit("It needs `unshare` of util-linux: the clients run in a network of their own.")
    if allowed.returncode:
        sys.exit(
            "The clients run in a network of their own, which this user may not make: "
            f"{allowed.stderr.decode().strip()}. Run it as root."
        )
    command = [*unshare, sys.executable, "-m", "clients", *sys.argv[1:]]
    sys.exit(subprocess.run(command, check=False, env=os.environ | {_INSIDE: "1"}).returncode)


def _bring_loopback_up() -> None:
    """Do what `ip link set lo up` does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14s", b"lo", 0, b"")
        _, flags, _ = struct.unpack("16sH14s", fcntl.ioctl(control, _GET_FLAGS, request))
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sH14s", b"lo", flags | _UP, b""))


def _use_hosts_file(hosts: tuple[str, ...]) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".hosts", delete=False) as file:
        file.write(f"127.0.0.1 localhost {' '.join(hosts)}\n")
    Path(file.name).chmod(0o644)
    mount = shutil.which("mount") or "mount"
    subprocess.run([mount, "--bind", file.name, "/etc/hosts"], check=True)
    Path(file.name).unlink()
