from __future__ import annotations

import pytest

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.simulator.server.names import server_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://sp-api:9326", "http://sp-api:9326"),
        ("http://sp-api:9326/", "http://sp-api:9326"),
        ("https://example.com/sp-api/", "https://example.com/sp-api"),
        ("http://[::1]:9326", "http://[::1]:9326"),
    ],
)
def test_an_address_of_a_server_has_no_slash_at_its_end(text: str, address: str) -> None:
    assert server_address(text) == address


def test_settings_in_python_are_taken_as_those_of_the_command() -> None:
    settings = SimulatorSettings(orders=0, public_url="http://sp-api:9326/")

    assert Simulator(settings).credentials().token_url == "http://sp-api:9326/auth/o2/token"


def test_settings_in_python_are_checked_as_those_of_the_command() -> None:
    with pytest.raises(ValueError, match="'sp-api' is not the address of a server"):
        Simulator(SimulatorSettings(orders=0, public_url="sp-api"))
