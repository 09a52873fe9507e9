from __future__ import annotations

import pytest

from tap_amazon_sp.documents.dialects import layout_of
from tap_amazon_sp.documents.errors import DocumentFormatError

LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
DATE_RANGE = "GET_DATE_RANGE_FINANCIAL_TRANSACTION_DATA"
ROWS = "2026-11-20,Order,1\n2026-11-21,Refund,2\n"
EXPLANATIONS = [
    '"Includes Amazon Marketplace, Fulfillment by Amazon (FBA), and Amazon Webstore"\n',
    "Includes Amazon Marketplace, Fulfillment by Amazon (FBA), and Amazon Webstore\n",
    "All amounts in USD, unless specified\n",
    '"Other: For more details, see the ""Type"" and ""Description"" columns."\n',
    "Alle Beträge in EUR, sofern nicht anders angegeben\n\n",
    '"Inclut Amazon Marketplace"\n"Tous les montants sont en EUR"\n"Définitions :"\n\n',
    '"Amazonマーケットプレイス、フルフィルメント by Amazon(FBA)を含みます"\n',
    "すべての取引\n金額は円\n",
    "包含所有交易、金额以人民币计算、除非另有说明\n",
    "Transactions\n\n",
    "Definitions:\nSales tax: what buyers paid, with shipping, and gift wrap\n",
    "Report made on 2026-11-20, 10:15\nAccount: 12345\n",
    "Period,2026-11-01\nAccount,12345\n\n",
    "Date range: 2026-11-01 - 2026-11-20\n" * 30,
    "\n\nIncludes all transactions\n",
]


@pytest.mark.parametrize("explanation", EXPLANATIONS)
@pytest.mark.parametrize("usual", ["\t", ","])
@pytest.mark.parametrize("rows", ["", ROWS, ROWS * 200])
@pytest.mark.parametrize("header", ["date,type,total", "alpha,beta,gamma"])
def test_what_explains_a_file_is_not_its_header(
    explanation: str, usual: str, rows: str, header: str
) -> None:
    layout = layout_of(f"{explanation}{header}\n{rows}", usual)

    assert (layout.header, layout.delimiter) == (tuple(header.split(",")), ",")
    assert layout.body == rows


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_an_explanation_has_commas_where_the_file_has_other_delimiters(delimiter: str) -> None:
    text = "Includes all, also refunds, and fees\n\n" + f"date,type,total\n{ROWS}".replace(
        ",", delimiter
    )

    layout = layout_of(text, ",")

    assert (layout.header, layout.delimiter) == (("date", "type", "total"), delimiter)


@pytest.mark.parametrize(
    "text",
    [
        # One column.
        "sku\n1\n2\n",
        "title\nMug\nCup, blue\nPot, red, large\n",
        "asin\nThe best mug, red\nB1\n",
        # Two columns, and rows that have more.
        "sku,name\n1,a,x\n2,b,y\n",
        "sku,name\nA,Mug,red\nB,Cup,blue\n",
        "Order ID,Item name\n1,a,x\n",
        # Names with abbreviations, figures and spaces.
        "Bestellnr.,Preis inkl. MwSt.\nA,Mug\nB,Cup\n",
        "sku,0-90,91-180\nA,1,2\nB,3,4,5\n",
        "sku, name, price\nA, Mug, 5\n",
    ],
)
def test_the_first_line_is_the_header_unless_it_explains(text: str) -> None:
    header, _, body = text.partition("\n")

    layout = layout_of(text, ",")

    assert layout.header == tuple(header.split(","))
    assert layout.body == body


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("sku\tname, blue\n1\tMug, red\n", "\t"),
        ("sku\tname\n1,2,3\t4\n", "\t"),
        ('"sku","na\tme"\n"1","a\tb"\n', ","),
        ("sku;price\n1;1,50\n2;2,50\n", ";"),
        ("sku,name\n1,a;b;c\n", ","),
        ('"sku";"a, b"\n"1";"c, d"\n', ";"),
    ],
)
@pytest.mark.parametrize("usual", ["\t", ",", ";"])
def test_other_delimiters_may_be_in_names_and_values(text: str, delimiter: str, usual: str) -> None:
    layout = layout_of(text, usual)

    assert layout.delimiter == delimiter
    assert len(layout.header) == 2


def test_a_header_is_read_without_its_quotes() -> None:
    layout = layout_of('"sku"\t"size ""XL"""\t"5" pipe"\t\r\n1\ta\tb\r\n')

    assert layout.header == ("sku", 'size "XL"', '5" pipe')
    assert layout.is_quoted
    assert layout.body == "1\ta\tb\r\n"
    assert not layout_of('sku\t"name"\n').is_quoted
    assert layout_of('"Date\nof sale","sku"\n"1","a"\n', ",").header == ("Date\nof sale", "sku")


