"""Coming from other connectors: their states as states of this tap."""
