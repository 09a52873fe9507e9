"""Purchase orders of vendors."""
