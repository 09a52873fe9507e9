"""The demonstration: the simulator, Meltano and an embedded PostgreSQL on one machine."""
