"""A stop signal ends the process once, with the right exit code, wherever it strikes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tap_amazon_sp.common.stopping import within

MAX_SECONDS = 20.0
"""Far more than a stop takes on a busy machine, and less than anything here waits."""

IN = """
import atexit, logging, os, sys, threading, time
from tap_amazon_sp.common.stopping import StopSignals

def ready():
    os.write(2, b"ready\\n")

with StopSignals() as signals:
"""

PLACES = {
    "a log call": """
        logging.basicConfig(filename=os.devnull)
        ready()
        while True:
            logging.warning("x")
    """,
    "a lock of the log": """
        handler = logging.StreamHandler()
        with handler.lock:
            ready()
            while True:
                pass
    """,
    "a write that nobody reads": """
        ready()
        while True:
            sys.stdout.write("x" * 100_000)
            sys.stdout.flush()
    """,
    "a system call": """
        ready()
        time.sleep(600)
    """,
    "a wait for a thread": """
        lock = threading.Lock()
        lock.acquire()
        ready()
        lock.acquire()
    """,
    "a handler of any exception": """
        ready()
        while True:
            try:
                time.sleep(0.001)
            except BaseException:
                pass
    """,
    "an exit that waits for a thread": """
        threading.Thread(target=time.sleep, args=[600]).start()
        ready()
    """,
    "an exit handler": """
        atexit.register(lambda: time.sleep(600))
        atexit.register(ready)
    """,
    "an exit with a code of its own": """
        threading.Thread(target=time.sleep, args=[600]).start()
        ready()
        sys.exit(1)
    """,
    "a failure": """
        def wait(number):
            failing.set()
            time.sleep(0.2)
        failing = threading.Event()
        signals.before_the_end(wait)
        ready()
        failing.wait()
        sys.exit(1)
    """,
}


def started(place: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", IN + place], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    assert process.stderr.readline() == b"ready\n"
    return process


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Return the exit code and the log; the output is not read before the end."""
    with process:
        exit_code = process.wait(MAX_SECONDS)
        assert process.stderr is not None
        return exit_code, process.stderr.read().decode()


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_the_first_signal_ends_it_whatever_comes_after(place: str) -> None:
    process = started(place)

    process.send_signal(signal.SIGTERM)
    time.sleep(0.01)
    for number in (signal.SIGTERM, signal.SIGINT):
        process.send_signal(number)

    assert ended(process) == (128 + signal.SIGTERM, "Error: Stopped by signal 15\n")


def test_an_interrupt_ends_it_too() -> None:
    process = started(PLACES["a system call"])

    process.send_signal(signal.SIGINT)

    assert ended(process) == (128 + signal.SIGINT, "Error: Stopped by signal 2\n")


def test_other_signals_do_not() -> None:
    process = started("""
        import signal
        signal.signal(signal.SIGUSR1, lambda *_: ready())
        ready()
        while True:
            time.sleep(600)
    """)
    assert process.stderr is not None

    process.send_signal(signal.SIGUSR1)
    assert process.stderr.readline() == b"ready\n"
    process.send_signal(signal.SIGTERM)

    assert ended(process)[0] == 128 + signal.SIGTERM


def test_a_log_that_nobody_reads_does_not_hold_it_up() -> None:
    reads, writes = os.pipe()
    program = (
        IN
        + """
        os.write(1, b"x")
        while True:
            sys.stderr.write("x" * 100_000)
    """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=writes
    ) as process:
        assert process.stdout is not None
        process.stdout.read(1)

        process.send_signal(signal.SIGTERM)

        assert process.wait(MAX_SECONDS) == 128 + signal.SIGTERM
    os.close(reads)
    os.close(writes)


def test_the_main_thread_may_have_the_last_word() -> None:
    process = started("""
        stopped = threading.Event()
        signals.before_the_end(lambda _: stopped.set())
        signals.let_main_thread_end_first()
        ready()
        stopped.wait()
        if signals.is_first_to_tell():
            print("Report 7 is fetched later", file=sys.stderr)
        sys.exit(1)
    """)

    process.send_signal(signal.SIGTERM)

    assert ended(process) == (128 + signal.SIGTERM, "Report 7 is fetched later\n")


def test_the_main_thread_has_it_no_longer_than_it_takes() -> None:
    process = started("""
        signals.let_main_thread_end_first()
        ready()
        time.sleep(600)
    """)

    process.send_signal(signal.SIGINT)

    assert ended(process) == (128 + signal.SIGINT, "Error: Stopped by signal 2\n")


def test_without_a_signal_it_ends_by_itself() -> None:
    process = started("""
        ready()
        sys.exit(3)
    """)

    assert ended(process) == (3, "")


def test_a_function_that_takes_long_is_left_alone() -> None:
    assert within(MAX_SECONDS, lambda: None)
    assert not within(0.01, lambda: time.sleep(1))


@pytest.mark.parametrize("command", ["tap-amazon-sp", "amazon-sp"])
def test_a_command_can_be_stopped_while_it_is_imported(command: str) -> None:
    """From its first line on; what the interpreter does before is not ours."""
    program = (
        "import os, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == sys.argv[1]:\n"
        "            os.write(2, b'ready\\n')\n"
        "            import time\n"
        "            while True:\n"
        "                time.sleep(0.01)\n"
        "from tap_amazon_sp import commands\n"
        "sys.meta_path.insert(0, Finder())\n"
        f"commands.{'tap' if command.startswith('tap') else 'amazon_sp'}()\n"
    )
    for module in ("tap_amazon_sp.common.stopping", "click"):
        process = subprocess.Popen(
            [sys.executable, "-c", program, module], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stderr is not None
        assert process.stderr.readline() == b"ready\n"

        process.send_signal(signal.SIGINT)

        exit_code, log = ended(process)
        assert exit_code in (128 + signal.SIGINT, -signal.SIGINT)
        assert "Traceback" not in log
