"""The servers that benchmarks read from, each in its own process on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.tap_process import RunFailedError

HERE = Path(__file__).parent

_STOP_TIMEOUT = 10.0
_ANSWER_TIMEOUT = 300.0


@contextmanager
def simulator(**settings: Any) -> Iterator[dict[str, Any]]:
    """Run the simulator; yield settings of the tap that point to it.

    Args:
        settings: Settings of the simulator; see `SimulatorSettings`.

    Raises:
        RunFailedError: The simulator does not start.
    """
    command = [sys.executable, str(HERE / "simulator_server.py"), json.dumps(settings)]
    with _server(command) as of_tap:
        yield of_tap


@contextmanager
def replay_server(orders: int) -> Iterator[dict[str, Any]]:
    """Run the replay server; yield settings of the tap that point to it and to its orders.

    Raises:
        RunFailedError: The server does not start.
    """
    command = [sys.executable, str(HERE / "replay_server.py"), "--orders", str(orders)]
    with _server(command) as of_tap:
        yield of_tap


def requests_seen(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the requests that a simulator received; `received_at` is in epoch seconds."""
    entries: list[dict[str, Any]] = _control(settings, "requests")["requests"]
    return entries


def truth(settings: Mapping[str, Any], domain: str) -> list[dict[str, Any]]:
    """Return data of a simulator, such as `created_reports`; docs/simulator.md has a list."""
    found: list[dict[str, Any]] = _control(settings, f"truth/{domain}")
    return found


def truth_text(settings: Mapping[str, Any], domain: str) -> bytes:
    """Return data of a simulator as it sends it: JSON, which takes less memory than its values."""
    return _control_text(settings, f"truth/{domain}")


def _control(settings: Mapping[str, Any], what: str) -> Any:
    return json.loads(_control_text(settings, what))


def _control_text(settings: Mapping[str, Any], what: str) -> bytes:
    address = f"{settings['endpoint']}/_simulator/{what}"
    with urllib.request.urlopen(address, timeout=_ANSWER_TIMEOUT) as answer:  # noqa: S310 - http
        content: bytes = answer.read()
        return content


@contextmanager
def _server(command: Sequence[str]) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.json"
        process = subprocess.Popen(
            [*command, "--port", "0", "--write-config", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            if process.stderr is None:
                raise AssertionError
            lines = []
            for line in process.stderr:
                lines.append(line)
                if line.startswith("ready: "):
                    break
            else:
                message = f"{' '.join(command)} does not start:\n{''.join(lines)}"
                raise RunFailedError(message)
            # Further output must not fill the pipe.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            yield json.loads(config.read_text(encoding="utf-8"))
        finally:
            process.terminate()
            try:
                process.wait(_STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                # The measurement counts all the same.
                print(f"{command[1]} does not stop: killed", file=sys.stderr)
                process.kill()
                process.wait()
