"""Exports of one's own posts and bookmarks in JSON or HTML, known by what they say of themselves.

The fediverse and Bluesky (``zunda_mcp.reading.posts.fediverse``, ``….bluesky``), and lists of bookmarks of browsers and
services (``….bookmarks``). In JSON and HTML of any other kind they find nothing.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO

from zunda_mcp.models import Problem
from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.formats.format import Format
from zunda_mcp.reading.posts import bluesky, bookmarks, fediverse

__all__ = ["BlueskyRepository", "BookmarkFile", "Outbox", "PostExport"]


class PostExport(Format):
    """Posts or bookmarks in JSON."""

    merges = True

    def claims(self, text: str) -> bool:
        """Whether this text is such an export."""
        return _reader_of(text) is not None

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read an export; any other JSON is nothing."""
        reader = _reader_of(text)
        return reader(text, origin) if reader is not None else ([], [])


def _reader_of(text: str) -> Callable[[str, Origin], tuple[list[Draft], list[Problem]]] | None:
    if fediverse.claims(text):
        return fediverse.read_json if '"orderedItems"' not in text[:20_000] else _read_outbox
    if bluesky.claims(text):
        return bluesky.read
    return bookmarks.read_json if bookmarks.claims_json(text) else None


def _read_outbox(text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
    return fediverse.read_collection(io.StringIO(text), origin)


class BlueskyRepository(Format):
    """The repository of an account of Bluesky, as its settings export it: ``repo.car``."""

    merges = True
    source = "stream"

    def read_stream(self, stream: BinaryIO, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read posts, reposts and likes; who is followed or blocked is left alone."""
        return bluesky.read_repository(stream.read(), origin)


class Outbox(Format):
    """The posts of Mastodon and its relatives, under the name that all of them give the file: of any size."""

    merges = True
    source = "stream"

    def read_stream(self, stream: BinaryIO, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read a collection item by item."""
        return fediverse.read_collection(io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline=""), origin)


class BookmarkFile(Format):
    """Bookmarks in HTML."""

    merges = True

    def claims(self, text: str) -> bool:
        """Whether this page is such a list."""
        return bookmarks.claims_html(text)

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read a list; any other page is nothing."""
        return bookmarks.read_html(text, origin) if self.claims(text) else ([], [])
