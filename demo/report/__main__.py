"""Write the page about marts of your own: `python -m demo.report report.html`.

The database is the one that the environment variables of PostgreSQL name, such as `PGHOST`,
`PGUSER` and `PGPASSWORD`, or `--dsn`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import psycopg

from demo.report.writing import write_report


def main() -> int:
    """Run the command; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m demo.report", description=(__doc__ or "").partition(":")[0] + "."
    )
    parser.add_argument("file", type=Path, help="the page to write, such as report.html")
    parser.add_argument("--dsn", default="", help="of the database; default: the environment")
    parser.add_argument("--schema", default="amazon_sp_models", help="schema of the marts")
    parser.add_argument(
        "--timeline",
        type=Path,
        action="append",
        default=[],
        help="file of the setting timeline_file; may be given several times",
    )
    options = parser.parse_args()
    runs = [(file.stem, file) for file in options.timeline]
    try:
        with psycopg.connect(options.dsn) as connection:
            write_report(connection, options.file, schema=options.schema, runs=runs)
    except (OSError, psycopg.Error) as error:
        print(f"The page cannot be written: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
