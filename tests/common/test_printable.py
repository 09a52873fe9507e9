from __future__ import annotations

import json
import unicodedata

from tap_amazon_sp.common.printable import printable


def test_a_control_character_becomes_an_escape_that_json_reads() -> None:
    controls = [chr(code) for code in range(256) if unicodedata.category(chr(code)) == "Cc"]

    for letter in controls:
        text = printable(letter)
        if letter in "\t\n":
            assert text == letter
        else:
            assert text.isprintable()
            assert json.loads(f'"{text}"') == letter


def test_all_other_letters_stay() -> None:
    text = "Größe 数量 👕 \N{NO-BREAK SPACE}\N{ARABIC LETTER ALEF}\N{RIGHT-TO-LEFT MARK}\\"

    assert printable(text) == text
