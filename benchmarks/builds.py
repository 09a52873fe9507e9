"""Another build of the tap, from the history of this repository, in an environment of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class NoHistoryError(Exception):
    """This checkout has no such commit; the message says so."""


def other_build(revision: str, folder: Path) -> str:
    """Install the tap as it was at a commit; return the path of its command.

    Args:
        revision: The commit.
        folder: Where its files and its environment go.

    Raises:
        NoHistoryError: The commit is not in this checkout, or this is none.
    """
    git = ["git", "-C", str(ROOT)]
    # Not a worktree: the repository would remember it after the folder is gone.
    archive = subprocess.run(
        [*git, "archive", "--format=tar", revision], capture_output=True, check=False
    )
    if archive.returncode:
        message = (
            f"commit {revision} is not in the git history of this checkout: "
            f"{archive.stderr.decode(errors='replace').strip()}"
        )
        raise NoHistoryError(message)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    uv = str(Path(sys.executable).with_name("uv"))
    target = folder / ".venv"
    install = [uv, "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", str(folder)]
    synchronize = [uv, "pip", "sync", "--quiet", "--require-hashes", "requirements/dev.txt"]
    environment = os.environ | {"VIRTUAL_ENV": str(target)}
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(target)], check=True)
    for command in (synchronize, install):
        subprocess.run(command, check=True, cwd=folder, env=environment)
    return str(target / "bin" / "tap-amazon-sp")
