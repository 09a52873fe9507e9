"""Files that store a refresh token: the tap's config.json, or variables as in a `.env`.

A file is replaced in one step, keeps everything else, and only its owner may read it.
"""

from __future__ import annotations

import os
import re
import uuid
from pathlib import Path

import msgspec

from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.common.json_values import UnusableJsonError, decode_written, encode_json
from tap_amazon_sp.settings.refresh_tokens import with_refresh_token

VARIABLE = "TAP_AMAZON_SP_REFRESH_TOKEN"

_LINE = re.compile(rf"(?P<before>\s*(?:export\s+)?){VARIABLE}\s*=")
_OWNER_ONLY = 0o600


class TokenStore:
    """A file that can store a refresh token."""

    def __init__(self, file: str, account: str | None = None) -> None:
        """Check that the file can store a token, as a consent cannot be used twice.

        Args:
            file: Its name; a file whose name does not end in `.json` contains variables.
            account: The account that gets the token, if the settings have several.

        Raises:
            MistakesError: The file cannot store a token.
        """
        # The target of a link, so that the link stays one.
        self._path = Path(file).resolve()
        self._label = f"--store {file}"
        self._account = account
        self._is_json = self._path.suffix.lower() == ".json"
        if not os.access(self._path.parent, os.W_OK | os.X_OK):
            raise MistakesError(
                [f"{self._label}: the folder does not exist or cannot be written to"]
            )
        self._with_token("")

    def store(self, refresh_token: str) -> None:
        """Write the token to the file.

        Raises:
            MistakesError: The file was changed, and can no longer store a token.
            OSError: The file cannot be written.
        """
        content = self._with_token(refresh_token)
        temporary = self._path.with_name(f".{self._path.name[:100]}.{uuid.uuid4().hex}.part")
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(temporary, flags, _OWNER_ONLY), "wb") as file:
                file.write(content.encode())
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _with_token(self, refresh_token: str) -> str:
        """Return the content of the file with the token."""
        try:
            text = self._path.read_bytes().decode()
        except FileNotFoundError:
            text = ""
        except UnicodeDecodeError:
            raise MistakesError([f"{self._label}: is not UTF-8"]) from None
        except OSError as error:
            reason = error.strerror or "cannot be read"
            raise MistakesError([f"{self._label}: {reason}"]) from None
        if self._is_json:
            return self._json_with(text, refresh_token)
        return self._variables_with(text, refresh_token)

    def _json_with(self, text: str, refresh_token: str) -> str:
        try:
            settings = decode_written(text) if text.strip() else {}
        except UnusableJsonError as error:
            # The content is not shown: it may be secret.
            raise MistakesError([f"{self._label}: {str(error).removeprefix('it ')}"]) from None
        if not isinstance(settings, dict):
            raise MistakesError([f"{self._label}: must be a JSON object"])
        try:
            changed = with_refresh_token(settings, refresh_token, self._account)
        except ValueError as error:
            raise MistakesError([f"{self._label}: {error}"]) from None
        return msgspec.json.format(encode_json(changed), indent=2).decode() + "\n"

    def _variables_with(self, text: str, refresh_token: str) -> str:
        if self._account is not None:
            raise MistakesError(
                [f"{self._label}: `--account` needs a file whose name ends in .json"]
            )
        if "'" in refresh_token or "\n" in refresh_token:
            raise MistakesError([f"{self._label}: a variable cannot hold the token of Amazon"])
        lines = []
        is_there = False
        for line in text.splitlines():
            if (match := _LINE.match(line)) is None:
                lines.append(line)
            elif not is_there:
                is_there = True
                lines.append(f"{match['before']}{VARIABLE}='{refresh_token}'")
        if not is_there:
            lines.append(f"{VARIABLE}='{refresh_token}'")
        return "".join(f"{line}\n" for line in lines)
