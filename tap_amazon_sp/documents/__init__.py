"""Documents of reports, queries and feeds: download, decode and parse into rows."""
