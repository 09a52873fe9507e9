"""`amazon-sp migrate-settings`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import AmazonSP
from tests.migration.old_states import shown
from tests.migration.test_old_settings import AIRBYTE, SECRET
from tests.tap_runs import write_json


def test_settings_and_the_reports_of_the_state_are_printed_without_secrets(tmp_path: Path) -> None:
    old = write_json(tmp_path / "old.json", {"connectionConfiguration": AIRBYTE})
    names = ("GET_AFN_INVENTORY_DATA", "GET_VENDOR_SALES_REPORT")
    state = write_json(tmp_path / "state.json", shown(**{name: {} for name in names}))

    finished = AmazonSP().run(
        "migrate-settings", "--from", "airbyte", "--state", str(state), str(old)
    )

    assert finished.exit_code == 0, finished.stderr
    assert finished.json["marketplace_ids"] == ["DE"]
    assert finished.json["reports"][:2] == [*names]
    assert SECRET not in finished.stdout + finished.stderr
    lines = finished.stderr.splitlines()
    assert "`client_secret` is secret and not printed: set TAP_AMAZON_SP_CLIENT_SECRET" in lines
    assert any(
        line.startswith("To be corrected: `reports`[1] GET_VENDOR_SALES_REPORT: `options`")
        for line in lines
    )


def test_the_state_that_follows_needs_them_and_the_environment(tmp_path: Path) -> None:
    old = write_json(tmp_path / "old.json", AIRBYTE)
    state = shown(GET_FBA_REIMBURSEMENTS_DATA={"dataEndTime": "2026-11-20"})
    old_state = str(write_json(tmp_path / "old_state.json", state))
    printed = AmazonSP().run_here(
        "migrate-settings", "--from", "airbyte", "--state", old_state, str(old)
    )
    config = tmp_path / "config.json"
    config.write_text(printed.stdout, encoding="utf-8")
    secrets = ("TAP_AMAZON_SP_CLIENT_SECRET", "TAP_AMAZON_SP_REFRESH_TOKEN")

    finished = AmazonSP(config).run(
        "migrate-state",
        *("--config", "ENV", "--from", "airbyte", old_state),
        environment=dict.fromkeys(secrets, SECRET),
    )

    assert finished.exit_code == 0, finished.stderr
    assert [*finished.json["bookmarks"]] == ["report_fba_reimbursements"]


def test_other_settings_are_a_mistake(tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    old.write_text(json.dumps({"api_key": SECRET}), encoding="utf-8")

    finished = AmazonSP().run_here("migrate-settings", "--from", "hotglue", str(old))

    assert finished.exit_code == 2
    assert finished.stdout == ""
    assert "has none of the settings of this connector, such as `lwa_client_id`" in finished.stderr
    assert SECRET not in finished.stderr
