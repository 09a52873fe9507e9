"""Reports: documents that Amazon makes, as jobs, and their schedules."""
