"""Programs that measure the tap; README.md says what each shows."""
