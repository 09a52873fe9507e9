"""What every part stands on: clock, timestamps, periods."""
