"""Virtual environments of loaders, each with pinned versions from `requirements/loaders/`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements" / "loaders"
LOAD_SECONDS = 600
MAX_CAUSE = 200

_EXCEPTION = re.compile(r"(?:\w+\.)*\w*(?:Error|Exception|Invalid)\b.*: ")


@dataclass
class Environment:
    """The virtual environment of a loader, made on first use."""

    name: str
    folder: Path
    from_wheels: bool = True
    requirements: Path = REQUIREMENTS

    @property
    def bin(self) -> Path:
        """The folder of its commands."""
        return self.folder / self.name / "bin"

    def make(self) -> None:
        """Install the pinned versions."""
        uv = str(Path(sys.executable).with_name("uv"))
        target = self.folder / self.name
        subprocess.run([uv, "venv", "--quiet", "--allow-existing", target], check=True)
        requirements = self.requirements / f"{self.name}.txt"
        command = [uv, "pip", "sync", "--quiet", "--require-hashes"]
        if self.from_wheels:
            command += ["--only-binary", ":all:"]
        environment = os.environ | {"VIRTUAL_ENV": str(target)}
        subprocess.run([*command, requirements], check=True, env=environment)

    def version(self) -> str:
        """Return the pinned version of the loader."""
        requirements = (self.requirements / f"{self.name}.in").read_text(encoding="utf-8")
        return requirements.partition("==")[2].split()[0]

    def run(self, command: str, config: Mapping[str, Any], lines: Sequence[str]) -> str:
        """Run the loader with messages; return why it failed, or an empty text."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(config, file)
            file.flush()
            finished = subprocess.run(
                [self.bin / command, "--config", file.name],
                check=False,
                input="".join(lines),
                capture_output=True,
                text=True,
                timeout=LOAD_SECONDS,
            )
        if not finished.returncode:
            return ""
        return cause(finished.stderr)


def cause(log: str) -> str:
    """Return the line of a log that says why a program failed, fit for a table."""
    lines = log.strip().splitlines() or ["no log"]
    # Threads that end later write more below the exception.
    causes = [line for line in lines if _EXCEPTION.match(line)]
    return (causes or lines)[-1].replace("|", "/")[:MAX_CAUSE]
