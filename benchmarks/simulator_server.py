"""The simulator with any of its settings, in its own process.

    python benchmarks/simulator_server.py '{"orders": 1000, "speed": 20}' --write-config config.json

`amazon-sp simulate` does the same with fewer settings; this program takes all `SimulatorSettings`
as JSON.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from tap_amazon_sp.simulator import Simulator, SimulatorSettings


def main() -> None:
    """Serve until a signal stops the process."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("settings", type=with_tuples, help="a JSON object")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--write-config", type=Path, help="write settings of the tap to this file")
    options = parser.parse_args()

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with Simulator(SimulatorSettings(port=options.port, **options.settings)) as simulator:
        if options.write_config:
            content = json.dumps(simulator.settings_for_tap(), indent=2)
            options.write_config.write_text(content + "\n", encoding="utf-8")
        print(f"ready: {simulator.url}", file=sys.stderr, flush=True)
        stopped.wait()


def with_tuples(text: str) -> Any:
    """Return the value of a JSON text, with tuples for lists, as the settings have tuples."""

    def tuples(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: tuples(item) for name, item in value.items()}
        return tuple(map(tuples, value)) if isinstance(value, list) else value

    return tuples(json.loads(text))


if __name__ == "__main__":
    main()
