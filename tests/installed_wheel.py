"""The wheel of this checkout, and an environment in which it is installed."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def build_wheel(folder: Path) -> Path:
    """Build the wheel in a folder, without the network."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    return path


@dataclass(frozen=True)
class WheelEnvironment:
    """An environment of Python that has the wheel, and all other distributions of ours.

    Nothing of this checkout is in it: what lies in our environment as a link to it is not
    followed.
    """

    folder: Path

    @classmethod
    def create(cls, folder: Path, wheel: Path) -> WheelEnvironment:
        """Create it in a folder."""
        environment = cls(folder)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        pip = [sys.executable, "-m", "pip", "--python", environment.program("python")]
        install = ["install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
        subprocess.run([*pip, *install, str(wheel)], check=True)
        site_packages = environment.run_python(
            "import sysconfig; print(sysconfig.get_path('purelib'))"
        )
        # A folder that is named in a .pth file comes after the wheel, and its own are not read.
        (Path(site_packages) / "others.pth").write_text(
            sysconfig.get_path("purelib") + "\n", encoding="utf-8"
        )
        return environment

    def program(self, name: str) -> str:
        """Return the path of an installed program."""
        return str(self.folder / "bin" / name)

    def run_python(self, program: str) -> str:
        """Run a program of Python; return what it prints."""
        finished = subprocess.run(
            [self.program("python"), "-c", program],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return finished.stdout.strip()
