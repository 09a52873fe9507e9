"""Random tables: headers and cells that flat files of any marketplace may have, and worse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

WORDS = (
    *("order", "sku", "Mug", "Best", "8x10", "1/2", "S/M", "n/a", "N/A", "null", "#1", "100%"),
    *("Größe", "Händler", "Übergröße", "Straße", "Bestellnummer"),
    *("Numéro", "d’expédition", "œuvre", "reçu", "à", "Où", "façade"),
    *("Quantità", "più", "perché", "città", "Año", "dirección", "¿envío?", "niño"),
    *("één", "geïnd", "Categorieën", "Łódź", "żółć", "wysyłka", "ilość"),
    *("Försäljning", "åtgärd", "köp", "Şehir", "ığdır", "İade", "ürün", "ağırlık"),
    *(
        "Endereço",
        "não",
        "preço",
        "avô",
        "商品名",
        "出品者",
        "ﾀｵﾙ",
        "髙級",
        "①",
        "ソ表能",
        "ポスター",
    ),
    *("订单编号", "数量", "商品名称", "رقم", "الطلب", "الكمية", "€", "£", "½", "×", "™", "–"),
)
"""Words in the languages of the marketplaces."""

NAMES = tuple(word for word in WORDS if word[0].isalpha())
"""Words for the header. `1/2` or `100%` would be a strange name, and can be the value of a row."""

VALUES = (
    *("", "", "", "0", "1", "12", "0123", "007", "00", "1E5", "2e3", "1e400", "-0", "+1", ".5"),
    *("12345678901234567890", "9223372036854775808", "1000000000000000001", "1234567890123456789"),
    *("19,99", "1.234,56", "1,234.56", "1 234,56", "(12.00)", "−5", "1'234.50", "12,5 %"),
    *("B000000001", "9780000000", "111-0000001-0000001", "171-1", "true", "FALSE", "None", "NaN"),
    *("2026-08-15T18:35:17+00:00", "15/08/2026 20:35:17 MESZ", "2026年11月20日", "20.11.26"),
    *("Nov 8, 2026 10:23:05 PM PST", "=1+1", "-", "--", "?", "\\", "\\n", "\\t", "a\\", "|", "'"),
    *(" ", "  ", " a", "a ", " 0123 ", "\N{NO-BREAK SPACE}1", "\N{IDEOGRAPHIC SPACE}", "#", "# a"),
    *("\N{LINE SEPARATOR}", "a\x85b", "\x0b", "\x0c", "\x1c", "\x1f", "\N{ZERO WIDTH SPACE}"),
    *(
        "\N{ZERO WIDTH NO-BREAK SPACE}",
        "👕",
        "e\N{COMBINING ACUTE ACCENT}",
        "<b>",
        "&quot;",
        "{",
        "[",
    ),
)
"""Whole cells that programs like to change."""

QUOTED = (
    *('"', '""', '"""', '8x10"', '1/2" pipe', '"Best" mug', '"Best"', '"Best', 'Best"', '12"" mug'),
    *('a"b', 'a" b', 'a "b', '5" x 7"', '5"x7"', '"a" and "b"', ' "a"', '"a" ', '"" x', 'x ""'),
    *("'", "it's", '"\'"', "“a”", "„a“", "a``b''", '\\"', 'a\\"b', '"\\'),
)
"""Cells with quotes."""

DELIMITED = (
    *("\t", ",", ";", "a\tb", "a,b", "a;b", "a, b", "a; b", "\ta", ",a", ";a", "a\t", "a,", "a;"),
    *(",,", ";;", "\t\t", '","', '";"', '"\t"', '",', ',"', '";', ';"', '"\t', '\t"'),
    *(
        'a","b',
        'a";"b',
        'a"\t"b',
        'a,"b"',
        '"a",b',
        'a, "b", c',
        "a,b;c\td",
        'Mug, 12"',
        '12", Mug',
    ),
)
"""Cells with delimiters, and with quotes beside them."""

BROKEN = (
    *(
        "\n",
        "a\nb",
        "a\n",
        "\na",
        "a\n\nb",
        "a\nb\nc",
        "a\n b",
        '"a\nb"',
        'a"\nb',
        'a\n"b',
        'a"\n"b',
    ),
    *("a\r\nb", "\r\n", 'x "y" z\r\n', '"\r\n"', "1\r\n2\n3"),
    *("a,\nb", "a\n,b", "a;\nb", "a\t\nb", "1\n2", "\n\n", 'x\n"y" z', 'x "y"\nz', "- a\n- b\n"),
)
"""Cells with line breaks."""

_ALPHABET = 'abcXYZ019 .-_/"",;\t\n\'äßéłşñ商ｱع\\'


@dataclass(frozen=True)
class Table:
    """Names of columns, and rows of as many cells each. Line breaks in cells are LF or CRLF."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def random_table(random: Random) -> Table:
    """Make up a table."""
    width = random.choice((2, 2, 3, 3, 4, 5, 6, 7, 8, 10, random.randint(11, 60)))
    height = random.choice((0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10, random.randint(11, 40)))
    if width * height > 400:
        height = 400 // width
    # Some tables are tame, others have hardly a cell that is.
    wildness = random.choice((0.0, 0.1, 0.3, 0.7))
    rows = tuple(tuple(_cell(random, wildness) for _ in range(width)) for _ in range(height))
    return Table(_header(random, width), rows)


def _header(random: Random, width: int) -> tuple[str, ...]:
    """Return different names. A number in each keeps it out of every table of translations."""
    names = []
    for number in range(width):
        words = [random.choice(NAMES) for _ in range(random.choice((1, 1, 2, 3)))]
        name = random.choice((" ", " ", "-", "_", "/", " & ")).join(words)
        name += random.choice((" {}", "-{}", "_{}", " ({})")).format(number + 1)
        if random.random() < 0.05:
            name = random.choice(("{}, net", "{}; net", "{}\tnet", '{} 5"x7', '{}, "a", b')).format(
                name
            )
        names.append(name)
    return tuple(names)


def _cell(random: Random, wildness: float) -> str:
    if random.random() >= wildness:
        words = random.choices(WORDS, k=random.choice((1, 1, 2, 3, 5)))
        return random.choice((random.choice(VALUES), " ".join(words)))
    make = random.choices(_KINDS, _SHARES)[0]
    return make(random)


def _surrounded(random: Random) -> str:
    return random.choice(QUOTED) + random.choice(WORDS) + random.choice(QUOTED)


def _long(random: Random) -> str:
    return random.choice(WORDS) * random.randint(100, 3000)


def _letters(random: Random) -> str:
    return "".join(random.choices(_ALPHABET, k=random.randint(1, 20)))


_KINDS: tuple[Callable[[Random], str], ...] = (
    lambda random: random.choice(QUOTED),
    lambda random: random.choice(DELIMITED),
    lambda random: random.choice(BROKEN),
    _surrounded,
    _letters,
    _long,
)
_SHARES = (30, 20, 15, 10, 25, 1)
