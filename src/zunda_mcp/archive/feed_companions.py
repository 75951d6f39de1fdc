"""Transcripts that lie beside a feed's file: whose they are is told by the names in the feed.

A file is a feed's where its name is the last part of an address in it (a ``podcast:transcript``), or its stem that of
one (a recording, a page). What another file's name or recording explains is not taken from that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from html import unescape
from urllib.parse import unquote

from zunda_mcp.archive.source_file import SourceFile
from zunda_mcp.archive.transcripts.pairing import stem_of
from zunda_mcp.files import RefusedFileError, read_regular

FEEDS = frozenset({".xml", ".rss", ".atom", ".rdf"})
"""What a feed's name ends in; one in JSON is not told from a list by its name, and takes no transcripts."""

_ADDRESS = re.compile(r"(?:url|href)\s*=\s*[\"']([^\"'<>]+)|<(?:link|guid|id)\b[^<>]*>\s*(?:<!\[CDATA\[)?([^<>\]]+)")
MOST = 20_000

Names = Callable[[SourceFile], Collection[str]]


def is_feed(file: SourceFile) -> bool:
    """Whether a file can be a feed, by its ending."""
    return file.path.suffix.lower() in FEEDS


def with_transcripts(
    feeds: Sequence[SourceFile], loose: Sequence[SourceFile], names: Names
) -> dict[str, tuple[SourceFile, ...]]:
    """Which of these loose files belong to which feed, by the feed's label. ``names`` are those in a feed."""
    found: dict[str, tuple[SourceFile, ...]] = {}
    left = list(loose)
    for feed in feeds if left else ():
        known = frozenset(names(feed))
        stems = {stem_of(name) for name in known}
        own = tuple(file for file in left if _is_named(file, known, stems))
        if own:
            found[feed.label] = own
            left = [file for file in left if file not in own]
    return found


def names_in(file: SourceFile) -> list[str]:
    """The last parts of all addresses in a feed, in lower case; none in a file that is no feed. Raises ``OSError``."""
    from zunda_mcp.archive.encoding import decode
    from zunda_mcp.archive.feeds import looks_like_a_feed
    from zunda_mcp.archive.formats import limit_of

    try:
        text = decode(read_regular(file.path, limit_of(file.path.name))).text or ""
    except RefusedFileError:
        return []  # reading it will say what is wrong
    if not looks_like_a_feed(text):
        return []
    found = dict.fromkeys(_last(match[1] or match[2]) for match in _ADDRESS.finditer(text))
    return [name for name in found if name][:MOST]


def _is_named(file: SourceFile, names: Collection[str], stems: Collection[str]) -> bool:
    name = file.label.rpartition("/")[2].lower()
    return name in names or stem_of(name) in stems


def _last(address: str) -> str:
    path = re.split(r"[?#]", unescape(address.strip()), maxsplit=1)[0].rstrip("/")
    return unquote(path.rpartition("/")[2]).lower()
