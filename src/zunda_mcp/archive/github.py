"""Where a file of a Git checkout stands on GitHub."""

from __future__ import annotations

import configparser
from pathlib import Path
from urllib.parse import quote, urlsplit

from zunda_mcp.checkout import leads_out
from zunda_mcp.files import read_regular


def blob_prefix(root: Path) -> str | None:
    """Return ``https://github.com/OWNER/REPO/blob/BRANCH/`` for a checkout whose ``origin`` is on GitHub.

    ``None`` for every other folder. The branch is the one checked out (``.git/HEAD``), or its commit.
    """
    config = _text(root / ".git" / "config")
    head = _text(root / ".git" / "HEAD")
    if not config or not head:
        return None
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(config)
        remote = parser.get('remote "origin"', "url", fallback=None)
    except configparser.Error:
        return None
    repository = _repository((remote or "").strip())
    branch = head.strip().removeprefix("ref: ").removeprefix("refs/heads/")
    if not repository or not branch:
        return None
    return f"https://github.com/{repository}/blob/{quote(branch)}/"


def _repository(remote: str) -> str | None:
    """Return ``OWNER/REPO`` of a remote address: ``https://``, ``ssh://`` or ``git@github.com:``."""
    if remote.startswith("git@github.com:"):
        path = remote.removeprefix("git@github.com:")
    else:
        try:
            address = urlsplit(remote)
            host = address.hostname
        except ValueError:
            return None
        if host not in ("github.com", "www.github.com", "ssh.github.com"):
            return None
        path = address.path
    parts = path.strip("/").removesuffix(".git").split("/")
    return "/".join(map(quote, parts)) if len(parts) == 2 and all(parts) else None


def _text(path: Path) -> str | None:
    try:
        return None if leads_out(path) else read_regular(path).decode("utf-8", "replace")
    except OSError:
        return None
