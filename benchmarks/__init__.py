"""Programs that measure the tap; README.md describes each."""
