"""Easy Ship."""
