from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.xml_records import XmlRecords

ORDERS = """<?xml version="1.0" encoding="UTF-8"?>
<AmazonEnvelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Header><DocumentVersion>1.00</DocumentVersion></Header>
  <MessageType>OrderReport</MessageType>
  <Message>
    <OrderReport>
      <AmazonOrderID>028-1</AmazonOrderID>
      <Item><SKU>007</SKU><Price currency="EUR">12.10</Price></Item>
      <Item><SKU>008</SKU><Price currency="EUR">1.00</Price><Gift/></Item>
    </OrderReport>
  </Message>
  <Message>
    <OrderReport>
      <AmazonOrderID>028-2</AmazonOrderID>
      <Item><SKU>009</SKU></Item>
    </OrderReport>
  </Message>
</AmazonEnvelope>
"""


def records(text: str, path: str | None = None, **how: Any) -> list[dict[str, Any]]:
    pieces = (text[begin : begin + 13] for begin in range(0, len(text), 13))
    return list(XmlRecords(pieces, path, **how))


def test_elements_that_repeat_are_records() -> None:
    assert records(ORDERS) == [
        {
            "order_report": {
                "amazon_order_id": "028-1",
                "item": [
                    {"sku": "007", "price": {"currency": "EUR", "value": "12.10"}},
                    {
                        "sku": "008",
                        "price": {"currency": "EUR", "value": "1.00"},
                        "gift": None,
                    },
                ],
            }
        },
        # A single item is an array as well, since others have several.
        {"order_report": {"amazon_order_id": "028-2", "item": [{"sku": "009"}]}},
    ]


def test_what_stands_beside_the_records_is_the_header() -> None:
    reading = XmlRecords([ORDERS])

    assert reading.record_path == "AmazonEnvelope.Message"
    assert len(list(reading)) == 2
    assert reading.header == {"MessageType": "OrderReport"}


def test_a_path_names_the_records_with_or_without_the_root() -> None:
    for path in ("AmazonEnvelope.Message.OrderReport", "Message.OrderReport"):
        assert [record["amazon_order_id"] for record in records(ORDERS, path)] == [
            "028-1",
            "028-2",
        ]


def test_a_single_record_is_a_record_where_the_path_is_known() -> None:
    text = "<AmazonEnvelope><Header><A>1</A></Header><Message><B>2</B></Message></AmazonEnvelope>"

    assert records(text, "AmazonEnvelope.Message") == [{"b": "2"}]
    assert records(text, usual_path="AmazonEnvelope.Message") == [{"b": "2"}]


@pytest.mark.parametrize(
    "path", ["Line", "AmazonEnvelope.Line", "Message.Line", "Message.OrderReport.Line.A"]
)
def test_a_given_path_that_leads_to_nothing_is_an_error_that_says_what_there_is(path: str) -> None:
    for pieces in ([ORDERS], [ORDERS.replace("<Message>", "<Message>" + " " * (1 << 20), 1)]):
        reading = XmlRecords(pieces, path, usual_path="AmazonEnvelope.Message")

        with pytest.raises(
            DocumentFormatError, match=f"nothing at `{path}`; it has .*`AmazonEnvelope.Message`"
        ):
            list(reading)


def test_a_given_path_may_lead_to_what_comes_late() -> None:
    early = "".join(f"<A><B>{number}</B></A>" for number in range(60_000))

    assert records(f"<R>{early}<C><D>1</D></C></R>", "C") == [{"d": "1"}]


def test_a_document_without_records_has_none_at_a_given_path() -> None:
    for text in ("<Orders/>", "<Orders></Orders>", "<Orders><Count>0</Count></Orders>"):
        assert records(text, "Order") == records(text, "Orders.Order.Item") == []


def test_where_the_usual_path_leads_to_nothing_elements_that_repeat_are_the_records() -> None:
    assert records("<R><A><B>1</B></A><A><B>2</B></A></R>", usual_path="R.C") == [
        {"b": "1"},
        {"b": "2"},
    ]
    assert len(records(ORDERS, usual_path="AmazonEnvelope.Message.Order")) == 2


