"""Documents of reports, queries and feeds: downloaded, decoded and parsed into rows."""
