"""A local Selling Partner API with a made-up seller, for tests and for trying the tap.

It imports nothing of the rest of the package, and reads Amazon's models with a loader of its
own: a wrong belief about the API cannot hide in both. Serving needs the extra `simulator`.
"""

from __future__ import annotations

from tap_amazon_sp.simulator.server.settings import AwsKey, SimulatorSettings
from tap_amazon_sp.simulator.simulator import Simulator

__all__ = ["AwsKey", "Simulator", "SimulatorSettings"]
