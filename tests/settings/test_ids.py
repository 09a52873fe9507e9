from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.settings.ids import ids_from_setting


def test_a_list_is_taken_as_text() -> None:
    assert ids_from_setting(["B1", 2]) == ["B1", "2"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("ids.txt", "B1\r\n\n  B2  \n"), ("ids.txt", "\ufeffB1\nB2"), ("ids.json", '["B1", "B2"]')],
)
def test_a_file_is_read(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode())

    assert ids_from_setting({"file": str(path)}) == ["B1", "B2"]


@pytest.mark.parametrize(
    "setting", ["B1", {"path": "x"}, {"file": 1}, {"file": "nowhere.txt"}, [{"a": 1}], 5]
)
def test_anything_else_is_refused(setting: Any) -> None:
    with pytest.raises(ValueError, match=r"ids|No such file"):
        ids_from_setting(setting)


def test_a_json_file_without_an_array_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ids.json"
    path.write_text('{"B1": 1}', encoding="utf-8")

    with pytest.raises(ValueError, match="holds no JSON array"):
        ids_from_setting({"file": str(path)})
