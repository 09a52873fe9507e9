"""The snippets of docs/simulator.md under "Point your client here", run as they stand there."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from clients.environments import FOLDER, NodePackages, PythonPackage, trust_in_certifi, trusting
from tap_amazon_sp.simulator import Simulator, SimulatorSettings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "simulator.md"
SECTION = "## Point your client here"
SECONDS = 120
_SUFFIXES = {"python": ".py", "js": ".mjs", "bash": ".sh"}
_BLOCK = re.compile(r"^```(python|js|bash)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Snippet:
    """A snippet of the page.

    Attributes:
        name: The client, as its heading has it.
        language: `python`, `js` or `bash`.
        text: The program.
    """

    name: str
    language: str
    text: str

    @property
    def needs_names(self) -> bool:
        """Whether it calls Amazon's own addresses, so that the simulator must have these names."""
        return "9326" not in self.text


def snippets(page: str) -> Iterator[Snippet]:
    """Yield the snippets of the page; each client has a heading of its own."""
    section = page.partition(f"{SECTION}\n")[2]
    section = re.split(r"^## ", section, maxsplit=1, flags=re.MULTILINE)[0]
    _, *parts = re.split(r"^### ", section, flags=re.MULTILINE)
    for part in parts:
        name, _, text = part.partition("\n")
        for language, program in _BLOCK.findall(text):
            yield Snippet(name.strip(), language, program)


def run_all(packages: Mapping[str, PythonPackage | NodePackages]) -> dict[str, str]:
    """Run the snippets of clients; return why some failed, by client."""
    failed: dict[str, str] = {}
    for snippet in snippets(PAGE.read_text(encoding="utf-8")):
        package = packages.get(snippet.name)
        if package is None:
            continue
        settings = SimulatorSettings(
            orders=30,
            speed=1e6,
            changes_per_minute=0,
            port=443 if snippet.needs_names else 9326,
            tls=snippet.needs_names,
            hosts=snippet.needs_names,
            tls_folder=str(FOLDER / "authority"),
        )
        with Simulator(settings) as simulator:
            why = _run(snippet, package, simulator.ca_certificate)
        if why:
            failed[snippet.name] = why
    return failed


def _run(snippet: Snippet, package: PythonPackage | NodePackages, authority: Path | None) -> str:
    """Run a snippet; return why it failed, or an empty text."""
    environment = trusting(authority)
    if isinstance(package, PythonPackage):
        environment["PATH"] = f"{package.folder / 'bin'}:{environment['PATH']}"
        if snippet.language == "bash" and authority is not None:
            trust_in_certifi(package, authority)
    suffix = _SUFFIXES[snippet.language]
    # Node.js looks for packages in the folders above a program.
    with tempfile.TemporaryDirectory(dir=package.folder) as folder:
        file = Path(folder) / f"snippet{suffix}"
        file.write_text(snippet.text, encoding="utf-8")
        in_shell: list[str | Path] = ["bash", "-e", file]
        command = in_shell if suffix == ".sh" else package.command(file)
        finished = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    if finished.returncode:
        return finished.stderr.strip()[-500:] or f"exit code {finished.returncode}"
    return "" if finished.stdout.strip() else "it printed nothing"
