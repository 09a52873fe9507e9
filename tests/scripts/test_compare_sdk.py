"""What an SDK of Amazon has and the catalogue lacks."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

MODULE = "support_v2025_02_01"
NEW_METHOD = "'/support/2025-02-01/cases/{caseId}', 'DELETE',"


@pytest.fixture
def compare_sdk(import_script: Callable[[str], ModuleType]) -> ModuleType:
    return import_script("compare_sdk")


@pytest.fixture
def unpacked(compare_sdk: ModuleType, tmp_path: Path) -> Path:
    """A folder with one API of the installed SDK, as pip would unpack it."""
    _, package = compare_sdk.installed_sdk()
    for part in ("api", "models"):
        shutil.copytree(package / part / MODULE, tmp_path / "spapi" / part / MODULE)
    described = tmp_path / "amzn_sp_api-9.9.9.dist-info" / "METADATA"
    described.parent.mkdir()
    described.write_text("Metadata-Version: 2.1\nName: amzn-sp-api\nVersion: 9.9.9\n")
    return tmp_path


def test_the_catalogue_lacks_nothing_of_the_sdk_in_the_requirements(
    compare_sdk: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare_sdk.main([]) == 0

    version, _ = compare_sdk.installed_sdk()
    said = f"amzn-sp-api {version} has nothing that the catalogue lacks\n"
    assert capsys.readouterr().out == said


def test_what_is_new_in_an_unpacked_sdk_is_listed(
    compare_sdk: ModuleType, unpacked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = unpacked / "spapi"
    api = package / "api" / MODULE / "support_api.py"
    replace(api, "'/support/2025-02-01/cases/{caseId}', 'GET',", NEW_METHOD)
    replace(api, "query_params.append(('sortOrder',", "query_params.append(('sortedBy',")
    models = package / "models" / MODULE
    replace(models / "date_filter.py", "'after': 'datetime',", "'after': 'datetime', 'on': 'str',")
    replace(models / "date_filter.py", "'after': 'after',", "'after': 'after', 'on': 'on',")
    replace(models / "case.py", '["RESOLVED",', '["REOPENED", "RESOLVED",')

    assert compare_sdk.main([str(unpacked)]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "amzn-sp-api 9.9.9 has what the catalogue lacks: 4",
        f"- operation {MODULE} getCase: DELETE /support/2025-02-01/cases/{{caseId}}",
        "- field support_2025-02-01 definitions.DateFilter: on",
        "- values support_2025-02-01 definitions.Case.properties.status: REOPENED",
        "- parameter support_2025-02-01.listContacts: sortedBy",
    ]


def test_a_folder_without_the_sdk_is_a_mistake(
    compare_sdk: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare_sdk.main([str(tmp_path)]) == 2

    assert f"no amzn-sp-api in {tmp_path}: pip install" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "old"),
    [
        (f"models/{MODULE}/case.py", "swagger_types = {"),
        (f"api/{MODULE}/support_api.py", "_with_http_info("),
    ],
)
def test_an_sdk_that_is_laid_out_otherwise_does_not_count_as_one_without_news(
    compare_sdk: ModuleType, unpacked: Path, capsys: pytest.CaptureFixture[str], file: str, old: str
) -> None:
    replace(unpacked / "spapi" / file, old, f"{old[:5]}_other{old[5:]}")

    assert compare_sdk.main([str(unpacked)]) == 2

    read = capsys.readouterr()
    assert not read.out
    assert "laid out" in read.err


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
