from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"

ImportScript = Callable[[str], ModuleType]


@pytest.fixture
def import_script(monkeypatch: pytest.MonkeyPatch) -> Iterator[ImportScript]:
    """Imports a module of scripts/, which is not a package; each test gets its own."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    yield importlib.import_module
    for path in SCRIPTS.glob("*.py"):
        sys.modules.pop(path.stem, None)


@pytest.fixture
def amazons_models() -> Path:
    """A checkout of amzn/selling-partner-api-models."""
    checkout = Path(os.environ.get("SP_API_MODELS") or ROOT.parent / "selling-partner-api-models")
    if not checkout.is_dir():
        pytest.skip("Amazon's models are not here: set SP_API_MODELS to a checkout of them")
    return checkout
