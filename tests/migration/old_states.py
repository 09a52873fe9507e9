"""States of other connectors, as their users have them."""

from __future__ import annotations

from typing import Any

OLD = "2026-11-20T12:00:00Z"
SETTINGS = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "marketplace_ids": ["US"],
    "start_date": "2026-01-01",
    "reports": [
        "GET_SALES_AND_TRAFFIC_REPORT",
        {
            "report_type": "GET_SALES_AND_TRAFFIC_REPORT",
            "name": "by_month",
            "options": {"dateGranularity": "MONTH"},
        },
        "GET_AFN_INVENTORY_DATA",
        "GET_FBA_REIMBURSEMENTS_DATA",
        "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
    ],
}


def shown(**states: Any) -> list[dict[str, Any]]:
    """Return a state as Airbyte's interface shows it."""
    return [
        {"streamDescriptor": {"name": name}, "streamState": state} for name, state in states.items()
    ]


AIRBYTE = shown(
    Orders={"LastUpdateDate": OLD},
    # In this form, airbyte-cdk 7.39.1 writes it at the end of a run.
    OrderItems={
        "use_global_cursor": False,
        "states": [
            {
                "partition": {"AmazonOrderId": "111-1", "parent_slice": {}},
                "cursor": {"LastUpdateDate": "2026-11-19T00:00:00Z"},
            }
        ],
        "state": {"LastUpdateDate": OLD},
        "lookback_window": 600,
        "parent_state": {"Orders": {"LastUpdateDate": "2026-11-20T11:00:00Z"}},
    },
    ListFinancialEvents={
        "state_type": "date-range",
        "slices": [
            {
                "start": "2026-01-01T00:00:00Z",
                "end": "2026-06-30T00:00:00Z",
                "most_recent_cursor_value": "2026-06-30T00:00:00Z",
            },
            {
                "start": "2026-06-30T00:00:01Z",
                "end": "2026-11-20T00:00:00Z",
                "most_recent_cursor_value": "2026-11-20T00:00:00Z",
            },
        ],
    },
    GET_FBA_REIMBURSEMENTS_DATA={"dataEndTime": "2026-11-20"},
)

HOTGLUE = {
    "bookmarks": {
        "marketplaces": {},
        "orders": {
            "partitions": [
                {
                    "context": {"marketplace_id": "US"},
                    "replication_key": "LastUpdateDate",
                    "replication_key_value": OLD,
                },
                {
                    "context": {"marketplace_id": "CA"},
                    "progress_markers": {
                        "Note": "Progress is not resumable if interrupted.",
                        "replication_key": "LastUpdateDate",
                        "replication_key_value": OLD,
                    },
                },
            ]
        },
        "orderitems": {
            "partitions": [{"context": {"AmazonOrderId": "111-1", "marketplace_id": "US"}}]
        },
        "sales_traffic_report": {
            "replication_key": "report_end_date",
            "replication_key_value": "2026-11-20T10:00:00",
        },
    }
}
