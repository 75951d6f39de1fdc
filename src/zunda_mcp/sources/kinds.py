"""What somebody means by ``zunda-mcp add SPEC``."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from zunda_mcp.errors import ArgumentError
from zunda_mcp.files import open_regular
from zunda_mcp.sources.records import Kind

_PEEK = 256 * 1024
_EXAMPLES = "Give the address of a feed, a repository (….git), a folder of episodes, an OPML file or an export of posts"


class Spec(NamedTuple):
    """A kind, and the address or the absolute path it is at; ``feed`` may turn out to be a list or a page."""

    kind: Kind
    url: str | None
    path: Path | None


def understood(spec: str, kind: Kind | None = None) -> Spec:
    """Read a spec; ``kind`` overrules what it looks like. Raises ``ArgumentError`` for what is none of these."""
    from zunda_mcp.fetching.git import is_repository_address

    text = spec.strip()
    path = _path(text)
    if path is not None:
        return _local(path, kind)
    if text.startswith("-") or "::" in text.partition("/")[0]:
        raise ArgumentError("source", f"{text[:200]!r} is no address. {_EXAMPLES}.")
    if kind == "git" or (kind is None and is_repository_address(text)):
        return Spec("git", text, None)
    if text.startswith("feed:"):
        text = text.removeprefix("feed:").removeprefix("//")
        text = text if "://" in text else f"https://{text}"
    if text.lower().startswith(("https://", "http://")):
        return Spec("opml" if kind == "opml" else "feed", text, None)
    if "://" in text:
        raise ArgumentError("source", f"{text[:200]} is no address that is fetched. {_EXAMPLES}.")
    raise ArgumentError("source", f"There is no file or folder {text[:200]}. {_EXAMPLES}.")


def _path(text: str) -> Path | None:
    try:
        path = Path(text).expanduser()
        return path.resolve() if text and "://" not in text and path.exists() else None
    except (OSError, RuntimeError, ValueError):
        return None


def _local(path: Path, kind: Kind | None) -> Spec:
    if path.is_dir():
        if kind == "git" or (kind is None and _is_bare(path)):
            return Spec("git", path.as_uri(), None)
        return Spec(kind or ("posts" if (path / "data" / "manifest.js").is_file() else "folder"), None, path)
    if kind is not None:
        return Spec(kind, None, path)
    suffix = path.suffix.lower()
    if suffix in (".csv", ".zip"):
        return Spec("posts", None, path)
    from zunda_mcp.archive.encoding import decode
    from zunda_mcp.archive.feeds import looks_like_a_feed

    try:
        with open_regular(path) as stream:
            head = decode(stream.read(_PEEK)).text or ""
    except OSError as error:
        raise ArgumentError("source", f"{path} cannot be read ({error.strerror or error}).") from error
    if suffix == ".opml" or "<opml" in head[:4096]:
        return Spec("opml", None, path)
    if looks_like_a_feed(head):
        return Spec("feed", None, path)
    raise ArgumentError("source", f"{path} is no feed and no list of feeds. {_EXAMPLES}.")


def _is_bare(path: Path) -> bool:
    """Whether a folder is a repository without files of its own; one with files is read where it is."""
    return (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()
