"""Jobs: what feeds, reports and queries have in common."""
