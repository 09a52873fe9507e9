"""JSON Schema."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

_ANY_OBJECT = th.ObjectType(additional_properties=True)
_STRINGS_BY_NAME = th.ObjectType(additional_properties=th.StringType)

CUSTOM_STREAM = th.ObjectType(
    th.Property("name", th.StringType),
    th.Property("operation", th.StringType),
    th.Property("path", th.StringType),
    th.Property("params", _ANY_OBJECT),
    th.Property("body", th.AnyType),
    th.Property("results_key", th.StringType),
    th.Property("primary_keys", th.ArrayType(th.StringType)),
    th.Property("replication_key", th.StringType),
    th.Property("updated_after", th.StringType),
    th.Property("updated_at_param", th.StringType),
    th.Property("updated_before", th.StringType),
    th.Property(
        "time_format",
        th.StringType(allowed_values=["date-time", "date", "epoch", "epoch_ms"]),
    ),
    th.Property(
        "record_config",
        th.ObjectType(
            th.Property("id_field", th.StringType),
            th.Property("last_modified_field", th.StringType),
            additional_properties=False,
        ),
    ),
    th.Property("start_date", th.StringType),
    th.Property("window", th.StringType),
    th.Property("lookback", th.StringType),
    th.Property(
        "ids",
        th.ObjectType(
            th.Property("param", th.StringType, required=True),
            th.Property("values", th.ArrayType(th.AnyType)),
            th.Property("file", th.StringType),
            additional_properties=False,
        ),
    ),
    th.Property(
        "parent",
        th.ObjectType(
            th.Property("stream", th.StringType, required=True),
            th.Property("field", th.StringType),
            th.Property("param", th.StringType),
            th.Property("fields", _STRINGS_BY_NAME),
            additional_properties=False,
        ),
    ),
    th.Property("emit", th.StringType(allowed_values=["records", "page"])),
    th.Property("schema", _ANY_OBJECT),
    th.Property("next_token_key", th.StringType),
    th.Property("next_token_param", th.StringType),
    th.Property("rate", th.NumberType),
    th.Property("burst", th.NumberType),
    th.Property(
        "extend_resources",
        th.ArrayType(
            th.ObjectType(
                th.Property("new_field_name", th.StringType, required=True),
                th.Property("path", th.StringType, required=True),
                th.Property("path_variable_name", th.StringType),
                th.Property("path_variables", _STRINGS_BY_NAME),
                th.Property("params", _ANY_OBJECT),
                th.Property("results_key", th.StringType),
                additional_properties=False,
            )
        ),
    ),
    th.Property("selected_by_default", th.BooleanType),
    additional_properties=False,
)
"""An entry of `custom_streams`; read by `settings/custom_streams.py`."""

_DOCUMENT_PROPERTIES: tuple[th.Property[Any], ...] = (
    th.Property("window", th.StringType),
    th.Property("start_date", th.StringType),
    th.Property("end_date", th.StringType),
    th.Property("lookback", th.StringType),
    th.Property("keys", th.ArrayType(th.StringType)),
    th.Property("column_names", th.StringType(allowed_values=["snake_case", "original"])),
    th.Property("save_to", th.StringType),
    th.Property("format", th.StringType(allowed_values=["jsonl", "csv", "parquet"])),
)
"""What entries of `reports` and `data_kiosk_queries` have in common."""

REPORT = th.ObjectType(
    th.Property("report_type", th.StringType),
    th.Property("name", th.StringType),
    th.Property("options", _ANY_OBJECT),
    th.Property("marketplace_ids", th.ArrayType(th.StringType)),
    th.Property("record_path", th.StringType),
    th.Property("version", th.StringType),
    *_DOCUMENT_PROPERTIES,
    # As createReport calls them.
    th.Property("reportType", th.StringType),
    th.Property("reportOptions", _ANY_OBJECT),
    th.Property("marketplaceIds", th.ArrayType(th.StringType)),
    th.Property("dataStartTime", th.StringType),
    th.Property("dataEndTime", th.StringType),
    additional_properties=False,
)
"""An entry of `reports`, which may also be the name of a type; read by
`settings/reports.py`."""

DATA_KIOSK_QUERY = th.ObjectType(
    th.Property("name", th.StringType, required=True),
    th.Property("query", th.StringType, required=True),
    *_DOCUMENT_PROPERTIES,
    additional_properties=False,
)
"""An entry of `data_kiosk_queries`; read by `settings/data_kiosk_queries.py`."""
