"""Bearer tokens from a file, one a line, compared in constant time; the file is read again when it changes."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import stat
import time
from collections.abc import Mapping
from pathlib import Path

from zunda_mcp.errors import SettingsError

logger = logging.getLogger(__name__)

SHORTEST = 16
_LARGEST = 1024 * 1024
_GLANCE = 1.0
"""How often, in seconds, it is looked whether the file has changed."""
_ADVICE = 'write one with: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'


class TokenFile:
    """The tokens of a file. Only digests of them are kept.

    Raises ``SettingsError`` where the file cannot be read, is open to others, or holds no good token. Where that
    becomes so later, no token counts until the file is mended.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = _mark(path)
        self._looked = time.monotonic()
        self._digests = _read(path)

    def holder(self, token: str) -> str | None:
        """Who shows this token: a name that tells tokens apart and betrays none of them; ``None`` for a wrong one."""
        digest = _digest(token)
        found = None
        for name, known in self.holders().items():  # all of them, whichever it is
            if hmac.compare_digest(known, digest):
                found = name
        return found

    def holders(self) -> Mapping[str, bytes]:
        """The digests of all tokens that count now, each under the name of its holder."""
        self._look()
        return {f"token-{hashlib.sha256(digest).hexdigest()[:12]}": digest for digest in self._digests}

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked < _GLANCE:
            return
        self._looked = now
        try:
            mark = _mark(self._path)
            if mark != self._seen:
                self._seen = mark
                self._digests = _read(self._path)
        except SettingsError as error:
            if self._digests:
                logger.warning("%s Until then every token is refused.", error)
            self._digests, self._seen = (), (0, 0, 0, 0)


def _mark(path: Path) -> tuple[int, int, int, int]:
    """What changes when the file does."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise SettingsError(f"--token-file {path} cannot be read ({_why(error)}); {_ADVICE}") from error
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode


def _read(path: Path) -> tuple[bytes, ...]:
    try:
        with path.open("rb") as file:
            if os.name == "posix" and _shared(os.fstat(file.fileno())):
                raise SettingsError(f"--token-file {path} can be read by other users; run: chmod 600 {path}")
            text = file.read(_LARGEST).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise SettingsError(f"--token-file {path} cannot be read ({_why(error)}); {_ADVICE}") from error
    lines = [line.strip() for line in text.splitlines()]
    tokens = [line for line in lines if line and not line.startswith("#")]
    if not tokens:
        raise SettingsError(f"--token-file {path} holds no token; {_ADVICE}")
    for place, token in enumerate(tokens, start=1):
        if len(token) < SHORTEST:
            raise SettingsError(f"--token-file {path}: token {place} is shorter than {SHORTEST} characters; {_ADVICE}")
        if not all("!" <= character <= "~" for character in token):
            raise SettingsError(
                f"--token-file {path}: token {place} has characters that no header can carry; {_ADVICE}"
            )
    return tuple(dict.fromkeys(map(_digest, tokens)))


def _shared(status: os.stat_result) -> bool:
    """Whether others can read or write the file. A group may where the file is another user's, as a mounted secret is:
    this server cannot read it otherwise.
    """
    own = stat.S_IRWXG if status.st_uid == os.geteuid() else 0
    return bool(status.st_mode & (stat.S_IRWXO | own))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _why(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else "it is not UTF-8 text"
