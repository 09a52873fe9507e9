"""Run a command to its end: how long it took, what it needed, and what it wrote."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

TAP = str(Path(sys.executable).with_name("tap-amazon-sp"))

_READ_AT_ONCE = 1024 * 1024
_MAX_HEAD = 200
_LOG_TAIL = 2000
# Linux counts in KiB, macOS in bytes.
_UNIT_OF_PEAK = 1 if sys.platform == "darwin" else 1024
_STATUS = Path("/proc/self/status")
_PEAK_IN_STATUS = re.compile(r"^VmHWM:\s*(\d+) kB$", re.MULTILINE)


class RunFailedError(Exception):
    """A command failed or did not write everything; the message ends with its log."""


@dataclass(frozen=True)
class FinishedRun:
    """A command that ended.

    Attributes:
        began_at: When it was started, in epoch seconds.
        wall: Seconds from start to end.
        cpu: Seconds of processor time, user and system, including child processes.
        peak_memory: Peak memory in bytes. Values below the memory of the benchmark itself, about
            30 MB, cannot be seen.
        records: Number of RECORD messages by stream.
        written: Bytes written to standard output.
        last_record_at: When the last RECORD message was read, in epoch seconds; 0 without any.
        log: End of the output on standard error.
    """

    began_at: float
    wall: float
    cpu: float
    peak_memory: int
    records: Counter[str]
    written: int
    last_record_at: float
    log: str

    @property
    def all_records(self) -> int:
        """RECORD messages of all streams."""
        return self.records.total()

    @property
    def records_a_second(self) -> float:
        """RECORD messages of all streams per second of wall time."""
        return self.all_records / self.wall

    @property
    def records_a_cpu_second(self) -> float:
        """RECORD messages of all streams per second of processor time."""
        return self.all_records / self.cpu


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    output: Path | None = None,
) -> FinishedRun:
    """Run a command, reading its output as fast as it comes.

    Args:
        command: The command.
        environment: More variables of its environment.
        output: Where its output is kept; None does not keep it.

    Raises:
        RunFailedError: Its exit code is not 0.
    """
    with tempfile.TemporaryFile() as log, (output or Path(os.devnull)).open("wb") as kept:
        began_at, started = time.time(), time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            bufsize=_READ_AT_ONCE,
            env=_environment() | dict(environment or {}),
        )
        if process.stdout is None:
            raise AssertionError
        with process.stdout:
            records, written, last_record_at = _count(process.stdout, kept)
        # Unlike `process.wait()`, this returns the resources that the process used.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        # Only the end: memory of the benchmark counts for the next process that it starts.
        log.seek(max(0, log.seek(0, os.SEEK_END) - _LOG_TAIL))
        text = log.read().decode(errors="replace")
    if process.returncode != 0:
        message = f"{' '.join(command)} ended with {process.returncode}:\n{text}"
        raise RunFailedError(message)
    return FinishedRun(
        began_at=began_at,
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        peak_memory=usage.ru_maxrss * _UNIT_OF_PEAK,
        records=records,
        written=written,
        last_record_at=last_record_at,
        log=text,
    )


def timed(command: Sequence[str], source: Path | None, output: Path) -> tuple[float, float]:
    """Run a command to its end; return its processor time and wall time in seconds.

    Raises:
        RunFailedError: Its exit code is not 0.
    """
    log_path = output.with_suffix(".log")
    with (
        (source or Path(os.devnull)).open("rb") as given,
        output.open("wb") as file,
        log_path.open("wb") as log,
    ):
        started = time.perf_counter()
        process = subprocess.Popen(command, stdin=given, stdout=file, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"{command[0]} failed:\n{log_path.read_text(errors='replace')[-_LOG_TAIL:]}"
        raise RunFailedError(message)
    return usage.ru_utime + usage.ru_stime, wall


def own_peak_memory() -> int:
    """Return the peak memory of this process in bytes, since its program started.

    Where the system has no `/proc`, it is at least the memory that the parent process had when it
    started this one.
    """
    # On Linux, `getrusage` counts the copy of the parent in which a process begins.
    if _STATUS.exists() and (found := _PEAK_IN_STATUS.search(_STATUS.read_text())):
        return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT_OF_PEAK


def run_tap(
    folder: Path,
    settings: Mapping[str, Any],
    streams: Iterable[str],
    *options: str,
    tap: str = TAP,
    output: Path | None = None,
) -> FinishedRun:
    """Run the installed tap over some streams.

    Args:
        folder: Where the configuration and the catalog are written.
        settings: Settings of the tap.
        streams: The selected streams.
        options: More of the command line.
        tap: The command, if it is that of another build.
        output: Where its output is kept; None does not keep it.

    Raises:
        RunFailedError: The tap failed or has no such stream.
    """
    config = write_json(folder / "config.json", settings)
    path = write_json(folder / "catalog.json", catalog_with(tap, config, streams))
    return run([tap, "--config", str(config), "--catalog", str(path), *options], output=output)


def catalog_with(tap: str, config: Path, streams: Iterable[str]) -> dict[str, Any]:
    """Return the catalog of the tap, with some streams selected.

    Raises:
        RunFailedError: The tap failed or has no such stream.
    """
    catalog = _discover(tap, config)
    select(catalog, streams)
    return catalog


def select(catalog: Mapping[str, Any], streams: Iterable[str]) -> None:
    """Select some streams in a catalog, and no others.

    Raises:
        RunFailedError: The catalog has no such stream.
    """
    wanted = set(streams)
    if unknown := wanted - {entry["stream"] for entry in catalog["streams"]}:
        message = f"there are no streams {', '.join(sorted(unknown))}"
        raise RunFailedError(message)
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            if not metadata["breadcrumb"]:
                metadata["metadata"]["selected"] = entry["stream"] in wanted


def expect(finished: FinishedRun, stream: str, count: int) -> None:
    """Check that all records of a stream were written.

    Raises:
        RunFailedError: Records are missing.
    """
    if finished.records[stream] != count:
        message = f"{finished.records[stream]} records of {stream} instead of {count}"
        raise RunFailedError(message)


def write_json(path: Path, content: Any) -> Path:
    """Write a file; return its path."""
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _discover(tap: str, config: Path) -> dict[str, Any]:
    finished = subprocess.run(
        [tap, "--config", str(config), "--discover"],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(),
    )
    if finished.returncode != 0:
        message = f"--discover ended with {finished.returncode}:\n{finished.stderr[-_LOG_TAIL:]}"
        raise RunFailedError(message)
    catalog: dict[str, Any] = json.loads(finished.stdout)
    return catalog


def _environment() -> dict[str, str]:
    """Return the environment for a command, which keeps its bytecode as installed programs do."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _count(output: IO[bytes], kept: IO[bytes]) -> tuple[Counter[str], int, float]:
    """Count RECORD messages by stream, and bytes; find when the last record came; keep all.

    Of each line, it reads only the part before the record, so that reading costs little compared
    with writing.
    """
    heads: Counter[bytes] = Counter()
    written, last_record_at = 0, 0.0
    for line in output:
        written += len(line)
        kept.write(line)
        end = line.find(b'"record"', 0, _MAX_HEAD)
        if end > 0:
            heads[line[:end]] += 1
            last_record_at = time.time()
    records: Counter[str] = Counter()
    for head, count in heads.items():
        message = json.loads(head.rstrip(b", ") + b"}")
        if message["type"] == "RECORD":
            records[message["stream"]] += count
    return records, written, last_record_at
