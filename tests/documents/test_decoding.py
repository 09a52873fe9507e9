from __future__ import annotations

import codecs

import pytest

from tap_amazon_sp.documents.decoding import JAPANESE, WESTERN, charset_of, decoded, usual_charset
from tap_amazon_sp.documents.errors import DocumentFormatError

LATIN_1 = "text/plain; charset=ISO-8859-1"


def text_of(content: bytes, content_type: str = "", usual: str = WESTERN, size: int = 7) -> str:
    """Decode in small pieces, which fall anywhere."""
    pieces = (content[begin : begin + size] for begin in range(0, len(content), size))
    return "".join(decoded(pieces, content_type, usual))


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        ("text/plain; charset=UTF-8", "utf-8"),
        ("text/plain;charset=Cp1252", "cp1252"),
        ('text/plain; charset="ISO-8859-1"', "cp1252"),
        ("text/plain; charset=Shift_JIS", "cp932"),
        ("text/plain; charset=Windows-31J", "cp932"),
        ("text/plain; charset=unheard-of", None),
        ("text/plain; charset=rot13", None),
        ("text/plain; charset=idna", None),
        ("text/plain; charset=cp037", None),
        ("text/plain; charset=\x00", None),
        ("text/plain", None),
        ("", None),
    ],
)
def test_the_character_set_comes_with_the_document(content_type: str, charset: str | None) -> None:
    assert charset_of(content_type) == charset


def test_a_marketplace_has_a_usual_character_set() -> None:
    assert usual_charset(["A1VC38T7YXB528"]) == JAPANESE
    assert usual_charset(["A1PA6795UKMFR9"]) == WESTERN
    assert usual_charset() == WESTERN


def test_a_region_has_one_where_the_marketplaces_are_not_known() -> None:
    assert usual_charset((), "fe") == JAPANESE
    assert usual_charset((), "eu") == WESTERN
    assert usual_charset(["A39IBJ37TRP1C6"], "fe") == WESTERN


@pytest.mark.parametrize("content_type", ["", "text/xml", "text/xml; charset=ISO-8859-1"])
def test_xml_says_its_character_set_itself(content_type: str) -> None:
    text = '<?xml version="1.0" encoding="Shift_JIS"?>\n<a>ｴﾗｰ</a>\n'

    assert text_of(text.encode("cp932"), content_type) == text


def test_utf8_declared_as_latin_1_is_no_mojibake() -> None:
    text = "Größe\tprecio\nübergroß\t12 €\n"

    assert text_of(text.encode(), LATIN_1) == text


def test_german_cp1252_is_read_as_declared_or_by_default() -> None:
    text = "Größe\tPreis\nübergroß … „Maß“\t12 €\n"

    assert text_of(text.encode("cp1252"), "text/plain; charset=Cp1252") == text
    assert text_of(text.encode("cp1252"), LATIN_1) == text
    assert text_of(text.encode("cp1252")) == text
    assert text_of(text.encode("cp1252"), "text/plain; charset=UTF-8") == text


def test_japanese_shift_jis_is_read_as_declared_or_by_default() -> None:
    text = "商品名\t価格\nﾂｱｰ ①髙級\t1200\n"

    assert text_of(text.encode("cp932"), "text/plain; charset=Shift_JIS") == text
    assert text_of(text.encode("cp932"), usual=JAPANESE) == text


def test_utf8_from_japan_is_read_whatever_was_said() -> None:
    text = "商品名\t価格\ncafé\t1200\n"

    assert text_of(text.encode(), "text/plain; charset=Shift_JIS") == text
    assert text_of(text.encode(), usual=JAPANESE) == text


def test_half_width_katakana_that_look_like_utf8_are_katakana() -> None:
    text = "sku\tname\n1\tﾂｱ\n"

    assert text.encode("cp932").decode("utf-8")  # they do look like it
    assert text_of(text.encode("cp932"), usual=JAPANESE) == text


@pytest.mark.parametrize(
    "header",
    [
        "Händler-SKU\tPreis",
        "HÄNDLER-SKU\tPREIS",
        "sku\tNuméro de commande",
        "sku\tTítulo del artículo",
        "sku\tPreço",
        "sku\tGröße",
        "sku\tCena w złotych",
        "sku\tilość",
        "sku\tSipariş numaras\u0131",
        "sku\tرقم الطلب",
        "sku\t\u041d\u043e\u043c\u0435\u0440 \u0437\u0430\u043a\u0430\u0437\u0430",
        "sku\t\u0391\u03c1\u03b9\u03b8\u03bc\u03cc\u03c2",
        "sku\tprix à payer",
    ],
)
def test_undeclared_utf8_from_japan_is_read_where_it_makes_no_sense_in_japanese(
    header: str,
) -> None:
    text = f"{header}\nA-1\tﾂｱｰ\nB-2\tcafé\n"

    assert text_of(text.encode(), usual=JAPANESE) == text
    # Alone, so that nothing else decides.
    assert text_of(f"{header}\n".encode(), usual=JAPANESE) == f"{header}\n"


