"""The output of the tap: Singer messages, schemas and state."""
