"""What all other parts use: clock, timestamps, periods, paths into JSON."""