def test_an_envelope_without_messages_has_no_records() -> None:
    text = (
        "<AmazonEnvelope><Header><DocumentVersion>1.00</DocumentVersion></Header>"
        "<MessageType>AllOrdersReport</MessageType></AmazonEnvelope>"
    )

    assert records(text, usual_path="AmazonEnvelope.Message.Order") == []


def test_a_single_record_is_told_by_its_name() -> None:
    text = (
        "<Orders><Order><Id>1</Id><Item><Sku>2</Sku></Item><Item><Sku>3</Sku></Item></Order>"
        "</Orders>"
    )

    assert records(text) == [{"id": "1", "item": [{"sku": "2"}, {"sku": "3"}]}]


def test_elements_known_to_repeat_are_always_arrays() -> None:
    text = "<Orders><Order><Item>1</Item></Order><Order><Item>2</Item></Order></Orders>"

    assert records(text, lists=["Item"], style="original") == [{"Item": ["1"]}, {"Item": ["2"]}]


def test_a_container_around_the_records_is_seen_through() -> None:
    text = (
        "<Result><Meta>x</Meta><Nodes><Node><Id>1</Id></Node><Node><Id>2</Id></Node></Nodes>"
        "</Result>"
    )

    assert records(text) == [{"id": "1"}, {"id": "2"}]


def test_namespaces_are_left_out() -> None:
    text = '<o:R xmlns:o="urn:x"><o:A o:k="1">a</o:A><o:A>b</o:A></o:R>'

    assert records(text) == [{"k": "1", "value": "a"}, {"value": "b"}]


def test_control_characters_that_xml_knows_not_are_left_out() -> None:
    assert records("<R><A><B>x\x0by</B></A><A><B>z</B></A></R>") == [{"b": "xy"}, {"b": "z"}]


def test_a_document_without_children_has_no_record() -> None:
    assert records("<R></R>") == [{"value": None}]


@pytest.mark.parametrize("text", ["<R><A>1</A><A>2</A>", "<R><A>1</A><A>2</B></R>"])
def test_a_document_that_is_not_whole_is_an_error(text: str) -> None:
    with pytest.raises(DocumentFormatError, match="not XML, or incomplete"):
        records(text)


def nodes(count: int) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="Shift_JIS"?><Nodes>'
    for first in range(0, count, 1000):
        yield "".join(
            f"<Node><Id>{number}</Id><Name>名前 {number}</Name></Node>\n"
            for number in range(first, first + 1000)
        )
    yield "</Nodes>"


def test_memory_stays_the_same_however_many_records() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        assert sum(1 for _ in XmlRecords(nodes(count))) == count
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    # Beyond the megabyte that is looked at.
    assert peak(60_000) < 1.3 * peak(25_000)


def test_the_characters_are_read_though_the_document_names_another_set() -> None:
    *_, last = XmlRecords(nodes(1000))

    assert last == {"id": "999", "name": "名前 999"}


# --- Sizes that nobody expects -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (["<a>", *["<b>" * 50_000] * 4], "nested more than 100 levels"),
        (["<a><b>1</b>", *["<c>" * 50_000] * 4], "nested more than 100 levels"),
        (["<a><b>1</b><b>", *["x" * 50_000] * 40], "a record of more than"),
        (["<a><b>1</b><b>2</b>", *["x" * 50_000] * 40], "a record of more than"),
        (["<a><b>1</b><b>", *["<c/>" * 10_000] * 40], "a record of more than"),
        (["<a><b>1</b><b c='", *["x" * 50_000] * 40], "a record of more than"),
        (['<!DOCTYPE a [<!ENTITY b "lol">]>', "<a><b>&b;</b><b>&b;</b></a>"], "declares entities"),
    ],
)
def test_what_would_take_all_memory_fails_the_document(
    parts: list[str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tap_amazon_sp.documents.xml_records.MAX_RECORD", 1_000_000)

    with pytest.raises(DocumentFormatError, match=reason):
        list(XmlRecords(parts, "a.b"))


def test_what_is_beside_the_records_may_be_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tap_amazon_sp.documents.xml_records.MAX_RECORD", 1_000_000)
    other = "<c><d>1</d><d>2</d></c>" * 1000

    found = list(XmlRecords(["<a><o>", *[other] * 100, "</o><b>1</b><b>2</b></a>"], "a.b"))

    assert found == [{"value": "1"}, {"value": "2"}]
