"""The installed commands.

Signals come first: importing the rest takes most of a second, and a signal may come meanwhile.
"""

from tap_amazon_sp.common.stopping import StopSignals


def tap() -> None:
    """Run `tap-amazon-sp`."""
    with StopSignals() as signals:
        from tap_amazon_sp.tap import TapAmazonSP  # noqa: PLC0415

        TapAmazonSP.cli(obj=signals)


def amazon_sp() -> None:
    """Run `amazon-sp`."""
    with StopSignals() as signals:
        from tap_amazon_sp.cli import main  # noqa: PLC0415

        main(obj=signals)
