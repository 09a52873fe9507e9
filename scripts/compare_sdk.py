"""Print what Amazon's Python SDK (`amzn-sp-api`) has and the API catalogue lacks.

    python scripts/compare_sdk.py           the installed SDK
    python scripts/compare_sdk.py FOLDER    an SDK that `pip install --target FOLDER` has unpacked

A line for each operation, parameter, field of a body or an answer, and list of values. The exit
code is 0 with news, too. They come into the catalogue by `build_sdk_additions.py` with a newer SDK
in requirements/dev.txt, or by newer models of Amazon.
"""

from __future__ import annotations

import argparse
import sys
from importlib import metadata
from pathlib import Path

from build_models import MODELS
from generated_files import BuildError, Json, read_json
from sdk_differences import News, differences
from sdk_facts import DISTRIBUTION, installed_sdk, read_sdk

PACKAGE = "spapi"
MISTAKE = 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", help="where pip has unpacked an SDK")
    folder = parser.parse_args(arguments).folder
    try:
        version, package = installed_sdk() if folder is None else unpacked_sdk(folder)
        found = news(package)
    except BuildError as error:
        print(error, file=sys.stderr)
        return MISTAKE
    print(report(version, found))
    return 0


def news(package: Path) -> tuple[News, ...]:
    """Return what an SDK has and the committed catalogue lacks.

    Args:
        package: The folder of its Python package.

    Raises:
        BuildError: The SDK is not written as the known ones are.
    """
    models: dict[str, Json] = {path.stem: read_json(path) for path in sorted(MODELS.glob("*.json"))}
    return differences(read_sdk(package), models).news


def report(version: str, found: tuple[News, ...]) -> str:
    """Return the list in words, a line for each entry."""
    if not found:
        return f"{DISTRIBUTION} {version} has nothing that the catalogue lacks"
    lines = [f"{DISTRIBUTION} {version} has what the catalogue lacks: {len(found)}"]
    return "\n".join([*lines, *(f"- {one.line}" for one in found)])


def unpacked_sdk(folder: Path) -> tuple[str, Path]:
    """Return version and folder of the SDK that is unpacked in a folder.

    Raises:
        BuildError: There is none.
    """
    found = metadata.distributions(name=DISTRIBUTION, path=[str(folder)])
    version = next((one.version for one in found), None)
    if version is None or not (folder / PACKAGE).is_dir():
        message = (
            f"no {DISTRIBUTION} in {folder}: pip install --no-deps --target {folder} {DISTRIBUTION}"
        )
        raise BuildError(message)
    return version, folder / PACKAGE


if __name__ == "__main__":
    sys.exit(main())
