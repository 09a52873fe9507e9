"""Clients of the SP-API that other people wrote, run on the simulator as they ship."""
