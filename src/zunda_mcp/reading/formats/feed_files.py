"""Feeds in files: RSS, Atom, RDF or JSON Feed, and those that ``zunda-mcp sync`` keeps (`feeds.stored`).

Every item of one is an episode. XML and JSON that is no feed is somebody else's, and silently none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from zunda_mcp.models import Problem
from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Draft, Drafts
from zunda_mcp.reading.endings import kind_of
from zunda_mcp.reading.feeds.document import TRANSCRIPTS, StoredFeed, looks_like_a_feed, read_document, read_stored
from zunda_mcp.reading.feeds.episodes import AttachTranscript, drafts_of
from zunda_mcp.reading.feeds.item import Feed, Item, candidates
from zunda_mcp.reading.formats import Format
from zunda_mcp.reading.transcripts.transcript_file import attach_file, attach_to_item

__all__ = ["FEEDS", "FeedFile", "KeptFeed", "claims", "feeds_in"]

FEEDS = ("feed", "json", "kept feed")
"""Kinds of files that may hold a feed."""
_BEGINNING = 4000


def claims(text: str) -> bool:
    """Whether a text is a feed, by its beginning, and no template that one is yet to be made of."""
    beginning = re.split(r"<(?:item|entry)\b", text[:_BEGINNING], maxsplit=1)[0]
    template = beginning.lstrip("\ufeff").startswith("---") or "{%" in beginning or "{{" in beginning
    return looks_like_a_feed(text) and not template


def feeds_in(text: str, name: str) -> list[Feed] | None:
    """Return the pages of the feed in a file; ``None`` for what is no feed by its ending, or as JSON by its text."""
    kind = kind_of(name)
    if kind == "kept feed":
        return kept.feeds() if (kept := read_stored(text)) else []
    if kind not in FEEDS or (kind == "json" and not claims(text)):
        return None
    feed = read_document(text).feed if claims(text) else None
    return [feed] if feed is not None else []


class FeedFile(Format):
    """A feed in a file. Addresses come from its items alone; days are counted in the archive's zone."""

    def claims(self, text: str) -> bool:
        """Whether this text is a feed, by its beginning; for endings that several formats share."""
        return claims(text)

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read a feed, each item with its transcript if that lies beside the feed."""
        if not claims(text):
            return [], []
        document = read_document(text)
        if document.feed is None:
            reported = not document.is_list and origin.path.suffix.lower() != ".json"
            return [], [origin.problem(f"This looks like a feed, but {document.why}", skipped=True)] if reported else []
        language = document.feed.language or None

        def attach(item: Item, draft: Draft) -> tuple[Draft, Sequence[Problem]]:
            attached = attach_to_item(draft, item, origin.transcripts, language)
            return attached.draft, attached.problems

        return drafts_of(
            [document.feed],
            label=origin.label,
            zone=origin.zone,
            attach=attach if origin.transcripts else None,
            conventions=origin.conventions,
        )


class KeptFeed(Format):
    """A feed that was added by its address, kept by ``zunda-mcp sync``."""

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read all pages: of an item that stands in several, the newest counts. Transcripts are read where they lie."""
        kept = read_stored(text)
        if kept is None:
            return [], [origin.problem("This is no feed that zunda-mcp keeps; it was skipped.", skipped=True)]
        feeds = kept.feeds()
        return drafts_of(
            feeds,
            label=origin.label,
            zone=origin.zone,
            url=kept.url,
            previous_ids=kept.ids,
            extras=kept.extras,
            attach=_attach_kept(kept, feeds, origin) if kept.transcripts or kept.missing else None,
            conventions=origin.conventions,
        )


def _attach_kept(kept: StoredFeed, feeds: Sequence[Feed], origin: Origin) -> AttachTranscript:
    """Add the transcript of an item from the folder of those that were fetched."""
    language = next((feed.language for feed in feeds if feed.language), "")
    folder = origin.path.parent / TRANSCRIPTS

    def attach(item: Item, draft: Draft) -> tuple[Draft, Sequence[Problem]]:
        named = candidates(item, language, kept.url) if item.transcripts else []
        if one := next((one for one in named if one.url in kept.transcripts), None):
            file = kept.transcripts[one.url].file
            return attach_file(draft, folder / file, file, f"{origin.label}: {one.url}")
        why = next((kept.missing[one.url] for one in named if one.url in kept.missing), "")
        cause = f"The transcript of {draft.id} is missing: {why} The next sync tries again."
        return draft, [origin.problem(cause, line=item.line)] if why else []

    return attach
