"""How long the simulator takes to start, and how much memory it needs for how many orders.

    python benchmarks/simulator.py [--orders 2000 10000 100000] [--best-of 3]

`amazon-sp simulate` starts, a command runs beside it and ends, and it stops. Memory is the largest
resident set of the process, as the operating system counts it: right after the start, after all
orders were read with searchOrders, and after the stock and the money were read, too.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import requests

from benchmarks.tables import count, goal, megabytes, seconds, table
from benchmarks.tap_process import run

AMAZON_SP = str(Path(sys.executable).with_name("amazon-sp"))
SIMULATE = (AMAZON_SP, "simulate", "--port", "0", "--speed", "1e6", "--changes-per-minute", "0")
NOTHING = (sys.executable, "-c", "pass")
COMPARED = (sys.executable, "-c", "import requests")
DEFAULT_ORDERS = 2000
MAX_START = 3.0
COLUMNS = ("orders", "start", "memory", "after all orders", "orders/s", "after stock and money")

ORDERS = "/orders/2026-01-01/orders"
INVENTORY = "/fba/inventory/v1/summaries"
TRANSACTIONS = "/finances/2024-06-19/transactions"
GROUPS = "/finances/v0/financialEventGroups"
LONG_AGO = "2020-01-01T00:00:00Z"
TIMEOUT = 300


def main() -> None:
    """Measure, or be the command that reads."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--orders", type=int, nargs="+", default=[DEFAULT_ORDERS, 10_000, 100_000])
    parser.add_argument("--best-of", type=int, default=3, help="starts of each; the fastest counts")
    parser.add_argument("--read", choices=("orders", "everything"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read is not None:
        read(everything=options.read == "everything")
        return
    compared = min(run(COMPARED).wall for _ in range(options.best_of))
    starts, rows = {}, []
    for orders in options.orders:
        command = [*SIMULATE, "--orders", str(orders), "--"]
        runs = [run([*command, *NOTHING]) for _ in range(options.best_of)]
        started = min(runs, key=lambda finished: finished.wall)
        reader = [sys.executable, __file__, "--read"]
        environment = {"PYTHONPATH": str(Path(__file__).parents[1])}
        all_orders = run([*command, *reader, "orders"], environment=environment)
        everything = run([*command, *reader, "everything"], environment=environment)
        starts[orders] = started.wall
        rows.append(
            [
                count(orders),
                seconds(started.wall),
                megabytes(started.peak_memory),
                megabytes(all_orders.peak_memory),
                count(orders / (all_orders.wall - started.wall)),
                megabytes(everything.peak_memory),
            ]
        )
    print(table(COLUMNS, rows))
    print(f"\n`python -c 'import requests'` takes {seconds(compared)}.\n")
    if (default := starts.get(DEFAULT_ORDERS)) is not None:
        print(f"- {goal('Seconds to start with the default settings', default, MAX_START)}")
        print(f"- Start with the default settings / import of requests: {default / compared:.1f}")


def read(*, everything: bool) -> None:
    """Read all orders of the simulator that the environment names, or the stock and money, too.

    Raises:
        requests.HTTPError: It refuses a request.
    """
    api = requests.Session()
    form = {
        "grant_type": "refresh_token",
        "refresh_token": os.environ["SP_API_REFRESH_TOKEN"],
        "client_id": os.environ["SP_API_CLIENT_ID"],
        "client_secret": os.environ["SP_API_CLIENT_SECRET"],
    }
    answer = api.post(os.environ["SP_API_TOKEN_URL"], data=form, timeout=TIMEOUT)
    api.headers["x-amz-access-token"] = answer.json()["access_token"]
    marketplaces = os.environ["SP_API_MARKETPLACE_IDS"]
    search = {"marketplaceIds": marketplaces, "createdAfter": LONG_AGO, "maxResultsPerPage": "100"}
    page: dict[str, str] | None = search
    while page is not None:
        token = get(api, ORDERS, page).get("pagination", {}).get("nextToken")
        page = None if token is None else search | {"paginationToken": token}
    if everything:
        marketplace = marketplaces.partition(",")[0]
        of_marketplace = {"granularityType": "Marketplace", "granularityId": marketplace}
        get(api, INVENTORY, of_marketplace | {"marketplaceIds": marketplace})
        get(api, TRANSACTIONS, {"postedAfter": LONG_AGO})
        get(api, GROUPS, {})


def get(api: requests.Session, path: str, parameters: dict[str, str]) -> Any:
    """Return the answer of an operation.

    Raises:
        requests.HTTPError: It is refused.
    """
    answer = api.get(os.environ["SP_API_ENDPOINT"] + path, params=parameters, timeout=TIMEOUT)
    answer.raise_for_status()
    return answer.json()


if __name__ == "__main__":
    main()
