"""What feeds, reports and queries have in common: they are jobs, submitted and then polled."""
