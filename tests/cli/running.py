"""Running `amazon-sp`: in a process as users do, or in this one where there are many calls."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from tap_amazon_sp.cli import main
from tap_amazon_sp.simulator import Simulator
from tests.processes import AMAZON_SP, Command, Process


@dataclass(frozen=True)
class Finished:
    """A command that ended: its exit code, what it printed as data, and what it told people."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def lines(self) -> list[Any]:
        """The JSON of each line."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def errors(self) -> list[str]:
        return [
            line.removeprefix("Error: ")
            for line in self.stderr.splitlines()
            if line.startswith("Error: ")
        ]


@dataclass(frozen=True)
class AmazonSP:
    """The command with a configuration."""

    config: Path | None = None

    def arguments(self, command: str, *words: str) -> list[str]:
        options = [] if self.config is None else ["--config", str(self.config)]
        return [*command.split(), *options, *words]

    def run(
        self, command: str, *words: str, stdin: str = "", environment: dict[str, str] | None = None
    ) -> Finished:
        """Run the installed command to its end."""
        finished = Command(
            [AMAZON_SP, *self.arguments(command, *words)],
            environment=os.environ | (environment or {}),
        ).run(stdin=stdin)
        return Finished(finished.returncode, finished.stdout, finished.stderr)

    def start(self, command: str, *words: str, **options: Any) -> Process:
        """Start the installed command."""
        return Command([AMAZON_SP, *self.arguments(command, *words)]).start(**options)

    def run_here(self, command: str, *words: str, stdin: str = "") -> Finished:
        """Run the command in this process."""
        result = CliRunner().invoke(main, self.arguments(command, *words), input=stdin)
        return Finished(result.exit_code, result.stdout, result.stderr)


def run(command: str, *words: str, **options: Any) -> Finished:
    """Run a command that needs no settings."""
    return AmazonSP().run(command, *words, **options)


def requests_of(simulator: Simulator, operation_id: str) -> list[dict[str, Any]]:
    """Return the requests for an operation."""
    return [one for one in simulator.requests if one["operation"] == operation_id]