@pytest.mark.parametrize(
    "name",
    [
        "ﾂｱ",
        "ﾄｱ",
        "ﾑｰﾐｰ",
        "ﾑｰﾐｰ mug",
        "USBﾄｱ",
        "DXﾄｲBOX",
        "miniﾄｱset",
        "miniﾑｰﾐｰset",
        "A4ﾃｨ2",
        "partyﾃｨ",
        "ﾃｨｰ",
        "ﾃｵ van Gogh",
        "ﾘｱﾙ",
        "20ﾂｰC",
    ],
)
def test_half_width_katakana_that_may_be_japanese_are_katakana(name: str) -> None:
    text = f"sku\tname\n1\t{name}\n2\t商品\n"

    assert text_of(text.encode("cp932"), usual=JAPANESE) == text
    alone = f"1\t{name}\n"
    assert text_of(alone.encode("cp932"), usual=JAPANESE) == alone


def test_utf8_that_is_declared_is_read_unless_a_line_is_not_utf8() -> None:
    polish, katakana = "sku\tilość\n", "商品名\n1\tﾂｱ\n"
    declared = "text/plain; charset=UTF-8"

    assert text_of(polish.encode(), declared, usual=JAPANESE) == polish
    assert text_of(polish.encode("utf-8-sig"), usual=JAPANESE) == polish
    assert text_of(katakana.encode("cp932"), declared, usual=JAPANESE) == katakana


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("marked", [True, False])
def test_utf16_is_read_with_and_without_its_mark(charset: str, *, marked: bool) -> None:
    text = "sku\tname\n1\tGröße 商品\n"
    mark = codecs.BOM_UTF16_LE if charset.endswith("le") else codecs.BOM_UTF16_BE
    content = mark * marked + text.encode(charset)

    assert text_of(content) == text
    assert text_of(content, "text/plain; charset=UTF-16") == text


def test_text_that_is_said_to_be_utf16_and_is_not_is_read() -> None:
    assert text_of(b"sku\tname\n", "text/plain; charset=UTF-16") == "sku\tname\n"


def test_the_byte_order_mark_of_utf8_is_no_part_of_the_first_column() -> None:
    assert text_of(codecs.BOM_UTF8 + b"sku\tname\n") == "sku\tname\n"


def test_a_bad_byte_spoils_no_other_line() -> None:
    content = "Größe\n".encode() + b"bad \xff\x81 byte\n" + "Maß\n".encode()

    assert text_of(content, "text/plain; charset=UTF-8") == "Größe\nbad ÿ\ufffd byte\nMaß\n"


def test_a_bad_byte_of_shift_jis_is_no_error() -> None:
    content = "価格\n".encode("cp932") + b"\xa0\xfd\xff\n" + "価格\n".encode("cp932")

    text = text_of(content, "text/plain; charset=Shift_JIS")

    assert text.startswith("価格\n")
    assert text.endswith("\n価格\n")


def test_nul_characters_are_left_out() -> None:
    assert text_of(b"sku\tna\0me\n") == "sku\tname\n"


def test_a_line_without_end_is_given_in_pieces_that_split_no_letter() -> None:
    text = ("商品," * 1_000_000)[:-1]

    pieces = list(
        decoded([text.encode()[begin : begin + 65536] for begin in range(0, 7_000_000, 65536)])
    )

    assert "".join(pieces) == text
    assert len(pieces) > 2


@pytest.mark.parametrize("charset", ["idna", "punycode", "utf-7", "cp037", "hex", "unheard-of"])
def test_another_character_set_than_those_that_are_read_is_an_error(charset: str) -> None:
    content_type = f"text/plain; charset={charset}"

    assert "".join(decoded(["Größe 10\n".encode()], content_type)) == "Größe 10\n"
    with pytest.raises(DocumentFormatError, match="its declared character set is not one"):
        list(decoded(["Größe 10\n".encode("cp1252")], content_type))
    with pytest.raises(DocumentFormatError, match="its declared character set is not one"):
        list(decoded([("seller-sku\tprice\n" * 100).encode("cp037")], content_type))


def test_a_text_without_an_end_of_a_line_has_a_largest_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tap_amazon_sp.documents.decoding.MAX_RECORD", 3_000_000)

    def read(letters: bytes) -> int:
        return sum(map(len, decoded(letters * 10_000 for _ in range(1000))))

    assert read(b"0123,") == 50_000_000
    with pytest.raises(DocumentFormatError, match="a record of more than"):
        read(b"01234")
