"""The installed commands.

Signals come first: importing the rest takes most of a second, and a signal may come meanwhile. Even
the module `signal` takes milliseconds; `_signal`, which it is made of, is part of the interpreter.
"""

import _signal  # type: ignore[import-not-found] # typeshed has no such module


def tap() -> None:
    """Run `tap-amazon-sp`."""
    _let_an_interrupt_end_it()
    from tap_amazon_sp.common.stopping import StopSignals  # noqa: PLC0415

    with StopSignals() as signals:
        from tap_amazon_sp.tap import TapAmazonSP  # noqa: PLC0415

        TapAmazonSP.cli(obj=signals)


def amazon_sp() -> None:
    """Run `amazon-sp`."""
    _let_an_interrupt_end_it()
    from tap_amazon_sp.common.stopping import StopSignals  # noqa: PLC0415

    with StopSignals() as signals:
        from tap_amazon_sp.cli import main  # noqa: PLC0415

        main(obj=signals)


def _let_an_interrupt_end_it() -> None:
    """Let Ctrl+C end the process at once, as SIGTERM does, without a traceback of Python's."""
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
