"""The tokens of those who may use a server over HTTP: a file with one a line, which only its owner can read.

A token may be bound to some of several archives: ``TOKEN archives=NAME,NAME``.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import stat
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from zunda_mcp.config.files import open_regular
from zunda_mcp.errors import SettingsError

__all__ = ["Token", "TokenFile"]

_log = logging.getLogger(__name__)

_MIN_LENGTH, _MAX_FILE_BYTES = 16, 1024 * 1024
_BOUND = "archives="
_ADVICE = 'write one with: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'


class Token(NamedTuple):
    """A token as far as it is kept: a name made from it, its digest, and the archives it is bound to (None: all)."""

    name: str
    digest: bytes
    archives: frozenset[str] | None


class TokenFile:
    """The tokens of a file, of which only digests are kept. The file is read again when it changes.

    ``archives`` are the names that a token may be bound to, None where they are not known; ``check_seconds`` is how
    often the file is checked for changes. Raises ``SettingsError`` if it cannot be read, is open to other users, holds
    no valid token, or names an archive that there is not. If that happens later, no token is valid until it is mended.
    """

    def __init__(self, path: Path, archives: frozenset[str] | None = None, check_seconds: float = 1.0) -> None:
        self._path, self._archives, self._check_seconds = path, archives, check_seconds
        self._tokens, self._checked_at = _read(path, archives), time.monotonic()

    def find(self, token: str) -> Token | None:
        """A token of the file; ``None`` for any other."""
        digest, match = _digest(token), None
        for one in self.tokens():  # always all of them, so that the time tells nothing
            if hmac.compare_digest(one.digest, digest):
                match = one
        return match

    def tokens(self) -> Sequence[Token]:
        """All valid tokens."""
        if time.monotonic() - self._checked_at >= self._check_seconds:
            try:
                self._tokens = _read(self._path, self._archives)
            except SettingsError as error:
                if self._tokens:
                    _log.warning("%s Until then every token is refused.", error)
                self._tokens = []
            self._checked_at = time.monotonic()
        return self._tokens


def _read(path: Path, archives: frozenset[str] | None) -> list[Token]:
    try:
        with open_regular(path) as file:
            if os.name == "posix" and _is_shared(os.fstat(file.fileno())):
                raise SettingsError(f"--token-file {path} can be read by other users; run: chmod 600 {path}")
            lines = [line.split() for line in file.read(_MAX_FILE_BYTES).decode("utf-8-sig").splitlines()]
    except (OSError, ValueError) as error:
        cause = error.strerror or type(error).__name__ if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"--token-file {path} cannot be read ({cause}); {_ADVICE}") from error
    tokens: dict[bytes, Token] = {}
    for number, (text, *bound) in enumerate((line for line in lines if line and line[0][0] != "#"), start=1):
        where = f"--token-file {path}: token {number}"
        if len(text) < _MIN_LENGTH or not all("!" <= character <= "~" for character in text):
            raise SettingsError(f"{where} needs {_MIN_LENGTH} or more ASCII letters, digits and signs; {_ADVICE}")
        digest = _digest(text)
        if digest in tokens:
            raise SettingsError(f"{where} stands there twice; delete one of the lines.")
        name = f"token-{hashlib.sha256(digest).hexdigest()[:12]}"
        tokens[digest] = Token(name, digest, _bound(bound, archives, where))
    if not tokens:
        raise SettingsError(f"--token-file {path} contains no token; {_ADVICE}")
    return list(tokens.values())


def _bound(words: Sequence[str], there: frozenset[str] | None, where: str) -> frozenset[str] | None:
    """The archives that the words behind a token name; None where there are no words. Raises ``SettingsError``."""
    if not words:
        return None
    names = words[0].removeprefix(_BOUND).split(",")
    if len(words) > 1 or not words[0].startswith(_BOUND) or not all(names):
        raise SettingsError(f"{where} is followed by something else than {_BOUND}NAME,NAME; {_ADVICE}")
    if there is not None and (strange := [name for name in names if name not in there]):
        list_of_them = f"there are {', '.join(sorted(there))}." if there else "there is one archive, which has no name."
        raise SettingsError(f"{where} is bound to an archive {strange[0]} that there is not; {list_of_them}")
    return frozenset(names)


def _is_shared(status: os.stat_result) -> bool:
    """Whether other users can read or write the file. A group may if the file belongs to another user, like a mounted
    secret, which this server could not read otherwise.
    """
    user = os.geteuid() if os.name == "posix" else None
    return bool(status.st_mode & (stat.S_IRWXO | (stat.S_IRWXG if status.st_uid == user else 0)))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
