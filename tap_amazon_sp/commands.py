"""The installed commands.

Signals come first: importing the rest takes most of a second, and a signal may come meanwhile. Even
the module `signal` takes milliseconds; `_signal`, which it is made of, is part of the interpreter.
"""

import _signal  # type: ignore[import-not-found] # typeshed has no such module
import os
import sys


def tap() -> None:
    """Run `tap-amazon-sp`."""
    _let_an_interrupt_end_it()
    _check_standard_files()
    from tap_amazon_sp.common.stopping import StopSignals  # noqa: PLC0415

    with StopSignals() as signals:
        from tap_amazon_sp.tap import TapAmazonSP  # noqa: PLC0415

        TapAmazonSP.cli(obj=signals)


def amazon_sp() -> None:
    """Run `amazon-sp`."""
    _let_an_interrupt_end_it()
    _check_standard_files()
    from tap_amazon_sp.common.stopping import StopSignals  # noqa: PLC0415

    with StopSignals() as signals:
        from tap_amazon_sp.cli import main  # noqa: PLC0415

        main(obj=signals)


def _check_standard_files() -> None:
    """End the process if its output is closed (`>&-`): nothing can be written.

    Python has no `sys.stdin`, `sys.stdout` or `sys.stderr` then. A closed input is empty, and what
    goes to a closed error output is lost. Their descriptors are in use from now on, so that no
    socket gets one of them.
    """
    is_output_closed = getattr(sys, "stdout", None) is None
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8"))
    if is_output_closed:
        sys.exit("Error: The output is closed: send it to a file, a pipe or a terminal")


def _let_an_interrupt_end_it() -> None:
    """Let Ctrl+C end the process at once, as SIGTERM does, without a traceback of Python's."""
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
