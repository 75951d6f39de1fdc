"""Bearer tokens from a file, one per line, compared in constant time. The file is read again when it changes."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import stat
import time
from pathlib import Path

from zunda_mcp.errors import SettingsError

logger = logging.getLogger(__name__)

__all__ = ["TokenFile"]

_MIN_LENGTH, _MAX_FILE_BYTES = 16, 1024 * 1024
_ADVICE = 'write one with: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'


class TokenFile:
    """The tokens of a file, of which only digests are kept.

    ``check_seconds`` is how often the file is checked for changes. Raises ``SettingsError`` if the file cannot be read,
    is open to other users, or holds no valid token. If that happens later, no token is valid until the file is mended.
    """

    def __init__(self, path: Path, check_seconds: float = 1.0) -> None:
        self._path, self._check_seconds = path, check_seconds
        self._digests, self._checked_at = _read(path), time.monotonic()

    def name_of(self, token: str) -> str | None:
        """What a token of the file is called, which is made from its digest; ``None`` for any other."""
        digest, match = _digest(token), None
        for name, expected in self.digests().items():  # always all of them, so that the time tells nothing
            if hmac.compare_digest(expected, digest):
                match = name
        return match

    def digests(self) -> dict[str, bytes]:
        """The digests of all valid tokens by name."""
        if time.monotonic() - self._checked_at >= self._check_seconds:
            try:
                self._digests = _read(self._path)
            except SettingsError as error:
                if self._digests:
                    logger.warning("%s Until then every token is refused.", error)
                self._digests = {}
            self._checked_at = time.monotonic()
        return self._digests


def _read(path: Path) -> dict[str, bytes]:
    try:
        with path.open("rb") as file:
            if os.name == "posix" and _is_shared(os.fstat(file.fileno())):
                raise SettingsError(f"--token-file {path} can be read by other users; run: chmod 600 {path}")
            lines = [line.strip() for line in file.read(_MAX_FILE_BYTES).decode("utf-8-sig").splitlines()]
    except (OSError, ValueError) as error:
        cause = error.strerror or type(error).__name__ if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"--token-file {path} cannot be read ({cause}); {_ADVICE}") from error
    tokens = [line for line in lines if line and not line.startswith("#")]
    if not tokens:
        raise SettingsError(f"--token-file {path} contains no token; {_ADVICE}")
    for number, token in enumerate(tokens, start=1):
        if len(token) < _MIN_LENGTH or not all("!" <= character <= "~" for character in token):
            needs = f"{_MIN_LENGTH} or more ASCII letters, digits and signs"
            raise SettingsError(f"--token-file {path}: token {number} needs {needs}; {_ADVICE}")
    return {f"token-{hashlib.sha256(digest).hexdigest()[:12]}": digest for digest in map(_digest, tokens)}


def _is_shared(status: os.stat_result) -> bool:
    """Whether other users can read or write the file. A group may if the file belongs to another user, like a mounted
    secret, which this server could not read otherwise.
    """
    user = os.geteuid() if os.name == "posix" else None
    group = stat.S_IRWXG if status.st_uid == user else 0
    return bool(status.st_mode & (stat.S_IRWXO | group))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
