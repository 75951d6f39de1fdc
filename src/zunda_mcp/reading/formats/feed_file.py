"""A feed in a file: RSS, Atom, RDF or JSON Feed; every item of it is an episode.

XML and JSON that is no feed is somebody else's, and silently none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zunda_mcp.reading.endings import endings_of
from zunda_mcp.reading.formats.format import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Origin
    from zunda_mcp.reading.draft import Draft
    from zunda_mcp.reading.feeds.episodes import AttachTranscript
    from zunda_mcp.reading.feeds.item import Feed, Item

__all__ = ["FeedFile", "claims", "feeds_in", "is_template"]

_BEGINNING = 4000


def _attach(origin: Origin, language: str) -> AttachTranscript:
    """Add the transcript of an item from the files beside the feed."""
    from zunda_mcp.reading.transcripts.attach import attach_to_item  # start-up

    def attach(item: Item, draft: Draft) -> tuple[Draft, Sequence[Problem]]:
        attached = attach_to_item(draft, item, origin.transcripts, language or None)
        return attached.draft, attached.problems

    return attach


def feeds_in(text: str) -> list[Feed]:
    """The feed in a text, for whoever wants to know how its items are written; none in any other."""
    from zunda_mcp.reading.feeds.document import read_document  # start-up

    feed = read_document(text).feed if claims(text) else None
    return [feed] if feed is not None else []


def claims(text: str) -> bool:
    """Whether this text is a feed, by its beginning; for endings that several formats share."""
    from zunda_mcp.reading.feeds.document import looks_like_a_feed  # start-up

    return looks_like_a_feed(text) and not is_template(text)


def is_template(text: str) -> bool:
    """Whether a feed is yet to be made of this: front matter, or tags of a template language before the first item."""
    beginning = re.split(r"<(?:item|entry)\b", text[:_BEGINNING], maxsplit=1)[0]
    return beginning.lstrip("\ufeff").startswith("---") or "{%" in beginning or "{{" in beginning


class FeedFile(Format):
    """A feed in a file."""

    suffixes = endings_of("feed", "json")

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read a feed. Addresses come from its items alone; days are counted in the archive's zone."""
        if not claims(text):
            return [], []
        from zunda_mcp.reading.feeds.document import read_document  # start-up
        from zunda_mcp.reading.feeds.episodes import drafts_of  # start-up

        document = read_document(text)
        if document.feed is None:
            reported = not document.is_list and origin.path.suffix.lower() != ".json"
            return [], [origin.problem(f"This looks like a feed, but {document.why}", skipped=True)] if reported else []
        attach = _attach(origin, document.feed.language) if origin.transcripts else None
        return drafts_of(
            [document.feed], label=origin.label, zone=origin.zone, attach=attach, conventions=origin.conventions
        )

    def claims(self, text: str) -> bool:
        """Whether this text is a feed, by its beginning; for endings that several formats share."""
        return claims(text)
