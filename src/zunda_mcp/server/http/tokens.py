"""Bearer tokens from a file, one a line, compared in constant time; the file is read again when it changes."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import stat
import time
from pathlib import Path

from mcp.server.auth.provider import AccessToken

from zunda_mcp.errors import SettingsError

logger = logging.getLogger(__name__)

_SHORTEST, _LARGEST = 16, 1024 * 1024
_GLANCE = 1.0
"""How often, in seconds, it is looked whether the file has changed."""
_ADVICE = 'write one with: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'


class TokenFile:
    """A ``TokenVerifier`` of the SDK. Only digests of the tokens are kept, under names that betray none of them.

    Raises ``SettingsError`` where the file cannot be read, is open to others, or holds no good token. Where that
    becomes so later, no token counts until the file is mended.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen, self._looked = _mark(path), time.monotonic()
        self._digests = _read(path)

    async def verify_token(self, token: str) -> AccessToken | None:
        """Whose token this is; ``None`` for a wrong one."""
        digest, verified = _digest(token), None
        for name, known in self.holders().items():  # all of them, whichever it is
            if hmac.compare_digest(known, digest):
                verified = AccessToken(token="", client_id=name, scopes=[])
        return verified

    def holders(self) -> dict[str, bytes]:
        """The digests of all tokens that count now, each under the name of its holder."""
        now = time.monotonic()
        if now - self._looked >= _GLANCE:
            self._looked = now
            try:
                if (mark := _mark(self._path)) != self._seen:
                    self._digests, self._seen = _read(self._path), mark
            except SettingsError as error:
                if self._digests:
                    logger.warning("%s Until then every token is refused.", error)
                self._digests, self._seen = {}, ()
        return self._digests


def _mark(path: Path) -> tuple[int, ...]:
    """What changes when the file does."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_mode


def _read(path: Path) -> dict[str, bytes]:
    try:
        with path.open("rb") as file:
            if os.name == "posix" and _shared(os.fstat(file.fileno())):
                raise SettingsError(f"--token-file {path} can be read by other users; run: chmod 600 {path}")
            lines = [line.strip() for line in file.read(_LARGEST).decode("utf-8-sig").splitlines()]
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    tokens = [line for line in lines if line and not line.startswith("#")]
    if not tokens:
        raise SettingsError(f"--token-file {path} holds no token; {_ADVICE}")
    for place, token in enumerate(tokens, start=1):
        if len(token) < _SHORTEST or not all("!" <= character <= "~" for character in token):
            raise SettingsError(
                f"--token-file {path}: token {place} needs {_SHORTEST} or more letters, digits and signs of ASCII; "
                + _ADVICE
            )
    digests = map(_digest, tokens)
    return {f"token-{hashlib.sha256(digest).hexdigest()[:12]}": digest for digest in digests}


def _shared(status: os.stat_result) -> bool:
    """Whether others can read or write the file. A group may where the file is another user's, as a mounted secret is:
    this server cannot read it otherwise.
    """
    user = os.geteuid() if os.name == "posix" else None
    own = stat.S_IRWXG if status.st_uid == user else 0
    return bool(status.st_mode & (stat.S_IRWXO | own))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _unreadable(path: Path, error: Exception) -> SettingsError:
    cause = error.strerror or type(error).__name__ if isinstance(error, OSError) else "it is not UTF-8 text"
    return SettingsError(f"--token-file {path} cannot be read ({cause}); {_ADVICE}")
