from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "build_report_headers.py"
LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
FEEDBACK = "GET_SELLER_FEEDBACK_DATA"

Write = Callable[..., None]


@pytest.fixture
def build_report_headers(import_script: Callable[[str], ModuleType]) -> ModuleType:
    return import_script("build_report_headers")


@pytest.fixture
def write(
    build_report_headers: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Write:
    """Writes a source with tables, which replaces all committed sources."""
    monkeypatch.setattr(build_report_headers, "SOURCES", tmp_path)

    def write(language: str, *reports: dict[str, Any]) -> None:
        usual = {"types": [LISTINGS], "sources": ["thread"], "certain": True, "headers": []}
        content = {
            "sources": {"thread": "a thread"},
            "reports": [usual | report for report in reports],
        }
        (tmp_path / f"{language}.json").write_text(json.dumps(content), encoding="utf-8")

    return write


def _built(build_report_headers: ModuleType) -> tuple[Any, Any]:
    texts = build_report_headers.build().texts
    return (
        json.loads(texts[build_report_headers.READ]),
        json.loads(texts[build_report_headers.WRITTEN]),
    )


def test_the_committed_tables_are_what_the_script_builds() -> None:
    ran = subprocess.run(
        [sys.executable, str(SCRIPT), "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ran.stderr == ""
    assert ran.returncode == 0


def test_a_header_that_occurs_twice_has_its_meanings_in_order(
    build_report_headers: ModuleType, write: Write
) -> None:
    write("de", {"headers": [["leer", "zshop-fee"], ["Preis", "price"], ["leer", "zshop-path"]]})

    read, written = _built(build_report_headers)

    assert read["tables"] == [{"zshop-fee": ["leer"], "price": ["preis"], "zshop-path": ["leer"]}]
    assert read["agreed"] == {"de": {"preis": "price"}}
    assert written == {
        LISTINGS: {"de": {"zshop-fee": "leer", "price": "Preis", "zshop-path": "leer"}}
    }


def test_spellings_that_mean_the_same_are_one_place(
    build_report_headers: ModuleType, write: Write
) -> None:
    headers = [["Produkt ID", "product-id"], ["Produkt-ID", "product-id"], ["ID", "product-id"]]
    write("de", {"headers": headers})

    read, written = _built(build_report_headers)

    assert read["tables"] == [{"product-id": ["produktid", "id"]}]
    assert written == {LISTINGS: {"de": {"product-id": "Produkt ID"}}}


def test_a_word_that_means_different_things_in_reports_is_agreed_on_in_none(
    build_report_headers: ModuleType, write: Write
) -> None:
    write(
        "fr",
        {"headers": [["état", "status"], ["prix", "price"]]},
        {"types": [FEEDBACK], "headers": [["état", "condition"], ["prix", "Price"]]},
    )

    read, _ = _built(build_report_headers)

    assert read["types"] == {LISTINGS: {"fr": [0]}, FEEDBACK: {"fr": [1]}}
    assert read["agreed"] == {"fr": {"prix": "price"}}


def test_similar_reports_are_likely_to_have_the_same_headers(
    build_report_headers: ModuleType, write: Write
) -> None:
    write("de", {"inferred_types": [FEEDBACK], "headers": [["Preis", "price"]]})

    read, written = _built(build_report_headers)

    assert [(table.types, table.certain) for table in build_report_headers.all_tables()] == [
        ((LISTINGS,), True),
        ((FEEDBACK,), False),
    ]
    assert read["types"].keys() == {LISTINGS, FEEDBACK}
    assert written[FEEDBACK] == written[LISTINGS] == {"de": {"price": "Preis"}}


@pytest.mark.parametrize(
    ("report", "error"),
    [
        ({"sources": ["nowhere"]}, "de.json, reports[0]: no source nowhere"),
        ({"sources": []}, "de.json, reports[0]: types or sources are missing"),
        ({"certain": "yes"}, "de.json, reports[0]: `certain` is neither true nor false"),
        ({"headers": [["-", "sku"]]}, "de.json, reports[0]: an empty header in ('-', 'sku')"),
        ({"headers": [["SKU", ""]]}, "de.json, reports[0]: an empty header in ('SKU', '')"),
        (
            {"types": ["GET_MADE_UP"]},
            "declared in report_headers/, but not in report_types.json: GET_MADE_UP",
        ),
    ],
)
def test_mistakes_in_a_source_are_told(
    build_report_headers: ModuleType,
    write: Write,
    capsys: pytest.CaptureFixture[str],
    report: dict[str, Any],
    error: str,
) -> None:
    write("de", report)

    code = build_report_headers.main(["--check"])

    assert code == 1
    assert capsys.readouterr().err == f"{error}\n"
