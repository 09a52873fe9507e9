"""Every setting of the tap: its definition, its checks, and the typed values."""
