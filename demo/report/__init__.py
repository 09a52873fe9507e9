"""The page with which the demonstration ends: what the models of `dbt/` say about the seller."""

from demo.report.writing import write_report

__all__ = ["write_report"]