def test_an_incomplete_last_line_decides_nothing() -> None:
    layout = layout_of('sku,name\n1,a\n2,"b', ",", is_whole=False)

    assert layout.header == ("sku", "name")
    assert layout.body == '1,a\n2,"b'


def test_a_text_without_lines_has_no_header() -> None:
    assert layout_of("").header == ()
    assert layout_of("\n \n\r\n").header == ()


def test_a_header_has_not_too_many_fields() -> None:
    with pytest.raises(DocumentFormatError, match="more than 10,000 fields"):
        layout_of("\t".join("a" * 10_001) + "\n")


# Each line before the known columns would be a header for a reader that does not know them.
PREAMBLES = [
    "Account,My shop\n",
    "Account,My shop\n\n",
    "Account,My shop\nMarketplace,amazon.com\n",
    "a,b,c,d\nFrom,2026-11-01,To,2026-11-30\n",
    "Start date,2026-11-01,End date,2026-11-30\n",
    "Line 1:\ttext\tmore\nLine 2:\ttext\tmore\n",
    "Columns: sku, type, and the total\n",
    "Definitions\n",
    "Description\n",
    "定義\nその他\n",
    "[Report]\n",
    "<b>Report</b>\n",
    "Includes all,,,\n,,,\n",
]


@pytest.mark.parametrize("preamble", PREAMBLES)
@pytest.mark.parametrize("header", ["date/time,sku,type,total", "Datum/Uhrzeit;SKU;Typ;Gesamt"])
@pytest.mark.parametrize("rows", ["", "a,b,c,d\n", "a\tb,c\n", "a,b,c,d,e,f\n" * 300])
def test_known_columns_are_the_header_whatever_is_before_and_after(
    preamble: str, header: str, rows: str
) -> None:
    layout = layout_of(f"{preamble}{header}\n{rows}", type_name=DATE_RANGE)

    assert layout.header == tuple(header.replace(";", ",").split(","))
    assert layout.delimiter == ("," if "," in header else ";")
    assert layout.body == rows


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("seller-sku\t item-name\t price\t quantity", "\t"),
        ("seller-sku, item-name, price, quantity", ","),
        ("seller-sku\t\t \tprice", "\t"),
        ("seller-sku:\titem-name:\tprice:", "\t"),
        ("seller-sku\titem-name\tprice.", "\t"),
        ("seller-sku\titem-name\t7\t30", "\t"),
        ("seller-sku;price", ";"),
        ("Händler-SKU\tArtikelbezeichnung\tneu, und anders", "\t"),
        ("seller-sku", "\t"),
    ],
)
@pytest.mark.parametrize("type_name", [LISTINGS, "GET_UNHEARD_OF_REPORT"])
@pytest.mark.parametrize(
    "row",
    [
        "A\tMug;blue\t2",
        "A\tMug, blue\t2\t3\tx,y\tz",
        "A\t|\t;B",
        "A,1.5,x",
        "A;1;2;3",
        "sku,name,type",
    ],
)
@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_no_row_is_lost_though_rows_do_not_fit_the_header(
    header: str, delimiter: str, type_name: str, row: str, count: int
) -> None:
    body = f"{row}\n" * count

    layout = layout_of(f"{header}\n{body}", type_name=type_name)

    assert layout.body == body
    if type_name == LISTINGS or "Händler" not in header:
        assert layout.delimiter == delimiter
        assert layout.header == tuple(header.split(delimiter))


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("alpha\t beta\t gamma", "\t"),
        ("alpha\tbeta of it\tgamma, delta", "\t"),
        ("alpha\tbeta\tgamma:", "\t"),
        ("alpha\tbeta\tgamma.", "\t"),
        ("alpha,beta,gamma", ","),
        ("alpha, beta, gamma", ","),
        ("alpha;beta;gamma", ";"),
    ],
)
@pytest.mark.parametrize("usual", ["\t", ","])
@pytest.mark.parametrize("count", [1, 2, 300])
@pytest.mark.parametrize("row", ["a{0}x", "a{0}b{0}c{0}d", "a{0}x, y;z", "a{0}1.5{0}good"])
def test_no_row_of_unknown_columns_is_lost(
    header: str, delimiter: str, usual: str, count: int, row: str
) -> None:
    body = f"{row.format(delimiter)}\n" * count

    layout = layout_of(f"{header}\n{body}", usual)

    assert layout.body == body
    assert (layout.header, layout.delimiter) == (tuple(header.split(delimiter)), delimiter)


def test_a_file_with_a_repeated_header_has_the_first_one() -> None:
    text = "seller-sku\tprice\nA\t1\nseller-sku\tprice\tquantity\nB\t1\t2\n"

    layout = layout_of(text, type_name=LISTINGS)

    assert layout.header == ("seller-sku", "price")
