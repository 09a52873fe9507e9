"""What the tap writes: Singer messages, schemas and state."""
