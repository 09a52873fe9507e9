"""Documents in any character set, printed to a terminal or a pipe."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import requests

from tap_amazon_sp.cli.document_output import print_document, printed
from tap_amazon_sp.documents.decoding import JAPANESE, WESTERN
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.cli.conftest import configured
from tests.cli.running import AmazonSP
from tests.cli.terminals import run_in_terminal
from tests.processes import AMAZON_SP, Command

TSV = "text/tab-separated-values"
JAPAN = "A1VC38T7YXB528"
LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"


def stored(amazon_sp: AmazonSP, content: bytes, content_type: str) -> str:
    """Upload a document for a feed; return its id."""
    declared = amazon_sp.run_here("call createFeedDocument", f"contentType={content_type}", "--yes")
    url, headers = declared.json["url"], {"Content-Type": content_type}
    requests.put(url, content, headers=headers, timeout=10).raise_for_status()
    return str(declared.json["feedDocumentId"])


def piped(amazon_sp: AmazonSP, command: str, *words: str) -> bytes:
    """Run a command; return the bytes that come through a pipe."""
    ours, theirs = os.pipe()
    with Command([AMAZON_SP, *amazon_sp.arguments(command, *words)]).start(stdout=theirs):
        os.close(theirs)
        with os.fdopen(ours, "rb") as pipe:
            return pipe.read()


@pytest.mark.parametrize(
    ("text", "codec", "content_type"),
    [
        ("処理されたレコード数\t1\r\n", "cp932", f"{TSV}; charset=Shift_JIS"),
        ("Größe\t5 €\r\n", "cp1252", f"{TSV}; charset=windows-1252"),
        ("Größe 👕\r\n", "utf-8-sig", f"{TSV}; charset=UTF-8"),
        ("数量\t1\r\n", "utf-16", f"{TSV}; charset=UTF-16"),
    ],
)
def test_text_is_decoded_by_the_character_set_that_it_came_with(
    amazon_sp: AmazonSP,
    text: str,
    codec: str,
    content_type: str,
) -> None:
    content = text.encode(codec)
    document_id = stored(amazon_sp, content, content_type)

    shown = run_in_terminal(amazon_sp, "feed document", document_id)

    assert shown.exit_code == 0, shown.log
    assert shown.content.decode() == text.replace("\r\n", "\n")
    assert piped(amazon_sp, "feed document", document_id) == text.encode()
    assert piped(amazon_sp, "feed document", document_id, "--output", "bytes") == content


def test_without_a_character_set_a_seller_of_japan_reads_japanese(
    simulator: Simulator, tmp_path: Path
) -> None:
    amazon_sp = configured(simulator, tmp_path)
    text = "エラーのあるレコード数\t0\n"
    document_id = stored(amazon_sp, text.encode("cp932"), TSV)
    japanese = configured(simulator, tmp_path, region="fe", marketplace_ids=[JAPAN])

    assert piped(japanese, "feed document", document_id).decode() == text


def test_a_terminal_of_another_character_set_gets_that_one(
    amazon_sp: AmazonSP,
) -> None:
    content = "Größe 数量\n".encode()
    document_id = stored(amazon_sp, content, f"{TSV}; charset=UTF-8")

    shown = run_in_terminal(
        amazon_sp, "feed document", document_id, environment={"PYTHONIOENCODING": "iso-8859-1"}
    )

    assert shown.exit_code == 0, shown.log
    assert shown.content.decode("iso-8859-1") == "Größe \\u6570\\u91cf\n"


def test_a_document_cannot_drive_the_terminal(
    amazon_sp: AmazonSP,
) -> None:
    text = "a\tb\x1b]0;title\x07\x1b[2J\x9b5n\x7f\b\rover\rwritten\r\nend"
    document_id = stored(amazon_sp, text.encode(), f"{TSV}; charset=UTF-8")

    shown = run_in_terminal(amazon_sp, "feed document", document_id)

    assert shown.content.decode() == (
        "a\tb\\u001b]0;title\\u0007\\u001b[2J\\u009b5n\\u007f\\u0008\nover\nwritten\nend"
    )
    assert piped(amazon_sp, "feed document", document_id).decode() == text


def test_a_file_that_is_no_text_stays_as_it_is_and_is_kept_from_terminals(
    amazon_sp: AmazonSP,
) -> None:
    content = b"%PDF-1.4\n\xe2\xe3\xcf\xd3 1 0 obj"
    document_id = stored(amazon_sp, content, "application/pdf")

    shown = run_in_terminal(amazon_sp, "feed document", document_id)

    assert piped(amazon_sp, "feed document", document_id) == content
    assert shown.exit_code == 1
    assert shown.content == b""
    assert shown.log == (
        "Error: the document is not text, and a terminal cannot show it. "
        "`amazon-sp feed document ID --output bytes > FILE` stores it\n"
    )


def test_a_character_set_that_is_not_read_is_told(
    amazon_sp: AmazonSP,
) -> None:
    content = "Größe".encode("cp037")
    document_id = stored(amazon_sp, content, f"{TSV}; charset=IBM037")

    finished = amazon_sp.run_here("feed document", document_id)

    assert finished.exit_code == 1
    (told,) = finished.errors
    assert told == (
        "the document cannot be shown as text: it is not UTF-8, and its declared character set is "
        "not one that is read. `amazon-sp feed document ID --output bytes > FILE` stores it"
    )


def test_a_report_is_decoded_for_a_terminal_and_unchanged_in_a_pipe(tmp_path: Path) -> None:
    settings = SimulatorSettings(
        orders=10,
        speed=100_000,
        changes_per_minute=0,
        port=0,
        region="fe",
    )
    with Simulator(settings) as simulator:
        amazon_sp = configured(simulator, tmp_path)
        content = piped(amazon_sp, "report", LISTINGS, "--marketplaces", "JP")
        shown = run_in_terminal(amazon_sp, "report", LISTINGS, "--marketplaces", "JP")

    assert shown.exit_code == 0, shown.log
    assert not content.isascii()
    assert shown.content.decode() == content.decode("cp932").replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("words", "form"),
    [
        (["GET_EASYSHIP_DOCUMENTS", "--options", "amazonOrderId=1", "--marketplaces", "US"], "pdf"),
        ([LISTINGS, "--format", "parquet", "--marketplaces", "US"], "parquet"),
    ],
)
def test_what_no_terminal_can_show_is_not_requested(
    amazon_sp: AmazonSP, simulator: Simulator, words: list[str], form: str
) -> None:
    shown = run_in_terminal(amazon_sp, "report", *words)

    assert shown.exit_code == 2
    assert f"Error: a terminal cannot show {form}: store it with `--output FILE`" in shown.log
    assert simulator.requests == []


def test_rows_as_csv_are_safe_on_a_terminal(simulator: Simulator, tmp_path: Path) -> None:
    amazon_sp = configured(simulator, tmp_path)

    shown = run_in_terminal(
        amazon_sp, "report", LISTINGS, "--marketplaces", "US", "--format", "csv"
    )

    assert shown.exit_code == 0, shown.log
    assert shown.content.decode().startswith("item_name,")
    assert b"\r" not in shown.content


@pytest.mark.parametrize("quote", ["'", '"'])
def test_xml_declares_the_character_set_that_it_is_printed_in(
    capfdbinary: pytest.CaptureFixture[bytes], quote: str
) -> None:
    text = f"<?xml version={quote}1.0{quote} encoding={quote}{{}}{quote}?>\n<a>エラー</a>\n"
    content = text.format("Shift_JIS").encode("cp932")

    print_document([content], "text/xml", WESTERN, instead="")

    assert capfdbinary.readouterr().out.decode() == text.format("UTF-8")


def test_the_text_is_yielded_as_it_is_printed(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    content = "処理\tx\r\n数量\ty".encode("cp932")

    texts = "".join(printed([content[:5], content[5:]], "", JAPANESE))

    assert texts == "処理\tx\r\n数量\ty"
    assert capfdbinary.readouterr().out.decode() == texts
