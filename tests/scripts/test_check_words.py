from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "check_words.py"
WORDS = yaml.safe_load((ROOT / "scripts" / "words.yml").read_text(encoding="utf-8"))


@pytest.fixture
def check_words(import_script: Callable[[str], ModuleType]) -> ModuleType:
    return import_script("check_words")


@pytest.fixture
def check(
    check_words: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[[str, str], list[str]]:
    """Checks a file with a text; returns the findings without their path."""

    def run(name: str, text: str) -> list[str]:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        code = check_words.main([str(path)])
        found = capsys.readouterr().out.splitlines()
        assert code == (1 if found else 0)
        return [line.removeprefix(f"{path}:") for line in found]

    return run


Check = Callable[[str, str], list[str]]


@pytest.mark.parametrize("entry", WORDS["phrases"], ids=lambda entry: entry["phrase"])
def test_the_example_of_each_phrase_is_found(check: Check, entry: dict[str, str]) -> None:
    bad = entry["bad"] if entry["bad"].startswith('"""') else f"# {entry['bad']}"

    (finding,) = check("bad.py", f"{bad}\n")

    assert finding.startswith("1: ")
    assert finding.endswith(f": write {entry['write']}")


@pytest.mark.parametrize("entry", WORDS["names"], ids=lambda entry: entry["name"])
def test_the_example_of_each_name_is_found(check: Check, entry: dict[str, str]) -> None:
    (finding,) = check("bad.py", f"{entry['bad']}\n")

    assert finding.endswith(f": write {entry['write']}")


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("comment.py", "x = 1\n# It is read\n# anew.\n", 3),
        ("docstring.py", 'def f():\n    """Read.\n\n    One of\n    which\n    """\n', 4),
        ("message.py", 'raise ValueError("it is read anew")\n', 1),
        ("message.py", 'm = (\n    f"{x} is "\n    "no setting"\n)\n', 2),
        ("page.md", "# Page\n\nIt is read\nanew.\n", 4),
        ("file.yml", "# Read anew.\nkey: 1\n", 1),
        ("file.toml", 'key = "Read anew."\n', 1),
    ],
)
def test_a_bad_sentence_is_found_in_its_line(check: Check, name: str, text: str, line: int) -> None:
    (finding,) = check(name, text)

    assert finding.startswith(f"{line}: ")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("field.py", 'record["anew"]\n'),
        ("field.py", "# The field `anew` of Amazon.\n"),
        ("field.py", 'm = f"{anew} items"\n'),
        ("names.py", "anew = hence = 1\n"),
        ("apart.py", 'm = ["it is", "had to wait"]\n'),
        ("apart.py", "x = 1  # it is\ny = 2\n# had\n"),
        ("good.py", '"""Give up."""\n# There is no setting of that name, and no more than two.\n'),
        ("good.py", "# It is no longer read. This stands for that. An amendment.\n"),
        ("page.md", "Run `anew`, see [this](anew.md).\n\n```\nanew\n```\n"),
    ],
)
def test_names_code_and_plain_english_are_left_alone(check: Check, name: str, text: str) -> None:
    assert check(name, text) == []


def test_folders_are_checked_for_files_of_known_kinds(
    check_words: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("a.py", "inner/b.md", "data.json"):
        (tmp_path / name).write_text("# anew\n", encoding="utf-8")

    files = list(check_words.files_in([tmp_path]))

    assert files == [tmp_path / "a.py", tmp_path / "inner" / "b.md"]


def test_a_place_that_is_not_there_is_an_error(check_words: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(check_words.files_in([tmp_path / "lost.md"]))


def test_what_is_listed_is_plain_english() -> None:
    ran = subprocess.run(
        [sys.executable, str(SCRIPT)], capture_output=True, text=True, check=False, timeout=60
    )

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
